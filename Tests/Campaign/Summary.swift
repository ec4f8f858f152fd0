import Foundation
import SluiceSimulator

/// The figures of a campaign, and the floors below which it proves too little.
struct Summary {
    private let tally: Tally
    private let failures: [FailedSeed]
    private let seconds: Double

    /// A run of fewer seeds than this says nothing about rare things.
    private static let seedsForCoverage = 5_000
    private static let medianFleetFloor = 12
    private static let faultKindsFloor = 3

    init(_ tally: Tally, failures: [FailedSeed], seconds: Double) {
        self.tally = tally
        self.failures = failures
        self.seconds = seconds
    }

    /// Prints the figures; the exit code.
    func show() -> Int32 {
        print("")
        print("seeds \(tally.seeds) (\(rate(tally.seeds)) a second), virtual hours \(tally.virtualTime / 3_600_000)")
        print(
            "nodes \(tally.nodes) (median fleet \(tally.medianFleet)), node updates \(tally.deletes) "
                + "(\(rate(tally.deletes)) a second), requests \(tally.requests)")
        print(
            "drivers \(tally.drivers), crashes \(tally.crashes), kinds of faults in the median run \(tally.medianFaultKinds)"
        )
        print("faults: " + list(tally.faults))
        print("endings: " + list(tally.endings))
        print("peaks: " + list(tally.peaks))
        var missed: [String] = []
        if tally.medianFleet < Self.medianFleetFloor {
            missed.append("the median fleet has \(tally.medianFleet) nodes, wanted \(Self.medianFleetFloor)")
        }
        if tally.medianFaultKinds < Self.faultKindsFloor {
            missed.append(
                "the median run met \(tally.medianFaultKinds) kinds of faults, wanted \(Self.faultKindsFloor)")
        }
        if tally.seeds >= Self.seedsForCoverage {
            var all = tally
            for scenario in NamedScenario.all { all.add(scenario.run().tally) }
            missed += Coverage.missing(in: tally, all.transitions)
        }
        for line in missed { print("too little: \(line)") }
        print(failures.isEmpty ? "no violation" : "\(failures.count) seeds violated a rule")
        for failure in failures.prefix(20) { print(failure.text) }
        return failures.isEmpty && missed.isEmpty ? 0 : 1
    }

    private func rate(_ count: Int) -> String { String(format: "%.1f", Double(count) / max(seconds, 0.001)) }

    private func list(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(
            separator: ", ")
    }
}
