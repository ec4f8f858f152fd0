import SluiceCore

/// Crashes a small run after its first step, after its second, and so on, until it ends without a crash. Every driver
/// after the first has the database alone.
public struct CrashSweep: Sendable {
    /// Where the run is crashed.
    public enum Place: Sendable, CaseIterable {
        /// At each look at the outside and each order.
        case beats
        /// At each change of the disk, so within commits too.
        case diskChanges
    }

    /// Which run is crashed.
    public enum Run: Sendable, CaseIterable {
        /// One that completes.
        case completion
        /// One that halts and is rolled back by its plan's policy.
        case rollback

        var scenario: Scenario {
            switch self {
            case .completion:
                return Setting(nodes: 4, soakSeconds: 30, restMore: Setting.approval).scenario(named: "a small rollout")
            case .rollback:
                let setting = Setting(
                    nodes: 3, soakSeconds: 5, timeoutSeconds: 20, newVersion: "never-ready@env=prod",
                    more: "onFailure: rollbackAll", restMore: ", failuresAllowed: 0", canaryNodes: 1)
                var scenario = setting.scenario(named: "a small rollout that is rolled back")
                scenario.planning.onFailure = .rollbackAll
                scenario.allow(.badVersion)
                return scenario
            }
        }
    }

    /// How many runs crashed.
    public private(set) var crashes = 0
    /// What must never happen and did, with the step at which the run was crashed.
    public private(set) var violations: [(step: Int, violation: Violation)] = []

    /// More steps than a small run has.
    private static let stepLimit = 20_000

    /// Sweeps over one place of a run, as the process being killed or the power failing.
    public init(_ run: Run, _ place: Place, powerFails: Bool) {
        var scenario = run.scenario
        scenario.approvalDelay = 2_000...2_000
        for step in 1...Self.stepLimit {
            let point = place == .beats ? Death.Point.beat(step) : .diskChange(UInt64(step - 1))
            scenario.deaths = [Death(point: point, crash: powerFails ? .powerCut : .kill)]
            scenario.healedAt = .max
            scenario.seed = UInt64(step)
            let run = SeedRun.run(scenario, trace: Trace(isOn: false))
            violations += run.violations.map { (step, $0) }
            if run.ending != Phase.completed.rawValue {
                violations.append((step, Violation(judge: "sweep", time: 0, message: "ended as \(run.ending)")))
            }
            guard run.tally.crashes > 0 else { return }
            crashes += 1
        }
    }
}
