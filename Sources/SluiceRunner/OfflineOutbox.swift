public import SluiceClients
public import SluiceCore
public import SluiceStore

/// Sends what a command wrote down about a rollout that nobody drives.
public enum OfflineOutbox {
    /// Sends the notifications of a rollout that wait, for at most ten seconds. The cluster is not touched: an Event waits
    /// for the DaemonSet's next driver, and so does whatever is not out by then.
    ///
    /// - Parameters:
    ///   - outside: made only when there is something to send.
    ///   - environment: looks up an environment variable.
    /// - Throws: `StoreError`, ``InvalidPlan`` when the stored plan cannot be read by this version, and what making the
    ///   outside throws.
    public static func send(
        of state: RolloutState, in store: Store, environment: @escaping (String) -> String?,
        outside makeOutside: () throws -> any Outside
    ) throws {
        let waiting = try store.unsentMessages(daemonSetUID: state.rollout.daemonSetUID)
        guard waiting.contains(where: { $0.message.address != .cluster }) else { return }
        let plan = try PlanLoader.load(state.rollout.planText, file: "the stored plan")
        let outside = try makeOutside()
        let outbox = OutboxSender(
            of: state.rollout, plan: plan, store: store, outside: outside, cluster: nil, environment: environment)
        let deadline = outside.now.monotonic + OutboxSender.patience
        outbox.advance()
        while !outbox.isIdle, outside.now.monotonic < deadline {
            for arrival in outside.poll(until: min(outbox.nextWake ?? deadline, deadline)) { outbox.receive(arrival) }
            outbox.advance()
        }
        let results = outbox.takeResults()
        try store.commit(
            RowChanges(), journal: results.journal, outbox: OutboxChanges(deliveries: results.deliveries),
            of: state.rollout.id, at: outside.now.wall)
    }
}
