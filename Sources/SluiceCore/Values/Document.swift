/// A value read from a YAML or JSON text that knows where it stands, so that every complaint about it can name
/// line and column.
public struct Document: Sendable, Equatable {
    /// What the text says at this place.
    public enum Content: Sendable, Equatable {
        case null
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case string(String)
        case sequence([Document])
        /// The entries in the order of the text. Keys are documents too: they have a place of their own.
        case mapping([Entry])
    }

    /// One key of a mapping with its value.
    public struct Entry: Sendable, Equatable {
        /// The key's text.
        public var key: String
        /// Where the key stands.
        public var keyPosition: Position
        /// The value.
        public var value: Document

        /// An entry of a mapping.
        public init(key: String, keyPosition: Position, value: Document) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }

    /// A place in a text; both numbers count from 1, columns in Unicode scalars.
    public struct Position: Sendable, Hashable {
        /// The line, from 1.
        public var line: Int
        /// The column, from 1.
        public var column: Int

        /// A place in a text.
        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    /// What stands here.
    public var content: Content
    /// Where it begins.
    public var position: Position

    /// A value and its place.
    public init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }

    /// What kind of value this is, in the words of an error message ("a list").
    public var kindName: String {
        switch content {
        case .null: "nothing"
        case .bool: "a boolean"
        case .integer: "a whole number"
        case .double: "a number"
        case .string: "a string"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The value of a mapping's key; nil when absent or when this is no mapping.
    public subscript(key: String) -> Document? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The value without places.
    public var json: JSONValue {
        switch content {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let number): .integer(number)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .sequence(let elements): .array(elements.map(\.json))
        case .mapping(let entries):
            .object(Dictionary(entries.map { ($0.key, $0.value.json) }, uniquingKeysWith: { $1 }))
        }
    }
}
