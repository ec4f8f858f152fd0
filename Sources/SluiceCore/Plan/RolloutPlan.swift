/// What a plan file says: which DaemonSet, in which waves, under which budget, and what counts as good.
///
/// Fields that a plan may leave out keep their absence here when their default depends on the fleet.
public struct RolloutPlan: Sendable, Hashable {
    /// The plan's name (`metadata.name`).
    public var name: String
    /// The DaemonSet's namespace; nil means the namespace of the command line or the kubeconfig.
    public var namespace: String?
    /// The DaemonSet's name.
    public var daemonSet: String
    /// The new images by container; empty rolls out the template as it stands.
    public var images: [ContainerImage]
    /// The hash of a revision that the cluster remembers, whose template is rolled out instead; nil for another target.
    public var revision: String?
    /// How many nodes may be without an available pod.
    public var budget: Budget
    /// What counts as available, and how long that may take.
    public var readiness: Readiness
    /// When pods may be deleted.
    public var calendar: RolloutCalendar
    /// What keeps pods from being deleted while it is there.
    public var blockers: [Blocker]
    /// How a pod is removed.
    public var deletion: Deletion
    /// What to do when somebody changes the update strategy during the rollout.
    public var onStrategyChanged: StrategyPolicy
    /// What to do about a version that proved bad, where neither the wave nor the gate says otherwise.
    public var onFailure: FailurePolicy
    /// What to do when a node gets another image under the same reference than the nodes before it.
    public var onImageChanged: ImagePolicy
    /// What to do when a ConfigMap or a Secret that the template reads changes during the rollout.
    public var onConfigChanged: ConfigPolicy
    /// Which template stands while no pod of the rollout is being replaced.
    public var leak: LeakPolicy
    /// How many nodes may get the target revision outside their wave; nil for any number.
    public var maxLeaked: Amount?
    /// Gates that every wave must pass, besides readiness and the wave's own.
    public var gates: [Gate]
    /// The waves, in order.
    public var waves: [Wave]
    /// Who is told what the rollout does, besides the DaemonSet's Events.
    public var notifications: [NotificationDestination]

    /// A plan.
    public init(
        name: String, namespace: String? = nil, daemonSet: String, images: [ContainerImage] = [],
        revision: String? = nil, budget: Budget = Budget(), readiness: Readiness = Readiness(),
        calendar: RolloutCalendar = RolloutCalendar(), blockers: [Blocker] = [], deletion: Deletion = .delete,
        onStrategyChanged: StrategyPolicy = .reassert, onFailure: FailurePolicy = .halt,
        onImageChanged: ImagePolicy = .halt, onConfigChanged: ConfigPolicy = .warn,
        leak: LeakPolicy = .allow, maxLeaked: Amount? = nil, gates: [Gate] = [],
        waves: [Wave], notifications: [NotificationDestination] = []
    ) {
        self.name = name
        self.namespace = namespace
        self.daemonSet = daemonSet
        self.images = images
        self.revision = revision
        self.budget = budget
        self.readiness = readiness
        self.calendar = calendar
        self.blockers = blockers
        self.deletion = deletion
        self.onStrategyChanged = onStrategyChanged
        self.onFailure = onFailure
        self.onImageChanged = onImageChanged
        self.onConfigChanged = onConfigChanged
        self.leak = leak
        self.maxLeaked = maxLeaked
        self.gates = gates
        self.waves = waves
        self.notifications = notifications
    }
}

/// What to do about a reference that has come to mean another image.
public enum ImagePolicy: String, Sendable, Hashable, CaseIterable {
    /// Stop for a person: what the canary showed says nothing about the other image.
    case halt
    /// Write it down and go on.
    case warn
}

/// What to do about a ConfigMap or a Secret that changes during the rollout.
public enum ConfigPolicy: String, Sendable, Hashable, CaseIterable {
    /// Stop for a person, and wait where a change could not be seen: what the nodes before it showed was shown with another
    /// configuration.
    case halt
    /// Write it down and go on: only metadata are seen, and certificates and tokens are renewed by themselves.
    case warn
    /// Do not look.
    case ignore
}

/// What becomes of the template while no pod of the rollout is being replaced. A pod that is made then, on a node that
/// joined, was drained or rebooted, gets whatever template stands.
public enum LeakPolicy: String, Sendable, Hashable, CaseIterable {
    /// The target's stays: such nodes get the new version at once, and count as leaked.
    case allow
    /// The one before is put back until the next batch: such nodes get the version before, and their turn comes later.
    case park
}

/// A number of nodes, absolute or as a share.
public enum Amount: Sendable, Hashable {
    /// So many nodes.
    case count(Int)
    /// A share in percent, 1 to 100.
    case percent(Int)

    /// The number of nodes out of `total`: a percentage is rounded down, but never below 1 unless `total` is 0; the
    /// result never exceeds `total`.
    public func resolved(of total: Int) -> Int {
        switch self {
        case .count(let count): min(count, total)
        case .percent(let percent): min(max(total * percent / 100, 1), total)
        }
    }

    /// As written in a plan: `5` or `10%`.
    public var text: String {
        switch self {
        case .count(let count): String(count)
        case .percent(let percent): "\(percent)%"
        }
    }
}

/// How many nodes may be without an available pod at the same time.
public struct Budget: Sendable, Hashable {
    /// A cap for each value of a node label.
    public struct LabelCap: Sendable, Hashable {
        /// The node label, such as `topology.kubernetes.io/zone`. Nodes without it form a group of their own.
        public var key: String
        /// The most nodes of one value that may be without an available pod.
        public var maxUnavailable: Amount

        /// A cap for each value of a node label.
        public init(key: String, maxUnavailable: Amount) {
            self.key = key
            self.maxUnavailable = maxUnavailable
        }
    }

    /// The cap over the fleet; nil means 1 under 20 nodes, from 20 on 10 % and at most 50 (seed, section 4).
    public var maxUnavailable: Amount?
    /// Further caps by node label.
    public var perLabel: [LabelCap]
    /// How long the rollout waits for the budget before it halts, in seconds.
    public var waitTimeoutSeconds: Int64

    /// The default of ``waitTimeoutSeconds``.
    public static let defaultWaitTimeoutSeconds: Int64 = 1_800

    /// How many nodes may be without an available pod.
    public init(
        maxUnavailable: Amount? = nil, perLabel: [LabelCap] = [],
        waitTimeoutSeconds: Int64 = Budget.defaultWaitTimeoutSeconds
    ) {
        self.maxUnavailable = maxUnavailable
        self.perLabel = perLabel
        self.waitTimeoutSeconds = waitTimeoutSeconds
    }

    /// The cap over a fleet of `eligibleNodes`.
    public func resolvedMaxUnavailable(eligibleNodes: Int) -> Int {
        if let maxUnavailable { return max(1, maxUnavailable.resolved(of: eligibleNodes)) }
        return eligibleNodes < 20 ? 1 : min(50, eligibleNodes / 10)
    }
}

/// What counts as available, and how long that may take.
public struct Readiness: Sendable, Hashable {
    /// How long a pod must be Ready before it counts as available; the DaemonSet's own value counts when it is larger.
    public var minReadySeconds: Int64
    /// How long from delete to available; nil means grace period + the probes' delays + 5 minutes.
    public var timeoutSeconds: Int64?
    /// How many container restarts of a new pod are tolerated.
    public var restartsAllowed: Int
    /// How many times as long as the pod before it on the same node a new pod may take to start; 0 when that is not judged.
    public var startupFactor: Int64

    /// The default of ``startupFactor``: what differs by less can be one node's bad moment.
    public static let defaultStartupFactor: Int64 = 4

    /// What counts as available.
    public init(
        minReadySeconds: Int64 = 0, timeoutSeconds: Int64? = nil, restartsAllowed: Int = 0,
        startupFactor: Int64 = Readiness.defaultStartupFactor
    ) {
        self.minReadySeconds = minReadySeconds
        self.timeoutSeconds = timeoutSeconds
        self.restartsAllowed = restartsAllowed
        self.startupFactor = startupFactor
    }

    /// The minReadySeconds in force: the larger of the plan's and the DaemonSet's.
    public func effectiveMinReadySeconds(daemonSet: DaemonSet) -> Int64 {
        max(minReadySeconds, daemonSet.minReadySeconds)
    }

    /// The time from delete to available that is allowed for a template, in seconds.
    public func effectiveTimeoutSeconds(template: PodTemplate, minReadySeconds: Int64) -> Int64 {
        timeoutSeconds
            ?? template.terminationGracePeriodSeconds + template.probeDelaySeconds + minReadySeconds + 300
    }
}

/// How a pod is removed.
public enum Deletion: String, Sendable, Hashable, CaseIterable {
    /// A DELETE with the pod's uid.
    case delete
    /// The Eviction API, which honours PodDisruptionBudgets.
    case evict
}

/// What to do when somebody changes the update strategy during the rollout.
public enum StrategyPolicy: String, Sendable, Hashable, CaseIterable {
    /// Set OnDelete again at once and say so.
    case reassert
    /// Halt.
    case halt
}

/// What to do about a version that proved bad: more nodes failed than allowed, or a gate did. Doubt, as when nobody could be
/// asked, proves nothing: there the policies that roll back halt.
public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
    /// Stop for a person.
    case halt
    /// Stop and give the rollout up.
    case abort
    /// Stop, and put the version before back on the nodes of the wave that failed; those of earlier waves, which passed,
    /// wait for a person's approval.
    case rollbackWave
    /// Stop, and put the version before back on every node that was updated.
    case rollbackAll

    /// Whether it puts the version before back.
    public var rollsBack: Bool { self == .rollbackWave || self == .rollbackAll }
}

/// One wave: a set of nodes that is updated before the next wave begins.
public struct Wave: Sendable, Hashable {
    /// Which nodes belong to a wave. Nodes of earlier waves are never taken again.
    public enum Members: Sendable, Hashable {
        /// Nodes by label.
        case selector(LabelSelector)
        /// Nodes by name.
        case nodes([String])
        /// Every node that no other wave takes.
        case everythingElse
    }

    /// The wave's name, unique in the plan.
    public var name: String
    /// Which nodes belong to it.
    public var members: Members
    /// Takes only so many of the members; nil takes all.
    public var take: Amount?
    /// The node label over whose values ``take`` and the order are spread; nil spreads by hash alone.
    public var spreadOver: String?
    /// Makes one wave for each value of this node label, in the order of the values; nil makes one wave.
    public var forEach: String?
    /// The sizes of the batches in order; the last one repeats until the wave is done. Percentages are of the wave.
    /// Empty means one batch.
    public var batches: [Amount]
    /// How long the wave is watched after its last node became available, in seconds.
    public var soakSeconds: Int64
    /// How many nodes of the wave may fail, 0 included; nil means 0 in the first wave and max(1, 1 % of the wave) later.
    public var failuresAllowed: Amount?
    /// What to do when the wave proved the version bad; nil takes the plan's policy.
    public var onFailure: FailurePolicy?
    /// Whether a person has to approve the wave before it begins.
    public var needsApproval: Bool
    /// The wave's own gates, besides the plan's.
    public var gates: [Gate]

    /// One wave.
    public init(
        name: String, members: Members, take: Amount? = nil, spreadOver: String? = nil, forEach: String? = nil,
        batches: [Amount] = [], soakSeconds: Int64 = 0, failuresAllowed: Amount? = nil,
        onFailure: FailurePolicy? = nil, needsApproval: Bool = false, gates: [Gate] = []
    ) {
        self.name = name
        self.members = members
        self.take = take
        self.spreadOver = spreadOver
        self.forEach = forEach
        self.batches = batches
        self.soakSeconds = soakSeconds
        self.failuresAllowed = failuresAllowed
        self.onFailure = onFailure
        self.needsApproval = needsApproval
        self.gates = gates
    }

    /// How many nodes of this wave may fail, given its size and whether it is the plan's first.
    public func resolvedFailuresAllowed(nodes: Int, isFirst: Bool) -> Int {
        if let failuresAllowed {
            return failuresAllowed == .count(0) ? 0 : failuresAllowed.resolved(of: nodes)
        }
        return isFirst ? 0 : max(1, nodes / 100)
    }
}
