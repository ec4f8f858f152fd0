public import SluiceCore
import SluiceRunner

/// One run from its beginning to its verdict.
public struct SeedRun: Sendable {
    /// The run's name.
    public var name: String
    /// What must never happen and did; empty for a good run.
    public var violations: [Violation]
    /// The run in numbers.
    public var tally: Tally
    /// How it ended, in words.
    public var ending: String

    /// Carries the run of a seed out.
    ///
    /// - Parameter limit: until when it must have ended, in milliseconds of the run; nil leaves what the seed drew.
    public static func run(seed: UInt64, limit: Milliseconds? = nil, trace: Trace) -> SeedRun {
        var scenario = Scenario.drawn(seed: seed)
        if let limit { scenario.limit = min(limit, scenario.limit) }
        return run(scenario, trace: trace)
    }

    static func run(_ scenario: Scenario, trace: Trace) -> SeedRun {
        do {
            let world = try World(scenario, trace: trace)
            world.judges = judges(for: scenario)
            let hand = Hand(world)
            let (outcome, machine) = hand.run()
            let finished = machine.map(world.stored) ?? FinishedRun()
            for judge in world.judges { judge.runEnded(finished, in: world) }
            return SeedRun(scenario, world, finished, outcome)
        } catch {
            return SeedRun(
                name: scenario.name, violations: [Violation(judge: "scenario", time: 0, message: "\(error)")],
                tally: Tally(), ending: "never began")
        }
    }

    private init(_ scenario: Scenario, _ world: World, _ finished: FinishedRun, _ outcome: DriverOutcome?) {
        name = scenario.name
        violations = world.violations
        tally = world.tally
        tally.seeds = 1
        tally.nodes = scenario.fleet.nodes.count
        tally.fleetSizes[tally.nodes, default: 0] += 1
        tally.faultKinds[tally.faults.count, default: 0] += 1
        tally.virtualTime = world.time
        tally.drivers = world.processes.count - 1
        ending = Self.ending(finished, outcome)
        tally.endings[ending, default: 0] += 1
    }

    private init(name: String, violations: [Violation], tally: Tally, ending: String) {
        self.name = name
        self.violations = violations
        self.tally = tally
        self.ending = ending
    }

    private static func ending(_ finished: FinishedRun, _ outcome: DriverOutcome?) -> String {
        if let rollout = finished.state?.rollout {
            return rollout.phase.rawValue + (rollout.reason.map { " (\($0.rawValue))" } ?? "")
        }
        switch outcome {
        case .nothingToDo: return "nothing to do"
        case .refused(let refusal): return "refused: \(refusal.lines.first ?? "")"
        case .failed: return "failed"
        case .ended, .died, nil: return "unstored"
        }
    }

    private static func judges(for scenario: Scenario) -> [any Judge] {
        [
            BudgetJudge(), OnceJudge(), RevisionJudge(), LeaseJudge(), IntentJudge(), WaveJudge(), HoldJudge(),
            SoakJudge(), UpdateJudge(), LeakJudge(), StoreJudge(), JournalJudge(), ScopeJudge(), TrafficJudge(),
            EndJudge(), CoverageJudge(), RetryJudge(), IdleJudge(), ReportJudge(), MemoryJudge(), OutboxJudge(),
            UnwatchedJudge(), ParkingJudge(), BaselineJudge(), RollbackJudge(),
        ]
    }
}
