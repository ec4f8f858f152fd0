/// One key of the plan file. The reader, the JSON Schema and the reference all come from these.
package struct PlanField: Sendable {
    /// The key.
    package var name: String
    /// What may stand behind it.
    package var type: PlanType
    /// Whether it must be there.
    package var isRequired: Bool
    /// What holds when it is left out, in words; nil when nothing does.
    package var defaultText: String?
    /// What it is for, in a sentence or two.
    package var summary: String

    init(_ name: String, _ type: PlanType, required: Bool = false, default text: String? = nil, _ summary: String) {
        self.name = name
        self.type = type
        isRequired = required
        defaultText = text
        self.summary = summary
    }
}

/// A mapping of the plan file with the keys that it may have.
package struct PlanSection: Sendable {
    /// Its name in the schema and the reference.
    package var name: String
    /// What it is for, in a sentence.
    package var summary: String
    /// Its keys, in the order of the reference.
    package var fields: [PlanField]
    /// Choices: keys of each of which exactly one must be there.
    package var exactlyOneOf: [[String]] = []

    /// The field of a key.
    package func field(_ name: String) -> PlanField? { fields.first { $0.name == name } }
}

/// What may stand behind a key.
package indirect enum PlanType: Sendable {
    /// A text that keeps a rule.
    case text(TextRule)
    /// One of several words.
    case choice([String])
    /// One of several words, or a mapping with fixed keys.
    case wordOr([String], PlanSection)
    /// A whole number.
    case whole(ClosedRange<Int64>)
    /// A count of nodes or a percentage; a count of 0 only when said so.
    case amount(zeroAllowed: Bool)
    /// A duration with units, in seconds.
    case duration(ClosedRange<Int64>)
    /// The word `true`: leaving the key out says the opposite.
    case onlyTrue
    /// A mapping of free keys to texts.
    case texts(key: TextRule, value: TextRule, atLeast: Int)
    /// A list.
    case list(PlanType, atLeast: Int)
    /// A mapping with fixed keys.
    case section(PlanSection)
}

/// The bounds of the numbers in a plan.
package enum PlanBounds {
    /// The largest count of nodes that a plan may name.
    package static let nodes: Int64 = 1_000_000
    /// The longest duration, in seconds: 365 days.
    package static let seconds: Int64 = 31_536_000
    /// How often a soak may begin anew at most.
    package static let retries: Int64 = 100
    /// The largest factor between two durations.
    package static let factor: Int64 = 1_000
    /// The largest count of measurements, failures and restarts.
    package static let measurements: Int64 = 100_000
}
