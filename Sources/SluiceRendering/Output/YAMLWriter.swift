/// Writes values as block-style YAML that YAML 1.1 and 1.2 readers take for the same values.
public enum YAMLWriter {
    /// The longest key that is written without `?`: readers need not find the colon of a longer one, in bytes.
    static let longestSimpleKey = 512

    /// One document, ended by a line feed.
    public static func text(of value: OrderedJSON) -> String {
        var text = ""
        switch value {
        case .array(let elements) where !elements.isEmpty: write(elements: elements, to: &text, depth: 0)
        case .object(let members) where !members.isEmpty: write(members: members, to: &text, depth: 0)
        case .null, .bool, .integer, .double, .string, .array, .object: text += scalar(value) + "\n"
        }
        return text
    }

    private static func write(members: [OrderedJSON.Member], to text: inout String, depth: Int) {
        for (index, member) in members.enumerated() {
            if index > 0 { indent(&text, depth) }
            let key = quotedIfNeeded(member.key)
            text += key.utf8.count > longestSimpleKey ? "? \(key)\n\(spaces(depth)):" : "\(key):"
            write(nested: member.value, to: &text, depth: depth, inSequence: false)
        }
    }

    private static func write(elements: [OrderedJSON], to text: inout String, depth: Int) {
        for (index, element) in elements.enumerated() {
            if index > 0 { indent(&text, depth) }
            text += "-"
            write(nested: element, to: &text, depth: depth, inSequence: true)
        }
    }

    private static func write(nested value: OrderedJSON, to text: inout String, depth: Int, inSequence: Bool) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            if inSequence {
                text += " "
                write(elements: elements, to: &text, depth: depth + 1)
            } else {
                text += "\n"
                indent(&text, depth)
                write(elements: elements, to: &text, depth: depth)
            }
        case .object(let members) where !members.isEmpty:
            if inSequence {
                text += " "
            } else {
                text += "\n"
                indent(&text, depth + 1)
            }
            write(members: members, to: &text, depth: depth + 1)
        case .null, .bool, .integer, .double, .string, .array, .object: text += " " + scalar(value) + "\n"
        }
    }

    private static func spaces(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

    private static func indent(_ text: inout String, _ depth: Int) { text += spaces(depth) }

    private static func scalar(_ value: OrderedJSON) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let number): String(number)
        case .double(let number): number.isFinite ? float(number) : "null"
        case .string(let text): quotedIfNeeded(text)
        case .array: "[]"
        case .object: "{}"
        }
    }

    /// YAML 1.1 knows a float by its point, and an exponent by its sign.
    private static func float(_ number: Double) -> String {
        let text = String(number)
        guard let exponent = text.firstIndex(where: { $0 == "e" || $0 == "E" }) else { return text }
        let mantissa = text[..<exponent]
        let power = text[text.index(after: exponent)...]
        let signed = power.hasPrefix("-") || power.hasPrefix("+") ? String(power) : "+" + power
        return (mantissa.contains(".") ? String(mantissa) : mantissa + ".0") + "e" + signed
    }

    /// Words that some YAML version takes for a boolean or for nothing, in lower case.
    private static let ambiguousWords: Set<String> = ["y", "yes", "n", "no", "true", "false", "on", "off", "null"]

    private static func quotedIfNeeded(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    /// Whether every reader takes the bare text for a string. A text that begins with a letter or a slash and holds only
    /// these characters cannot be a number, a date, an indicator or a merge key.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, isLetter(first) || first == "/" else { return false }
        guard !ambiguousWords.contains(text.lowercased()) else { return false }
        var previous = first
        for scalar in text.unicodeScalars.dropFirst() {
            let isSafe: Bool
            switch scalar {
            case "0"..."9", "_", ".", "-", "/", "@", "+", "(", ")", ";": isSafe = true
            case " ", "=": isSafe = previous != ":"
            case ":": isSafe = true
            default: isSafe = isLetter(scalar) && scalar.isASCII
            }
            guard isSafe else { return false }
            previous = scalar
        }
        return previous != " " && previous != ":"
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result += escapedIfNeeded(scalar)
            }
        }
        return result + "\""
    }

    private static func escapedIfNeeded(_ scalar: Unicode.Scalar) -> String {
        let value = scalar.value
        let isPrintable =
            (0x20...0x7E).contains(value) || (0xA0...0xD7FF).contains(value) && value != 0x2028 && value != 0x2029
            || (0xE000...0xFFFD).contains(value) && value != 0xFEFF || value >= 0x10000
        guard !isPrintable else { return String(Character(scalar)) }
        let hex = String(value, radix: 16, uppercase: true)
        return value < 0x100 ? "\\x" + padded(hex, 2) : "\\u" + padded(hex, 4)
    }

    private static func padded(_ hex: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - hex.count)) + hex
    }
}
