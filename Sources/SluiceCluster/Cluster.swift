public import SluiceCore

/// A Kubernetes cluster as a value: API server, DaemonSet controller, kubelets and a small Prometheus, without sockets,
/// clock or chance of its own.
///
/// Time comes in with every call and never runs backwards; everything drawn by chance derives from the seed. The same
/// options and the same calls give the same bytes.
public struct Cluster: Sendable {
    /// How this cluster was made.
    public internal(set) var options: ClusterOptions
    var store: ObjectStore
    var watches = Watches()
    var timers = TimerQueue()
    var pods = PodTable()
    var daemonSets: [String: DaemonSetState] = [:]
    /// How many pods of each DaemonSet each node has had.
    var attempts: [String: [String: Int]] = [:]
    var nodeFacts: [String: NodeFacts] = [:]
    var snapshots: [ListSnapshot] = []
    /// The Events that the cluster's own parts wrote, oldest first.
    var eventNames: [(namespace: String, name: String)] = []
    /// Whether there is a PodDisruptionBudget to count for, and whether it will be done soon.
    var hasBudgets = false
    var isBudgetDue = false
    var now: Timestamp
    /// Requests that delete pods, kept until they are taken; nil when nobody asks for them.
    private var deletes: [PodDeleteRecord]?
    var countsBlindNodes = true
    /// The changes that were not taken yet; nil when nobody follows them.
    var truth: [ClusterChange]?
    private var created: UInt64 = 0
    private var createdPods: UInt64 = 0
    var drawing: Drawing

    /// Makes the cluster with its nodes and namespaces; no DaemonSet yet.
    ///
    /// - Parameters:
    ///   - options: size, pace and temper.
    ///   - start: the wall time of its birth.
    public init(options: ClusterOptions, start: Timestamp) {
        self.options = options
        now = start
        drawing = Drawing(seed: options.seed)
        store = ObjectStore(historyLimit: max(1, options.historyLimit))
        for name in ["default", "kube-system", "kube-public", "kube-node-lease", "monitoring"] {
            insertNamespace(name)
        }
        for (name, value) in [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)] {
            insert(
                .priorityClasses,
                ["metadata": ["name": .string(name)], "value": .integer(Int64(value))])
        }
        for number in 1..<(max(0, options.nodes) + 1) {
            insert(.nodes, NodeCatalog.node(number, at: now))
        }
    }

    /// When something happens by itself next; nil when nothing is due.
    public var nextDue: Timestamp? { timers.nextDue.map(Timestamp.init) }

    /// The names of the nodes, in order.
    public var nodeNames: [String] { nodeFacts.keys.sorted() }

    /// The version of the latest write.
    public var resourceVersion: Int { store.version }

    /// The watches that have lines to take or have ended, each once, in the order in which that happened.
    public var watchesWithOutput: [Int] { watches.pending }

    /// Lets time pass: runs everything that is due until then, in order.
    public mutating func advance(to time: Timestamp) {
        while let (due, timer) = timers.take(dueBy: time.millisecondsSince1970) {
            now = max(now, Timestamp(due))
            run(timer)
        }
        now = max(now, time)
    }

    /// Answers one request, after letting time pass until then.
    public mutating func handle(_ request: ClusterRequest, at time: Timestamp) -> ClusterResponse {
        advance(to: time)
        let record = deletes == nil ? nil : deleteRecord(of: request)
        let response = answer(request)
        if let record, case .answer(let answer) = response {
            let concluded = concluded(record, with: answer.status)
            deletes?.append(concluded)
        }
        return response
    }

    private mutating func answer(_ request: ClusterRequest) -> ClusterResponse {
        do throws(Failure) {
            return try route(request)
        } catch {
            return .answer(error.answer)
        }
    }

    /// From now on keeps every request to delete or evict a pod until it is taken with ``takeDeletes()``.
    ///
    /// - Parameter countsBlindNodes: whether each record says how many nodes had no available pod, which takes a look at
    ///   all of them.
    public mutating func recordDeletes(countsBlindNodes: Bool = true) {
        if deletes == nil { deletes = [] }
        self.countsBlindNodes = countsBlindNodes
    }

    /// The recorded requests since the last call, in their order.
    public mutating func takeDeletes() -> [PodDeleteRecord] {
        guard let taken = deletes, !taken.isEmpty else { return [] }
        deletes = []
        return taken
    }

    /// The lines of a watch that were not taken yet, and whether the stream has ended.
    public mutating func takeOutput(of watch: Int) -> (lines: [String], hasEnded: Bool) {
        watches.take(watch)
    }

    /// Forgets a watch whose reader has gone or whose end was delivered.
    public mutating func cancel(watch: Int) {
        watches.remove(watch)
    }

    /// Forgets the changes up to now: watches from an older version get 410, old continue tokens too.
    public mutating func compact() {
        store.compact()
        snapshots = []
    }

    /// From now on the DaemonSet controller takes this long to answer a change, in milliseconds.
    public mutating func setControllerDelay(_ delay: Milliseconds) {
        options.controllerDelay = delay
    }

    private mutating func run(_ timer: Timer) {
        switch timer {
        case .podStage(let pod, let token): runStage(of: pod, token: token)
        case .bind(let pod): bind(pod)
        case .podEnd(let pod, let token): continueEnd(of: pod, token: token)
        case .sync(let daemonSet): sync(daemonSet)
        case .retry(let daemonSet, let node): requestSync(daemonSet, node: node)
        case .status(let daemonSet): writeStatus(of: daemonSet)
        case .nodeHealth(let node): adjustHealth(of: node)
        case .bookmark(let watch): writeBookmark(to: watch)
        case .watchEnd(let watch): endWatch(watch)
        case .namespace(let name): emptyNamespace(name)
        case .budgets: countBudgets()
        }
    }

    mutating func after(_ delay: Milliseconds, _ timer: Timer) {
        timers.set(timer, at: now.millisecondsSince1970 + max(0, delay))
    }

    /// A number for the next pod. Pods are counted by themselves, so that their names and delays do not depend on what
    /// else is created, such as Events and Leases.
    mutating func nextPodNumber() -> UInt64 {
        createdPods += 1
        return createdPods
    }

    /// A number for the next created object.
    mutating func nextNumber() -> UInt64 {
        created += 1
        return created
    }
}

extension Cluster {
    /// Stores an object as a new one: uid, creation time and version are given here.
    @discardableResult
    mutating func insert(_ kind: ResourceKind, _ value: JSONValue) -> StoredObject {
        var metadata = value["metadata"] ?? [:]
        metadata["uid"] = .string(drawing.uuid("uid", nextNumber()))
        metadata["creationTimestamp"] = .string(now.rfc3339)
        var whole = value
        whole["metadata"] = metadata
        return write(kind, whole)
    }

    /// Stores the next version of an object and lets everybody know.
    @discardableResult
    mutating func write(_ kind: ResourceKind, _ value: JSONValue) -> StoredObject {
        var whole = value
        var metadata = value["metadata"] ?? [:]
        metadata["resourceVersion"] = .string(String(store.nextVersion))
        whole["metadata"] = metadata
        whole["kind"] = .string(kind.kind)
        whole["apiVersion"] = .string(kind.apiVersion)
        let object = StoredObject(value: whole, version: store.nextVersion)
        publish(kind, store.put(kind, object))
        react(to: kind, object)
        return object
    }

    /// Removes an object and lets everybody know.
    mutating func erase(_ kind: ResourceKind, _ object: StoredObject) {
        guard var value = object.value else { return }
        var metadata = value["metadata"] ?? [:]
        metadata["resourceVersion"] = .string(String(store.nextVersion))
        value["metadata"] = metadata
        let last = StoredObject(value: value, version: store.nextVersion)
        if let change = store.remove(kind, last: last) { publish(kind, change) }
        reactToRemoval(of: kind, object)
    }

    mutating func publish(_ kind: ResourceKind, _ change: Change) {
        if truth != nil { noteTruth(kind, change) }
        watches.publish(kind, change, at: now)
    }

    private mutating func react(to kind: ResourceKind, _ object: StoredObject) {
        if kind == .nodes { nodeChanged(object) }
        if kind == .daemonSets { daemonSetChanged(object) }
        if kind == .disruptionBudgets {
            hasBudgets = true
            requestBudgets()
        }
    }

    private mutating func reactToRemoval(of kind: ResourceKind, _ object: StoredObject) {
        if kind == .nodes { nodeRemoved(object.name) }
        if kind == .daemonSets { daemonSetRemoved(object) }
    }

    mutating func insertNamespace(_ name: String) {
        insert(
            .namespaces,
            [
                "metadata": ["name": .string(name), "labels": ["kubernetes.io/metadata.name": .string(name)]],
                "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"],
            ])
    }
}
