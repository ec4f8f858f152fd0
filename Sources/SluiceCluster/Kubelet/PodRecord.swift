import SluiceCore

/// One pod.
struct PodRecord: Sendable {
    /// When and how a pod was deleted.
    struct Deletion: Sendable {
        /// When the delete came.
        var requestedAt: Timestamp
        /// The grace period in seconds.
        var grace: Int64
    }

    /// What never changes. It is shared, because records are copied often.
    final class Identity: Sendable {
        let uid: String
        let name: String
        let number: UInt64
        let node: String
        let attempt: Int
        let pattern: PodPattern
        let behaviour: Behaviour
        let createdAt: Timestamp

        init(
            uid: String, name: String, number: UInt64, node: String, attempt: Int, pattern: PodPattern,
            behaviour: Behaviour, at now: Timestamp
        ) {
            self.uid = uid
            self.name = name
            self.number = number
            self.node = node
            self.attempt = attempt
            self.pattern = pattern
            self.behaviour = behaviour
            createdAt = now.wholeSecond
        }
    }

    private let identity: Identity
    var uid: String { identity.uid }
    var name: String { identity.name }
    /// Counts over all created objects: a smaller number is older.
    var number: UInt64 { identity.number }
    /// The node it belongs to, from its creation on.
    var node: String { identity.node }
    var attempt: Int { identity.attempt }
    var pattern: PodPattern { identity.pattern }
    var behaviour: Behaviour { identity.behaviour }
    var createdAt: Timestamp { identity.createdAt }
    var namespace: String { pattern.namespace }

    /// The DaemonSet that owns it; nil for an orphan.
    var owner: String?
    var isBound = false
    /// The node's labels that a bound pod carries.
    var placeLabels: [String: String] = [:] {
        didSet {
            labels = pattern.labels.merging(placeLabels) { $1 }
            placeLabelsText = placeLabels.sorted { $0.key < $1.key }
                .map { ",\"\($0.key)\":\(JSONValue.string($0.value).serialized)" }.joined()
        }
    }
    private(set) var placeLabelsText = ""
    private(set) var labels: [String: String]
    var address = ""
    var deletion: Deletion?
    var status = PodStatus()
    /// The row of the life table that comes next.
    var row = 0
    /// Timers that carry an older token are void.
    var token = 0
    /// The node is silent and a timer has run out in vain.
    var isFrozen = false
    /// The containers have ended; only the removal is left.
    var hasEnded = false
    /// The kubelet has written a status since the pod was deleted.
    var hasSeenDeletion = false
    var backOff: Milliseconds = 0
    /// How many delays were drawn besides those of ``PodDelays``.
    var draws: UInt64 = 0

    init(_ identity: Identity) {
        self.identity = identity
        owner = identity.pattern.daemonSetUID
        labels = identity.pattern.labels
    }

    /// Binds the pod to its node.
    mutating func place(on facts: NodeFacts, at time: Timestamp) {
        isBound = true
        address = facts.address
        let keys = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"]
        placeLabels = facts.labels.filter { keys.contains($0.key) }
        status.scheduledAt = time
    }

    /// The DaemonSet controller no longer sees a pod that has ended and is being deleted.
    var isGoneButForItsEntry: Bool { deletion != nil && status.isTerminal }
}

/// A pod that is gone.
struct FormerPod: Sendable {
    /// Its record at the end.
    var pod: PodRecord
    var goneAt: Timestamp
}

/// What a kubelet says about a pod. Its times are whole seconds.
struct PodStatus: Sendable, Equatable {
    struct Condition: Sendable, Equatable {
        var isTrue: Bool
        var since: Timestamp
    }

    enum Container: Sendable, Equatable {
        case waiting(reason: String, message: String)
        case running(since: Timestamp)
        case terminated(code: Int, reason: String, startedAt: Timestamp, finishedAt: Timestamp)
    }

    var phase = "Pending"
    /// `status.reason` and `status.message`, of an evicted pod.
    var reason = ""
    var message = ""
    var scheduledAt: Timestamp?
    /// The kubelet has taken the pod up.
    var startedAt: Timestamp?
    var sandbox = Condition(isTrue: false, since: Timestamp(0))
    var ready = Condition(isTrue: false, since: Timestamp(0))
    /// When the pod last became Ready, in milliseconds of wall time.
    var readySince: Milliseconds = 0
    /// The containers are ready, whatever the node's silence makes of the pod.
    var containersReady = Condition(isTrue: false, since: Timestamp(0))
    var container: Container?
    var last: Container?
    var restarts = 0

    var isTerminal: Bool { phase == "Failed" || phase == "Succeeded" }

    /// When the running container started; nil when none runs.
    var runningSince: Timestamp? {
        if case .running(let since) = container { since } else { nil }
    }
}

/// All pods, by uid and by node.
struct PodTable: Sendable {
    /// A node of a DaemonSet.
    struct Place: Hashable, Sendable {
        let node: String
        let daemonSet: String

        init(_ pod: PodRecord) { (node, daemonSet) = (pod.node, pod.pattern.daemonSet) }
    }

    /// The last pod of each place that is gone: what Prometheus remembers of it.
    var former: [Place: FormerPod] = [:]
    private var records: [String: PodRecord] = [:]
    private var byNode: [String: [String]] = [:]

    subscript(uid: String) -> PodRecord? {
        get { records[uid] }
        set { if let newValue, records[uid] != nil { records[uid] = newValue } }
    }

    mutating func insert(_ pod: PodRecord) {
        records[pod.uid] = pod
        byNode[pod.node, default: []].append(pod.uid)
    }

    mutating func remove(_ uid: String) {
        guard let pod = records.removeValue(forKey: uid) else { return }
        byNode[pod.node]?.removeAll { $0 == uid }
    }

    mutating func orphan(_ uid: String) { records[uid]?.owner = nil }

    /// The uids of the pods on a node, oldest first.
    func all(onNode node: String) -> [String] { byNode[node] ?? [] }

    /// A DaemonSet's pods on a node, oldest first.
    func on(node: String, daemonSet: String) -> [PodRecord] {
        (byNode[node] ?? []).compactMap { records[$0] }.filter { $0.owner == daemonSet }
    }

    /// The oldest of a DaemonSet's pods on a node that fulfil a condition; nil when there is none.
    func oldest(on node: String, daemonSet: String, where isMeant: (PodRecord) -> Bool) -> PodRecord? {
        for uid in byNode[node] ?? [] {
            if let pod = records[uid], pod.owner == daemonSet, isMeant(pod) { return pod }
        }
        return nil
    }

    /// A DaemonSet's pods, oldest first.
    func of(_ daemonSet: String) -> [PodRecord] {
        records.values.filter { $0.owner == daemonSet }.sorted { $0.number < $1.number }
    }

    /// All pods, in no order.
    var unordered: some Sequence<PodRecord> { records.values }

    /// All pods, for counting.
    var inNoOrder: some Collection<PodRecord> { records.values }

    /// All pods, oldest first.
    var all: [PodRecord] { records.values.sorted { $0.number < $1.number } }
}
