/// A command that a person may want to type next.
public struct NextStep: Sendable, Hashable {
    /// The command, complete: it can be pasted into a shell.
    public var command: String
    /// What it does, in a few words.
    public var purpose: String

    /// A command that a person may want to type next.
    public init(_ command: String, _ purpose: String) {
        self.command = command
        self.purpose = purpose
    }

    /// The commands that make sense for a rollout as it stands, the most useful one first.
    ///
    /// - Parameter isRollbackDue: whether the plan of a halted rollout wants it rolled back.
    static func steps(for status: RolloutStatus, isRollbackDue: Bool = false) -> [NextStep] {
        switch status.phase {
        case .preparing, .updating, .soaking: underWay(status)
        case .halted where isRollbackDue:
            [NextStep("sluice resume \(status.id)", "rolls back, as the plan says; a rollback that was begun goes on")]
                + halted(status).filter { !$0.command.hasPrefix("sluice resume ") }
        case .halted: halted(status)
        case .completed: completed(status)
        case .aborted: [report(status, "which nodes run which version"), restore(status)]
        }
    }

    private static func underWay(_ status: RolloutStatus) -> [NextStep] {
        let id = status.id
        var steps: [NextStep] = []
        if status.holds.contains(where: { $0.kind == .annotation }) {
            let command = "kubectl annotate -n \(status.namespace) ds/\(status.daemonSet) sluice/pause-"
            steps.append(NextStep(command, "lifts the pause of the annotation"))
        }
        if status.holds.contains(where: { $0.kind == .approval }) {
            steps.append(NextStep("sluice approve \(id)", "lets wave \(status.wave ?? "") begin"))
        }
        switch status.driver {
        case .live:
            if status.pauseReason == nil {
                steps.append(NextStep("sluice status \(id) --watch", "follows the rollout"))
                steps.append(NextStep("sluice pause \(id)", "deletes nothing more until it is resumed"))
            } else {
                steps.append(NextStep("sluice resume \(id)", "lifts the pause"))
            }
        case .gone, .none:
            steps.append(NextStep("sluice resume \(id)", "drives the rollout on; nobody does at the moment"))
        }
        steps.append(NextStep("sluice abort \(id)", "gives the rollout up"))
        return steps
    }

    private static func halted(_ status: RolloutStatus) -> [NextStep] {
        var steps: [NextStep] = []
        if let failed = status.notes.first(where: { $0.status == .failed }) {
            let command =
                "kubectl get pods -n \(status.namespace) -o wide --field-selector spec.nodeName=\(failed.node)"
            steps.append(NextStep(command, "shows the pods of a failed node"))
            let which = "\(failed.node) --rollout \(status.id) --reason '...'"
            steps.append(NextStep("sluice retry \(which)", "has its pod made anew, once `resume` goes on"))
            steps.append(NextStep("sluice skip \(which)", "leaves the node out, once `resume` goes on"))
        }
        steps.append(NextStep("sluice history \(status.id)", "shows what happened"))
        if status.reason != .daemonSetGone, status.reason != .daemonSetReplaced {
            steps.append(NextStep("sluice resume \(status.id)", "goes on, once the cause is dealt with"))
        }
        steps.append(NextStep("sluice rollback \(status.id)", "puts the version before back"))
        steps.append(NextStep("sluice abort \(status.id)", "gives the rollout up, and leaves the pods as they are"))
        return steps
    }

    private static func completed(_ status: RolloutStatus) -> [NextStep] {
        let stale = status.nodes.total - status.nodes.updated
        guard stale > 0 else { return [report(status, "confirms that no node is stale"), restore(status)] }
        return [report(status, "names the nodes that are still stale, and why"), restore(status)]
    }

    private static func report(_ status: RolloutStatus, _ purpose: String) -> NextStep {
        NextStep("sluice report versions -n \(status.namespace) ds/\(status.daemonSet)", purpose)
    }

    /// OnDelete is left in place at the end; the patch keeps the parameters that the strategy had before.
    private static func restore(_ status: RolloutStatus) -> NextStep {
        let patch = #"{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}"#
        return NextStep(
            "kubectl patch -n \(status.namespace) ds/\(status.daemonSet) -p '\(patch)'",
            "gives the update strategy back to Kubernetes; stale nodes are then updated at once")
    }
}
