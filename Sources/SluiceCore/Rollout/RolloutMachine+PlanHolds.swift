/// What the plan itself has a rollout wait for, before it deletes anything: people.
extension RolloutMachine {
    /// The holds that the plan asked for.
    func planHolds() -> [Hold] {
        guard let wave = state.waveToApprove else { return [] }
        return [Hold(.approval, "wave \(wave.name) waits for `sluice approve \(state.rollout.id)`")]
    }

    /// Whether the plan has the rollout wait, so that no delete is near.
    var waitsForPlan: Bool { state.waveToApprove != nil }
}
