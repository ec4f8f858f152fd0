/// Nodes whose pod is gone and which get no new one: a refused creation leaves no pod that could say why, only events of
/// the DaemonSet. (kubernetes/pkg/controller/daemon, `FailedCreate`)
extension RolloutMachine {
    /// How long the controller may take to make a new pod before it is asked why, in milliseconds.
    static let creationPatience: Milliseconds = 5_000
    /// The shortest time between two such questions, in milliseconds. The longer no node lost its pod, the less news there
    /// can be: then it is half of that time.
    static let creationInterval: Milliseconds = 15_000
    /// How long a refused creation is tolerated before its node fails, in milliseconds: a webhook that restarts is not a
    /// bad version.
    static let creationTolerance: Milliseconds = 30_000

    /// Keeps since when a node that waits for its new pod has no pod at all.
    mutating func keepPodlessTime(_ name: String, _ record: NodeRecord?, hasPods: Bool) {
        guard record?.status == .replacing, !hasPods else {
            memory.podlessSince[name] = nil
            return
        }
        memory.podlessSince[name] = memory.podlessSince[name] ?? turn.now.monotonic
    }

    /// When a node without a pod must be looked at again.
    func podlessDue(_ name: String) -> [Milliseconds] {
        guard let since = memory.podlessSince[name] else { return [] }
        let nextLook = memory.creationAskedAt.map { $0 + creationPause } ?? 0
        return [max(since + Self.creationPatience, nextLook), since + Self.creationTolerance]
    }

    private var creationPause: Milliseconds {
        let latest = memory.podlessSince.values.max() ?? turn.now.monotonic
        return max(Self.creationInterval, (turn.now.monotonic - latest) / 2)
    }

    /// Asks why while a node lacks its new pod for longer than the controller needs.
    mutating func askForRefusal() {
        let now = turn.now.monotonic
        let podless = memory.podlessSince.filter { now - $0.value >= Self.creationPatience }.keys.min()
        guard let podless, let daemonSet = memory.daemonSet else { return }
        if let asked = memory.creationAskedAt, now - asked < creationPause { return }
        memory.creationAskedAt = now
        turn.effects.append(
            .readCreationRefusal(
                NewPod(
                    of: daemonSet, template: state.rollout.targetTemplate, revision: state.rollout.updateRevision,
                    node: podless)))
    }

    /// Takes in what was found; with a reason, the nodes without a pod are judged anew.
    mutating func creationRefusalRead(_ reason: String?) {
        memory.creationRefusal = reason
        turn.touched.formUnion(memory.podlessSince.keys)
    }
}
