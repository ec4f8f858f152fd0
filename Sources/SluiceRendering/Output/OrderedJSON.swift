public import SluiceCore

/// A JSON value whose objects keep the order of their members, so that a document's fields come as documented.
public enum OrderedJSON: Sendable, Equatable {
    /// One member of an object.
    public struct Member: Sendable, Equatable {
        /// The key, unique in its object.
        public var key: String
        /// The value.
        public var value: OrderedJSON

        /// One member of an object.
        public init(_ key: String, _ value: OrderedJSON) {
            self.key = key
            self.value = value
        }
    }

    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([OrderedJSON])
    case object([Member])

    /// A JSON value with the members of its objects sorted by key.
    public init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let number): self = .integer(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(elements.map(OrderedJSON.init))
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            self = .object(sorted.map { Member($0.key, OrderedJSON($0.value)) })
        }
    }

    /// The same value without the order of members.
    public var unordered: JSONValue {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let number): .integer(number)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .array(let elements): .array(elements.map(\.unordered))
        case .object(let members):
            .object(Dictionary(members.map { ($0.key, $0.value.unordered) }, uniquingKeysWith: { $1 }))
        }
    }

    /// JSON text on one line, without a line feed.
    public var compact: String {
        var text = ""
        write(to: &text, indent: nil, depth: 0)
        return text
    }

    /// JSON text with two spaces a level, ended by a line feed.
    public var pretty: String {
        var text = ""
        write(to: &text, indent: 2, depth: 0)
        return text + "\n"
    }

    private func write(to text: inout String, indent: Int?, depth: Int) {
        switch self {
        case .null, .bool, .integer, .double, .string: text += unordered.serialized
        case .array(let elements):
            Self.write(elements.map { (nil, $0) }, "[", "]", to: &text, indent: indent, depth: depth)
        case .object(let members):
            let members = members.map { (Optional($0.key), $0.value) }
            Self.write(members, "{", "}", to: &text, indent: indent, depth: depth)
        }
    }

    private static func write(
        _ list: [(String?, OrderedJSON)], _ open: String, _ close: String,
        to text: inout String, indent: Int?, depth: Int
    ) {
        text += open
        for (index, (key, value)) in list.enumerated() {
            if index > 0 { text += "," }
            breakLine(in: &text, indent: indent, depth: depth + 1)
            if let key {
                text += JSONValue.string(key).serialized
                text += indent == nil ? ":" : ": "
            }
            value.write(to: &text, indent: indent, depth: depth + 1)
        }
        if !list.isEmpty { breakLine(in: &text, indent: indent, depth: depth) }
        text += close
    }

    private static func breakLine(in text: inout String, indent: Int?, depth: Int) {
        guard let indent else { return }
        text += "\n" + String(repeating: " ", count: indent * depth)
    }
}

extension OrderedJSON {
    static func count(_ number: Int) -> OrderedJSON { .integer(Int64(number)) }
    static func nullable(_ text: String?) -> OrderedJSON { text.map { .string($0) } ?? .null }
    static func strings(_ texts: [String]) -> OrderedJSON { .array(texts.map { .string($0) }) }
    static func time(_ time: Timestamp?) -> OrderedJSON { .nullable(time?.rfc3339) }

    /// An object with exactly the fields of a documented list, in its order.
    static func object<Field: DocumentField>(_ fields: Field.Type, _ value: (Field) -> OrderedJSON) -> OrderedJSON {
        .object(Field.allCases.map { Member($0.rawValue, value($0)) })
    }

    /// The value in one of the two forms for programs.
    func text(asYAML: Bool) -> String { asYAML ? YAMLWriter.text(of: self) : pretty }
}

/// The closed list of an object's fields in a document for programs, in the order in which they are written.
/// Renderers and `docs/contract.md` are made from the same list.
protocol DocumentField: CaseIterable, RawRepresentable, Sendable where RawValue == String {
    /// What the field holds, with its unit and when it is null.
    var meaning: String { get }
}
