public import SluiceClients
public import SluiceCore
public import SluiceStore

/// Writes a new rollout down before anything is done.
public enum RolloutBeginning {
    /// Stores a rollout that was planned from a fleet's facts. Where an earlier driver's database is lost, its Lease says
    /// what the cluster cannot show.
    ///
    /// - Parameters:
    ///   - id: the rollout's name, unique in the database.
    ///   - earlier: the rollout of the DaemonSet that gives way to it, which nobody drives; it ends as superseded at the
    ///     moment in which the new one is stored, and not before.
    /// - Throws: `APIError`, `StoreError`, or ``InvalidPlan`` for a text that is no plan; nothing is stored then.
    public static func write(
        _ waves: WavePlan, planText: [UInt8], facts: FleetFacts, id: String, replacing earlier: String? = nil,
        in store: Store, client: KubernetesClient
    ) throws {
        let plan = try PlanLoader.load(planText, file: "the plan")
        let now = client.outside.now.wall
        var rollout = waves.makeState(
            id: id, clusterUID: try client.clusterUID() ?? "", planText: planText, facts: facts, at: now)
        var journal = [JournalLine(time: now, event: .started, message: "plan \(waves.digest)")]
        let daemonSet = facts.daemonSet
        let lease = try client.leaseCheckpoint(namespace: daemonSet.namespace, daemonSet: daemonSet.name)
        let checkpoint = lease.flatMap { RolloutCheckpoint(annotations: $0.values) }
        if let checkpoint, rollout.adopt(checkpoint, at: now) {
            journal.append(
                JournalLine(
                    time: now, event: .resumed, reason: .previousDriver,
                    message: "the Lease says that rollout \(checkpoint.rollout) of this plan had reached wave "
                        + checkpoint.wave))
        }
        let messages = Announcement.messages(about: journal, before: nil, in: rollout, plan: plan)
        let last = try earlier.flatMap {
            try OfflineOperator.decided(.supersede, about: $0, in: store, at: client.outside.now)?.step
        }
        try store.create(rollout, journal: journal, messages: messages, replacing: last)
    }
}
