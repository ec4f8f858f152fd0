/// A rollout as the database keeps it: one row.
public struct RolloutRecord: Sendable, Hashable {
    /// The rollout's name, unique in the database.
    public var id: String
    /// The uid of the cluster's kube-system namespace; empty when it may not be read. The DaemonSet's uid identifies the
    /// rollout: it is drawn at random, so no other cluster has it. This one only tells a wrong context from a new
    /// DaemonSet of the same name.
    public var clusterUID: String
    /// The DaemonSet's namespace.
    public var namespace: String
    /// The DaemonSet's name.
    public var daemonSet: String
    /// The DaemonSet's uid.
    public var daemonSetUID: String
    /// The plan file's bytes as they were read.
    public var planText: [UInt8]
    /// The digest of what was approved.
    public var planDigest: String
    /// The DaemonSet's template when the rollout was planned.
    public var baseTemplate: PodTemplate
    /// The template that is rolled out.
    public var targetTemplate: PodTemplate
    /// The hash of the target's revision; nil until the controller has recorded it.
    public var updateRevision: String?
    /// The hash of the revision that most pods ran when the rollout was planned; nil when there was none.
    public var previousRevision: String?
    /// The template of ``previousRevision``; nil when the cluster did not remember it when the rollout was planned.
    public var previousTemplate: PodTemplate?
    /// The most nodes that may be without an available pod.
    public var maxUnavailable: Int
    /// Where the rollout stands.
    public var phase: Phase
    /// Why it stands there, when halted, aborted or completed with stale nodes.
    public var reason: Reason?
    /// The reason as a sentence; empty when there is none.
    public var message: String
    /// The index of the current wave; equal to the number of waves after the last one.
    public var waveIndex: Int
    /// Why a person paused the rollout; nil when it is not paused.
    public var pauseReason: String?
    /// What keeps pods from being deleted, as of the last commit.
    public var holds: [Hold]
    /// When the rollout began.
    public var createdAt: Timestamp
    /// When it last changed.
    public var changedAt: Timestamp
    /// When it completed or was aborted.
    public var finishedAt: Timestamp?

    /// A rollout.
    public init(
        id: String, clusterUID: String, namespace: String, daemonSet: String, daemonSetUID: String,
        planText: [UInt8], planDigest: String, baseTemplate: PodTemplate, targetTemplate: PodTemplate,
        updateRevision: String? = nil, previousRevision: String? = nil, previousTemplate: PodTemplate? = nil,
        maxUnavailable: Int,
        phase: Phase = .preparing, reason: Reason? = nil, message: String = "", waveIndex: Int = 0,
        pauseReason: String? = nil, holds: [Hold] = [], createdAt: Timestamp, changedAt: Timestamp,
        finishedAt: Timestamp? = nil
    ) {
        self.id = id
        self.clusterUID = clusterUID
        self.namespace = namespace
        self.daemonSet = daemonSet
        self.daemonSetUID = daemonSetUID
        self.planText = planText
        self.planDigest = planDigest
        self.baseTemplate = baseTemplate
        self.targetTemplate = targetTemplate
        self.updateRevision = updateRevision
        self.previousRevision = previousRevision
        self.previousTemplate = previousTemplate
        self.maxUnavailable = maxUnavailable
        self.phase = phase
        self.reason = reason
        self.message = message
        self.waveIndex = waveIndex
        self.pauseReason = pauseReason
        self.holds = holds
        self.createdAt = createdAt
        self.changedAt = changedAt
        self.finishedAt = finishedAt
    }
}

/// A wave as the database keeps it: one row.
public struct WaveRecord: Sendable, Hashable {
    /// Where a wave stands.
    public enum Status: String, Sendable, Hashable {
        case pending, updating, soaking, passed
    }

    /// The wave's place in the rollout, from 0.
    public var index: Int
    /// The wave's name.
    public var name: String
    /// The index of the wave in the plan file, which says its gates.
    public var planIndex: Int
    /// The number of batches that were planned.
    public var batchCount: Int
    /// The number of nodes that were planned: a sample is topped up to it.
    public var plannedNodes: Int
    /// How long the wave is watched, in seconds.
    public var soakSeconds: Int64
    /// How many of its nodes may fail.
    public var failuresAllowed: Int
    /// Whether a person has to approve it before it begins.
    public var needsApproval: Bool
    /// When it was approved.
    public var approvedAt: Timestamp?
    /// Who approved it: a user's name on the machine where it was done.
    public var approvedBy: String?
    /// Where the wave stands.
    public var status: Status
    /// The current batch; `batchCount` is the last round, for deferred nodes and for nodes that top the wave up.
    public var batchIndex: Int
    /// When its first batch began.
    public var startedAt: Timestamp?
    /// When its soak began.
    public var soakStartedAt: Timestamp?
    /// When it passed.
    public var passedAt: Timestamp?

    /// A wave.
    public init(
        index: Int, name: String, planIndex: Int, batchCount: Int, plannedNodes: Int, soakSeconds: Int64,
        failuresAllowed: Int, needsApproval: Bool = false, approvedAt: Timestamp? = nil, approvedBy: String? = nil,
        status: Status = .pending, batchIndex: Int = 0, startedAt: Timestamp? = nil,
        soakStartedAt: Timestamp? = nil, passedAt: Timestamp? = nil
    ) {
        self.index = index
        self.name = name
        self.planIndex = planIndex
        self.batchCount = batchCount
        self.plannedNodes = plannedNodes
        self.soakSeconds = soakSeconds
        self.failuresAllowed = failuresAllowed
        self.needsApproval = needsApproval
        self.approvedAt = approvedAt
        self.approvedBy = approvedBy
        self.status = status
        self.batchIndex = batchIndex
        self.startedAt = startedAt
        self.soakStartedAt = soakStartedAt
        self.passedAt = passedAt
    }
}

/// A node's part in a rollout as the database keeps it: one row.
public struct NodeRecord: Sendable, Hashable {
    /// The node's name.
    public var node: String
    /// The index of its wave; nil for a node outside the waves: updated beforehand, or joined during the rollout.
    public var wave: Int?
    /// Its batch in the wave.
    public var batch: Int
    /// Its place in the order of the wave.
    public var position: Int
    /// Where it stands.
    public var status: NodeStatus
    /// Why it stands there.
    public var reason: Reason?
    /// The reason as a sentence; empty when there is none.
    public var message: String
    /// The uid of the pod that we delete or deleted last.
    public var podUID: String?
    /// When that delete was written down.
    public var deletedAt: Timestamp?
    /// What the node ran out of already when that delete was written down.
    public var pressuresBefore: [NodePressure.Kind]
    /// How long the pod before took from its containers' start to Ready, in seconds; nil when that is not known, or when
    /// the new one's probes are others, so that the two cannot be compared.
    public var startupBefore: Int64?
    /// When its new pod became available.
    public var updatedAt: Timestamp?
    /// Whether it got the target revision outside its wave.
    public var isLeaked: Bool
    /// How often its new pod lost its readiness.
    public var readinessLosses: Int
    /// Since when its new pod has been Ready, by the kubelet's clock and as it was seen last; nil when it was not seen yet.
    /// Another time, after a gap in which nobody watched, means that it was not Ready, or not the same pod, in between.
    public var readyAt: Timestamp?

    /// A node's part in a rollout.
    public init(
        node: String, wave: Int?, batch: Int = 0, position: Int = 0, status: NodeStatus = .pending,
        reason: Reason? = nil, message: String = "", podUID: String? = nil, deletedAt: Timestamp? = nil,
        pressuresBefore: [NodePressure.Kind] = [], startupBefore: Int64? = nil,
        updatedAt: Timestamp? = nil, isLeaked: Bool = false, readinessLosses: Int = 0, readyAt: Timestamp? = nil
    ) {
        self.node = node
        self.wave = wave
        self.batch = batch
        self.position = position
        self.status = status
        self.reason = reason
        self.message = message
        self.podUID = podUID
        self.deletedAt = deletedAt
        self.pressuresBefore = pressuresBefore
        self.startupBefore = startupBefore
        self.updatedAt = updatedAt
        self.isLeaked = isLeaked
        self.readinessLosses = readinessLosses
        self.readyAt = readyAt
    }
}

/// A gate's run in one wave as the database keeps it: one row.
public struct GateRecord: Sendable, Hashable {
    /// The verdict so far.
    public enum Verdict: String, Sendable, Hashable {
        /// Not decided yet.
        case running
        /// `noData`: nothing was there to be judged; `inconclusive`: what was there cannot tell; `error`: it could not be asked.
        case passed, failed, noData, inconclusive, error
    }

    /// The index of the wave.
    public var wave: Int
    /// The gate's name.
    public var gate: String
    /// The verdict so far.
    public var verdict: Verdict
    /// How many measurements there were.
    public var measurements: Int
    /// How many of them were bad.
    public var failures: Int
    /// How many were good.
    public var successes: Int
    /// How many in a row had no data or could not tell.
    public var consecutiveNoData: Int
    /// How many in a row could not be made.
    public var consecutiveErrors: Int
    /// How often what it is measured in has begun anew in this wave, because it was in doubt.
    public var retries: Int
    /// The last measurement with its arithmetic.
    public var message: String
    /// When it was last measured.
    public var measuredAt: Timestamp?

    /// A gate's run.
    public init(
        wave: Int, gate: String, verdict: Verdict = .running, measurements: Int = 0, failures: Int = 0,
        successes: Int = 0, consecutiveNoData: Int = 0, consecutiveErrors: Int = 0, retries: Int = 0,
        message: String = "", measuredAt: Timestamp? = nil
    ) {
        self.wave = wave
        self.gate = gate
        self.verdict = verdict
        self.measurements = measurements
        self.failures = failures
        self.successes = successes
        self.consecutiveNoData = consecutiveNoData
        self.consecutiveErrors = consecutiveErrors
        self.retries = retries
        self.message = message
        self.measuredAt = measuredAt
    }
}

/// One line of the journal: what happened, when, to what, and why.
public struct JournalLine: Sendable, Hashable {
    /// When.
    public var time: Timestamp
    /// What.
    public var event: JournalEvent
    /// The wave's name; nil when the line is about the whole rollout.
    public var wave: String?
    /// The node; nil when the line is about more than one.
    public var node: String?
    /// Why; nil when the event speaks for itself.
    public var reason: Reason?
    /// The sentence for people; empty when the event speaks for itself.
    public var message: String

    /// One line of the journal.
    public init(
        time: Timestamp, event: JournalEvent, wave: String? = nil, node: String? = nil, reason: Reason? = nil,
        message: String = ""
    ) {
        self.time = time
        self.event = event
        self.wave = wave
        self.node = node
        self.reason = reason
        self.message = message
    }
}

/// Everything about one rollout that survives the driver.
public struct RolloutState: Sendable, Hashable {
    /// The rollout itself.
    public var rollout: RolloutRecord
    /// The waves, by index.
    public var waves: [WaveRecord]
    /// The nodes, by name.
    public var nodes: [String: NodeRecord]
    /// The gates' runs, by wave and then in the order of the plan.
    public var gates: [GateRecord]
    /// What gates read from the pods themselves.
    public var scrapes: [ScrapeRecord.Key: ScrapeRecord]
    /// The ConfigMaps and Secrets that the target template reads, as far as they were looked at.
    public var configs: [ConfigObject: ConfigRecord]

    /// Everything about one rollout that survives the driver.
    public init(
        rollout: RolloutRecord, waves: [WaveRecord], nodes: [String: NodeRecord], gates: [GateRecord] = [],
        scrapes: [ScrapeRecord.Key: ScrapeRecord] = [:], configs: [ConfigObject: ConfigRecord] = [:]
    ) {
        self.rollout = rollout
        self.waves = waves
        self.nodes = nodes
        self.gates = gates
        self.scrapes = scrapes
        self.configs = configs
    }
}

/// The rows that one turn changed; a commit writes these and nothing else.
public struct RowChanges: Sendable, Hashable {
    /// The rollout's row, when it changed.
    public var rollout: RolloutRecord?
    /// The waves that changed, by index.
    public var waves: [WaveRecord]
    /// The nodes that changed, by name.
    public var nodes: [NodeRecord]
    /// The gates that changed.
    public var gates: [GateRecord]
    /// What gates read from the pods themselves, where it changed.
    public var scrapes: [ScrapeRecord]
    /// The ConfigMaps and Secrets that were seen in another state than before.
    public var configs: [ConfigRecord]

    /// The rows that one turn changed.
    public init(
        rollout: RolloutRecord? = nil, waves: [WaveRecord] = [], nodes: [NodeRecord] = [], gates: [GateRecord] = [],
        scrapes: [ScrapeRecord] = [], configs: [ConfigRecord] = []
    ) {
        self.rollout = rollout
        self.waves = waves
        self.nodes = nodes
        self.gates = gates
        self.scrapes = scrapes
        self.configs = configs
    }

    /// Whether nothing changed.
    public var isEmpty: Bool {
        rollout == nil && waves.isEmpty && nodes.isEmpty && gates.isEmpty && scrapes.isEmpty && configs.isEmpty
    }
}

extension RowChanges {
    /// Adds later changes; of two versions of a row the later one counts.
    public mutating func merge(_ later: RowChanges) {
        rollout = later.rollout ?? rollout
        waves = Self.merged(waves, later.waves) { $0.index }
        nodes = Self.merged(nodes, later.nodes) { $0.node }
        gates = Self.merged(gates, later.gates) { "\($0.wave)/\($0.gate)" }
        scrapes = Self.merged(scrapes, later.scrapes) { $0.key }
        configs = Self.merged(configs, later.configs) { $0.object }
    }

    private static func merged<Row, Key: Hashable>(_ earlier: [Row], _ later: [Row], key: (Row) -> Key) -> [Row] {
        guard !earlier.isEmpty else { return later }
        let replaced = Set(later.map(key))
        return earlier.filter { !replaced.contains(key($0)) } + later
    }
}
