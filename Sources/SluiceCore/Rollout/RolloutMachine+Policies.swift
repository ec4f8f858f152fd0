/// What the plan wants done about a version that proved bad.
extension RolloutMachine {
    /// - Parameter gate: the gate that failed; nil when nodes did, or when a gate was in doubt.
    mutating func stop(for reason: Reason, _ message: String, wave: Int, gate: Gate?) {
        switch plan.policy(for: reason, planWave: state.waves[wave].planIndex, gate: gate) {
        case .halt: halt(reason, message, wave: wave)
        case .abort: abort(reason, message)
        case .rollbackAll: halt(reason, "\(message); what was updated is rolled back", wave: wave)
        case .rollbackWave: halt(reason, "\(message); what the wave updated is rolled back", wave: wave)
        }
    }
}

extension RolloutPlan {
    /// The policy for a failure of a wave: the gate's, else the wave's, else the plan's. Doubt never rolls back.
    func policy(for reason: Reason, planWave: Int, gate: Gate?) -> FailurePolicy {
        let wave = waves.indices.contains(planWave) ? waves[planWave].onFailure : nil
        let policy = gate?.onFailure ?? wave ?? onFailure
        guard policy.rollsBack else { return policy }
        return reason == .failuresExceeded || reason == .gateFailed ? policy : .halt
    }
}

extension RollbackPlan {
    /// What a halted rollout is to be rolled back for.
    public struct Due: Sendable, Equatable {
        /// The wave that failed, by its index.
        public var wave: Int
        /// Whether the nodes of earlier waves wait for an approval.
        public var isOfWave: Bool
    }

    /// Whether a rollout stands halted to be rolled back by its plan's policy; nil when it does not. It is derived from what
    /// is stored and not kept besides: a driver that dies between the halt and the way back leaves nothing undone for the
    /// next one.
    ///
    /// - Parameters:
    ///   - state: the rollout as stored.
    ///   - plan: its plan.
    public static func due(for state: RolloutState, plan: RolloutPlan) -> Due? {
        let rollout = state.rollout
        guard rollout.phase == .halted, let reason = rollout.reason, rollout.previousRevision != nil else { return nil }
        let wave: WaveRecord?
        var gate: Gate?
        switch reason {
        case .gateFailed:
            let failed = state.gates.last { $0.verdict == .failed }
            wave = failed.flatMap { failed in state.waves.first { $0.index == failed.wave } }
            let planWave = wave.map(\.planIndex) ?? -1
            let gates = plan.gates + (plan.waves.indices.contains(planWave) ? plan.waves[planWave].gates : [])
            gate = gates.first { $0.name == failed?.gate }
        case .failuresExceeded:
            let failed = Dictionary(grouping: state.nodes.values.filter { $0.status == .failed }) { $0.wave ?? -1 }
            wave = state.waves.first { (failed[$0.index]?.count ?? 0) > $0.failuresAllowed }
        default: return nil
        }
        guard let wave else { return nil }
        let policy = plan.policy(for: reason, planWave: wave.planIndex, gate: gate)
        return policy.rollsBack ? Due(wave: wave.index, isOfWave: policy == .rollbackWave) : nil
    }
}
