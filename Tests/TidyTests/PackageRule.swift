/// The targets of `Package.swift` and what they depend on, compared with the table of arrows.
enum PackageRule {
    /// One target's declaration.
    private struct Declaration {
        var name: String
        var dependencies: [String]
        var line: Int
    }

    /// Targets whose dependencies differ from the table, or that one of the two does not have.
    static func findings(in file: SourceFile, table: [String: Arrows.Row] = Arrows.table) -> [Finding] {
        let declared = declarations(in: file)
        var findings = declared.compactMap { declaration -> Finding? in
            guard let row = table[declaration.name] else {
                return Finding(file, line: declaration.line, "\(declaration.name) is not in the table of arrows")
            }
            guard declaration.dependencies.sorted() != row.dependencies.sorted() else { return nil }
            return Finding(
                file, line: declaration.line,
                "\(declaration.name) depends on \(declaration.dependencies.sorted()), the table of arrows says "
                    + "\(row.dependencies.sorted())")
        }
        for name in table.keys.sorted() where !declared.contains(where: { $0.name == name }) {
            findings.append(Finding(file, line: 1, "the table of arrows has \(name), the package does not"))
        }
        return findings
    }

    /// Targets that hold no product code and therefore no arrow.
    private static let ignored = ["CCurl", "SluiceBench", "SluiceCampaign", "SluiceJudge", "AuditJudge", "RealKills"]
    private static let openings = ["        target(", "        .target(", "        .executableTarget("]

    private static func declarations(in file: SourceFile) -> [Declaration] {
        let constants = constants(in: file)
        return file.lines.indices.compactMap { index in
            guard openings.contains(where: { file.lines[index].hasPrefix($0) }) else { return nil }
            let text = balanced(from: index, in: file)
            var strings = quoted(text)
            guard !strings.isEmpty else { return nil }
            let name = strings.removeFirst()
            guard !ignored.contains(name) else { return nil }
            let list = dependencyList(of: text)
            let names = constants.filter { Words.contains($0.key, in: list) }.flatMap(\.value)
            return Declaration(name: name, dependencies: quoted(list) + names, line: index + 1)
        }
    }

    /// The products behind names such as `let yams = Target.Dependency.product(name: "Yams", …)`.
    private static func constants(in file: SourceFile) -> [String: [String]] {
        var constants: [String: [String]] = [:]
        var current: String?
        for line in file.lines {
            let words = line.split(separator: " ")
            if line.hasPrefix("let "), words.count > 1 { current = String(words[1].prefix { $0 != ":" }) }
            if let current, let range = line.firstRange(of: "product(name: \"") {
                constants[current, default: []].append(String(line[range.upperBound...].prefix { $0 != "\"" }))
            }
            if line.hasPrefix("]") || line.hasPrefix("func ") { current = nil }
        }
        return constants
    }

    private static func balanced(from index: Int, in file: SourceFile) -> String {
        var depth = 0
        var text = ""
        for (line, code) in zip(file.lines[index...], file.code[index...]) {
            text += line + "\n"
            depth += code.count { $0 == "(" } - code.count { $0 == ")" }
            if depth <= 0 { break }
        }
        return text
    }

    /// What stands after `dependencies:`, or after the name in the short form, up to the settings and resources.
    private static func dependencyList(of text: String) -> String {
        let start: String.Index
        if let label = text.firstRange(of: "dependencies:") {
            start = label.upperBound
        } else {
            guard let comma = text.firstIndex(of: ","), !text.contains("path:") else { return "" }
            start = comma
        }
        let rest = text[start...]
        let end = rest.firstRange(of: "path:") ?? rest.firstRange(of: "swiftSettings:")
        return String(rest[..<(end?.lowerBound ?? rest.endIndex)])
    }

    private static func quoted(_ text: String) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    }
}
