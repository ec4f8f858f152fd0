/// Reads the tokens of a query. Byte by byte: a query over a large wave names thousands of addresses.
struct QueryReader {
    private let text: [UInt8]
    private var index = 0

    init(_ text: String) {
        self.text = Array(text.utf8)
        skipSpaces()
    }

    var isAtEnd: Bool { index == text.count }
    var place: String {
        isAtEnd ? "at the end" : "at character \(String(decoding: text[..<index], as: UTF8.self).count + 1)"
    }

    mutating func skip(_ token: String) -> Bool {
        guard text[index...].starts(with: token.utf8) else { return false }
        index += token.utf8.count
        skipSpaces()
        return true
    }

    mutating func name() -> String {
        let start = index
        while index < text.count, Self.isOfName(text[index]) { index += 1 }
        let name = String(decoding: text[start..<index], as: UTF8.self)
        skipSpaces()
        return name
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// A range such as `[2m]`: passed over.
    ///
    /// - Returns: whether there was one.
    mutating func skipRange() -> Bool {
        guard skip("[") else { return false }
        _ = name()
        return skip("]")
    }

    /// A text in single or double quotes; nil when there is none.
    mutating func string() -> String? {
        guard index < text.count, text[index] == UInt8(ascii: "\"") || text[index] == UInt8(ascii: "'") else {
            return nil
        }
        let quote = text[index]
        var rest = index + 1
        var value: [UInt8] = []
        while rest < text.count, text[rest] != quote {
            if text[rest] == UInt8(ascii: "\\"), rest + 1 < text.count {
                rest += 1
                switch text[rest] {
                case UInt8(ascii: "n"): value.append(UInt8(ascii: "\n"))
                case UInt8(ascii: "t"): value.append(UInt8(ascii: "\t"))
                default: value.append(text[rest])
                }
            } else {
                value.append(text[rest])
            }
            rest += 1
        }
        guard rest < text.count else { return nil }
        index = rest + 1
        skipSpaces()
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func skipSpaces() {
        while index < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[index]) { index += 1 }
    }
}
