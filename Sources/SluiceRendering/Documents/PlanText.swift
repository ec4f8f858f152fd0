import SluiceCore

extension PlanDocument {
    /// How many names stand for a group of nodes where not all are listed.
    private static let exampleLimit = 3
    /// How many groups, or single nodes, are shown of a list; `wide` shows all.
    private static let listLimit = 10
    private static let labelWidth = 8

    func text(_ style: Style, isWide: Bool) -> String {
        var page = TextPage(style)
        addHead(to: &page)
        addWaves(to: &page, isWide: isWide)
        addExcluded(to: &page, isWide: isWide)
        addDeferred(to: &page, isWide: isWide)
        addPlacementChanges(to: &page, isWide: isWide)
        if !plan.warnings.isEmpty {
            page.add(headline: "Warnings", tone: .attention)
            for warning in plan.warnings { page.add(warning, first: "  ! ") }
        }
        addPreflight(to: &page, isWide: isWide)
        page.addGap()
        let duration = DurationText.text(seconds: plan.estimate.seconds)
        page.add("about \(duration), if nothing fails: \(plan.estimate.basis)", first: "estimate  ")
        page.add(plan.digest, first: "digest ")
        return page.text
    }

    private func addHead(to page: inout TextPage) {
        let touched = plan.waves.reduce(0) { $0 + $1.nodes.count }
        let nodes = TextLayout.counted(touched, "node")
        let waves = TextLayout.counted(plan.waves.count, "wave")
        if touched == 0 {
            page.add("Nothing to update on \(namespace)/\(daemonSet).")
        } else {
            page.add("Updates \(nodes) of \(namespace)/\(daemonSet) in \(waves).")
        }
        for image in plan.targetTemplate.images {
            page.add(label: "image", "\(image.container) = \(image.image)", labelWidth: Self.labelWidth)
        }
        let revision = plan.updateRevision ?? "new: the cluster has never seen this template"
        page.add(label: "revision", revision, labelWidth: Self.labelWidth)
        let eligible = TextLayout.counted(plan.eligibleNodes.count, "eligible node")
        page.add(
            label: "budget", "at most \(plan.maxUnavailable) of \(eligible) without an available pod",
            labelWidth: Self.labelWidth)
        for (label, lines) in [
            ("windows", plan.calendar.windows.map(\.text)), ("freeze", plan.calendar.freezes.map(\.text)),
        ] where !lines.isEmpty {
            page.add(label: label, lines.joined(separator: "; "), labelWidth: Self.labelWidth)
        }
        let patch = plan.needsPatch ? "sets OnDelete and the template in one request" : "not needed"
        page.add(label: "patch", patch, labelWidth: Self.labelWidth)
    }

    private func addWaves(to page: inout TextPage, isWide: Bool) {
        guard !plan.waves.isEmpty else { return }
        page.addGap()
        let table = TextTable(
            columns: [
                .init("Wave", isFlexible: true), .init("Nodes", .right), .init("Batches", isFlexible: true),
                .init("Soak", .right), .init("May fail", .right), .init("First nodes", isFlexible: true),
            ],
            rows: plan.waves.map { wave in
                [
                    .init(wave.name), .init(wave.nodes.count), .init(Self.sizes(of: wave.batches)),
                    .init(wave.soakSeconds == 0 ? "none" : DurationText.text(seconds: wave.soakSeconds)),
                    .init(wave.failuresAllowed), .init(Self.firstNodes(of: wave)),
                ]
            })
        page.add(table, isWide: isWide)
        for wave in plan.waves where wave.needsApproval {
            page.add("\(wave.name) begins only after `sluice approve`", first: "  ")
        }
        for wave in plan.waves where !wave.observed.isEmpty {
            let nodes = TextLayout.counted(wave.observed.count, "node")
            let names = TextLayout.examples(wave.observed, limit: isWide ? .max : Self.exampleLimit)
            page.add("\(wave.name) also watches \(nodes) with the target already: \(names)", first: "  ")
        }
        guard isWide else { return }
        for wave in plan.waves where !wave.batches.isEmpty {
            page.add(headline: "Wave \(wave.name), in order")
            for (index, batch) in wave.batches.enumerated() {
                page.add(batch.joined(separator: ", "), first: "  batch \(index + 1): ")
            }
        }
    }

    /// As many names as a narrow table has room for, whole.
    private static func firstNodes(of wave: WavePlan.PlannedWave) -> String {
        let nodes = wave.nodes
        return nodes.prefix(2).joined(separator: ", ") + (nodes.count > 2 ? ", …" : "")
    }

    /// The sizes of batches, repetitions gathered: `1, 2, 5 ×3`.
    static func sizes(of batches: [[String]]) -> String {
        var runs: [(size: Int, times: Int)] = []
        for batch in batches {
            if let last = runs.last, last.size == batch.count {
                runs[runs.count - 1].times += 1
            } else {
                runs.append((batch.count, 1))
            }
        }
        return runs.map { $0.times == 1 ? "\($0.size)" : "\($0.size) ×\($0.times)" }.joined(separator: ", ")
    }

    private func addExcluded(to page: inout TextPage, isWide: Bool) {
        guard !plan.excluded.isEmpty else { return }
        page.add(headline: "Left out: \(TextLayout.counted(plan.excluded.count, "node"))")
        if isWide {
            addNodes(plan.excluded.map { ($0.node, $0.reason) }, to: &page)
        } else {
            addGroups(plan.excluded.map { ($0.node, $0.reason) }, to: &page)
        }
    }

    private func addDeferred(to page: inout TextPage, isWide: Bool) {
        guard !plan.deferred.isEmpty else { return }
        let nodes = TextLayout.counted(plan.deferred.count, "node")
        page.add(
            headline: "Deferred, tried again at the end of their wave and of the rollout: \(nodes)", tone: .attention)
        if isWide || plan.deferred.count <= Self.listLimit {
            addNodes(plan.deferred.map { ($0.node, $0.reason) }, to: &page)
        } else {
            addGroups(plan.deferred.map { ($0.node, $0.reason) }, to: &page)
        }
    }

    private func addPlacementChanges(to page: inout TextPage, isWide: Bool) {
        guard !plan.placementChanges.isEmpty else { return }
        let nodes = TextLayout.counted(plan.placementChanges.count, "node")
        page.add(headline: "Changes at once, outside the waves: \(nodes)", tone: .bad)
        let rows = plan.placementChanges.map { change in
            (change.node, "\(change.gains ? "gains a pod" : "loses its pod"): \(change.reason)")
        }
        if isWide || rows.count <= Self.listLimit {
            addNodes(rows, to: &page)
        } else {
            addGroups(rows, to: &page)
        }
    }

    /// What was refused, what could not be asked, and what is worth a word; `wide` shows every check.
    private func addPreflight(to page: inout TextPage, isWide: Bool) {
        guard !preflight.isEmpty else { return }
        let passed = preflight.count { $0.outcome == .passed }
        let isRefused = preflight.contains { $0.outcome == .refused }
        page.add(
            headline: "Preflight: \(passed) of \(TextLayout.counted(preflight.count, "check")) passed",
            tone: isRefused ? .bad : passed == preflight.count ? .plain : .attention)
        for finding in preflight {
            switch (finding.outcome, finding.message) {
            case (.passed, nil):
                if isWide { page.add(finding.subject, first: "  passed  ") }
            case (.passed, let message?): page.add("\(finding.subject): \(message)", first: "  passed  ")
            case (.refused, let message): page.add(message ?? finding.subject, first: "  REFUSED  ", tone: .bad)
            case (.notChecked, let message):
                page.add("\(finding.subject): \(message ?? "")", first: "  not checked  ", tone: .attention)
            }
        }
    }

    private func addNodes(_ rows: [(node: String, reason: String)], to page: inout TextPage) {
        for (node, reason) in rows { page.add(reason, first: "  \(node): ", rest: "      ") }
    }

    /// Nodes by reason, the largest group first, with a few names each.
    private func addGroups(_ rows: [(node: String, reason: String)], to page: inout TextPage) {
        let groups = Dictionary(grouping: rows, by: \.reason).map { ($0.key, $0.value.map(\.node)) }
            .sorted { ($1.1.count, $0.0) < ($0.1.count, $1.0) }
        for (reason, nodes) in groups.prefix(Self.listLimit) {
            page.add("\(TextLayout.counted(nodes.count, "node")): \(reason)", first: "  ", rest: "      ")
            page.add(TextLayout.examples(nodes, limit: Self.exampleLimit), first: "      ", tone: .muted)
        }
        if groups.count > Self.listLimit {
            let rest = groups.dropFirst(Self.listLimit)
            let nodes = TextLayout.counted(rest.reduce(0) { $0 + $1.1.count }, "node")
            page.add("\(nodes) for \(rest.count) other reasons; -o wide lists them all", first: "  ", tone: .muted)
        }
    }
}
