public import SluiceCore

/// What `report versions` prints about one DaemonSet.
public struct VersionDocument: Sendable {
    /// The report.
    public var report: VersionReport
    /// From when ages count.
    public var now: Timestamp

    /// What `report versions` prints about one DaemonSet.
    public init(_ report: VersionReport, now: Timestamp) {
        self.report = report
        self.now = now
    }

    /// The document in one of its forms, ended by a line feed.
    public func rendered(_ format: OutputFormat, _ style: Style = Style()) -> String {
        switch format {
        case .text: text(style, isWide: false)
        case .wide: text(style, isWide: true)
        case .json: json.text(asYAML: false)
        case .yaml: json.text(asYAML: true)
        }
    }

    /// What `report versions` prints about all DaemonSets of a namespace, or with nil of the cluster: in JSON and YAML a
    /// list.
    public static func rendered(
        all documents: [VersionDocument], in namespace: String? = nil, _ format: OutputFormat, _ style: Style = Style()
    ) -> String {
        let list = OrderedJSON.array(documents.map(\.json))
        switch format {
        case .text, .wide:
            guard !documents.isEmpty else {
                let place = namespace.map { " in namespace \($0) (-A shows all namespaces)" } ?? ""
                return "No DaemonSets found\(place).\n"
            }
            return documents.map { $0.rendered(format, style) }.joined(separator: "\n")
        case .json: return list.text(asYAML: false)
        case .yaml: return list.text(asYAML: true)
        }
    }

    /// The document's fields, as documented in `docs/contract.md`.
    public var json: OrderedJSON {
        .object(VersionField.self) { field in
            switch field {
            case .daemonSet: .string("\(report.namespace)/\(report.daemonSet)")
            case .updateRevision: .nullable(report.updateRevision)
            case .updateRevisionSince: .time(report.updateRevisionSince)
            case .revisions: .array(report.revisions.map(Self.json(of:)))
            case .nodes: .array(report.nodes.map(Self.json(of:)))
            case .notEligible: .array(report.notEligible.map(Self.json(of:)))
            case .totals: Self.json(of: report.totals)
            }
        }
    }

    private static func json(of revision: VersionReport.RevisionRow) -> OrderedJSON {
        .object(RevisionField.self) { field in
            switch field {
            case .revision: .nullable(revision.hash)
            case .images: .images(revision.images)
            case .nodes: .count(revision.nodeCount)
            case .isUpdateRevision: .bool(revision.isUpdateRevision)
            case .number: revision.revision.map { .integer($0) } ?? .null
            case .createdAt: .time(revision.createdAt)
            }
        }
    }

    private static func json(of node: VersionReport.NodeRow) -> OrderedJSON {
        .object(VersionNodeField.self) { field in
            switch field {
            case .node: .string(node.node)
            case .pod: .nullable(node.pod)
            case .revision: .nullable(node.revision)
            case .images: .images(node.images)
            case .stale: .bool(node.isStale)
            case .runningSince: .time(node.runningSince)
            case .staleSince: .time(node.staleSince)
            case .reason: .nullable(node.reason.isEmpty ? nil : node.reason)
            }
        }
    }

    private static func json(of node: VersionReport.Uncovered) -> OrderedJSON {
        .object(NotEligibleField.self) { field in
            switch field {
            case .node: .string(node.node)
            case .reason: .string(node.reason)
            }
        }
    }

    private static func json(of totals: VersionReport.Totals) -> OrderedJSON {
        .object(VersionTotalField.self) { field in
            switch field {
            case .nodes: .count(totals.nodes)
            case .updated: .count(totals.updated)
            case .stale: .count(totals.stale)
            case .missing: .count(totals.missing)
            }
        }
    }
}
