/// One file of the repository, split into what is code, what stands in string literals, and the lines as they are.
struct SourceFile {
    /// The path from the repository's root, with slashes.
    let path: String
    /// The lines as written.
    let lines: [String]
    /// The lines with comments and the contents of string literals blanked out.
    let code: [String]
    /// The lines with everything but the contents of string literals blanked out.
    let literals: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var lexer = Lexer(text)
        lexer.run()
        code = Self.lines(of: lexer.code)
        literals = Self.lines(of: lexer.literals)
    }

    private static func lines(of bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The target the file belongs to: the folder under `Sources/` or `Tests/`, or `Migrations`.
    var target: String? {
        let parts = path.split(separator: "/")
        switch parts.first {
        case "Sources", "Tests": return parts.count > 2 ? String(parts[1]) : nil
        case "migrations": return "Migrations"
        default: return nil
        }
    }

    var isProduct: Bool { path.hasPrefix("Sources/") || path.hasPrefix("migrations/") }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// Tells code, comments and string literals of Swift apart. Code inside an interpolation counts as code.
private struct Lexer {
    private enum Mode {
        case code(parentheses: Int)
        case lineComment
        case blockComment(depth: Int)
        case literal(hashes: Int, isMultiline: Bool)
    }

    private let bytes: [UInt8]
    private var index = 0
    private var modes: [Mode] = [.code(parentheses: 0)]
    private(set) var code: [UInt8] = []
    private(set) var literals: [UInt8] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        code.reserveCapacity(bytes.count)
        literals.reserveCapacity(bytes.count)
    }

    mutating func run() {
        while index < bytes.count {
            switch modes[modes.count - 1] {
            case .code(let parentheses): stepCode(parentheses)
            case .lineComment: stepLineComment()
            case .blockComment(let depth): stepBlockComment(depth)
            case .literal(let hashes, let isMultiline): stepLiteral(hashes, isMultiline)
            }
        }
    }

    private func matches(_ text: String, at place: Int) -> Bool {
        var place = place
        for byte in text.utf8 {
            guard place < bytes.count, bytes[place] == byte else { return false }
            place += 1
        }
        return true
    }

    private enum Kind { case code, literal, other }

    private mutating func take(_ count: Int, _ kind: Kind) {
        for byte in bytes[index..<min(index + count, bytes.count)] {
            let isNewline = byte == UInt8(ascii: "\n")
            code.append(isNewline || kind == .code ? byte : UInt8(ascii: " "))
            literals.append(isNewline || kind == .literal ? byte : UInt8(ascii: " "))
        }
        index += count
    }

    private mutating func stepCode(_ parentheses: Int) {
        if !Self.isSign[Int(bytes[index])] { return take(1, .code) }
        let hashes = bytes[index...].prefix { $0 == UInt8(ascii: "#") }.count
        if matches("\"", at: index + hashes) {
            let isMultiline = matches("\"\"\"", at: index + hashes)
            modes.append(.literal(hashes: hashes, isMultiline: isMultiline))
            take(hashes + (isMultiline ? 3 : 1), .other)
        } else if matches("//", at: index) {
            modes.append(.lineComment)
        } else if matches("/*", at: index) {
            modes.append(.blockComment(depth: 1))
            take(2, .other)
        } else {
            let isOpening = bytes[index] == UInt8(ascii: "(")
            let isClosing = bytes[index] == UInt8(ascii: ")")
            let isEndOfInterpolation = isClosing && parentheses == 1 && modes.count > 1
            take(max(1, hashes), isEndOfInterpolation ? .other : .code)
            if isEndOfInterpolation {
                modes.removeLast()
            } else if modes.count > 1, isOpening || isClosing {
                modes[modes.count - 1] = .code(parentheses: parentheses + (isOpening ? 1 : -1))
            }
        }
    }

    /// The bytes at which code may turn into something else, or count parentheses.
    private static let isSign = (0...255).map { Array("#\"/()".utf8).contains(UInt8($0)) }

    private mutating func stepLineComment() {
        if bytes[index] == UInt8(ascii: "\n") { modes.removeLast() }
        take(1, .other)
    }

    private mutating func stepBlockComment(_ depth: Int) {
        if matches("*/", at: index) {
            modes.removeLast()
            if depth > 1 { modes.append(.blockComment(depth: depth - 1)) }
            take(2, .other)
        } else if matches("/*", at: index) {
            modes[modes.count - 1] = .blockComment(depth: depth + 1)
            take(2, .other)
        } else {
            take(1, .other)
        }
    }

    private mutating func stepLiteral(_ hashes: Int, _ isMultiline: Bool) {
        let marks = String(repeating: "#", count: hashes)
        let end = (isMultiline ? "\"\"\"" : "\"") + marks
        if matches(end, at: index) || (!isMultiline && bytes[index] == UInt8(ascii: "\n")) {
            modes.removeLast()
            take(bytes[index] == UInt8(ascii: "\n") ? 1 : end.utf8.count, .other)
        } else if matches("\\" + marks + "(", at: index) {
            modes.append(.code(parentheses: 1))
            take(2 + hashes, .other)
        } else if matches("\\" + marks, at: index) {
            take(2 + hashes, .literal)
        } else {
            take(1, .literal)
        }
    }
}
