/// What a matcher of a query demands of a label's value.
struct LabelMatcher {
    private enum Test {
        case words(Set<String>)
        /// Words, each with a port or without; whether some have one already.
        case addresses(Set<String>, withPorts: Bool)
        case pattern(Regex<AnyRegexOutput>)
    }

    let label: String
    private let podLabel: Scrape.Label?
    private let isNegated: Bool
    private let test: Test

    /// A matcher for exactly this value.
    init(_ label: String, is value: String, isNegated: Bool = false) {
        self.label = label
        podLabel = Scrape.Label(rawValue: label)
        self.isNegated = isNegated
        test = .words([value])
    }

    /// A matcher for a fully anchored regular expression. Plain alternatives, such as a list of node names or of
    /// addresses, are compared as text.
    init(_ label: String, pattern: String, isNegated: Bool) throws(QueryError) {
        self.label = label
        podLabel = Scrape.Label(rawValue: label)
        self.isNegated = isNegated
        let port = "(:[0-9]+)?"
        if let words = Self.alternatives(pattern[...]) {
            test = .words(words)
        } else if pattern.hasPrefix("("), pattern.hasSuffix(")" + port),
            let words = Self.alternatives(pattern.dropFirst().dropLast(1 + port.utf8.count))
        {
            test = .addresses(words, withPorts: words.contains { $0.utf8.contains(UInt8(ascii: ":")) })
        } else {
            do {
                test = .pattern(try Regex(pattern))
            } catch {
                throw QueryError("invalid regular expression \"\(pattern)\"")
            }
        }
    }

    /// The alternatives of a pattern that holds nothing else; nil for any other pattern.
    private static func alternatives(_ pattern: Substring) -> Set<String>? {
        var words: Set<String> = []
        var word: [UInt8] = []
        var rest = Array(pattern.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "|"):
                words.insert(String(decoding: word, as: UTF8.self))
                word = []
            case UInt8(ascii: "\\") where rest.first == UInt8(ascii: "."): word.append(rest.removeFirst())
            case UInt8(ascii: "[") where rest.starts(with: ".]".utf8):
                word.append(UInt8(ascii: "."))
                rest = rest.dropFirst(2)
            case _ where special.contains(byte): return nil
            default: word.append(byte)
            }
        }
        words.insert(String(decoding: word, as: UTF8.self))
        return words
    }

    private static let special = Array(".*+?()[]{}^$\\".utf8)

    /// Decides on a label's value; an absent label is an empty value.
    func holds(_ value: String) throws(QueryError) -> Bool { try isMet(by: value) != isNegated }

    /// Decides on a label of a pod's series.
    func holds(for pod: PodRecord) throws(QueryError) -> Bool {
        guard let podLabel else { return try holds("") }
        // The address alone decides where no port is asked for, and is cheaper than both together.
        if podLabel == .instance, case .addresses(let words, withPorts: false) = test {
            return words.contains(pod.podIP) != isNegated
        }
        return try holds(pod.label(podLabel))
    }

    private func isMet(by value: String) throws(QueryError) -> Bool {
        switch test {
        case .words(let words): return words.contains(value)
        case .addresses(let words, _):
            if words.contains(value) { return true }
            guard let colon = value.utf8.lastIndex(of: UInt8(ascii: ":")) else { return false }
            let port = value.utf8[value.utf8.index(after: colon)...]
            let isPort = !port.isEmpty && port.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return isPort && words.contains(String(value[..<colon]))
        case .pattern(let regex):
            do {
                return try regex.wholeMatch(in: value) != nil
            } catch {
                throw QueryError("a regular expression cannot be matched: \(error)")
            }
        }
    }
}
