public import SluiceCore

/// The fields of an event in JSON: one line of `run -o json`, one element of `history ROLLOUT -o json`.
enum EventField: String, DocumentField {
    case time, event, rollout, wave, node, reason, message

    var meaning: String {
        switch self {
        case .time: "When, RFC 3339 in UTC with six digits of fraction."
        case .event: "What, see Events."
        case .rollout: "The rollout's name."
        case .wave: "The wave's name; null when the event is about the whole rollout."
        case .node: "The node; null when the event is about more than one."
        case .reason: "Why, see Reasons; null when the event speaks for itself."
        case .message: "The sentence for people; null when the event speaks for itself."
        }
    }
}

/// Writes the events of one rollout, one a line.
///
/// A line of text is never cut: it may be longer than the terminal is wide, so that logs keep every word.
public struct EventLine: Sendable {
    /// The rollout's name.
    public var rollout: String
    /// The columns kept for wave names.
    public var waveWidth: Int
    /// The columns kept for node names.
    public var nodeWidth: Int

    /// The most columns that are kept for wave names.
    public static let maximumWaveWidth = 16
    /// The most columns that are kept for node names.
    public static let maximumNodeWidth = 24

    private static let eventWidth = JournalEvent.allCases.reduce(0) { max($0, $1.rawValue.count) }

    /// Writes the events of one rollout, its columns wide enough for the names of waves and nodes as far as the limits
    /// allow.
    public init(rollout: String, waves: some Sequence<String> = [], nodes: some Sequence<String> = []) {
        self.rollout = rollout
        waveWidth = waves.reduce(1) { max($0, min($1.count, Self.maximumWaveWidth)) }
        nodeWidth = nodes.reduce(1) { max($0, min($1.count, Self.maximumNodeWidth)) }
    }

    /// The line in one of its forms, ended by a line feed; in YAML one document of a stream.
    public func rendered(_ line: JournalLine, _ format: OutputFormat, _ style: Style = Style()) -> String {
        switch format {
        case .text, .wide: text(line, style) + "\n"
        case .json: json(line).compact + "\n"
        case .yaml: "---\n" + json(line).text(asYAML: true)
        }
    }

    /// The line's fields, as documented in `docs/contract.md`.
    public func json(_ line: JournalLine) -> OrderedJSON {
        .object(EventField.self) { field in
            switch field {
            case .time: .string(line.time.rfc3339Micro)
            case .event: .string(line.event.rawValue)
            case .rollout: .string(rollout)
            case .wave: .nullable(line.wave)
            case .node: .nullable(line.node)
            case .reason: .nullable(line.reason?.rawValue)
            case .message: .nullable(line.message.isEmpty ? nil : line.message)
            }
        }
    }

    private func text(_ line: JournalLine, _ style: Style) -> String {
        let time = line.time.rfc3339
        let shownTime = style.isVerbose ? time : String(time.suffix(9))
        let event = TextLayout.padded(line.event.rawValue, to: Self.eventWidth)
        let place = [
            TextLayout.padded(TextLayout.cleaned(line.wave ?? ""), to: waveWidth),
            TextLayout.padded(TextLayout.cleaned(line.node ?? ""), to: nodeWidth),
        ]
        let reason = line.reason.map { $0.rawValue + (line.message.isEmpty ? "" : ":") }
        let words = [reason, line.message.isEmpty ? nil : TextLayout.cleaned(line.message)].compactMap { $0 }
        let columns = [Tone.muted.applied(to: shownTime, style), Self.tone(of: line.event).applied(to: event, style)]
        var text = (columns + place + [words.joined(separator: " ")]).joined(separator: "  ")
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func tone(of event: JournalEvent) -> Tone {
        switch event {
        case .updated, .recovered, .gatePassed, .wavePassed, .completed: .good
        case .failed, .halted, .aborted: .bad
        case .deferred, .left, .leaked, .joined, .unobserved, .gateWarned, .gateRetried, .held, .paused,
            .strategyChanged, .imageChanged, .configChanged, .configUnseen, .interrupted, .toppedUp, .unready, .skipped,
            .undelivered:
            .attention
        case .started, .resumed, .patched, .revisionFound, .waveStarted, .batchStarted, .deleting, .deleted,
            .soakStarted, .measured, .released, .unpaused, .approved, .retried, .parked, .unparked:
            .plain
        }
    }
}
