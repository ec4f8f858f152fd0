/// Lenient looks at a document: what does not fit is nil or empty, because the checker has complained about it already.
extension Document {
    /// The text of a string.
    var text: String? {
        if case .string(let text) = content { text } else { nil }
    }

    /// A whole number. Not inlined: the optimizer of Swift 6.3.1 crashes on it in `PlanReader.gate`.
    @inline(never) var whole: Int64? {
        if case .integer(let number) = content { number } else { nil }
    }

    /// The seconds of a duration.
    var seconds: Int64? { text.flatMap(PlanDuration.seconds) }

    /// One of a set of words.
    func word<Word: RawRepresentable<String>>() -> Word? { text.flatMap(Word.init(rawValue:)) }

    /// `halt`, `warn` or a mapping with `retry`.
    var doubtPolicy: Gate.DoubtPolicy? {
        switch text {
        case "halt": .halt
        case "warn": .warn
        default: self["retry"]?.whole.map { .retry(Int($0)) }
        }
    }

    /// The elements of a list.
    var elements: [Document] {
        if case .sequence(let elements) = content { elements } else { [] }
    }

    /// The entries of a mapping.
    var entries: [Entry] {
        if case .mapping(let entries) = content { entries } else { [] }
    }

    /// The entry of a key, with the key's place.
    func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }
}
