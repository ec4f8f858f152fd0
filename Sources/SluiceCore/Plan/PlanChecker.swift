/// Compares a document with the table of the plan's fields and collects everything that does not fit.
struct PlanChecker {
    private(set) var problems: [PlanProblem] = []

    /// Checks a value against what may stand at a path.
    mutating func check(_ value: Document, is type: PlanType, at path: String) {
        switch type {
        case .section(let section): check(value, has: section, at: path)
        case .list(let element, let atLeast):
            guard case .sequence(let elements) = value.content else { return expect("a list", value, at: path) }
            if elements.count < atLeast { report(value.position, path, "expected at least one item, found none") }
            for (index, item) in elements.enumerated() { check(item, is: element, at: "\(path)[\(index)]") }
        case .texts(let key, let text, let atLeast):
            guard case .mapping(let entries) = value.content else { return expect("a mapping", value, at: path) }
            if entries.count < atLeast { report(value.position, path, "expected at least one entry, found none") }
            for entry in entries {
                let entryPath = Self.path(path, entry.key)
                if let complaint = key.complaint(about: entry.key) {
                    report(entry.keyPosition, entryPath, "in the key: \(complaint)")
                }
                check(entry.value, is: .text(text), at: entryPath)
            }
        case .text(let rule):
            guard case .string(let text) = value.content else { return expectText(rule.expected, value, at: path) }
            if let complaint = rule.complaint(about: text) { report(value.position, path, complaint) }
        case .choice(let words): checkChoice(value, among: words, at: path)
        case .wordOr(let words, let section):
            if case .mapping = value.content { return check(value, has: section, at: path) }
            let keys = section.fields.map { "`\($0.name)`" }.joined(separator: ", ")
            checkChoice(value, among: words, or: ", or a mapping with \(keys)", at: path)
        case .whole(let range): checkWhole(value, in: range, at: path)
        case .amount(let zeroAllowed):
            if let complaint = PlanAmount.complaint(about: value, zeroAllowed: zeroAllowed) {
                report(value.position, path, complaint)
            }
        case .duration(let range): checkDuration(value, in: range, at: path)
        case .onlyTrue:
            guard value.content != .bool(true) else { return }
            report(
                value.position, path, "expected true, found \(Self.found(value)); leave the key out for the opposite")
        }
    }

    /// Notes a problem.
    mutating func report(_ position: Document.Position, _ path: String, _ message: String) {
        problems.append(PlanProblem(at: position, path: path, message))
    }

    private mutating func expect(_ expected: String, _ value: Document, at path: String) {
        let hint = value.content == .null ? "; give the key a value or remove it" : ""
        report(value.position, path, "expected \(expected), found \(Self.found(value))\(hint)")
    }

    private mutating func expectText(_ expected: String, _ value: Document, at path: String) {
        switch value.content {
        case .bool, .integer, .double:
            report(value.position, path, "expected a text, found \(Self.found(value)); put it in quotes")
        case .null, .sequence, .mapping, .string: expect(expected, value, at: path)
        }
    }

    private mutating func check(_ value: Document, has section: PlanSection, at path: String) {
        if section.name == PlanFields.secret.name, case .string = value.content {
            return report(value.position, path, PlanHints.inlineSecret)
        }
        guard case .mapping(let entries) = value.content else { return expect("a mapping", value, at: path) }
        for entry in entries {
            if let field = section.field(entry.key) {
                check(entry.value, is: field.type, at: Self.path(path, entry.key))
            } else {
                report(
                    entry.keyPosition, Self.path(path, entry.key), PlanHints.unknown(entry.key, in: section, at: path))
            }
        }
        let present = Set(entries.map(\.key))
        for field in section.fields where field.isRequired && !present.contains(field.name) {
            report(value.position, Self.path(path, field.name), "this key is missing: \(Self.lowered(field.summary))")
        }
        checkChoice(of: section, entries, value, at: path)
    }

    private mutating func checkChoice(
        of section: PlanSection, _ entries: [Document.Entry], _ value: Document, at path: String
    ) {
        for keys in section.exactlyOneOf {
            let names = keys.map { "`\($0)`" }.joined(separator: ", ")
            let chosen = entries.filter { keys.contains($0.key) }
            if chosen.isEmpty { report(value.position, path, "expected one of \(names), found none of them") }
            for extra in chosen.dropFirst() {
                report(
                    extra.keyPosition, Self.path(path, extra.key),
                    "expected only one of \(names), found `\(extra.key)` beside `\(chosen[0].key)`")
            }
        }
    }

    private mutating func checkChoice(
        _ value: Document, among words: [String], or another: String = "", at path: String
    ) {
        let expected = (words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))") + another
        guard case .string(let text) = value.content else { return expect(expected, value, at: path) }
        guard !words.contains(text) else { return }
        let nearest = words.count > 1 ? NearestKey.nearest(to: text, among: words) : nil
        let hint = nearest.map { "; did you mean \($0)?" } ?? ""
        report(value.position, path, "expected \(expected), found \(Self.found(value))\(hint)")
    }

    private mutating func checkWhole(_ value: Document, in range: ClosedRange<Int64>, at path: String) {
        if case .integer(let number) = value.content, range.contains(number) { return }
        expect("a whole number from \(range.lowerBound) to \(range.upperBound)", value, at: path)
    }

    private mutating func checkDuration(_ value: Document, in range: ClosedRange<Int64>, at path: String) {
        let expected = "a duration with units such as 90s, 5m, 1h30m or 7d"
        switch value.content {
        case .string(let text):
            guard let seconds = PlanDuration.seconds(text) else { return expect(expected, value, at: path) }
            if seconds < range.lowerBound {
                report(value.position, path, "expected at least \(PlanDuration.text(range.lowerBound)), found \(text)")
            } else if seconds > range.upperBound {
                let most = PlanDuration.text(range.upperBound)
                report(value.position, path, "expected at most \(most), found \(Self.found(value))")
            }
        case .integer(let number) where number >= 0:
            report(
                value.position, path, "expected \(expected), found the number \(number); write \(number)s for seconds")
        case .null, .bool, .integer, .double, .sequence, .mapping: expect(expected, value, at: path)
        }
    }
}

extension PlanChecker {
    /// A path with one more key; keys with dots or slashes stand in brackets, as in jq.
    static func path(_ path: String, _ key: String) -> String {
        let isPlain = key.utf8.allSatisfy { TextRule.isAlphanumeric($0) || "-_".utf8.contains($0) }
        if isPlain, !key.isEmpty { return path.isEmpty ? key : "\(path).\(key)" }
        return "\(path)[\"\(key)\"]"
    }

    /// What stands in a document, as the object of a sentence; long texts are cut.
    static func found(_ value: Document) -> String {
        switch value.content {
        case .bool(let bool): return "the boolean \(bool)"
        case .integer(let number): return "the number \(number)"
        case .double(let number):
            return abs(number) >= 9_223_372_036_854_775_808 ? "a number beyond 64 bits" : "the number \(number)"
        case .string(let text):
            if text.isEmpty { return "an empty text" }
            return text.count > 60 ? "`\(text.prefix(60))…`" : "`\(text)`"
        case .null, .sequence, .mapping: return value.kindName
        }
    }

    private static func lowered(_ summary: String) -> String {
        let text = summary.hasSuffix(".") ? String(summary.dropLast()) : summary
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
