/// What `status` reports about a rollout: counted from its state, nothing stored.
public struct RolloutStatus: Sendable, Equatable {
    /// Whether somebody drives the rollout.
    public enum Driver: String, Sendable, Hashable, CaseIterable {
        /// A driver is at work.
        case live
        /// The rollout is under way, and nobody drives it: `resume` takes it up.
        case gone
        /// The rollout is halted or over and needs no driver.
        case none
    }

    /// How many nodes stand where. Nodes that left are in none of the numbers.
    public struct Counts: Sendable, Hashable {
        /// All nodes: the sum of updated, pending, in flight, deferred, skipped and failed.
        public var total = 0
        /// Nodes with an available pod of the target revision, however they got it.
        public var updated = 0
        /// Nodes whose turn has not come.
        public var pending = 0
        /// Nodes whose old pod is going or gone and whose new pod is not available yet.
        public var inFlight = 0
        /// Nodes that cannot be updated at the moment.
        public var deferred = 0
        /// Nodes that a person left out.
        public var skipped = 0
        /// Nodes that failed.
        public var failed = 0
        /// Nodes that got the target revision outside their wave; they also count where they stand.
        public var leaked = 0

        /// Nothing counted yet.
        public init() {}

        mutating func count(_ node: NodeRecord) {
            switch node.status {
            case .pending: pending += 1
            case .deleting, .replacing: inFlight += 1
            case .updated: updated += 1
            case .deferred: deferred += 1
            case .skipped: skipped += 1
            case .failed: failed += 1
            case .left: return
            }
            total += 1
            if node.isLeaked { leaked += 1 }
        }
    }

    /// One wave.
    public struct WaveLine: Sendable, Equatable {
        /// The wave's name.
        public var name: String
        /// Where the wave stands.
        public var status: WaveRecord.Status
        /// Its nodes, counted.
        public var nodes: Counts
        /// The current batch, from 1; 0 before the wave began, one more than ``batches`` in the last round, for deferred
        /// nodes and for nodes that top the wave up.
        public var batch: Int
        /// The number of batches.
        public var batches: Int
        /// How long the wave is watched, in seconds.
        public var soakSeconds: Int64
        /// When the soak ends; nil while it has not begun.
        public var soakEndsAt: Timestamp?
        /// Whether a person has to approve it before it begins.
        public var needsApproval: Bool
        /// When it was approved; nil while it has not been.
        public var approvedAt: Timestamp?
        /// Who approved it.
        public var approvedBy: String?
        /// Its gates, in the order of the plan.
        public var gates: [GateRecord]
    }

    /// A node that did not simply get its new pod.
    public struct NodeNote: Sendable, Equatable {
        /// The node.
        public var node: String
        /// Its wave's name; nil outside the waves.
        public var wave: String?
        /// Where it stands.
        public var status: NodeStatus
        /// Whether it got the target revision outside its wave.
        public var isLeaked: Bool
        /// Why it stands there.
        public var reason: Reason?
        /// The reason as a sentence: the stored one, else the meaning of the reason or of the status.
        public var message: String
        /// When its old pod was deleted by us.
        public var deletedAt: Timestamp?
    }

    /// The rollout's name.
    public var id: String
    /// The DaemonSet's namespace.
    public var namespace: String
    /// The DaemonSet's name.
    public var daemonSet: String
    /// Where the rollout stands.
    public var phase: Phase
    /// Why it stands there.
    public var reason: Reason?
    /// The reason as a sentence; empty when there is none.
    public var message: String
    /// Why a person paused the rollout; nil when it is not paused.
    public var pauseReason: String?
    /// What keeps pods from being deleted.
    public var holds: [Hold]
    /// The current wave's name; nil after the last one.
    public var wave: String?
    /// All nodes, counted.
    public var nodes: Counts
    /// The waves, in order.
    public var waves: [WaveLine]
    /// The hash of the target's revision; nil until the controller has recorded it.
    public var updateRevision: String?
    /// Whether somebody drives the rollout.
    public var driver: Driver
    /// When the rollout began.
    public var startedAt: Timestamp
    /// When it last changed.
    public var changedAt: Timestamp
    /// When it completed or was aborted.
    public var finishedAt: Timestamp?
    /// Nodes that are in flight, deferred, skipped, failed or leaked, sorted by name.
    public var notes: [NodeNote]
    /// The commands that make sense now, the most useful one first.
    public var next: [NextStep]
    /// Messages of this rollout that nobody has got, oldest first: those that wait, and those that were given up.
    public var untold: [OutboxRecord]
    /// When this was looked at; ages count from here.
    public var observedAt: Timestamp

    /// Counts a rollout's state.
    ///
    /// - Parameters:
    ///   - isDriven: whether a live driver holds the rollout.
    ///   - isRollbackDue: whether its plan wants it rolled back, see ``RollbackPlan/due(for:plan:)``.
    ///   - messages: the rollout's messages.
    public init(
        state: RolloutState, isDriven: Bool, isRollbackDue: Bool = false, messages: [OutboxRecord] = [], now: Timestamp
    ) {
        let rollout = state.rollout
        var all = Counts()
        var ofWave: [Int: Counts] = [:]
        var notes: [NodeNote] = []
        for node in state.nodes.values {
            all.count(node)
            if let wave = node.wave { ofWave[wave, default: Counts()].count(node) }
            if let note = NodeNote(node, waves: state.waves) { notes.append(note) }
        }
        id = rollout.id
        namespace = rollout.namespace
        daemonSet = rollout.daemonSet
        phase = rollout.phase
        reason = rollout.reason
        message = rollout.message.isEmpty ? rollout.reason?.meaning ?? "" : rollout.message
        pauseReason = rollout.pauseReason
        holds = rollout.phase.isFinal ? [] : rollout.holds
        wave = state.waves.first { $0.index == rollout.waveIndex }?.name
        nodes = all
        waves = state.waves.map { wave in
            WaveLine(
                wave, nodes: ofWave[wave.index] ?? Counts(), gates: state.gates.filter { $0.wave == wave.index })
        }
        updateRevision = rollout.updateRevision
        driver = isDriven ? .live : rollout.phase.isFinal || rollout.phase == .halted ? .none : .gone
        startedAt = rollout.createdAt
        changedAt = rollout.changedAt
        finishedAt = rollout.finishedAt
        self.notes = notes.sorted { $0.node < $1.node }
        untold = messages.filter { $0.delivery.sentAt == nil }
        observedAt = now
        next = []
        next = NextStep.steps(for: self, isRollbackDue: isRollbackDue)
    }
}

extension RolloutStatus.WaveLine {
    init(_ wave: WaveRecord, nodes: RolloutStatus.Counts, gates: [GateRecord]) {
        name = wave.name
        status = wave.status
        self.nodes = nodes
        batch = wave.status == .pending ? 0 : wave.batchIndex + 1
        batches = wave.batchCount
        soakSeconds = wave.soakSeconds
        soakEndsAt = wave.soakStartedAt.map { Timestamp($0.millisecondsSince1970 + wave.soakSeconds * 1_000) }
        needsApproval = wave.needsApproval
        approvedAt = wave.approvedAt
        approvedBy = wave.approvedBy
        self.gates = gates
    }
}

extension RolloutStatus.NodeNote {
    init?(_ node: NodeRecord, waves: [WaveRecord]) {
        switch node.status {
        case .deleting, .replacing, .deferred, .skipped, .failed: break
        case .pending, .updated: guard node.isLeaked else { return nil }
        case .left: return nil
        }
        self.node = node.node
        wave = waves.first { $0.index == node.wave }?.name
        status = node.status
        isLeaked = node.isLeaked
        reason = node.reason
        message = node.message.isEmpty ? node.reason?.meaning ?? node.status.meaning : node.message
        deletedAt = node.deletedAt
    }
}
