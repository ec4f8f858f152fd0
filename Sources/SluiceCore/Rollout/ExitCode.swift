/// What the program's exit status says; users and their scripts rely on the numbers.
public enum ExitCode: Int32, Sendable, Hashable, CaseIterable {
    case done = 0
    case failed = 1
    case halted = 2
    case waiting = 3
    case staleNodes = 4
    case thresholdExceeded = 5
    case aborted = 6
    case timeoutExpired = 7
    case rolledBack = 8
    case usage = 64
    case invalidPlan = 65
    case otherDriver = 75
    case hungUp = 129
    case interrupted = 130
    case terminated = 143

    /// What the exit code means, in one sentence.
    public var meaning: String {
        switch self {
        case .done: "Done, and no node is stale."
        case .failed: "The cluster, the database or the environment failed; the message says what is safe to do."
        case .halted: "Halted; a person is needed. `sluice status` says why."
        case .waiting:
            "Waiting, and `--no-wait` returned instead: a soak, an approval, a window, or another driver's Lease."
        case .staleNodes: "Done, but deferred nodes are still stale."
        case .thresholdExceeded: "A threshold was exceeded."
        case .aborted: "The rollout was given up."
        case .timeoutExpired: "`--timeout` expired; the rollout goes on unharmed."
        case .rolledBack: "The version proved bad, and the one before is back, as the plan's `onFailure` says."
        case .usage: "Wrong use of the command line."
        case .invalidPlan: "The plan is invalid, or does not fit the cluster; nothing was changed."
        case .otherDriver: "Another driver holds the rollout; the message names it."
        case .hungUp: "Hung up (SIGHUP); resumable with `sluice resume`."
        case .interrupted: "Interrupted (SIGINT, Ctrl-C); resumable with `sluice resume`."
        case .terminated: "Told to end (SIGTERM); resumable with `sluice resume`."
        }
    }

    /// The exit code of a driver that a signal stopped; nil for signals that do not stop it.
    public init?(signal: Int32) {
        switch signal {
        case 1: self = .hungUp
        case 2: self = .interrupted
        case 15: self = .terminated
        default: return nil
        }
    }
}
