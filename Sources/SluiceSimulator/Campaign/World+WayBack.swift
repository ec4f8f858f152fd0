import SluiceClients
import SluiceCore
import SluiceRunner
import SluiceStore

/// What judges know of a rollout that was begun: what it brings, and what its plan says.
struct Undertaking {
    /// The image that the nodes are to get.
    var target: String
    var planning: Scenario.PlannedBudget
    /// The rollout that it undoes, as it stood; nil for the scenario's own plan.
    var undone: RolloutState?
}

/// What `sluice run` and `sluice resume` do when a rollout has halted and its plan wants it rolled back.
extension World {
    /// What a process's rollout is for.
    func undertaking(of process: SimulatedProcess) -> Undertaking { undertaking(of: process.rollout ?? "") }

    func undertaking(of rollout: String) -> Undertaking {
        waysBack[rollout] ?? Undertaking(target: FleetSpec.newImage, planning: scenario.planning)
    }

    /// Drives a stored rollout until it stands still, and back where its plan says so.
    func driveThere(_ id: String, _ commands: Commands, isResuming: Bool) throws -> DriverOutcome {
        let (ending, state) = try run(id, commands, isResuming: isResuming)
        let process = commands.process
        guard case .stopped = ending, process.diedAt == nil, process.machine?.disk.hasStopped != true else {
            return .ended(ending, state)
        }
        process.leaveRollout()
        for judge in judges { judge.driverEnded(.ended(ending, state), by: process, in: self) }
        return try rollBack(state, commands) ?? .ended(ending, state)
    }

    /// Writes the way back of a halted rollout down in its place, and drives it.
    ///
    /// - Returns: nil when the plan wants none.
    func rollBack(_ undone: RolloutState, _ commands: Commands) throws -> DriverOutcome? {
        let (process, store, client) = (commands.process, commands.store, commands.client)
        let plan = try PlanLoader.load(undone.rollout.planText, file: "the stored plan")
        guard let due = RollbackPlan.due(for: undone, plan: plan),
            let file = RollbackPlan.text(undoing: undone, plan: plan, onlyWave: due.isOfWave ? due.wave : nil)
        else { return nil }
        trace.say(time, process.name, "rolling back rollout \(undone.rollout.id)")
        let text = Array(file.utf8)
        let written = try PlanLoader.load(text, file: "the way back")
        let (facts, waves) = try planned(text, client)
        guard !waves.waves.isEmpty || waves.targetTemplate != facts.daemonSet.template else { return .nothingToDo }
        let id = "back-\(process.name)"
        waysBack[id] = Undertaking(
            target: waves.targetTemplate.images.first?.image ?? "",
            planning: scenario.planning.wayBack(approvalFor: due.isOfWave ? written.waves.count - 1 : nil),
            undone: undone)
        try RolloutBeginning.write(
            waves, planText: text, facts: facts, id: id, replacing: undone.rollout.id, in: store, client: client)
        let (ending, state) = try run(id, commands, isResuming: false)
        return .ended(ending, state)
    }
}

extension Scenario.PlannedBudget {
    /// What is left of it on the way back: no soaks, gates, approvals, windows.
    ///
    /// - Parameter wave: the wave of the way back that waits for a person; nil for none.
    fileprivate func wayBack(approvalFor wave: Int?) -> Self {
        var planning = self
        planning.soaks = []
        planning.approvals = wave.map { [$0] } ?? []
        planning.baselines = [:]
        planning.parks = false
        planning.windows = []
        planning.frozen = nil
        return planning
    }
}
