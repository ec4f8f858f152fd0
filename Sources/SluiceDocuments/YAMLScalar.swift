internal import SluiceCore

/// What a plain (unquoted) scalar means: YAML 1.2's core schema, with the octal numbers of Kubernetes manifests.
enum YAMLScalar {
    /// The value that a plain scalar stands for.
    static func content(plain text: String) -> Document.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: return number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> Document.Content? {
        let unsigned = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        guard let first = unsigned.utf8.first, isDigit(first) || first == UInt8(ascii: ".") else { return nil }
        if unsigned.utf8.allSatisfy(isDigit) {
            let isOctal = unsigned.utf8.count > 1 && first == UInt8(ascii: "0")
            if let whole = Int64(text, radix: isOctal ? 8 : 10) { return .integer(whole) }
            return Double(text).map { .double($0) }
        }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where unsigned.hasPrefix(prefix) {
            let digits = unsigned.dropFirst(2)
            guard let start = digits.first, start != "-", start != "+" else { return nil }
            let sign = text.first == "-" ? "-" : ""
            return Int64(sign + digits, radix: radix).map { .integer($0) }
        }
        guard isFraction(unsigned) else { return nil }
        return Double(text).map { .double($0) }
    }

    /// `[0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)?` with at least one digit before the exponent.
    private static func isFraction(_ text: Substring) -> Bool {
        var rest = text.utf8[...]
        func digits() -> Int {
            let count = rest.prefix(while: isDigit).count
            rest = rest.dropFirst(count)
            return count
        }
        var mantissa = digits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            mantissa += digits()
        }
        guard mantissa > 0 else { return false }
        if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
