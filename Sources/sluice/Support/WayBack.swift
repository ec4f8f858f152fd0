import SluiceCore
import SluiceRunner

/// A revision that the database has kept.
struct KeptRevision {
    let hash: String
    let template: PodTemplate

    /// - Parameter wanted: the revision that is asked for; nil for the one before.
    init?(of rollout: RolloutRecord, _ wanted: String?) {
        guard let hash = rollout.previousRevision, let template = rollout.previousTemplate, wanted ?? hash == hash
        else { return nil }
        (self.hash, self.template) = (hash, template)
    }
}

/// The way back of a rollout: its plan, which is carried out like any other.
struct WayBack {
    let written: WrittenPlan
    /// The revision that it goes back to, as it was when the rollout was planned: the cluster may have forgotten it. Nil when
    /// it was not kept.
    let kept: KeptRevision?

    /// - Parameters:
    ///   - undone: the rollout that is undone.
    ///   - revision: the revision to go back to; nil takes the one before.
    ///   - maxUnavailable: the budget; nil takes that of ``RollbackPlan``.
    ///   - due: what the rollout's plan says; nil when a person asked.
    init(
        undoing undone: RolloutState, revision: String? = nil, maxUnavailable: Int? = nil, due: RollbackPlan.Due? = nil
    ) throws {
        let id = undone.rollout.id
        kept = KeptRevision(of: undone.rollout, revision)
        guard
            let text = RollbackPlan.text(
                undoing: undone, plan: try Self.plan(of: undone), revision: revision, maxUnavailable: maxUnavailable,
                onlyWave: due.flatMap { $0.isOfWave ? $0.wave : nil })
        else {
            throw CommandFailure(
                .failed,
                "no other revision ran when rollout \(id) was planned; --to-revision names one (`sluice report versions`)"
            )
        }
        let file = "the way back of rollout \(id)"
        let bytes = Array(text.utf8)
        written = WrittenPlan(plan: try PlanLoader.load(bytes, file: file), text: bytes, file: file)
    }

    /// Whether the plan of a halted rollout wants it rolled back, and how far.
    static func due(for state: RolloutState) throws -> RollbackPlan.Due? {
        guard state.rollout.phase == .halted else { return nil }
        return RollbackPlan.due(for: state, plan: try plan(of: state))
    }

    private static func plan(of state: RolloutState) throws -> RolloutPlan {
        try PlanLoader.load(state.rollout.planText, file: "the plan of rollout \(state.rollout.id)")
    }
}
