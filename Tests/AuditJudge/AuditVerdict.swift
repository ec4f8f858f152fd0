/// What an audit log says of all rollouts in it.
public struct AuditVerdict: Sendable {
    /// In order.
    public internal(set) var rollouts: [RolloutVerdict] = []
    /// Lines that a killed server left unfinished.
    public internal(set) var tornLines: Int
    /// What is wrong with the log as a whole.
    public internal(set) var violations: [String] = []

    /// Everything that is wrong, each with its rollout.
    public var allViolations: [String] {
        violations + rollouts.flatMap { rollout in rollout.violations.map { "\(rollout.image): \($0)" } }
    }
}

/// What an audit log says of one rollout.
public struct RolloutVerdict: Sendable {
    /// The image that it brought.
    public internal(set) var image: String
    /// Deletes and evictions that reached the API server.
    public internal(set) var deletesSent = 0
    /// Of these, those that the server refused (4xx): the pod was gone or was another one.
    public internal(set) var deletesRefused = 0
    /// Of these, those that the server did not live to answer.
    public internal(set) var deletesUnanswered = 0
    /// Pods that the judged user sent into termination.
    public internal(set) var podsEnded = 0
    /// Deletes of a pod beyond the first, refused ones left out.
    public internal(set) var repeatedDeletes = 0
    /// Pods that somebody else sent into termination.
    public internal(set) var endedByOthers = 0
    /// The most nodes without an available pod whenever the judged user took one away, that one included.
    public internal(set) var mostUnavailable = 0
    /// What must not be.
    public internal(set) var violations: [String] = []
}
