import SluiceCore

extension VersionDocument {
    /// How many stale or missing nodes are shown; `wide` shows all nodes.
    private static let nodeLimit = 30

    func text(_ style: Style, isWide: Bool) -> String {
        var page = TextPage(style)
        addHead(to: &page)
        addRevisions(to: &page, isWide: isWide)
        if isWide {
            addNodes("Nodes", report.nodes, to: &page, isWide: true)
            addNotEligible(to: &page)
        } else {
            addNodes("Missing", report.nodes.filter { $0.pod == nil }, to: &page, isWide: false)
            addNodes("Stale", report.nodes.filter(\.isStale), to: &page, isWide: false)
            if !report.notEligible.isEmpty {
                let nodes = TextLayout.counted(report.notEligible.count, "node")
                page.addGap()
                page.add("The DaemonSet does not run on \(nodes); -o wide says why.", tone: .muted)
            }
        }
        return page.text
    }

    private func addHead(to page: inout TextPage) {
        let totals = report.totals
        let name = "\(report.namespace)/\(report.daemonSet)"
        let all = TextLayout.counted(totals.nodes, "node")
        if totals.stale == 0, totals.missing == 0 {
            page.add("\(name): all \(all) up to date", tone: .good)
        } else {
            let missing = totals.missing == 0 ? "" : ", \(totals.missing) without a pod"
            page.add("\(name): \(totals.stale) of \(all) stale\(missing)", tone: .attention)
        }
        if report.updateRevision == nil {
            page.add("The DaemonSet controller has not recorded the current template yet.", first: "  ")
        }
        if let since = report.updateRevisionSince {
            page.add("current since \(since.rfc3339), \(age(since)) ago", first: "  ")
        }
    }

    private func age(_ time: Timestamp?) -> String { time.map { DurationText.text(from: $0, to: now) } ?? "unknown" }

    private func addRevisions(to page: inout TextPage, isWide: Bool) {
        guard !report.revisions.isEmpty else { return }
        page.addGap()
        let table = TextTable(
            columns: [
                .init("Revision"), .init("Nodes", .right), .init("Update"), .init("Age", .right),
                .init("Images", isFlexible: true),
            ],
            rows: report.revisions.map { revision in
                [
                    .init(revision.hash ?? "none"), .init(revision.nodeCount),
                    .init(revision.isUpdateRevision ? "yes" : "", .good),
                    .init(revision.createdAt == nil ? "forgotten" : age(revision.createdAt)),
                    .init(ImageText.full(revision.images)),
                ]
            })
        page.add(table, isWide: isWide)
    }

    private func addNodes(
        _ title: String, _ nodes: [VersionReport.NodeRow], to page: inout TextPage, isWide: Bool
    ) {
        guard !nodes.isEmpty else { return }
        page.add(headline: "\(title): \(TextLayout.counted(nodes.count, "node"))")
        let shown = isWide ? nodes[...] : nodes.prefix(Self.nodeLimit)
        var table = TextTable(
            columns: [
                .init("Node", isFlexible: true), .init("Revision"), .init("Running", .right), .init("Stale", .right),
                .init("Why", isWrapped: true),
            ],
            rows: shown.enumerated().map { index, node in
                [
                    .init(node.node, node.isStale || node.pod == nil ? .attention : .plain),
                    .init(node.revision ?? (node.pod == nil ? "no pod" : "none")),
                    .init(node.pod == nil ? "" : age(node.runningSince)),
                    .init(node.isStale ? age(node.staleSince) : ""),
                    .init(!isWide && index > 0 && shown[index - 1].reason == node.reason ? "as above" : node.reason),
                ]
            })
        if isWide {
            table.columns.insert(.init("Images"), at: 4)
            for (index, node) in shown.enumerated() {
                table.rows[index].insert(.init(ImageText.full(node.images)), at: 4)
            }
        }
        page.add(table, isWide: isWide)
        if nodes.count > shown.count {
            page.add("and \(nodes.count - shown.count) more; -o wide lists all nodes", tone: .muted)
        }
    }

    private func addNotEligible(to page: inout TextPage) {
        guard !report.notEligible.isEmpty else { return }
        page.add(headline: "Not covered: \(TextLayout.counted(report.notEligible.count, "node"))")
        for node in report.notEligible { page.add(node.reason, first: "  \(node.node): ", rest: "      ") }
    }
}
