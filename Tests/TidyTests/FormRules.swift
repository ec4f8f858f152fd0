/// Rules on form: lengths, leftovers, and promises to the compiler that need a proof.
enum FormRules {
    /// The most lines of a Swift file.
    static let maximumFileLines = 400
    /// The most columns of a line of code.
    static let maximumColumns = 120
    /// The most columns of a line with a comment or a literal: the formatter does not break those.
    static let maximumColumnsInAll = 130
    /// The most lines of a function, so that it fits on one screen.
    static let maximumFunctionLines = 60

    /// Put together here, so that this file does not find itself.
    private static let leftovers = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
    private static let placesOfWork = ["/wor" + "k/", "../sha" + "red", "/.libr" + "ary", ".libr" + "ary/"]

    /// Files that are too long, lines that are too wide.
    static func lengths(_ file: SourceFile) -> [Finding] {
        guard [".swift", ".sh", ".sql"].contains(where: file.path.hasSuffix) else { return [] }
        var findings: [Finding] = []
        for (index, line) in file.lines.enumerated() where line.count > maximumColumns {
            let hasText = ["\"", "//", "--", "#"].contains(where: line.contains)
            if line.count > (hasText ? maximumColumnsInAll : maximumColumns) {
                findings.append(Finding(file, line: index + 1, "\(line.count) columns; at most \(maximumColumns)"))
            }
        }
        if file.isSwift, file.lines.count > maximumFileLines + 1 {
            let message = "\(file.lines.count - 1) lines; at most \(maximumFileLines)"
            findings.append(Finding(file, line: maximumFileLines + 1, message))
        }
        return findings
    }

    /// Functions that do not fit on a screen. Braces are counted in code without comments and literals.
    static func functionLengths(_ file: SourceFile) -> [Finding] {
        guard file.isSwift, file.isProduct else { return [] }
        return file.code.indices.compactMap { start in
            let isFunction =
                Words.contains("func", in: file.code[start]) || Words.contains("init", in: file.code[start])
            guard isFunction, let length = bodyLength(from: start, in: file.code) else { return nil }
            guard length > maximumFunctionLines else { return nil }
            return Finding(file, line: start + 1, "a function of \(length) lines; at most \(maximumFunctionLines)")
        }
    }

    /// The lines from a declaration to its closing brace; nil when it has no body of its own.
    private static func bodyLength(from start: Int, in code: [String]) -> Int? {
        var depth = 0
        var hasBody = false
        for (offset, line) in code[start...].enumerated() {
            for character in line {
                if character == "{" { (depth, hasBody) = (depth + 1, true) }
                if character == "}" { depth -= 1 }
                if depth < 0 || (hasBody && depth == 0) { return hasBody ? offset + 1 : nil }
            }
            if !hasBody, line.allSatisfy({ $0 == " " }) { return nil }
        }
        return nil
    }

    /// Notes to oneself.
    static func leftovers(_ file: SourceFile) -> [Finding] {
        guard [".swift", ".sh", ".sql", ".md", ".yaml", ".yml"].contains(where: file.path.hasSuffix) else { return [] }
        return finding(leftovers, in: file, contains: Words.contains) { "`\($0)`: finish it, or leave it out" }
    }

    /// Paths of the place where somebody works, which mean nothing to anybody else.
    static func placesOfWork(_ file: SourceFile) -> [Finding] {
        finding(placesOfWork, in: file, contains: { $1.contains($0) }) { "`\($0)`: the project speaks of itself alone" }
    }

    /// Switching the compiler's checks off needs a comment beside it that proves it safe.
    static func uncheckedPromises(_ file: SourceFile) -> [Finding] {
        guard file.isSwift else { return [] }
        return file.code.indices.compactMap { index in
            let promise = ["@unchecked Sendable", "nonisolated(unsafe)"].first { file.code[index].contains($0) }
            guard let promise else { return nil }
            let near = file.lines[max(0, index - 1)...index]
            guard !near.contains(where: { $0.contains("//") }) else { return nil }
            return Finding(file, line: index + 1, "`\(promise)` without a comment that proves it safe")
        }
    }

    /// JSON whose keys come in another order each time.
    static func unsortedKeys(_ file: SourceFile) -> [Finding] {
        guard file.isSwift, file.isProduct, !file.code.contains(where: { $0.contains(".sortedKeys") }) else {
            return []
        }
        return finding(["JSONEncoder(", "JSONSerialization"], in: file, contains: Words.contains) {
            "`\($0)` without `.sortedKeys`"
        }
    }

    private static func finding(
        _ words: [String], in file: SourceFile, contains: (String, String) -> Bool, message: (String) -> String
    ) -> [Finding] {
        file.lines.enumerated().flatMap { index, line in
            words.filter { contains($0, line) }.map { Finding(file, line: index + 1, message($0)) }
        }
    }
}
