public import SluiceCore

/// The page that a person reads first after a halt: what fired and why, on which nodes, what was touched, what to type.
public struct EvidencePage: Sendable {
    private let evidence: Evidence
    private let plan: RolloutPlan

    /// How many columns the page has; it is a file, and may be read anywhere.
    private static let width = 100
    /// How many names a sentence has.
    private static let nameLimit = 20
    /// How many lines of a container, and how many events of a node, are on the page.
    private static let lineLimit = 10

    /// The page of a halt.
    ///
    /// - Parameter plan: the rollout's plan.
    public init(_ evidence: Evidence, plan: RolloutPlan) {
        self.evidence = evidence
        self.plan = plan
    }

    /// The page as text.
    public var text: String {
        var page = TextPage(Style(width: Self.width))
        let isDue = RollbackPlan.due(for: evidence.state, plan: plan) != nil
        let status = RolloutStatus(
            state: evidence.state, isDriven: false, isRollbackDue: isDue, now: evidence.gatheredAt)
        addHead(status, to: &page)
        addTouched(to: &page)
        addGates(to: &page)
        for node in evidence.nodes { add(node, to: &page) }
        if !evidence.missing.isEmpty {
            page.add(headline: "Could not be read")
            for sentence in evidence.missing { page.add(sentence, first: "  - ") }
        }
        page.add(headline: "Next")
        for step in status.next {
            page.add(line: "  " + TextLayout.cleaned(step.command))
            page.add(step.purpose, first: "      ")
        }
        return page.text
    }

    private func addHead(_ status: RolloutStatus, to page: inout TextPage) {
        page.add("\(status.id) of \(status.namespace)/\(status.daemonSet): \(status.phase.rawValue)")
        page.add(label: "when", status.changedAt.rfc3339, labelWidth: 8)
        page.add(label: "reason", status.reason.map { "\($0.rawValue): \($0.meaning)" } ?? "none", labelWidth: 8)
        page.add(label: "because", status.message, labelWidth: 8)
        let rollout = evidence.state.rollout
        page.add(label: "from", "\(rollout.previousRevision ?? "?") \(images(rollout.baseTemplate))", labelWidth: 8)
        page.add(label: "to", "\(rollout.updateRevision ?? "?") \(images(rollout.targetTemplate))", labelWidth: 8)
    }

    private func images(_ template: PodTemplate) -> String {
        template.images.map { "\($0.container)=\($0.image)" }.joined(separator: ", ")
    }

    private func addTouched(to page: inout TextPage) {
        page.add(headline: "What was touched")
        let all = evidence.state.nodes.values.sorted { $0.node < $1.node }
        let touched = all.filter { $0.podUID != nil || $0.status == .updated || $0.status == .failed }
        for wave in evidence.state.waves {
            let names = touched.filter { $0.wave == wave.index }.map(\.node)
            guard !names.isEmpty else { continue }
            page.add(
                "wave \(wave.name) (\(wave.status.rawValue)): \(TextLayout.counted(names.count, "node")): "
                    + TextLayout.examples(names, limit: Self.nameLimit), first: "  ")
        }
        let leaked = touched.filter(\.isLeaked).map(\.node)
        if !leaked.isEmpty {
            page.add("outside their wave: \(TextLayout.examples(leaked, limit: Self.nameLimit))", first: "  ")
        }
        page.add("\(TextLayout.counted(all.count - touched.count, "node")) of \(all.count) not touched", first: "  ")
    }

    private func addGates(to page: inout TextPage) {
        let gates = evidence.state.gates.filter { $0.wave == evidence.state.rollout.waveIndex }
        guard !gates.isEmpty else { return }
        page.add(headline: "Gates of the wave")
        for record in gates {
            let sentence = record.message.isEmpty ? "not measured" : record.message
            page.add("\(record.gate): \(record.verdict.rawValue): \(sentence)", first: "  ")
            if let gate = gate(record.gate) { page.add(gate.provider.text, first: "      ") }
        }
    }

    private func gate(_ name: String) -> Gate? {
        (plan.gates + plan.waves.flatMap(\.gates)).first { $0.name == name }
    }

    private func add(_ facts: Evidence.NodeFacts, to page: inout TextPage) {
        let record = facts.subject.record
        let role = facts.subject.isControl ? "not touched, for comparison" : record.status.rawValue
        page.add(headline: "Node \(record.node) (\(role))")
        if !record.message.isEmpty { page.add(record.message, first: "  ") }
        for condition in facts.node?.at("status", "conditions")?.array ?? [] where Self.isTelling(condition) {
            page.add(Self.sentence(ofCondition: condition), first: "  ")
        }
        for pod in facts.pods {
            let name = pod.at("metadata", "name")?.string ?? "?"
            page.add("pod \(name): \(pod.at("status", "phase")?.string ?? "?")", first: "  ")
            for container in pod.at("status", "containerStatuses")?.array ?? [] {
                page.add(Self.sentence(ofContainer: container), first: "    ")
            }
        }
        for event in facts.events.suffix(Self.lineLimit) { page.add("event \(event)", first: "  ", rest: "      ") }
        for log in facts.logs {
            let run = log.isPrevious ? "the run before" : "this run"
            page.add("last lines of \(log.pod)/\(log.container), \(run):", first: "  ")
            for line in log.text.split(separator: "\n").suffix(Self.lineLimit) {
                page.add(line: "    | " + TextLayout.cleaned(String(line)))
            }
        }
    }

    /// Whether a condition says more than that all is as it should be.
    private static func isTelling(_ condition: JSONValue) -> Bool {
        condition["type"] == "Ready" || condition["status"] != "False"
    }

    /// A node's condition: `Ready False (KubeletNotReady) since …: message`.
    private static func sentence(ofCondition condition: JSONValue) -> String {
        let parts = ["type", "status"].compactMap { condition[$0]?.string }.joined(separator: " ")
        let since = condition["lastTransitionTime"]?.string ?? "?"
        return "\(parts) (\(condition["reason"]?.string ?? "")) since \(since): \(condition["message"]?.string ?? "")"
    }

    /// A container: its state, its last end with the exit code, its restarts.
    private static func sentence(ofContainer container: JSONValue) -> String {
        let name = container["name"]?.string ?? "?"
        let state = container["state"]?.object?.first
        let last = container.at("lastState", "terminated")
        return "container \(name): \(state.map { describe($0.key, $0.value) } ?? "no state")"
            + (last.map { "; before: " + describe("terminated", $0) } ?? "")
            + ", \(container["restartCount"]?.integer ?? 0) restarts"
    }

    private static func describe(_ kind: String, _ state: JSONValue) -> String {
        var parts = [kind]
        if let reason = state["reason"]?.string { parts.append(reason) }
        if let code = state["exitCode"]?.integer { parts.append("exit code \(code)") }
        if let time = state["finishedAt"]?.string ?? state["startedAt"]?.string { parts.append("at \(time)") }
        if let message = state["message"]?.string, !message.isEmpty { parts.append("(\(message))") }
        return parts.joined(separator: " ")
    }
}
