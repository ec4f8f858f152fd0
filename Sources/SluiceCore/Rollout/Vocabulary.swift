/// A closed list of words that users and their scripts rely on. `docs/contract.md` is made from these.
public protocol ContractWord: CaseIterable, RawRepresentable where RawValue == String {
    /// What the word means, in one sentence.
    var meaning: String { get }
}

/// Where a rollout stands.
public enum Phase: String, Sendable, Hashable, ContractWord {
    /// Exits: updating, halted, aborted.
    case preparing
    /// Exits: soaking, completed, halted, aborted.
    case updating
    /// Exits: updating, completed, halted, aborted.
    case soaking
    /// Exits (only by a person): preparing, updating or soaking with `resume`, aborted.
    case halted
    /// No exits.
    case completed
    /// No exits.
    case aborted

    /// What the phase means, in one sentence.
    public var meaning: String {
        switch self {
        case .preparing: "The DaemonSet is being set to OnDelete and to the new template; no pod has been touched."
        case .updating: "Pods of the current wave are being deleted and replaced, within the budget."
        case .soaking: "All nodes of the current wave are settled; they are watched and its gates are measured."
        case .halted: "Stopped for a person; nothing more is deleted until `resume` or `abort`."
        case .completed: "Every wave has passed."
        case .aborted: "Given up by a person or by policy; nothing more will be deleted."
        }
    }

    /// Whether the rollout will never move again.
    public var isFinal: Bool { self == .completed || self == .aborted }
}

/// Where one node of a rollout stands.
public enum NodeStatus: String, Sendable, Hashable, ContractWord {
    /// Exits: deleting, replacing (leaked, or nothing to delete), deferred, skipped, left.
    case pending
    /// Exits: replacing, pending (nothing was sent), failed, skipped, left.
    case deleting
    /// Exits: updated, failed, pending (came back on another revision), deferred (would not return), skipped, left.
    case replacing
    /// Exits: replacing (lost its pod or its readiness), failed, left.
    case updated
    /// Exits: pending (tried again), replacing (leaked), skipped, left.
    case deferred
    /// Exits: replacing (judged anew after `resume`), pending (`retry`), skipped, left.
    case failed
    /// Exits (only by a person or by somebody else's hand): pending (`retry`), replacing (leaked), left.
    case skipped
    /// Exits: pending, replacing or updated (the node is there again).
    case left

    /// What the status means, in one sentence.
    public var meaning: String {
        switch self {
        case .pending: "Runs an older revision; its turn has not come."
        case .deleting: "The delete of its old pod is written down and on its way."
        case .replacing: "Its old pod is going or gone; the new one is not available yet."
        case .updated: "Runs an available pod of the target revision."
        case .deferred: "Cannot be updated at the moment; tried again at the end of its wave and of the rollout."
        case .failed: "Its new pod or the node itself failed after the update."
        case .skipped:
            "A person left it out (`sluice skip`): not touched, and counted neither as failed nor in the budget."
        case .left: "The node is gone or no longer runs the DaemonSet."
        }
    }

    /// Whether the wave still waits for the node.
    public var isUnsettled: Bool {
        switch self {
        case .pending, .deleting, .replacing: true
        case .updated, .deferred, .failed, .skipped, .left: false
        }
    }
}

/// What a journal line, an event line of `run`, reports.
public enum JournalEvent: String, Sendable, Hashable, ContractWord {
    case started, resumed, patched, revisionFound, waveStarted, batchStarted, deleting, deleted, updated, unready
    case deferred, failed, recovered, left, leaked, joined, toppedUp, unobserved, soakStarted, measured, gatePassed
    case gateWarned, gateRetried, wavePassed, held, released, paused, unpaused, approved, skipped, retried, parked
    case unparked, imageChanged, configChanged, configUnseen, strategyChanged, halted, aborted, completed, interrupted,
        undelivered

    /// What the event means, in one sentence.
    public var meaning: String {
        switch self {
        case .started: "A rollout began."
        case .resumed: "A driver took the rollout up again."
        case .patched: "The DaemonSet was patched: OnDelete, and the new images if the plan names any."
        case .revisionFound: "The controller has recorded the target template; its revision hash is known."
        case .waveStarted: "A wave began."
        case .batchStarted: "A batch of the wave began."
        case .deleting: "A pod's delete was written down and sent."
        case .deleted: "The old pod is going or gone."
        case .updated: "The node's new pod is available."
        case .unready: "The node's new pod lost its readiness."
        case .deferred: "The node cannot be updated at the moment."
        case .failed: "The node failed."
        case .recovered: "A failed node's new pod became available."
        case .left: "The node is gone or no longer runs the DaemonSet."
        case .leaked: "The node got the target revision outside its wave."
        case .joined: "A node joined the fleet during the rollout; it gets the current template at once."
        case .toppedUp: "A node of a later wave was taken into this one, because one of its nodes left or was deferred."
        case .unobserved: "A wave passed without any updated node to watch."
        case .soakStarted: "The wave's soak began."
        case .measured: "A gate was measured."
        case .gatePassed: "A gate passed."
        case .gateWarned: "A gate had doubts that its policy turns into a warning."
        case .gateRetried: "A gate had doubts, and what it is measured in begins anew: its wave's soak, mostly."
        case .wavePassed: "The wave passed."
        case .held: "Something keeps further pods from being deleted."
        case .released: "What kept pods from being deleted is over."
        case .paused: "A person paused the rollout."
        case .unpaused: "A person lifted the pause."
        case .approved: "A person approved the wave, so that it may begin."
        case .skipped: "A person left the node out."
        case .retried: "A person gave the node another try."
        case .parked: "The template before is put back, so that nodes outside the batch get the version before."
        case .unparked: "The target's template is put back for the next batch."
        case .imageChanged: "A node got another image under the same reference than the nodes before it."
        case .configChanged: "A ConfigMap or a Secret that the template reads is another one than before."
        case .configUnseen: "A ConfigMap or a Secret that the template reads cannot be looked at."
        case .strategyChanged: "Somebody changed the update strategy during the rollout."
        case .halted: "The rollout stopped for a person."
        case .aborted: "The rollout was given up."
        case .completed: "The rollout is complete."
        case .interrupted: "The driver was told to stop; the rollout can be resumed."
        case .undelivered: "A notification or an Event could not be delivered and was given up."
        }
    }
}

/// Why something stopped, failed or was put off.
public enum Reason: String, Sendable, Hashable, ContractWord {
    case failuresExceeded, leaksExceeded, imageChanged, configChanged, blocked
    case gateFailed, gateNoData, gateInconclusive, gateError
    case templateChanged, daemonSetGone, daemonSetReplaced
    case strategyChanged, budgetWaitExceeded, forbidden, patchRefused, revisionMissing, nothingObserved
    case operatorRequest, superseded
    case notAvailableInTime, restarted, oomKilled, imagePull, cannotStart, podFailed, unschedulable, noPod
    case stuckTerminating, nodeNotReady, nodePressure, unstable, slowStart
    case nodeBeingDeleted, wouldNotReturn, nodeGone, notEligible, alreadyUpdated
    case otherRevision, deferredNodes, signal, previousDriver

    /// What the reason means, in one sentence.
    public var meaning: String {
        switch self {
        case .failuresExceeded: "More nodes of a wave failed than the plan allows."
        case .leaksExceeded: "More nodes got the target revision outside their wave than the plan allows."
        case .imageChanged: "A node got another image under the same reference than the nodes before it."
        case .configChanged: "A ConfigMap or a Secret that the template reads changed."
        case .blocked: "A blocker is there whose policy is to halt."
        case .gateFailed: "A gate was measured and found bad more often than its failureLimit."
        case .gateNoData: "A gate got answers without data more often than its inconclusiveLimit."
        case .gateInconclusive: "A gate's data could not tell, after the soak, more often than its inconclusiveLimit."
        case .gateError: "A gate could not be measured more often than its consecutiveErrorLimit."
        case .templateChanged: "The DaemonSet's template became one that is neither the target nor known."
        case .daemonSetGone: "The DaemonSet does not exist any more or is being deleted."
        case .daemonSetReplaced: "The DaemonSet was deleted and made anew under its name."
        case .strategyChanged: "Somebody changed the update strategy, and the plan says halt."
        case .budgetWaitExceeded: "Nodes without an available pod used up the budget for longer than the plan allows."
        case .forbidden: "The API server refused a request for lack of rights."
        case .patchRefused: "The API server refused the patch of the DaemonSet."
        case .revisionMissing: "The controller did not record the new template in time."
        case .nothingObserved: "No node of a wave could be updated, so the wave proved nothing."
        case .operatorRequest: "A person asked for it."
        case .superseded: "A new rollout of the same DaemonSet took its place."
        case .notAvailableInTime: "The new pod was not available in time."
        case .restarted: "A container of the new pod restarted more often than allowed."
        case .oomKilled: "A container of the new pod was killed for lack of memory."
        case .imagePull: "The image of the new pod could not be pulled."
        case .cannotStart: "A container of the new pod cannot be started."
        case .podFailed: "The new pod failed as a whole, for instance evicted by its node."
        case .unschedulable: "The new pod could not be scheduled in time."
        case .noPod: "The controller made no new pod in time."
        case .stuckTerminating: "The old pod did not go in time."
        case .nodeNotReady: "The node is not Ready."
        case .nodePressure: "The node ran out of memory, disk or process ids after its pod was deleted."
        case .unstable: "The new pod lost its readiness again and again."
        case .slowStart: "The new pod took far longer to become Ready than the one before it on the same node."
        case .nodeBeingDeleted: "The node is being deleted."
        case .wouldNotReturn: "The node would not get its pod back after a delete."
        case .nodeGone: "The Node object is gone."
        case .notEligible: "The DaemonSet does not run on the node."
        case .alreadyUpdated: "The node's pod has the target revision already."
        case .otherRevision: "The new pod has another revision than the target."
        case .deferredNodes: "The rollout is done, but deferred or failed nodes still lack the target revision."
        case .signal: "The driver got a signal."
        case .previousDriver: "The driver before this one ended without finishing."
        }
    }
}

/// What keeps pods from being deleted at the moment.
public enum HoldKind: String, Sendable, Hashable, ContractWord {
    case paused, annotation, approval, window, freeze, blocker, lease, observation, disk, strategy, template, parking,
        budget
    case disruptionBudget, server, baseline, soak, gate

    /// What the hold means, in one sentence.
    public var meaning: String {
        switch self {
        case .paused: "A person paused the rollout (`sluice pause`)."
        case .annotation: "The DaemonSet carries the annotation `sluice/pause`."
        case .approval: "The wave waits for a person to approve it (`sluice approve`)."
        case .window: "No window of the plan is open."
        case .freeze: "The plan freezes these days."
        case .blocker: "A blocker of the plan is there, or cannot be looked for."
        case .lease: "This driver does not hold the DaemonSet's Lease."
        case .observation:
            "The watch on nodes, pods or the DaemonSet is being set up again, or a blocker or the template's "
                + "configuration is being looked at."
        case .disk: "The database cannot be written."
        case .strategy: "The update strategy is not OnDelete; it is being set again."
        case .template: "The DaemonSet's current template is a known one, but not the target."
        case .parking: "The target's template is put back for the next batch, or the controller has yet to see it."
        case .budget: "As many nodes as the budget allows are without an available pod."
        case .disruptionBudget: "A PodDisruptionBudget refuses the eviction."
        case .server: "The API server does not take the delete of a pod; it is sent again."
        case .baseline:
            "The wave is next, and a gate that reads the pods themselves first samples the level before it."
        case .soak: "The wave is being watched until its soak is over."
        case .gate: "A gate of the wave has not passed yet."
        }
    }
}

/// One reason not to delete a pod now.
public struct Hold: Sendable, Hashable {
    /// The kind.
    public var kind: HoldKind
    /// The reason in one sentence, with names.
    public var reason: String
    /// Since when it has stood; nil where nobody kept it.
    public var since: Timestamp?

    /// The hold as the journal tells of it.
    var journalText: String { "\(kind.rawValue): \(reason)" }

    /// One reason not to delete a pod now.
    public init(_ kind: HoldKind, _ reason: String, since: Timestamp? = nil) {
        self.kind = kind
        self.reason = reason
        self.since = since
    }
}
