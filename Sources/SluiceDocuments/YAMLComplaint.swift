internal import SluiceCore
internal import Yams

/// Says in a plan author's words what Yams says in a parser's.
enum YAMLComplaint {
    /// The error to report for one that Yams threw.
    static func error(for error: YamlError, in text: YAMLText) -> DocumentError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return complaint(problem, context: context, at: mark, in: text)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "`\(text.restored($0))`" }.joined(separator: ", ")
            return DocumentError("\(names) stands more than once in this mapping", at: position(context.mark))
        case .memory:
            return tooDeep(or: .start, in: text)
        case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
            return DocumentError("the file could not be read as YAML: \(problem)", at: .start)
        case .no, .dataCouldNotBeDecoded:
            return DocumentError("the file could not be read as YAML", at: .start)
        }
    }

    private static func complaint(
        _ problem: String, context: YamlError.Context?, at mark: Mark, in text: YAMLText
    ) -> DocumentError {
        if problem.hasPrefix("Maximum nesting level") { return tooDeep(or: position(mark), in: text) }
        let firstLine = context.map { min($0.mark.line, mark.line) } ?? mark.line
        if let tab = text.indentingTab(fromLine: firstLine, toLine: mark.line) {
            return DocumentError("a tab in the indentation; YAML wants spaces", at: tab)
        }
        var sentence = "this is no YAML: \(problem)"
        if let context { sentence += " (\(context.text) that began at \(context.mark.line):\(context.mark.column))" }
        if let hint = hints[problem] { sentence += "; \(hint)" }
        return DocumentError(sentence, at: position(mark))
    }

    /// Yams stops long after the reader's own bound, so the place is looked for among the brackets.
    private static func tooDeep(or place: Document.Position, in text: YAMLText) -> DocumentError {
        YAMLConverter.tooDeep(at: text.bracketsExceeding(depth: YAMLReader.maxDepth) ?? place)
    }

    private static let hints = [
        "mapping values are not allowed in this context":
            "the line is indented too far, or a text with a colon needs quotes",
        "did not find expected key": "compare the indentation with the lines above",
        "did not find expected '-' indicator": "compare the indentation with the items above",
        "could not find expected ':'": "a colon is missing, or the text above has no closing quote",
        "found character that cannot start any token": "a text that begins with this character needs quotes",
        "did not find expected ',' or ']'": "a comma or a closing bracket is missing",
        "did not find expected ',' or '}'": "a comma or a closing brace is missing",
        "found unexpected end of stream": "a closing quote is missing",
    ]

    private static func position(_ mark: Mark) -> Document.Position {
        Document.Position(line: mark.line, column: mark.column)
    }
}
