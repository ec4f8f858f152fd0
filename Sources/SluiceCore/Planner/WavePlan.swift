/// What a plan means on a given fleet: the result of planning, and what a person approves.
public struct WavePlan: Sendable, Equatable {
    /// One wave with its nodes in the order in which they are updated.
    public struct PlannedWave: Sendable, Equatable {
        /// The wave's name (with the label's value appended when the plan says `forEach`).
        public var name: String
        /// The index of the wave in the plan file, which says its gates and soak.
        public var planIndex: Int
        /// The nodes of each batch, in order.
        public var batches: [[String]]
        /// How long the wave is watched, in seconds.
        public var soakSeconds: Int64
        /// How many of its nodes may fail.
        public var failuresAllowed: Int
        /// Whether a person has to approve the wave before it begins.
        public var needsApproval: Bool
        /// Nodes of the wave that have the target revision already, sorted: nothing is done to them, but they are watched
        /// during the soak and count towards the wave's sample. They stand in ``WavePlan/excluded`` too.
        public var observed: [String]

        /// One wave.
        public init(
            name: String, planIndex: Int, batches: [[String]], soakSeconds: Int64, failuresAllowed: Int,
            needsApproval: Bool = false, observed: [String] = []
        ) {
            self.name = name
            self.planIndex = planIndex
            self.batches = batches
            self.soakSeconds = soakSeconds
            self.failuresAllowed = failuresAllowed
            self.needsApproval = needsApproval
            self.observed = observed
        }

        /// The nodes of the wave that are updated, in order; those that have to wait come last.
        public var nodes: [String] { batches.flatMap { $0 } }
    }

    /// A node that the plan does not touch, with the reason in one sentence.
    public struct Exclusion: Sendable, Equatable {
        /// Why a node is left out.
        public enum Kind: String, Sendable, Equatable {
            /// The DaemonSet does not run there.
            case notEligible
            /// Its pod already has the target revision.
            case alreadyUpdated
        }

        /// The node.
        public var node: String
        /// The kind of reason.
        public var kind: Kind
        /// The reason in one sentence.
        public var reason: String

        /// A node that is left out.
        public init(node: String, kind: Kind, reason: String) {
            self.node = node
            self.kind = kind
            self.reason = reason
        }
    }

    /// A node that belongs to a wave but cannot be updated at the moment; it is tried again at the end of its wave and
    /// of the rollout.
    public struct Deferral: Sendable, Equatable {
        /// The node.
        public var node: String
        /// The reason in one sentence.
        public var reason: String
        /// The reason as a word: `nodeNotReady`, `nodeBeingDeleted` or `wouldNotReturn`.
        public var cause: Reason

        /// A node that has to wait.
        public init(node: String, reason: String, cause: Reason = .nodeNotReady) {
            self.node = node
            self.reason = reason
            self.cause = cause
        }
    }

    /// A node that gains or loses its pod at once, outside the waves, because old and new template place differently.
    public struct PlacementChange: Sendable, Equatable {
        /// The node.
        public var node: String
        /// True when the node gains a pod, false when it loses its pod.
        public var gains: Bool
        /// The reason in one sentence.
        public var reason: String

        /// A node that gains or loses its pod.
        public init(node: String, gains: Bool, reason: String) {
            self.node = node
            self.gains = gains
            self.reason = reason
        }
    }

    /// How long the rollout will take, if nothing fails.
    public struct Estimate: Sendable, Equatable {
        /// Seconds, soaks included.
        public var seconds: Int64
        /// What the estimate rests on, in one sentence.
        public var basis: String

        /// How long the rollout will take.
        public init(seconds: Int64, basis: String) {
            self.seconds = seconds
            self.basis = basis
        }
    }

    /// The identity of what was approved, `sha256:` and 64 hexadecimal digits: over the plan's bytes, the DaemonSet's
    /// uid, the target template, and the nodes of every wave and batch.
    public var digest: String
    /// The hash of the target's revision; nil when the cluster has never seen the target template.
    public var updateRevision: String?
    /// The template that is rolled out.
    public var targetTemplate: PodTemplate
    /// Whether the DaemonSet must be patched: another image or another strategy.
    public var needsPatch: Bool
    /// The nodes that run the DaemonSet's pod or should, sorted.
    public var eligibleNodes: [String]
    /// The most nodes that may be without an available pod.
    public var maxUnavailable: Int
    /// When pods may be deleted.
    public var calendar: RolloutCalendar
    /// The waves in order. Waves without nodes are left out, and so are the first ones when all of their nodes have the
    /// target revision; the last of those stays to be watched, because nobody can see in the cluster whether its soak
    /// was over.
    public var waves: [PlannedWave]
    /// Nodes that are not touched, sorted by name.
    public var excluded: [Exclusion]
    /// Nodes that have to wait, sorted by name.
    public var deferred: [Deferral]
    /// Nodes that change outside the waves, sorted by name.
    public var placementChanges: [PlacementChange]
    /// What a person should know before saying yes.
    public var warnings: [String]
    /// How long it will take.
    public var estimate: Estimate
    /// How many nodes are expected to get the new version outside their wave; nil where the plan keeps them from it, or
    /// where nothing is to be done.
    public var expectedLeak: LeakEstimate?

    /// The result of planning.
    public init(
        digest: String, updateRevision: String?, targetTemplate: PodTemplate, needsPatch: Bool,
        eligibleNodes: [String], maxUnavailable: Int, calendar: RolloutCalendar = RolloutCalendar(),
        waves: [PlannedWave], excluded: [Exclusion],
        deferred: [Deferral], placementChanges: [PlacementChange], warnings: [String], estimate: Estimate,
        expectedLeak: LeakEstimate? = nil
    ) {
        self.digest = digest
        self.updateRevision = updateRevision
        self.targetTemplate = targetTemplate
        self.needsPatch = needsPatch
        self.eligibleNodes = eligibleNodes
        self.maxUnavailable = maxUnavailable
        self.calendar = calendar
        self.waves = waves
        self.excluded = excluded
        self.deferred = deferred
        self.placementChanges = placementChanges
        self.warnings = warnings
        self.estimate = estimate
        self.expectedLeak = expectedLeak
    }
}

/// The facts that planning starts from.
public struct FleetFacts: Sendable, Equatable {
    /// The DaemonSet.
    public var daemonSet: DaemonSet
    /// All nodes of the cluster.
    public var nodes: [Node]
    /// The pods that the DaemonSet's selector matches.
    public var pods: [Pod]
    /// The DaemonSet's revisions.
    public var revisions: [ControllerRevision]
    /// When they were read; nil when that is not known.
    public var readAt: Timestamp?

    /// The facts that planning starts from.
    public init(
        daemonSet: DaemonSet, nodes: [Node], pods: [Pod], revisions: [ControllerRevision], readAt: Timestamp? = nil
    ) {
        self.daemonSet = daemonSet
        self.nodes = nodes
        self.pods = pods
        self.revisions = revisions
        self.readAt = readAt
    }
}
