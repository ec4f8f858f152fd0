/// A place in an exposition that moves forwards byte by byte.
///
/// Behind the end stands a line feed, as it were: no token contains one, so every loop stops there, and whoever then
/// misses something gets ``ExpositionError/Reason/cut``.
struct ExpositionCursor {
    /// Where a token begins, for an error that is found later.
    struct Place {
        var index: Int
        var line: Int
        var lineStart: Int
    }

    let bytes: [UInt8]
    let format: Exposition.Format
    private(set) var index = 0
    private(set) var line = 1
    private var lineStart = 0

    init(_ bytes: [UInt8], format: Exposition.Format) {
        self.bytes = bytes
        self.format = format
    }

    var isAtEnd: Bool { index >= bytes.count }
    var place: Place { Place(index: index, line: line, lineStart: lineStart) }

    /// The byte here, without moving.
    @inline(__always)
    var byte: UInt8 { index < bytes.count ? bytes[index] : Self.lineFeed }

    static let lineFeed = UInt8(ascii: "\n")

    @inline(__always)
    mutating func advance() { index += 1 }

    /// Moves behind this byte when it is here.
    @inline(__always)
    mutating func take(_ wanted: UInt8) -> Bool {
        guard byte == wanted, index < bytes.count else { return false }
        index += 1
        return true
    }

    /// Moves behind this word when it is here and ends here.
    mutating func takeWord(_ word: StaticString) -> Bool {
        let end = index + word.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        for offset in 0..<word.utf8CodeUnitCount where bytes[index + offset] != word.utf8Start[offset] { return false }
        guard end == bytes.count || Self.isSeparator(bytes[end]) else { return false }
        index = end
        return true
    }

    // MARK: Blanks and lines

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Whether a number or a word ends before this byte.
    @inline(__always)
    static func isSeparator(_ byte: UInt8) -> Bool { isBlank(byte) || byte == lineFeed || byte == 0x0D }

    /// Skips what the text format allows between any two tokens. OpenMetrics allows nothing there.
    @inline(__always)
    mutating func skipBlanks() {
        guard format == .text else { return }
        while Self.isBlank(byte) { index += 1 }
    }

    /// Skips what must be between two tokens of a line: one blank in OpenMetrics, any number in the text format.
    mutating func separator() throws(ExpositionError) {
        guard format == .openMetrics else { return skipBlanks() }
        guard take(0x20) else { throw unexpected("one blank") }
    }

    /// Whether the line ends here.
    var isAtLineEnd: Bool {
        let carriageReturn = byte == 0x0D && (index + 1 >= bytes.count || bytes[index + 1] == Self.lineFeed)
        return byte == Self.lineFeed || (carriageReturn && format == .text)
    }

    /// Moves to the next line.
    mutating func endLine() throws(ExpositionError) {
        skipBlanks()
        guard isAtLineEnd else { throw unexpected("the end of the line") }
        if byte == 0x0D { index += 1 }
        guard !isAtEnd else { throw error(.cut) }
        index += 1
        line += 1
        lineStart = index
    }

    /// The rest of the line up to its end, which is not taken. Blanks at its end belong to it.
    mutating func restOfLine() throws(ExpositionError) -> Range<Int> {
        let start = index
        while index < bytes.count, bytes[index] != Self.lineFeed { index += 1 }
        guard !isAtEnd else { throw error(.cut) }
        guard index > start, bytes[index - 1] == 0x0D else { return start..<index }
        index -= 1
        // Not in the text format: there the line ends here.
        guard isAtLineEnd else { throw unexpected("the end of the line") }
        return start..<index
    }

    // MARK: Text

    /// A part of the text as a string.
    ///
    /// - Throws: ``ExpositionError/Reason/invalidUTF8`` at the first byte that is none.
    func string(_ range: Range<Int>) throws(ExpositionError) -> String {
        if let text = String(validating: bytes[range], as: UTF8.self) { return text }
        var end = range.lowerBound
        while end < range.upperBound {
            let next = end + 1 + Self.continuations(after: bytes[end])
            guard next <= range.upperBound, String(validating: bytes[end..<next], as: UTF8.self) != nil else { break }
            end = next
        }
        throw error(.invalidUTF8, at: Place(index: end, line: line, lineStart: lineStart))
    }

    /// How many bytes follow a first byte in UTF-8.
    private static func continuations(after byte: UInt8) -> Int {
        switch byte {
        case 0xC2...0xDF: 1
        case 0xE0...0xEF: 2
        case 0xF0...0xF4: 3
        default: 0
        }
    }

    // MARK: Errors

    func error(_ reason: ExpositionError.Reason, at place: Place? = nil) -> ExpositionError {
        let place = place ?? self.place
        let before = bytes[place.lineStart..<min(place.index, bytes.count)]
        // Bytes that continue a character are no column.
        let column = before.reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
        return ExpositionError(reason, line: place.line, column: column)
    }

    /// Says what must be here, and what is; at the end of the text, that it is cut.
    func unexpected(_ expected: String) -> ExpositionError {
        guard !isAtEnd else { return error(.cut) }
        return error(.unexpected(expected: expected, found: found))
    }

    /// Says that the token from `start` to here is not what must be there.
    func unexpected(_ expected: String, from start: Place) -> ExpositionError {
        guard !isAtEnd else { return error(.cut) }
        guard start.index < index else { return unexpected(expected) }
        let token = String(decoding: bytes[start.index..<index], as: UTF8.self)
        return error(.unexpected(expected: expected, found: ExpositionText.quoted(token)), at: start)
    }

    /// The character here, for a message.
    private var found: String {
        if byte == Self.lineFeed { return "the end of the line" }
        if byte == 0x0D { return "a carriage return" }
        if bytes[index...].starts(with: "\u{FEFF}".utf8) { return "a byte order mark" }
        if byte < 0x20 || byte == 0x7F { return "byte 0x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16) }
        let count = 1 + Self.continuations(after: byte)
        let character = String(validating: bytes[index..<min(index + count, bytes.count)], as: UTF8.self)
        return character.map { "'\($0)'" } ?? "byte 0x" + String(byte, radix: 16)
    }
}

/// Parts of an exposition for messages.
enum ExpositionText {
    /// Between quotes on one line, shortened to ``ExpositionLimits/quoteCharacters``.
    static func quoted(_ text: String) -> String {
        let limit = ExpositionLimits.quoteCharacters
        let plain = TerminalText.plain(text)
        return "'\(plain.count > limit ? plain.prefix(limit) + "…" : plain)'"
    }

    /// A series as it is written: `name{a="b"}`, shortened.
    static func series(_ sample: Exposition.Sample) -> String {
        let labels = sample.labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",")
        return quoted(sample.labels.isEmpty ? sample.name : "\(sample.name){\(labels)}")
    }
}
