/// What a driver writes on the DaemonSet's Lease, so that any machine can see where the rollout stands, and a driver
/// without the database can carry on.
public struct RolloutCheckpoint: Sendable, Hashable {
    /// The rollout's name.
    public var rollout: String
    /// The digest of the plan file's bytes, `sha256:` and 64 hexadecimal digits.
    public var plan: String
    /// Where the rollout stands.
    public var phase: Phase
    /// The current wave's name; empty after the last one.
    public var wave: String
    /// When the current wave's soak began; nil outside a soak.
    public var soakStartedAt: Timestamp?

    /// The checkpoint of a state.
    ///
    /// - Parameter plan: the digest of the plan file's bytes, from ``digest(ofPlan:)``.
    public init(state: RolloutState, plan: String) {
        rollout = state.rollout.id
        self.plan = plan
        phase = state.rollout.phase
        let index = state.rollout.waveIndex
        wave = state.waves.indices.contains(index) ? state.waves[index].name : ""
        soakStartedAt = state.waves.indices.contains(index) ? state.waves[index].soakStartedAt : nil
    }

    /// Reads a Lease's annotations; nil when they are not a checkpoint.
    public init?(annotations: [String: String]) {
        guard let rollout = annotations["rollout"], let plan = annotations["plan"],
            let phase = annotations["phase"].flatMap(Phase.init(rawValue:))
        else { return nil }
        self.rollout = rollout
        self.plan = plan
        self.phase = phase
        wave = annotations["wave"] ?? ""
        soakStartedAt = annotations["soak-started"].flatMap { Timestamp(rfc3339: $0) }
    }

    /// The digest of a plan file's bytes.
    public static func digest(ofPlan text: [UInt8]) -> String {
        "sha256:" + SHA256.hexadecimal(SHA256.hash(text))
    }

    /// As annotations, without a prefix.
    public var annotations: [String: String] {
        [
            "rollout": rollout, "plan": plan, "phase": phase.rawValue, "wave": wave,
            "soak-started": soakStartedAt?.rfc3339Micro ?? "",
        ]
    }
}

extension RolloutState {
    /// Takes over from a checkpoint what the cluster does not show: that earlier waves have passed, and since when the
    /// current one has been soaking. Only for the same plan; a checkpoint of another one says nothing.
    ///
    /// - Returns: whether anything was taken over.
    public mutating func adopt(_ checkpoint: RolloutCheckpoint, at now: Timestamp) -> Bool {
        guard checkpoint.plan == RolloutCheckpoint.digest(ofPlan: rollout.planText),
            let index = waves.firstIndex(where: { $0.name == checkpoint.wave })
        else { return false }
        for earlier in 0..<index where !nodes.values.contains(where: { $0.wave == earlier && $0.status == .pending }) {
            guard rollout.waveIndex == earlier else { break }
            waves[earlier].status = .passed
            waves[earlier].passedAt = now
            rollout.waveIndex = earlier + 1
        }
        guard rollout.waveIndex == index, let since = checkpoint.soakStartedAt, since <= now,
            !nodes.values.contains(where: { $0.wave == index && $0.status.isUnsettled })
        else { return rollout.waveIndex > 0 }
        waves[index].status = .soaking
        waves[index].batchIndex = waves[index].batchCount
        waves[index].startedAt = since
        waves[index].soakStartedAt = since
        return true
    }
}
