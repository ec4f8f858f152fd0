extension RolloutState {
    /// The wave that waits for a person to approve it; nil when none does. A wave that has begun, also under a driver whose
    /// database was lost, waits no more. For the first wave the DaemonSet is not even patched before.
    public var waveToApprove: WaveRecord? {
        guard [.preparing, .updating].contains(rollout.phase), waves.indices.contains(rollout.waveIndex) else {
            return nil
        }
        let wave = waves[rollout.waveIndex]
        return wave.needsApproval && wave.approvedAt == nil && wave.status == .pending ? wave : nil
    }
}
