import SluiceCore
import Testing

@Suite("What many runs say together")
struct RehearsalReportTests {
    @Test(
        "A percentile is a number that was met, by nearest rank",
        arguments: [
            (1, 0, 1), (1, 100, 1), (100, 50, 50), (100, 95, 95), (100, 100, 100), (100, 0, 1), (3, 50, 2),
            (20, 95, 19),
            (4, 95, 4), (10, 51, 6), (10, 250, 10), (10, -5, 1),
        ] as [(Int64, Int, Int64)])
    func percentiles(count: Int64, percent: Int, expected: Int64) throws {
        let distribution = try #require(Distribution((1...count).reversed()))
        #expect(distribution.percentile(percent) == expected)
        #expect(distribution.least == 1 && distribution.greatest == count)
        #expect(distribution.mean == Double(count + 1) / 2)
    }

    @Test("Of no numbers nothing is said")
    func nothing() { #expect(Distribution([]) == nil) }

    private static func run(
        _ phase: Phase, _ reason: Reason? = nil, wave: String? = nil, seconds: Int64, peaks: [Int], reached: Int = 9
    ) -> RehearsalRun {
        RehearsalRun(
            phase: phase, reason: reason, wave: wave, duration: seconds * 1_000, peakBlind: peaks.reduce(0, +),
            peakBlindByZone: peaks, leaks: Int(seconds % 3), reached: reached)
    }

    static func empty() -> RehearsalReport {
        let plan = RolloutPlan(name: "p", daemonSet: "agent", waves: [])
        let waves = WavePlan(
            digest: "", updateRevision: nil, targetTemplate: PodTemplate(json: [:]), needsPatch: true,
            eligibleNodes: ["a", "b"], maxUnavailable: 1, waves: [], excluded: [], deferred: [], placementChanges: [],
            warnings: [], estimate: WavePlan.Estimate(seconds: 60, basis: ""))
        return RehearsalReport(
            plan: plan, waves: waves, namespace: "n", blindAtStart: 0, gates: [],
            assumptions: RehearsalReport.Assumptions(startSeconds: 2, startBasis: "assumed", stopSeconds: 1))
    }

    @Test("Durations are of completed runs alone, peaks of all, and endings come by frequency")
    func good() throws {
        var report = Self.empty()
        report.add(
            [
                Self.run(.halted, .failuresExceeded, wave: "canary", seconds: 5, peaks: [4, 0, 0]),
                Self.run(.completed, seconds: 100, peaks: [1, 2, 0]),
                Self.run(.completed, seconds: 300, peaks: [2, 1, 0]),
            ], zones: [("a", 5), ("b", 6), ("", 0)])
        let good = try #require(report.good)
        #expect(good.completed == 2 && good.runs == 3)
        #expect(good.duration?.values == [100_000, 300_000])
        #expect(good.peakBlind.values == [3, 3, 4])
        #expect(good.zones.map(\.name) == ["a", "b"], "a zone without eligible nodes is none of the rollout's")
        #expect(good.zones.map(\.peakBlind) == [4, 2])
        #expect(good.endings.map(\.runs) == [2, 1] && good.endings.map(\.phase) == [.completed, .halted])
    }

    @Test("A bad version that is not always stopped says so")
    func bad() throws {
        var report = Self.empty()
        let runs = [
            Self.run(.completed, seconds: 900, peaks: [1], reached: 60),
            Self.run(.halted, .failuresExceeded, wave: "canary", seconds: 30, peaks: [1], reached: 2),
            Self.run(.aborted, .gateFailed, wave: "rest", seconds: 50, peaks: [1], reached: 7),
            Self.run(.updating, wave: "rest", seconds: 99, peaks: [1], reached: 8),
        ]
        report.add(runs, bad: "flap", meaning: "", needsGate: false)
        let bad = try #require(report.bad.first)
        #expect(bad.halted == 2 && bad.runs == 4)
        #expect(bad.reached.percentile(50) == 7 && bad.reached.greatest == 60)
        #expect(bad.time?.values == [30_000, 50_000])
        #expect(bad.endings.count == 4)
    }
}
