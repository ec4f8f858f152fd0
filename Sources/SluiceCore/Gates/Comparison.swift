/// How the updated nodes are compared with themselves before, corrected by what the others did in the same time
/// (difference in differences).
public struct Comparison: Sendable, Hashable {
    /// Which direction is bad.
    public enum Worse: String, Sendable, Hashable, CaseIterable {
        case higher
        case lower
        case different
    }

    /// The label of the query's series whose value says the node: its name, or the address of its pod, which before and
    /// after is the same only with hostNetwork; a port behind it does not matter.
    public var nodeLabel: String
    /// The time before the wave that the updated nodes are compared with, in seconds.
    public var baselineSeconds: Int64
    /// Which direction is bad.
    public var worse: Worse
    /// The relative change that does not matter yet, above 0: 0.25 is a quarter more, or as much less as a quarter more is
    /// more (a fifth less).
    public var tolerance: Double
    /// A level below which nothing matters, in the metric's own unit; nil takes a twentieth of the fleet's mean.
    public var floor: Double?
    /// How improbable chance must be for the gate to fail.
    public var significance: Double
    /// How improbable a change beyond the tolerance must be for the gate to pass.
    public var assurance: Double

    /// How the updated nodes are compared.
    public init(
        worse: Worse, tolerance: Double, floor: Double? = nil, nodeLabel: String = "node",
        baselineSeconds: Int64 = 1_800,
        significance: Double = 0.01, assurance: Double = 0.05
    ) {
        self.nodeLabel = nodeLabel
        self.baselineSeconds = baselineSeconds
        self.worse = worse
        self.tolerance = tolerance
        self.floor = floor
        self.significance = significance
        self.assurance = assurance
    }
}

/// The two times that a comparison compares.
struct ComparisonSpans: Sendable, Hashable {
    /// Before the wave.
    var before: ClosedRange<Timestamp>
    /// Since the wave's nodes are up and warm.
    var after: ClosedRange<Timestamp>
}

/// A node that takes part in a comparison.
struct ComparedNode: Sendable, Hashable {
    var node: String
    /// The addresses of its pods.
    var addresses: [String]
    /// Whether it got the new version in between.
    var isUpdated: Bool
}

/// One node's level before and after its wave's update, in the metric's own unit.
public struct NodeLevel: Sendable, Hashable {
    /// The node's name.
    public var node: String
    /// Whether it got the new version in between; the others kept what they had, old or new.
    public var isUpdated: Bool
    /// The level before; nil when there is none.
    public var before: Double?
    /// The level after; nil when there is none.
    public var after: Double?

    /// One node's level before and after.
    public init(node: String, isUpdated: Bool, before: Double?, after: Double?) {
        self.node = node
        self.isUpdated = isUpdated
        self.before = before
        self.after = after
    }
}

extension Comparison {
    /// Judges.
    ///
    /// - Parameters:
    ///   - levels: each node once; a node whose version changed for another reason is left out.
    ///   - isFinal: whether the soak is over. Before, chance must be ten times as improbable, since there are many looks.
    ///   - mayComeLate: whether a series that is not there may only not have been scraped again yet.
    public func judge(_ levels: [NodeLevel], isFinal: Bool, mayComeLate: Bool = false) -> GateAssessment.Measurement {
        let missing = levels.filter { $0.isUpdated && $0.before != nil && $0.after == nil }.map(\.node).sorted()
        if !mayComeLate, let vanished = judgeVanished(levels, missing) { return vanished }
        let measurement = judgeLevels(levels, isFinal: isFinal)
        guard !missing.isEmpty else { return measurement }
        let unseen =
            "\(PlanText.count(missing.count, "updated node")) had a series before and none now "
            + "(\(RolloutMachine.names(missing)))"
        // Those that are seen say nothing about those that are not.
        switch measurement {
        case .good(let arithmetic): return .undecided("\(unseen); besides, \(arithmetic)")
        case .noData where mayComeLate: return .undecided(unseen)
        default: return measurement
        }
    }

    private func judgeLevels(_ levels: [NodeLevel], isFinal: Bool) -> GateAssessment.Measurement {
        let offset = offset(levels)
        let updated = changes(levels.filter(\.isUpdated), offset)
        let others = changes(levels.filter { !$0.isUpdated }, offset)
        guard let test = ShiftTest(updated, against: others) else {
            return updated.isEmpty ? .noData : .undecided("no other node was measured before and after")
        }
        let sides = "\(PlanText.count(updated.count, "updated node")) against \(others.count) others"
        let measurement = judge(test, sides, isFinal: isFinal)
        // While the soak lasts, time may tell.
        guard isFinal, case .undecided(let arithmetic) = measurement else { return measurement }
        return .undecided("\(arithmetic); \(advice(updated, against: others).sentence)")
    }

    /// A level that is added to both sides, so that what is next to nothing is no multiple of nothing.
    private func offset(_ levels: [NodeLevel]) -> Double {
        if let floor { return floor }
        let values = levels.flatMap { [$0.before, $0.after].compactMap { $0 } }
        let mean = values.isEmpty ? 0 : values.reduce(0) { $0 + abs($1) } / Double(values.count)
        return mean > 0 ? mean / 20 : 1
    }

    private func changes(_ levels: [NodeLevel], _ offset: Double) -> [Double] {
        levels.compactMap { level in
            guard let before = level.before, let after = level.after, before.isFinite, after.isFinite else {
                return nil
            }
            return Logarithm.of((max(0, after) + offset) / (max(0, before) + offset))
        }
    }

    /// A series that the update took away is no missing data: where the others still have theirs, it is a finding.
    private func judgeVanished(_ levels: [NodeLevel], _ vanished: [String]) -> GateAssessment.Measurement? {
        let updated = levels.filter { $0.isUpdated && $0.before != nil }
        let others = levels.filter { !$0.isUpdated && $0.before != nil }
        let stayed = others.count { $0.after != nil }
        guard !vanished.isEmpty, others.isEmpty ? vanished.count < updated.count : stayed * 10 >= others.count * 9
        else {
            return nil
        }
        let shown = RolloutMachine.names(vanished)
        return .bad(
            "the series of \(vanished.count) of \(updated.count) updated nodes vanished with the update (\(shown)); "
                + "\(stayed) of \(others.count) other nodes still have theirs")
    }

    /// Judges a test; `sides` says who was compared.
    func judge(_ test: ShiftTest, _ sides: String, isFinal: Bool) -> GateAssessment.Measurement {
        let margin = Logarithm.of(1 + tolerance)
        let sides = "\(Self.percent(test.estimate)) on \(sides)"
        let level = conviction / (isFinal ? 1 : Self.earlyCaution)
        let isHigher = worse != .lower && test.estimate > margin
        let isLower = worse != .higher && test.estimate < -margin
        let chance = isHigher ? test.probability(ofAtMost: 0) : test.probability(ofAtLeast: 0)
        if isHigher || isLower, chance <= level {
            let limit = Self.percent(isHigher ? margin : -margin)
            return .bad("\(sides), tolerance \(limit), p = \(Self.rounded(chance))")
        }
        let risk = max(
            worse == .lower ? 0 : test.probability(ofAtLeast: margin),
            worse == .higher ? 0 : test.probability(ofAtMost: -margin))
        let arithmetic = "\(sides), and a change beyond \(Self.percent(margin)) has p = \(Self.rounded(risk))"
        return risk <= assurance ? .good(arithmetic) : .undecided(arithmetic)
    }

    /// How many times as improbable chance must be while the soak lasts.
    static let earlyCaution = 10.0

    static func percent(_ change: Double) -> String {
        // Added to 0, a negative 0 is a positive one.
        let value = 0 + ((Logarithm.undone(change) - 1) * 1_000).rounded() / 10
        return "\(value < 0 ? "" : "+")\(value) %"
    }

    static func rounded(_ probability: Double) -> String {
        probability >= 0.001
            ? "\((probability * 1_000).rounded() / 1_000)" : "\((probability * 100_000).rounded() / 100_000)"
    }
}

extension Comparison {
    /// The tolerance of a plan that says none: half as much again.
    static let defaultTolerance = 0.5

    /// Reads `50%`; nil for anything else.
    static func tolerance(_ text: String) -> Double? {
        guard text.hasSuffix("%"), let percent = Int(text.dropLast()), (1...10_000).contains(percent),
            text.first != "+", text.first != "0"
        else { return nil }
        return Double(percent) / 100
    }
}
