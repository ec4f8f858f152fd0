import GRDB
import SluiceCore
import SluiceDocuments

extension Timestamp {
    /// The instant as a column holds it.
    var column: Int64 { millisecondsSince1970 }
}

extension String {
    /// A text from outside as a column holds it. SQLite's text would end at a NUL, which a termination message may well
    /// contain; it becomes the symbol for it.
    var column: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{2400}" : $0 }))
    }
}

/// Values that a column holds in another form. What Sluice never writes is an error: ``UnreadableColumn``.
extension Row {
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ column: String) throws -> Value {
        try decode(Value.self, forColumn: column)
    }

    func time(_ column: String) throws -> Timestamp {
        Timestamp(try decode(Int64.self, forColumn: column))
    }

    func optionalTime(_ column: String) throws -> Timestamp? {
        try decode(Int64?.self, forColumn: column).map { Timestamp($0) }
    }

    func word<Word: RawRepresentable<String>>(_ column: String) throws -> Word {
        let text = try decode(String.self, forColumn: column)
        guard let word = Word(rawValue: text) else { throw UnreadableColumn(column: column, text: text) }
        return word
    }

    func optionalWord<Word: RawRepresentable<String>>(_ column: String) throws -> Word? {
        guard let text = try decode(String?.self, forColumn: column) else { return nil }
        guard let word = Word(rawValue: text) else { throw UnreadableColumn(column: column, text: text) }
        return word
    }

    /// Words with commas between them; an empty text holds none.
    func words<Word: RawRepresentable<String>>(_ column: String) throws -> [Word] {
        let text = try decode(String.self, forColumn: column)
        return try text.split(separator: ",").map { part in
            guard let word = Word(rawValue: String(part)) else { throw UnreadableColumn(column: column, text: text) }
            return word
        }
    }

    func json(_ column: String) throws -> JSONValue {
        try Self.json(try decode(String.self, forColumn: column), column)
    }

    func optionalJSON(_ column: String) throws -> JSONValue? {
        try decode(String?.self, forColumn: column).map { try Self.json($0, column) }
    }

    private static func json(_ text: String, _ column: String) throws -> JSONValue {
        do {
            return try JSONReader.read(text)
        } catch {
            throw UnreadableColumn(column: column, text: error.description)
        }
    }
}

/// A column holds what Sluice never writes.
struct UnreadableColumn: Error {
    var column: String
    var text: String
}
