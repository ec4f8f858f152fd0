/// What the plan wants done about a version that proved bad.
extension RolloutMachine {
    /// - Parameter gate: the gate that failed; nil when nodes did, or when a gate was in doubt.
    mutating func stop(for reason: Reason, _ message: String, wave: Int, gate: Gate?) {
        switch plan.policy(for: reason, planWave: state.waves[wave].planIndex, gate: gate) {
        case .halt: halt(reason, message, wave: wave)
        case .abort: abort(reason, message)
        case .rollbackAll: halt(reason, "\(message); what was updated is rolled back", wave: wave)
        }
    }
}

extension RolloutPlan {
    /// The policy for a failure of a wave: the gate's, else the wave's, else the plan's. Doubt never rolls back.
    func policy(for reason: Reason, planWave: Int, gate: Gate?) -> FailurePolicy {
        let wave = waves.indices.contains(planWave) ? waves[planWave].onFailure : nil
        let policy = gate?.onFailure ?? wave ?? onFailure
        guard policy == .rollbackAll else { return policy }
        return reason == .failuresExceeded || reason == .gateFailed ? policy : .halt
    }
}

extension RollbackPlan {
    /// Whether a rollout stands halted to be rolled back by its plan's policy. It is derived from what is stored and not
    /// kept besides: a driver that dies between the halt and the way back leaves nothing undone for the next one.
    ///
    /// - Parameters:
    ///   - state: the rollout as stored.
    ///   - plan: its plan.
    public static func isDue(for state: RolloutState, plan: RolloutPlan) -> Bool {
        let rollout = state.rollout
        guard rollout.phase == .halted, let reason = rollout.reason, rollout.previousRevision != nil else {
            return false
        }
        switch reason {
        case .gateFailed:
            guard let failed = state.gates.last(where: { $0.verdict == .failed }),
                state.waves.indices.contains(failed.wave)
            else { return false }
            let planWave = state.waves[failed.wave].planIndex
            let gates = plan.gates + (plan.waves.indices.contains(planWave) ? plan.waves[planWave].gates : [])
            let gate = gates.first { $0.name == failed.gate }
            return plan.policy(for: reason, planWave: planWave, gate: gate) == .rollbackAll
        case .failuresExceeded:
            let failed = Dictionary(grouping: state.nodes.values.filter { $0.status == .failed }) { $0.wave ?? -1 }
            let wave = state.waves.first { (failed[$0.index]?.count ?? 0) > $0.failuresAllowed }
            return wave.map { plan.policy(for: reason, planWave: $0.planIndex, gate: nil) == .rollbackAll } ?? false
        default: return false
        }
    }
}
