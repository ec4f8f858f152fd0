/// What a halt leaves for the person who is called: the facts as they stood right after it, gone an hour later.
public struct Evidence: Sendable {
    /// A node that is looked at.
    public struct Subject: Sendable, Equatable {
        /// Its part in the rollout.
        public var record: NodeRecord
        /// Whether it is looked at for comparison: it still runs the version before.
        public var isControl: Bool
    }

    /// What was found on a node.
    public struct NodeFacts: Sendable {
        /// The node.
        public var subject: Subject
        /// The Node object, as ``trimmed(node:)`` leaves it; nil when it could not be read.
        public var node: JSONValue?
        /// Its pods of the DaemonSet, as ``trimmed(pod:)`` leaves them.
        public var pods: [JSONValue] = []
        /// The events about these pods, one line each, the oldest first.
        public var events: [String] = []
        /// The last lines of their containers.
        public var logs: [ContainerLog] = []

        /// Nothing found yet.
        public init(_ subject: Subject) { self.subject = subject }
    }

    /// The last lines of a container, without what looks like a secret.
    public struct ContainerLog: Sendable, Equatable {
        /// The pod's name.
        public var pod: String
        /// The container's name.
        public var container: String
        /// Whether they are those of the run before the present one, which died.
        public var isPrevious: Bool
        /// The lines.
        public var text: String

        /// The last lines of a container.
        public init(pod: String, container: String, isPrevious: Bool, text: String) {
            self.pod = pod
            self.container = container
            self.isPrevious = isPrevious
            self.text = text
        }
    }

    /// The rollout as it halted.
    public var state: RolloutState
    /// The end of its journal, the oldest line first.
    public var journal: [JournalLine]
    /// The nodes that were looked at.
    public var nodes: [NodeFacts]
    /// What could not be read, and why; one sentence each.
    public var missing: [String]
    /// When it was gathered.
    public var gatheredAt: Timestamp

    /// What a halt leaves.
    public init(
        state: RolloutState, journal: [JournalLine], nodes: [NodeFacts], missing: [String], gatheredAt: Timestamp
    ) {
        self.state = state
        self.journal = journal
        self.nodes = nodes
        self.missing = missing
        self.gatheredAt = gatheredAt
    }

    /// The most nodes that are looked at because they speak for the halt, and for comparison.
    public static let subjectLimit = 5
    /// The most nodes that are looked at for comparison.
    public static let controlLimit = 2
    /// How many lines of the journal are kept.
    public static let journalLines = 50
    /// How many lines of a container are kept.
    public static let logLines = 50
    /// The most bytes of a container's lines.
    public static let logBytes = 64 << 10

    /// Which nodes to look at: the failed ones, else the updated ones of the current wave, whose gate was asked about them;
    /// and a few that have not been touched.
    public static func subjects(of state: RolloutState) -> [Subject] {
        let records = state.nodes.values.sorted {
            ($0.wave ?? .max, $0.position, $0.node) < ($1.wave ?? .max, $1.position, $1.node)
        }
        let failed = records.filter { $0.status == .failed }
        let updated = records.filter {
            $0.wave == state.rollout.waveIndex && ($0.status == .updated || $0.status == .replacing)
        }
        let witnesses = (failed.isEmpty ? updated : failed).prefix(subjectLimit)
        let controls = records.filter { $0.status == .pending }.prefix(controlLimit)
        return witnesses.map { Subject(record: $0, isControl: false) }
            + controls.map { Subject(record: $0, isControl: true) }
    }
}
