extension RolloutState {
    /// The wave that waits for a person to approve it; nil when none does. A wave that has begun, also under a driver whose
    /// database was lost, waits no more.
    public var waveToApprove: WaveRecord? {
        guard rollout.phase == .updating, waves.indices.contains(rollout.waveIndex) else { return nil }
        let wave = waves[rollout.waveIndex]
        return wave.needsApproval && wave.approvedAt == nil && wave.status == .pending ? wave : nil
    }
}
