public import SluiceCore

/// The fields of a rollout in `history -o json`.
enum HistoryField: String, DocumentField {
    case id, daemonSet, phase, reason, message, updateRevision, images, nodes, startedAt, finishedAt, seconds

    var meaning: String {
        switch self {
        case .id: "The rollout's name."
        case .daemonSet: "The DaemonSet as `namespace/name`."
        case .phase: "Where the rollout stands, see Phases."
        case .reason: "Why it stands there, see Reasons; null when the phase speaks for itself."
        case .message: "The reason as a sentence; null when there is none."
        case .updateRevision: "The hash of the target's revision; null when the controller never recorded it."
        case .images: "The images of the target template, by container."
        case .nodes: "The number of nodes that took part."
        case .startedAt: "When the rollout began."
        case .finishedAt: "When it completed or was aborted; null before."
        case .seconds: "Seconds from its start to its end, or to its last change while it has none."
        }
    }
}

/// The fields of `history ROLLOUT -o json`.
enum JournalField: String, DocumentField {
    case rollout, events

    var meaning: String {
        switch self {
        case .rollout: "The rollout, with the fields of `history`."
        case .events: "Its events in the order in which they happened, with the fields of an event."
        }
    }
}

/// A rollout in the list that `history` prints.
public struct HistoryEntry: Sendable {
    /// The rollout.
    public var rollout: RolloutRecord
    /// The number of nodes that took part.
    public var nodes: Int

    /// A rollout in the list.
    public init(rollout: RolloutRecord, nodes: Int) {
        self.rollout = rollout
        self.nodes = nodes
    }

    private var end: Timestamp { rollout.finishedAt ?? rollout.changedAt }

    var seconds: Int64 { (end.millisecondsSince1970 - rollout.createdAt.millisecondsSince1970) / 1_000 }

    var json: OrderedJSON {
        .object(HistoryField.self) { field in
            switch field {
            case .id: .string(rollout.id)
            case .daemonSet: .string("\(rollout.namespace)/\(rollout.daemonSet)")
            case .phase: .string(rollout.phase.rawValue)
            case .reason: .nullable(rollout.reason?.rawValue)
            case .message: .nullable(rollout.message.isEmpty ? nil : rollout.message)
            case .updateRevision: .nullable(rollout.updateRevision)
            case .images: .images(rollout.targetTemplate.images)
            case .nodes: .count(nodes)
            case .startedAt: .time(rollout.createdAt)
            case .finishedAt: .time(rollout.finishedAt)
            case .seconds: .integer(seconds)
            }
        }
    }
}

/// What `history` prints: the rollouts that the database knows.
public struct HistoryDocument: Sendable {
    /// The rollouts, in the order in which they are printed.
    public var entries: [HistoryEntry]

    /// What `history` prints.
    public init(_ entries: [HistoryEntry]) {
        self.entries = entries
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

    /// The document's fields, as documented in `docs/contract.md`.
    public var json: OrderedJSON { .array(entries.map(\.json)) }

    private func text(_ style: Style, isWide: Bool) -> String {
        guard !entries.isEmpty else { return "No rollouts yet.\n" }
        var page = TextPage(style)
        var table = TextTable(
            columns: [
                .init("DaemonSet", isFlexible: true), .init("Rollout"), .init("Phase"),
                .init("Reason", isFlexible: true), .init("Started"), .init("Took", .right), .init("Nodes", .right),
                .init(isWide ? "Images" : "Version", isFlexible: true),
            ],
            rows: entries.map { Self.row(for: $0, isWide: isWide) })
        let names = Set(entries.map { "\($0.rollout.namespace)/\($0.rollout.daemonSet)" })
        if let only = names.first, names.count == 1, !isWide {
            page.add("Rollouts of \(only)")
            table.columns.removeFirst()
            table.rows = table.rows.map { Array($0.dropFirst()) }
        }
        page.add(table, isWide: isWide)
        return page.text
    }

    private static func row(for entry: HistoryEntry, isWide: Bool) -> [TextTable.Cell] {
        let rollout = entry.rollout
        let images = rollout.targetTemplate.images
        return [
            .init("\(rollout.namespace)/\(rollout.daemonSet)"), .init(rollout.id),
            .init(rollout.phase.rawValue, StatusDocument.tone(of: rollout.phase)),
            .init(rollout.reason?.rawValue ?? ""),
            .init(isWide ? rollout.createdAt.rfc3339 : minuteText(of: rollout.createdAt)),
            .init(DurationText.text(seconds: entry.seconds)), .init(entry.nodes),
            .init(isWide ? ImageText.full(images) : ImageText.versions(images)),
        ]
    }

    /// `11-24 15:04`: enough to tell rollouts apart on a narrow terminal.
    private static func minuteText(of time: Timestamp) -> String {
        let text = time.rfc3339
        return "\(text.dropFirst(5).prefix(5)) \(text.dropFirst(11).prefix(5))"
    }
}

/// What `history ROLLOUT` prints: the journal of one rollout.
public struct JournalDocument: Sendable {
    /// The rollout.
    public var entry: HistoryEntry
    /// Its journal, oldest line first.
    public var lines: [JournalLine]

    /// What `history ROLLOUT` prints.
    public init(_ entry: HistoryEntry, lines: [JournalLine]) {
        self.entry = entry
        self.lines = lines
    }

    /// The document in one of its forms, ended by a line feed.
    public func rendered(_ format: OutputFormat, _ style: Style = Style()) -> String {
        switch format {
        case .text, .wide: text(style)
        case .json: json.text(asYAML: false)
        case .yaml: json.text(asYAML: true)
        }
    }

    /// The document's fields, as documented in `docs/contract.md`.
    public var json: OrderedJSON {
        .object(JournalField.self) { field in
            switch field {
            case .rollout: entry.json
            case .events: .array(lines.map(eventLine.json))
            }
        }
    }

    private var eventLine: EventLine {
        EventLine(rollout: entry.rollout.id, waves: lines.compactMap(\.wave), nodes: lines.compactMap(\.node))
    }

    /// The date stands on a line of its own whenever it changes; the events keep the shape that `run` gave them.
    private func text(_ style: Style) -> String {
        let eventLine = eventLine
        var text = ""
        var date = ""
        for line in lines {
            let newDate = String(line.time.rfc3339.prefix(10))
            if newDate != date, !style.isVerbose { text += newDate + "\n" }
            date = newDate
            text += eventLine.rendered(line, .text, style)
        }
        return text.isEmpty ? "No events yet.\n" : text
    }
}
