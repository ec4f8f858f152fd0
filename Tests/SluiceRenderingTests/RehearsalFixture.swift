import SluiceCore

extension Fixtures {
    private static func run(
        _ phase: Phase, _ reason: Reason? = nil, wave: String? = nil, message: String = "", seconds: Int64,
        peaks: [Int], leaks: Int = 0, reached: Int, stale: Int = 0
    ) -> RehearsalRun {
        RehearsalRun(
            phase: phase, reason: reason, message: message, wave: wave, duration: seconds * 1_000,
            peakBlind: peaks.reduce(0, +), peakBlindByZone: peaks, leaks: leaks, reached: reached, stale: stale)
    }

    /// A rehearsal with everything in it that can be said.
    static let rehearsal: RehearsalReport = {
        let unnamed = String(repeating: "a-very-long-gate-name-", count: 3)
        var report = RehearsalReport(
            plan: RolloutPlan(name: "node-exporter", daemonSet: "node-exporter", waves: []), waves: plan,
            namespace: "monitoring", blindAtStart: 2,
            gates: [
                .init(name: "scraped", isModelled: true),
                .init(name: unnamed, isModelled: false, reason: "the model does not understand the query"),
            ],
            assumptions: .init(
                startSeconds: 12, startBasis: "the median of 55 pods", stopSeconds: 5, churnPercentPerDay: 0.5))
        report.add(
            [
                run(.completed, seconds: 2_520, peaks: [2, 3, 0, 0, 1], leaks: 1, reached: 60, stale: 1),
                run(.completed, seconds: 2_690, peaks: [3, 3, 0, 0, 0], reached: 60, stale: 1),
                run(
                    .halted, .budgetWaitExceeded, wave: "rest",
                    message: "waited 1800 s for the budget (6); it is held by node-0001", seconds: 2_000,
                    peaks: [1, 1, 0, 0, 0], reached: 31, stale: 29),
            ], zones: [("eu-west-1a", 20), ("eu-west-1b", 20), ("eu-west-1c", 10), ("eu-west-1d", 8), ("", 2)])
        report.add(
            (0..<3).map { run(.halted, .failuresExceeded, wave: "canary", seconds: 31 + $0, peaks: [1], reached: 1) },
            bad: "crash-loop", meaning: "crashes as soon as it runs, again and again", needsGate: false)
        report.add(
            [
                run(.halted, .gateFailed, wave: "everything-else-in-the-fleet", seconds: 900, peaks: [1], reached: 7),
                run(.completed, seconds: 2_500, peaks: [1], reached: 60),
            ], bad: "oom-killed", meaning: "is OOM-killed every 600 s", needsGate: false)
        report.add(
            [run(.completed, seconds: 2_500, peaks: [1], reached: 60)], bad: "silent",
            meaning: "is Ready, but its target is down", needsGate: true)
        return report
    }()
}
