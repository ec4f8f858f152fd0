/// How much is kept from turn to turn, for whoever watches that nothing grows without bound.
extension RolloutMachine {
    /// The number of entries of each collection in memory, by a name for it. The stored rollout is not among them.
    public var footprint: [String: Int] {
        [
            "nodes": view.nodes.count, "pods": view.podCount, "nodes with pods": view.nodesWithPods,
            "standings": ledger.counted, "revisions": memory.revisions.count,
            "waiting": memory.waitingSince.count, "podless": memory.podlessSince.count,
            "unproven": memory.unproven.count, "due": memory.dueAt.count, "in flight": memory.inFlight.count,
            "uncertain": memory.uncertain.count, "to retry": memory.retryAt.count, "refusals": memory.refusals.count,
            "broken": memory.brokenPending.count, "queued": memory.queues.values.reduce(0) { $0 + $1.count },
            "retried at the end": memory.finallyRetried.count, "measurements": memory.gates.out.count,
            "configuration": state.configs.count, "scrapes": memory.scrapes.readAt.count,
        ]
    }
}
