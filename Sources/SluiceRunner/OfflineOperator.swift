public import SluiceCore
public import SluiceStore

/// Does what a person asks of a rollout that nobody drives: the machine decides, the store keeps it, and the cluster is
/// not touched.
public enum OfflineOperator {
    /// Applies a request.
    ///
    /// - Returns: the rollout as it stands afterwards; nil when a live process drives it.
    /// - Throws: `StoreError`, or ``InvalidPlan`` when the stored plan cannot be read by this version.
    public static func apply(
        _ request: OperatorRequest, to id: String, in store: Store, at now: Moment
    ) throws -> RolloutState? {
        guard let lock = try store.driverLock(for: id) else { return nil }
        defer { withExtendedLifetime(lock) {} }
        return try applyUndriven(request, to: id, in: store, at: now)
    }

    /// Applies a request to a rollout that nobody drives, as whoever calls knows.
    ///
    /// - Returns: the rollout as it stands afterwards; nil when it is not in the store.
    /// - Throws: as ``apply(_:to:in:at:)``.
    public static func applyUndriven(
        _ request: OperatorRequest, to id: String, in store: Store, at now: Moment
    ) throws -> RolloutState? {
        guard let (state, step) = try decided(request, about: id, in: store, at: now) else { return nil }
        try store.commit(step.changes, journal: step.journal, outbox: step.outbox, of: id, at: now.wall)
        return state
    }

    /// What a request does to a rollout, still to be written down.
    ///
    /// - Returns: the rollout as it would stand, and the step to it; nil when it is not in the store.
    /// - Throws: as ``apply(_:to:in:at:)``.
    static func decided(
        _ request: OperatorRequest, about id: String, in store: Store, at now: Moment
    ) throws -> (state: RolloutState, step: RolloutStep)? {
        guard let state = try store.load(id) else { return nil }
        let plan = try PlanLoader.load(state.rollout.planText, file: "the stored plan")
        var machine = RolloutMachine(
            state: state, plan: plan, minReadySeconds: plan.readiness.minReadySeconds)
        let decision = machine.handle([.operatorAsked(request)], at: now)
        let messages = Announcement.messages(
            about: decision.journal, before: state.rollout.phase, in: machine.state, plan: plan)
        let step = RolloutStep(
            of: id, decision.changes, journal: decision.journal, outbox: OutboxChanges(new: messages))
        return (machine.state, step)
    }
}
