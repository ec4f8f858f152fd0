/// Why a query is not answered.
struct QueryError: Error, Sendable, CustomStringConvertible {
    var description: String

    init(_ what: String) {
        description =
            "\(what); the embedded cluster answers a selector like up{job=\"node-exporter\",node=~\"node-00.*\"} and "
            + "min, max, avg, sum or count over one"
    }
}

/// A query in one of the few forms that are served: a selector, or an aggregation over one.
struct MetricQuery {
    private enum Aggregation: String {
        case min, max, avg, sum, count
    }

    private struct Matcher {
        var label: String
        var isNegated: Bool
        var test: Test

        /// Decides on a label's value; an absent label is an empty value.
        func holds(_ value: String) throws(QueryError) -> Bool { try test.holds(value) != isNegated }
    }

    private enum Test {
        case words(Set<String>)
        case pattern(Regex<AnyRegexOutput>)

        /// A test for a fully anchored regular expression. Plain alternatives, such as a list of node names, are
        /// compared as text.
        init(pattern: String) throws(QueryError) {
            let plain = pattern.replacing("\\.", with: "\u{1}")
            if !plain.contains(where: { ".*+?()[]{}^$\\".contains($0) }) {
                let words = plain.replacing("\u{1}", with: ".").split(separator: "|", omittingEmptySubsequences: false)
                self = .words(Set(words.map(String.init)))
                return
            }
            do {
                self = .pattern(try Regex(pattern))
            } catch {
                throw QueryError("invalid regular expression \"\(pattern)\"")
            }
        }

        func holds(_ value: String) throws(QueryError) -> Bool {
            switch self {
            case .words(let words): return words.contains(value)
            case .pattern(let regex):
                do {
                    return try regex.wholeMatch(in: value) != nil
                } catch {
                    throw QueryError("a regular expression cannot be matched: \(error)")
                }
            }
        }
    }

    private let aggregation: Aggregation?
    private let matchers: [Matcher]

    init(_ text: String) throws(QueryError) {
        guard !text.isEmpty else { throw QueryError("invalid parameter \"query\": it is empty") }
        var reader = QueryReader(text)
        var name = reader.name()
        var aggregation: Aggregation?
        if reader.skip("(") {
            guard let known = Aggregation(rawValue: name) else { throw QueryError("unknown function \"\(name)\"") }
            aggregation = known
            name = reader.name()
        }
        var matchers: [Matcher] = []
        if !name.isEmpty { matchers.append(Matcher(label: "__name__", isNegated: false, test: .words([name]))) }
        if reader.skip("{") {
            while !reader.skip("}") {
                matchers.append(try Self.matcher(&reader))
                if !reader.skip(",") {
                    guard reader.skip("}") else { throw QueryError("expected \",\" or \"}\" \(reader.place)") }
                    break
                }
            }
        }
        if aggregation != nil, !reader.skip(")") { throw QueryError("expected \")\" \(reader.place)") }
        guard reader.isAtEnd, !matchers.isEmpty else { throw QueryError("unexpected text \(reader.place)") }
        self.aggregation = aggregation
        self.matchers = matchers
    }

    private static func matcher(_ reader: inout QueryReader) throws(QueryError) -> Matcher {
        let label = reader.name()
        guard !label.isEmpty else { throw QueryError("expected a label name \(reader.place)") }
        let isNegated: Bool
        let isPattern: Bool
        if reader.skip("=~") {
            (isNegated, isPattern) = (false, true)
        } else if reader.skip("!~") {
            (isNegated, isPattern) = (true, true)
        } else if reader.skip("!=") {
            (isNegated, isPattern) = (true, false)
        } else if reader.skip("=") {
            (isNegated, isPattern) = (false, false)
        } else {
            throw QueryError("expected one of =, !=, =~, !~ \(reader.place)")
        }
        guard let value = reader.string() else { throw QueryError("expected a quoted text \(reader.place)") }
        let test: Test = isPattern ? try Test(pattern: value) : .words([value])
        return Matcher(label: label, isNegated: isNegated, test: test)
    }

    private func matches(_ sample: Sample) throws(QueryError) -> Bool {
        for matcher in matchers where try !matcher.holds(sample.labels[matcher.label] ?? "") { return false }
        return true
    }

    func evaluate(_ samples: [Sample]) throws(QueryError) -> [Sample] {
        var selected: [Sample] = []
        for sample in samples where try matches(sample) { selected.append(sample) }
        guard let aggregation else { return selected }
        guard !selected.isEmpty else { return [] }
        let values = selected.map(\.value)
        let sum = values.reduce(0, +)
        let value =
            switch aggregation {
            case .min: values.reduce(.infinity, Swift.min)
            case .max: values.reduce(-.infinity, Swift.max)
            case .avg: sum / Double(values.count)
            case .sum: sum
            case .count: Double(values.count)
            }
        return [Sample(labels: [:], value: value)]
    }
}

/// Reads the tokens of a query.
private struct QueryReader {
    private let text: [Character]
    private var index = 0

    init(_ text: String) {
        self.text = Array(text)
        skipSpaces()
    }

    var isAtEnd: Bool { index == text.count }
    var place: String { isAtEnd ? "at the end" : "at character \(index + 1)" }

    mutating func skip(_ token: String) -> Bool {
        let wanted = Array(token)
        guard index + wanted.count <= text.count, Array(text[index..<(index + wanted.count)]) == wanted else {
            return false
        }
        index += wanted.count
        skipSpaces()
        return true
    }

    mutating func name() -> String {
        var name = ""
        while index < text.count, text[index].isLetter || text[index].isNumber || "_:".contains(text[index]) {
            name.append(text[index])
            index += 1
        }
        skipSpaces()
        return name
    }

    /// A text in single or double quotes; nil when there is none.
    mutating func string() -> String? {
        guard index < text.count, text[index] == "\"" || text[index] == "'" else { return nil }
        let quote = text[index]
        var rest = index + 1
        var value = ""
        while rest < text.count, text[rest] != quote {
            if text[rest] == "\\", rest + 1 < text.count {
                rest += 1
                switch text[rest] {
                case "n": value.append("\n")
                case "t": value.append("\t")
                default: value.append(text[rest])
                }
            } else {
                value.append(text[rest])
            }
            rest += 1
        }
        guard rest < text.count else { return nil }
        index = rest + 1
        skipSpaces()
        return value
    }

    private mutating func skipSpaces() {
        while index < text.count, text[index].isWhitespace { index += 1 }
    }
}
