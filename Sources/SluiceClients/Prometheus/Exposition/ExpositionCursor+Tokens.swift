extension ExpositionCursor {
    // MARK: Names

    /// A metric's name without quotes.
    mutating func metricName() throws(ExpositionError) -> String {
        try name(expected: "a metric name") { Self.isLetter($0) || $0 == UInt8(ascii: ":") }
    }

    /// A label's name without quotes.
    mutating func labelName() throws(ExpositionError) -> String {
        try name(expected: "a label name", isFirst: Self.isLetter)
    }

    private mutating func name(
        expected: String, isFirst: (UInt8) -> Bool
    ) throws(ExpositionError) -> String {
        let start = index
        guard isFirst(byte) else { throw unexpected(expected) }
        while isFirst(byte) || Self.isDigit(byte) { advance() }
        return try string(start..<index)
    }

    /// A letter of ASCII or an underscore.
    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// The bytes up to the next blank or the end of the line.
    mutating func token() -> Range<Int> {
        let start = index
        while index < bytes.count, !Self.isSeparator(bytes[index]) { advance() }
        return start..<index
    }

    // MARK: Strings

    /// A text in double quotes, without its escapes.
    mutating func quoted(_ expected: String) throws(ExpositionError) -> String {
        guard take(Self.quote) else { throw unexpected(expected) }
        let start = index
        var hasEscapes = false
        while byte != Self.quote, byte != Self.lineFeed {
            if byte == Self.backslash {
                hasEscapes = true
                advance()
                // A line never goes on in the next one.
                if byte == Self.lineFeed { break }
            }
            advance()
        }
        let end = index
        guard take(Self.quote) else { throw unexpected("the closing quote") }
        let text = try string(start..<end)
        return hasEscapes ? Self.withoutEscapes(text, quotes: true) : text
    }

    /// Both formats know `\\`, `\n` and, where `quotes` says so, `\"`. Any other backslash stands for itself, as
    /// OpenMetrics says and Prometheus does.
    static func withoutEscapes(_ text: String, quotes: Bool) -> String {
        var result: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8 {
            guard isEscaped else {
                if byte == backslash { isEscaped = true } else { result.append(byte) }
                continue
            }
            isEscaped = false
            switch byte {
            case UInt8(ascii: "n"): result.append(lineFeed)
            case backslash: result.append(backslash)
            case quote where quotes: result.append(quote)
            default: result += [backslash, byte]
            }
        }
        if isEscaped { result.append(backslash) }
        return String(decoding: result, as: UTF8.self)
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// A metric's name with or without quotes.
    mutating func anyMetricName() throws(ExpositionError) -> String {
        guard byte == Self.quote else { return try metricName() }
        let start = place
        let name = try quoted("a metric name")
        guard !name.isEmpty else { throw unexpected("a metric name", from: start) }
        return name
    }

    // MARK: Numbers

    /// A number as both formats write values.
    mutating func number(_ expected: String) throws(ExpositionError) -> Double {
        let start = place
        guard let number = ExpositionNumber.value(bytes[token()]) else { throw unexpected(expected, from: start) }
        return number
    }

    /// A point of time in milliseconds: whole ones in the text format, seconds with a fraction in OpenMetrics.
    mutating func timestamp() throws(ExpositionError) -> Int64 {
        let start = place
        let token = token()
        let isText = format == .text
        let time = isText ? ExpositionNumber.integer(bytes[token]) : ExpositionNumber.milliseconds(bytes[token])
        if let time { return time }
        throw unexpected("a time in \(isText ? "whole milliseconds" : "seconds")", from: start)
    }

    // MARK: Labels

    /// What stands between braces.
    struct Labels {
        /// The metric's name; nil when it stood before the braces or nowhere.
        var metricName: String?
        /// In the order of their names' bytes; empty ones, which count as none, left out.
        var labels: [Exposition.Label] = []

        /// The code points of all names and values.
        var characters: Int {
            labels.reduce(0) { $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count }
        }
    }

    /// Labels up to the closing brace, the opening one taken already.
    ///
    /// - Parameter wantsName: whether the metric's name must be among them, in quotes.
    mutating func labels(wantsName: Bool) throws(ExpositionError) -> Labels {
        var found: [(label: Exposition.Label, place: Place)] = []
        var result = Labels()
        skipBlanks()
        while !(found.isEmpty && result.metricName == nil && take(UInt8(ascii: "}"))) {
            let start = place
            let isQuoted = byte == Self.quote
            let name = isQuoted ? try quoted("a label name") : try labelName()
            skipBlanks()
            if isQuoted, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}"), !isAtEnd {
                guard !wantsName || !name.isEmpty else { throw unexpected("a metric name", from: start) }
                guard wantsName, result.metricName == nil else {
                    throw unexpected("a label; the metric has its name already", from: start)
                }
                result.metricName = name
            } else {
                guard !name.isEmpty, name != "__name__" else { throw unexpected("a label name", from: start) }
                guard take(UInt8(ascii: "=")) else { throw unexpected("'='") }
                skipBlanks()
                found.append((Exposition.Label(name, try quoted("a label value in double quotes")), start))
            }
            skipBlanks()
            if take(UInt8(ascii: ",")) {
                skipBlanks()
                // Only the text format has a comma behind the last label.
                if format == .text, take(UInt8(ascii: "}")) { break }
                continue
            }
            guard take(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
            break
        }
        result.labels = try sorted(found)
        return result
    }

    private func sorted(
        _ found: [(label: Exposition.Label, place: Place)]
    ) throws(ExpositionError) -> [Exposition.Label] {
        guard found.count > 1 else { return found.map(\.label).filter { !$0.value.isEmpty } }
        let sorted = found.sorted { $0.label.name.utf8.lexicographicallyPrecedes($1.label.name.utf8) }
        for (left, right) in zip(sorted, sorted.dropFirst())
        where left.label.name.utf8.elementsEqual(right.label.name.utf8) {
            let second = left.place.index < right.place.index ? right : left
            throw error(.duplicateLabel(second.label.name), at: second.place)
        }
        return sorted.map(\.label).filter { !$0.value.isEmpty }
    }
}
