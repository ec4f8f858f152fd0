/// Why a node does not run the update revision, in one sentence.
struct VersionReasons: Sendable {
    private let daemonSet: DaemonSet
    private let update: ControllerRevision?
    private let rollout: RolloutState?
    private let eligibility: Eligibility

    /// - Parameter rollout: the latest rollout; it explains nothing when it rolls out another template.
    init(fleet: FleetFacts, update: ControllerRevision?, rollout: RolloutState?) {
        daemonSet = fleet.daemonSet
        self.update = update
        eligibility = Eligibility(template: fleet.daemonSet.template)
        self.rollout = rollout.flatMap { state in
            guard state.rollout.daemonSetUID == fleet.daemonSet.uid else { return nil }
            let isSame =
                state.rollout.targetTemplate == fleet.daemonSet.template
                || update != nil && state.rollout.updateRevision == update?.hash
            return isSame ? state : nil
        }
    }

    /// Why a node that should have a pod has none.
    func whyMissing(_ node: Node) -> String {
        if let record = rollout?.nodes[node.name], let sentence = underWay(record) { return sentence }
        return "it should have a pod and has none: its creation is refused or still to come; see the events of "
            + "`kubectl describe -n \(daemonSet.namespace) ds/\(daemonSet.name)`"
    }

    /// Why a node's pod is of another revision.
    func whyStale(_ node: Node, pod: Pod) -> String {
        if case .no(let reason) = eligibility.shouldContinue(on: node) {
            return "the controller is about to remove its pod: \(reason)"
        }
        guard update != nil else {
            return "the DaemonSet controller has not recorded the current template yet"
        }
        if let record = rollout?.nodes[node.name], let sentence = sentence(for: record, pod: pod) { return sentence }
        if pod.isTerminating { return "its pod is going, and no new one stands yet" }
        return withoutRollout(node)
    }

    private func waveName(_ record: NodeRecord) -> String? {
        guard let state = rollout, let index = record.wave else { return nil }
        return state.waves.first { $0.index == index }?.name
    }

    private func place(_ record: NodeRecord) -> String {
        let rollout = "rollout \(self.rollout?.rollout.id ?? "")"
        return waveName(record).map { "wave \($0) of \(rollout)" } ?? rollout
    }

    private func underWay(_ record: NodeRecord) -> String? {
        switch record.status {
        case .deleting, .replacing: "its pod is being replaced in \(place(record))"
        case .failed: "failed in \(place(record)): \(Self.detail(record))"
        case .skipped: "skipped in \(place(record)), \(Self.detail(record))"
        case .pending, .updated, .deferred, .left: nil
        }
    }

    private func sentence(for record: NodeRecord, pod: Pod) -> String? {
        switch record.status {
        case .deleting, .replacing, .failed, .skipped: underWay(record)
        case .pending: whyPending(record)
        case .deferred: "deferred in \(place(record)): \(Self.detail(record))"
        case .updated:
            "had the target revision in \(place(record)), and got another one again since"
        case .left: nil
        }
    }

    private func whyPending(_ record: NodeRecord) -> String {
        guard let state = rollout else { return "" }
        let detail = record.message.isEmpty ? "" : ": \(record.message)"
        return switch state.rollout.phase {
        case .preparing, .updating, .soaking:
            state.rollout.pauseReason.map { "rollout \(state.rollout.id) is paused (\($0)) before its turn" }
                ?? whyNotApproved(record) ?? "its turn has not come in \(place(record))\(detail)"
        case .halted: "\(place(record)) is halted before its turn\(Self.because(state.rollout))"
        case .aborted: "rollout \(state.rollout.id) was aborted before its turn\(Self.because(state.rollout))"
        case .completed: "rollout \(state.rollout.id) completed without it\(detail)"
        }
    }

    private func whyNotApproved(_ record: NodeRecord) -> String? {
        guard let state = rollout, let wave = state.waveToApprove, wave.index == record.wave else { return nil }
        return "\(place(record)) waits for `sluice approve \(state.rollout.id)`"
    }

    private func withoutRollout(_ node: Node) -> String {
        let unready = node.ready == .true ? "" : "the node is not Ready; "
        if daemonSet.updateStrategy == .rollingUpdate {
            return "\(unready)the controller's rolling update has not reached it"
        }
        if case .no(let reason) = eligibility.shouldRun(on: node), node.ready == .true {
            return "no rollout covers it, and it would not get its pod back after a delete: \(reason)"
        }
        return "\(unready)no rollout covers it: under OnDelete its pod stays until somebody deletes it"
    }

    private static func because(_ rollout: RolloutRecord) -> String {
        let words = rollout.message.isEmpty ? rollout.reason?.meaning ?? "" : rollout.message
        return words.isEmpty ? "" : ": \(words)"
    }

    private static func detail(_ record: NodeRecord) -> String {
        record.message.isEmpty ? record.reason?.meaning ?? "reason unknown" : record.message
    }
}
