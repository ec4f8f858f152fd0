/// The fields of `status -o json`.
enum StatusField: String, DocumentField {
    case id, phase, reason, message, daemonSet, updateRevision, driver, holds, wave, nodes, waves, startedAt, changedAt
    case finishedAt, untold, next

    var meaning: String {
        switch self {
        case .id: "The rollout's name."
        case .phase: "Where the rollout stands, see Phases."
        case .reason: "Why it stands there, see Reasons; null when the phase speaks for itself."
        case .message: "The reason as a sentence; null when there is none."
        case .daemonSet: "The DaemonSet as `namespace/name`."
        case .updateRevision: "The hash of the target's revision; null until the controller has recorded it."
        case .driver:
            "`live`: a driver is at work; `gone`: under way, but nobody drives it; `none`: halted or over."
        case .holds: "What keeps pods from being deleted at the moment."
        case .wave: "The current wave's name; null after the last one."
        case .nodes: "All nodes, counted; nodes that left are in none of the numbers."
        case .waves: "The waves, in order."
        case .startedAt: "When the rollout began."
        case .changedAt: "When it last changed."
        case .finishedAt: "When it completed or was aborted; null before."
        case .untold: "Messages that nobody has got, oldest first: those that wait, and those that were given up."
        case .next: "The commands that make sense now, the most useful one first."
        }
    }
}

enum UntoldField: String, DocumentField {
    case event, destination, createdAt, attempts, error, isGivenUp

    var meaning: String {
        switch self {
        case .event: "What it tells of, see Notifications."
        case .destination: "The destination's name in the plan; null for an Event on the DaemonSet."
        case .createdAt: "When it was written down."
        case .attempts: "How often it was tried in vain."
        case .error: "Why the last try failed; null when none was made."
        case .isGivenUp:
            "Whether it is not tried any more. What waits is tried by the DaemonSet's driver, or its next one."
        }
    }
}

enum HoldField: String, DocumentField {
    case kind, reason, since

    var meaning: String {
        switch self {
        case .kind: "The kind, see Holds."
        case .reason: "The reason in one sentence, with names."
        case .since: "Since when a hold of this kind has stood; null where it was not kept."
        }
    }
}

enum NodeCountField: String, DocumentField {
    case total, updated, pending, inFlight, deferred, skipped, failed, leaked

    var meaning: String {
        switch self {
        case .total: "The sum of `updated`, `pending`, `inFlight`, `deferred`, `skipped` and `failed`."
        case .updated: "Nodes with an available pod of the target revision, however they got it."
        case .pending: "Nodes whose turn has not come."
        case .inFlight: "Nodes whose old pod is going or gone and whose new pod is not available yet."
        case .deferred: "Nodes that cannot be updated at the moment."
        case .skipped: "Nodes that a person left out."
        case .failed: "Nodes that failed."
        case .leaked: "Nodes that got the target revision outside their wave; also counted where they stand."
        }
    }
}

enum StatusWaveField: String, DocumentField {
    case name, status, nodes, updated, pending, inFlight, deferred, skipped, failed, batch, batches, soakSeconds
    case soakEndsAt, needsApproval, approvedAt, approvedBy, gates

    var meaning: String {
        switch self {
        case .name: "The wave's name."
        case .status: "`pending`, `updating`, `soaking` or `passed`."
        case .nodes: "The number of its nodes."
        case .updated: "As in `nodes.updated`."
        case .pending: "As in `nodes.pending`."
        case .inFlight: "As in `nodes.inFlight`."
        case .deferred: "As in `nodes.deferred`."
        case .skipped: "As in `nodes.skipped`."
        case .failed: "As in `nodes.failed`."
        case .batch:
            "The current batch, from 1; 0 before the wave began; one more than `batches` in the last round, "
                + "for deferred nodes and for nodes that top the wave up."
        case .batches: "The number of batches."
        case .soakSeconds: "How long the wave is watched, in seconds."
        case .soakEndsAt: "When the soak ends; null while it has not begun."
        case .needsApproval: "Whether a person has to approve it before it begins."
        case .approvedAt: "When it was approved; null while it has not been."
        case .approvedBy: "Who approved it; null while nobody has."
        case .gates: "Its gates, in the order of the plan."
        }
    }
}

enum StatusGateField: String, DocumentField {
    case name, verdict, message

    var meaning: String {
        switch self {
        case .name: "The gate's name."
        case .verdict:
            "`running`, `passed`, `failed`, `noData`, `inconclusive` (the data cannot tell) or `error` (could not be measured)."
        case .message: "The last measurement with its arithmetic; null before there is one."
        }
    }
}
