import SluiceCore
import SluiceRunner
import SluiceStore

/// The rollout of the same DaemonSet that is not over yet, if there is one.
struct Predecessor {
    enum Relation {
        case none
        /// Of the same plan, and interrupted: it is gone on with.
        case samePlan(String)
        /// Of the same plan, and halted to be rolled back by its policy, which has not begun.
        case rollbackDue(RolloutState, RollbackPlan.Due)
        /// Another plan takes its place: it is halted, or undone.
        case replaced(String)
    }

    let store: Store
    let relation: Relation

    /// - Parameter undone: the rollout that the plan is the way back of; nil for any other plan.
    init(store: Store, daemonSetUID: String, planText: [UInt8], undone: String?) throws {
        self.store = store
        let open = try store.rollouts().first { $0.daemonSetUID == daemonSetUID && !$0.phase.isFinal }
        guard let open else {
            relation = .none
            return
        }
        if try store.isDriven(open.id) {
            throw CommandFailure(
                .otherDriver, "rollout \(open.id) of this DaemonSet is being driven by another process")
        }
        let isSamePlan = open.planText == planText
        if open.id == undone {
            relation = .replaced(open.id)
            return
        }
        if isSamePlan, let state = try store.load(open.id), let due = try WayBack.due(for: state) {
            relation = .rollbackDue(state, due)
            return
        }
        switch (open.phase, isSamePlan) {
        case (.halted, true):
            throw CommandFailure(
                .halted,
                lines: [
                    "rollout \(open.id) of this plan is halted: \(open.message)",
                    "`sluice resume \(open.id)` judges it anew, `sluice abort \(open.id)` gives it up",
                ])
        case (.halted, false): relation = .replaced(open.id)
        case (_, true): relation = .samePlan(open.id)
        case (_, false):
            throw CommandFailure(
                .usage,
                "rollout \(open.id) of this DaemonSet is not over; `sluice resume \(open.id)` goes on with it, "
                    + "`sluice abort \(open.id)` gives it up")
        }
    }

    /// The rollout whose place the new one takes; nil for none.
    var replaced: String? {
        guard case .replaced(let id) = relation else { return nil }
        return id
    }

    /// Keeps every other process of this machine from driving the rollout whose place the new one takes.
    ///
    /// - Returns: the lock, to be held until the new one is stored; nil when there is no such rollout.
    func lockReplaced() throws -> DriverLock? {
        guard let id = replaced else { return nil }
        guard let lock = try store.driverLock(for: id) else {
            throw CommandFailure(.otherDriver, "rollout \(id) of this DaemonSet is being driven by another process")
        }
        return lock
    }
}
