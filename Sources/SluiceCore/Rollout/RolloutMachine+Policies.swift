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
