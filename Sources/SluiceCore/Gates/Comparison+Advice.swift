/// What would help a comparison whose data cannot tell.
extension Comparison {
    /// What would help.
    public enum Advice: Sendable, Equatable {
        /// So many more updated nodes that do what the updated ones did, taken from the others.
        case moreUpdatedNodes(Int)
        /// The fleet is too small: no choice of updated nodes has enough alternatives. The most there are, and how many it
        /// takes.
        case fleetTooSmall(choices: Int, needed: Int)
        /// No number of updated nodes that was tried would tell: the nodes differ too much, or the change lies at the tolerance.
        case noNumber
    }

    /// The choices that it takes to pass: a probability of one in as many is small enough.
    var choicesToPass: Int { Self.choices(for: assurance) }
    /// The choices that it takes to fail, once the soak is over.
    var choicesToFail: Int { Self.choices(for: conviction) }
    /// How improbable chance must be to fail, once the soak is over. Two directions are two opportunities.
    var conviction: Double { worse == .different ? significance / 2 : significance }

    private static func choices(for level: Double) -> Int { Int((1 / level).rounded(.up)) }

    /// The most updated nodes that are tried, and the choices that are looked at for each number: the advice is rounded
    /// anyway, and a verdict waits for it.
    private static let mostTried = 256
    private static let choicesTried = 4_000

    /// What would help, by the test that judges, over nodes that are as many more copies of those at hand.
    ///
    /// - Parameters:
    ///   - updated: the changes of the updated nodes, as logarithms.
    ///   - others: those of the others.
    public func advice(_ updated: [Double], against others: [Double]) -> Advice {
        let all = updated.count + others.count
        let most = ShiftTest.choices(of: all / 2, outOf: all) ?? .max
        guard most >= choicesToPass else { return .fleetTooSmall(choices: most, needed: choicesToPass) }
        // Beyond the half there are fewer choices again, and it is no canary any more.
        let limit = min(all / 2, Self.mostTried)
        func tells(_ count: Int) -> Bool {
            guard
                let test = ShiftTest(
                    Self.spread(updated, over: count), against: Self.spread(others, over: all - count),
                    choiceLimit: Self.choicesTried)
            else { return false }
            switch judge(test, "", isFinal: true) {
            case .good, .bad: return true
            default: return false
            }
        }
        var (silent, step) = (0, 1)
        while updated.count + step <= limit {
            if tells(updated.count + step) {
                var (low, high) = (silent, step)
                while high - low > 1 {
                    let middle = (low + high) / 2
                    if tells(updated.count + middle) { high = middle } else { low = middle }
                }
                return .moreUpdatedNodes(high)
            }
            silent = step
            let next = all <= Self.fewNodes ? step + 1 : step * 2
            // The limit itself is tried too.
            step = updated.count + step < limit ? min(next, limit - updated.count) : next
        }
        return .noNumber
    }

    /// Up to so many nodes every number is tried.
    private static let fewNodes = 24

    /// As many values as wanted with the same mean and the same distribution: those at evenly spaced ranks.
    private static func spread(_ values: [Double], over count: Int) -> [Double] {
        guard !values.isEmpty, count > 0 else { return [] }
        let sorted = values.sorted()
        let taken = (0..<count).map { sorted[min(sorted.count - 1, (2 * $0 + 1) * sorted.count / (2 * count))] }
        let shift = mean(values) - mean(taken)
        return taken.map { $0 + shift }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}

extension Comparison.Advice {
    /// The end of a sentence.
    var sentence: String {
        switch self {
        case .moreUpdatedNodes(let count):
            "\(PlanText.count(count, "more updated node")) that did the same would tell"
        case .fleetTooSmall(let choices, let needed):
            "this fleet cannot be judged: it has \(PlanText.count(choices, "choice")) at most, and to pass takes \(needed)"
        case .noNumber:
            "more nodes would hardly tell: let it soak longer, or widen the tolerance"
        }
    }
}
