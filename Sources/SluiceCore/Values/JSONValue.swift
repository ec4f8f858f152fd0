/// A JSON value as a Kubernetes API server sends it, for the parts of an object that Sluice carries without reading:
/// pod templates, patches, revision data.
///
/// Object keys have no order here; ``serialized`` writes them sorted, so equal values have equal text.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int64)
    /// Every other number.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// The member of an object; nil for an absent member and for every other kind of value.
    public subscript(key: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members[key]
        }
        set {
            guard case .object(var members) = self else {
                if let newValue { self = .object([key: newValue]) }
                return
            }
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The value at a path of object members; nil when a step is absent.
    public func at(_ path: String...) -> JSONValue? {
        var value = self
        for key in path {
            guard let next = value[key] else { return nil }
            value = next
        }
        return value
    }

    /// The text of a string, nil for every other kind.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number when it is whole, nil for every other kind.
    public var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The number, nil for every other kind.
    public var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The truth value, nil for every other kind.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements of an array, nil for every other kind.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object, nil for every other kind.
    public var object: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The members of an object whose values are strings, in no order; empty for every other kind.
    public var strings: [String: String] {
        (object ?? [:]).compactMapValues(\.string)
    }

    /// The same value without members that are null, at any depth.
    ///
    /// The API server writes `creationTimestamp: null` in some versions and leaves it out in others; both mean the same.
    public var withoutNulls: JSONValue {
        switch self {
        case .object(let members):
            .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
        case .array(let elements): .array(elements.map(\.withoutNulls))
        case .null, .bool, .integer, .double, .string: self
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object; of two equal keys the later one counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

extension JSONValue {
    /// The value as compact JSON text with sorted keys (by their UTF-8 bytes).
    public var serialized: String {
        var text = ""
        write(to: &text, indent: nil, depth: 0)
        return text
    }

    /// The value as JSON text with sorted keys, two spaces a level.
    public var prettySerialized: String {
        var text = ""
        write(to: &text, indent: 2, depth: 0)
        return text
    }

    private func write(to text: inout String, indent: Int?, depth: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let number): text += String(number)
        case .double(let number): text += number.isFinite ? String(number) : "null"
        case .string(let string): Self.write(string: string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                Self.beginElement(index, to: &text, indent: indent, depth: depth)
                element.write(to: &text, indent: indent, depth: depth + 1)
            }
            Self.end("]", isEmpty: elements.isEmpty, to: &text, indent: indent, depth: depth)
        case .object(let members):
            text += "{"
            for (index, key) in members.keys.sorted().enumerated() {
                Self.beginElement(index, to: &text, indent: indent, depth: depth)
                Self.write(string: key, to: &text)
                text += indent == nil ? ":" : ": "
                members[key]?.write(to: &text, indent: indent, depth: depth + 1)
            }
            Self.end("}", isEmpty: members.isEmpty, to: &text, indent: indent, depth: depth)
        }
    }

    private static func beginElement(_ index: Int, to text: inout String, indent: Int?, depth: Int) {
        if index > 0 { text += "," }
        newline(to: &text, indent: indent, depth: depth + 1)
    }

    private static func end(_ close: String, isEmpty: Bool, to text: inout String, indent: Int?, depth: Int) {
        if !isEmpty { newline(to: &text, indent: indent, depth: depth) }
        text += close
    }

    private static func newline(to text: inout String, indent: Int?, depth: Int) {
        guard let indent else { return }
        text += "\n"
        text += String(repeating: " ", count: indent * depth)
    }

    private static func write(string: String, to text: inout String) {
        text += "\""
        // Hardly any string of an object needs an escape, and scalar by scalar is slow.
        guard string.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            text += string
            text += "\""
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if scalar.value < 0x20 {
                    let hex = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}
