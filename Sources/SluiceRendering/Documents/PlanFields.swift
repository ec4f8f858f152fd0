/// The fields of `plan -o json`.
enum PlanField: String, DocumentField {
    case digest, daemonSet, images, updateRevision, needsPatch, eligibleNodes, maxUnavailable, windows, freeze
    case waves, excluded, deferred, placementChanges, warnings, estimate, expectedLeak, preflight

    var meaning: String {
        switch self {
        case .digest: "The identity of what is approved, for `run --digest`."
        case .daemonSet: "The DaemonSet as `namespace/name`."
        case .images: "The images of the target template, by container."
        case .updateRevision: "The hash of the target's revision; null when the cluster has never seen it."
        case .needsPatch: "Whether `run` patches the DaemonSet: another image or another update strategy."
        case .eligibleNodes: "The number of nodes that run the DaemonSet's pod or should."
        case .maxUnavailable: "The most nodes that may be without an available pod."
        case .windows: "When pods may be deleted; empty for always."
        case .freeze: "Days on which no pod is deleted."
        case .waves: "The waves, in order."
        case .excluded: "Nodes that are not touched, sorted by name."
        case .deferred: "Nodes that have to wait, sorted by name."
        case .placementChanges: "Nodes that gain or lose their pod at once, outside the waves, sorted by name."
        case .warnings: "What a person should know before saying yes, one sentence each."
        case .estimate: "How long the rollout takes if nothing fails."
        case .expectedLeak:
            "How many nodes are expected to get the new version outside their wave; null with `leak: park`, or when there is "
                + "nothing to do."
        case .preflight: "What the cluster says to the rollout before anything is touched, in order."
        }
    }
}

/// The fields of an image in every document.
enum ImageField: String, DocumentField {
    case container, image

    var meaning: String {
        switch self {
        case .container: "The container's name."
        case .image: "The image reference."
        }
    }
}

enum WindowField: String, DocumentField {
    case days, from, to, timeZone

    var meaning: String {
        switch self {
        case .days: "The days of the week on which it begins, as the plan names them."
        case .from: "When it begins, by the zone's clocks: `22:00`."
        case .to: "When it ends, on the next day when it is not later than `from`."
        case .timeZone: "The zone whose clocks count."
        }
    }
}

enum FreezeField: String, DocumentField {
    case from, to, reason, timeZone

    var meaning: String {
        switch self {
        case .from: "The first day: `2026-12-20`."
        case .to: "The last day, which is frozen too."
        case .reason: "Why; null when the plan does not say."
        case .timeZone: "The zone whose days they are."
        }
    }
}

enum PlanWaveField: String, DocumentField {
    case name, nodes, batches, soakSeconds, failuresAllowed, needsApproval, observed

    var meaning: String {
        switch self {
        case .name: "The wave's name."
        case .nodes: "The names of its nodes, in the order in which they are updated."
        case .batches: "The same names by batch: a list of lists."
        case .soakSeconds: "How long the wave is watched after its last node, in seconds."
        case .failuresAllowed: "How many of its nodes may fail."
        case .needsApproval: "Whether it begins only after `sluice approve`."
        case .observed: "Its nodes that have the target already, sorted: nothing is done to them, but they are watched."
        }
    }
}

enum ExcludedField: String, DocumentField {
    case node, reason, kind

    var meaning: String {
        switch self {
        case .node: "The node."
        case .reason: "Why it is left out, in one sentence."
        case .kind: "`notEligible` or `alreadyUpdated`."
        }
    }
}

enum DeferredField: String, DocumentField {
    case node, reason

    var meaning: String {
        switch self {
        case .node: "The node."
        case .reason: "Why it has to wait, in one sentence."
        }
    }
}

enum PlacementField: String, DocumentField {
    case node, gains, reason

    var meaning: String {
        switch self {
        case .node: "The node."
        case .gains: "True when it gains a pod, false when it loses its pod."
        case .reason: "Why, in one sentence."
        }
    }
}

enum EstimateField: String, DocumentField {
    case seconds, basis

    var meaning: String {
        switch self {
        case .seconds: "Seconds, soaks included."
        case .basis: "What the estimate rests on, in one sentence."
        }
    }
}

enum ExpectedLeakField: String, DocumentField {
    case nodes, basis

    var meaning: String {
        switch self {
        case .nodes: "The number of nodes, rounded; null when the fleet does not show it."
        case .basis: "What the number rests on, or why there is none, in one sentence."
        }
    }
}

enum PreflightField: String, DocumentField {
    case check, subject, outcome, message

    var meaning: String {
        switch self {
        case .check: "What was looked at."
        case .subject: "The right, the pod or the patch, in words."
        case .outcome: "What came of it."
        case .message: "The reason in one sentence; null when there is nothing to say."
        }
    }
}
