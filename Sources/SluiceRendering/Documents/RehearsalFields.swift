/// The fields of `rehearse -o json`.
enum RehearsalField: String, DocumentField {
    case plan, daemonSet, nodes, blindAtStart, maxUnavailable, waves, estimateSeconds, good, bad, gates, assumptions

    var meaning: String {
        switch self {
        case .plan: "The plan's name."
        case .daemonSet: "The DaemonSet as `namespace/name`."
        case .nodes: "The number of nodes that run the DaemonSet's pod or should."
        case .blindAtStart: "How many of them had no Ready pod when the rollout began; the peaks do not count them."
        case .maxUnavailable: "The budget."
        case .waves: "The number of waves."
        case .estimateSeconds: "What `plan` estimates, in seconds."
        case .good: "What a good version did."
        case .bad: "What bad versions did, one object for each kind."
        case .gates: "The gates of the plan, and whether the model can answer them."
        case .assumptions: "What was assumed about the fleet."
        }
    }
}

enum GoodField: String, DocumentField {
    case runs, completed, seconds, peakBlind, zones, leaks, stale, endings

    var meaning: String {
        switch self {
        case .runs: "The number of runs."
        case .completed: "How many of them completed."
        case .seconds: "How long those took, in seconds; null when none completed."
        case .peakBlind: "The greatest number of nodes without a Ready pod at any moment of a run."
        case .zones: "The zones of the eligible nodes, sorted by name."
        case .leaks: "How many nodes got the new version outside their wave in a run."
        case .stale: "How many nodes were without an available pod of the new version at the end of a run."
        case .endings: "How the runs ended, the most frequent ending first."
        }
    }
}

enum DistributionField: String, DocumentField {
    case min, p50, p95, max, mean

    var meaning: String {
        switch self {
        case .min: "The smallest number of all runs."
        case .p50: "What half of the runs do not exceed."
        case .p95: "What 95 % of the runs do not exceed."
        case .max: "The greatest number of all runs."
        case .mean: "The arithmetic mean."
        }
    }
}

enum RehearsalZoneField: String, DocumentField {
    case zone, nodes, peakBlind

    var meaning: String {
        switch self {
        case .zone: "The node label `topology.kubernetes.io/zone`; null for nodes without it."
        case .nodes: "The number of its eligible nodes."
        case .peakBlind: "The greatest number of them without a Ready pod at any moment of any run."
        }
    }
}

enum EndingField: String, DocumentField {
    case phase, wave, reason, message, runs

    var meaning: String {
        switch self {
        case .phase: "The phase in which runs ended, see Phases; `updating` and the like when they never ended."
        case .wave: "The wave in which they stopped; null when they completed."
        case .reason: "Why, see Reasons; null when the phase speaks for itself."
        case .message: "The sentence of the first of these runs; null when there is none."
        case .runs: "The number of these runs."
        }
    }
}

enum BadField: String, DocumentField {
    case kind, meaning, runs, halted, reached, seconds, needsGate, endings

    var meaning: String {
        switch self {
        case .kind: "The kind, as `--bad` takes it."
        case .meaning: "What its pods do."
        case .runs: "The number of runs."
        case .halted: "How many of them were stopped before the end."
        case .reached: "How many nodes lost their old pod to the rollout or got a new one, until the end of a run."
        case .seconds: "The time from the beginning to the halt, in seconds; null when no run was stopped."
        case .needsGate: "Whether nothing but a gate can see it."
        case .endings: "How the runs ended, the most frequent ending first."
        }
    }
}

enum RehearsalGateField: String, DocumentField {
    case name, isModelled, reason

    var meaning: String {
        switch self {
        case .name: "The gate's name."
        case .isModelled: "Whether the model answers it; one that is not modelled passes whatever happens."
        case .reason: "Why it is not modelled; null when it is."
        }
    }
}

enum AssumptionField: String, DocumentField {
    case startSeconds, startBasis, stopSeconds, jitterPercent, churnPercentPerDay

    var meaning: String {
        switch self {
        case .startSeconds: "From the creation of a pod to Ready, in seconds, before jitter."
        case .startBasis: "Where that comes from."
        case .stopSeconds: "From the delete to the end of the containers, in seconds, before jitter."
        case .jitterPercent: "How far a delay may lie off its mean in both directions, in percent."
        case .churnPercentPerDay:
            "How many percent of the nodes are replaced, or lose their pod to somebody else, in a day."
        }
    }
}
