import Foundation

/// One breach of a rule, with its place.
struct Finding: Hashable, CustomStringConvertible {
    var path: String
    /// The line, from 1.
    var line: Int
    var message: String

    init(_ file: SourceFile, line: Int, _ message: String) {
        self.init(path: file.path, line: line, message)
    }

    init(path: String, line: Int, _ message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    var description: String { "\(path):\(line): \(message)" }
}

/// Finds words in lines of code.
enum Words {
    /// Whether a word stands in a line without being part of a longer name. A word that begins or ends with a sign
    /// (`.shuffled`, `print(`) is bounded on the other side only.
    static func contains(_ word: String, in line: String) -> Bool {
        // Most lines do not hold the word at all; the C library says so at once, also in a debug build.
        guard strstr(line, word) != nil else { return false }
        let bytes = Array(line.utf8)
        let wanted = Array(word.utf8)
        guard let first = wanted.first, let last = wanted.last, bytes.count >= wanted.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { start in
            let end = start + wanted.count
            guard bytes[start..<end].elementsEqual(wanted) else { return false }
            let isBoundedBefore = start == 0 || !isNamePart(first) || !isNamePart(bytes[start - 1])
            let isBoundedAfter = end == bytes.count || !isNamePart(last) || !isNamePart(bytes[end])
            return isBoundedBefore && isBoundedAfter
        }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
