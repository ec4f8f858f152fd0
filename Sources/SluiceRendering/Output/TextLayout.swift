import SluiceCore

/// What a piece of text says about its subject, shown as a colour where colours are wanted.
enum Tone: Sendable {
    case plain, good, bad, attention, muted

    private var code: String? {
        switch self {
        case .plain: nil
        case .good: "32"
        case .bad: "31"
        case .attention: "33"
        case .muted: "2"
        }
    }

    /// The text between escape sequences, when the style wants them. Widths must be settled before.
    func applied(to text: String, _ style: Style) -> String {
        guard style.isColored, let code, !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

/// Cutting, wrapping and cleaning of text. A width counts characters as a terminal shows them, one column each.
enum TextLayout {
    static let ellipsis = "…"

    /// The text on one line, without anything that could move a terminal's cursor or reverse its writing: names and
    /// messages come from the cluster.
    static func cleaned(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            result.append(isUnsafe(scalar) ? " " : scalar)
        }
        return String(result)
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The text in at most `width` columns (at least 1), its end replaced by `…` when it is longer.
    static func cut(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        return text.prefix(max(0, width - 1)) + ellipsis
    }

    /// The text padded with spaces to `width` columns; a longer one stays as it is.
    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// The text in lines of at most `width` columns, broken between words; a word that is longer is broken itself.
    ///
    /// - Parameters:
    ///   - first: Stands before the first line.
    ///   - rest: Stands before the other lines; spaces as wide as `first` when nil.
    static func wrapped(_ text: String, width: Int, first: String = "", rest: String? = nil) -> [String] {
        let rest = rest ?? String(repeating: " ", count: first.count)
        var lines: [String] = []
        var line = first
        var isEmpty = true
        func room() -> Int { isEmpty ? max(1, width - line.count) : width - line.count - 1 }
        func breakLine() {
            lines.append(line)
            line = rest
            isEmpty = true
        }
        for word in cleaned(text).split(separator: " ") {
            var word = word
            if word.count > room(), !isEmpty { breakLine() }
            while word.count > room() {
                let head = word.prefix(room())
                word = word.dropFirst(head.count)
                line += head
                breakLine()
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        if !isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }

    /// `1 node`, `2 nodes`.
    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    /// The first names, and how many more there are: `a, b and 3 more`.
    static func examples(_ names: [String], limit: Int) -> String {
        let shown = names.prefix(limit).map(cleaned).joined(separator: ", ")
        return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
    }
}

/// Lines of text for people, gathered in order.
struct TextPage {
    let style: Style
    private var lines: [String] = []

    init(_ style: Style) {
        self.style = style
    }

    /// All lines, each ended by a line feed.
    var text: String { lines.map { $0 + "\n" }.joined() }

    /// A line that fits by construction.
    mutating func add(line: String) { lines.append(line) }

    /// An empty line, never two in a row and never the first.
    mutating func addGap() {
        if let last = lines.last, !last.isEmpty { lines.append("") }
    }

    /// A text, wrapped to the width.
    mutating func add(_ text: String, first: String = "", rest: String? = nil, tone: Tone = .plain) {
        let wrapped = TextLayout.wrapped(text, width: style.width, first: TextLayout.cleaned(first), rest: rest)
        lines += wrapped.map { tone.applied(to: $0, style) }
    }

    /// A headline over what follows, set off by an empty line.
    mutating func add(headline: String, tone: Tone = .plain) {
        addGap()
        add(headline, tone: tone)
    }

    /// A labelled text: `label   text`, wrapped beside the label.
    mutating func add(label: String, _ text: String, labelWidth: Int) {
        add(text, first: "  " + TextLayout.padded(label, to: labelWidth) + "  ")
    }

    mutating func add(_ table: TextTable, isWide: Bool) { lines += table.lines(style: style, isWide: isWide) }
}
