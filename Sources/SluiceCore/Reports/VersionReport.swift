/// Which versions of one DaemonSet run where: which nodes are stale, since when, and why.
public struct VersionReport: Sendable, Equatable {
    /// One revision that runs somewhere, or that should.
    public struct RevisionRow: Sendable, Equatable {
        /// The label `controller-revision-hash`; nil for pods that carry none.
        public var hash: String?
        /// The images by container, sorted by container; empty when nobody remembers them.
        public var images: [ContainerImage]
        /// On how many nodes it runs.
        public var nodeCount: Int
        /// Whether it is the revision of the DaemonSet's current template.
        public var isUpdateRevision: Bool
        /// The controller's number; nil when the cluster has forgotten the revision.
        public var revision: Int64?
        /// When the cluster first saw the revision; nil when it has forgotten it.
        public var createdAt: Timestamp?
    }

    /// One node that runs the DaemonSet's pod, or should.
    public struct NodeRow: Sendable, Equatable {
        /// The node.
        public var node: String
        /// The pod's name; nil when there is none.
        public var pod: String?
        /// The pod's revision; nil without a pod.
        public var revision: String?
        /// The pod's images by container, sorted by container.
        public var images: [ContainerImage]
        /// Whether the node has a pod of another revision than the update revision.
        public var isStale: Bool
        /// When the pod was created; nil without a pod.
        public var runningSince: Timestamp?
        /// From when the node should have run the update revision; nil when it is not stale or nobody knows.
        public var staleSince: Timestamp?
        /// Why the node is stale or without a pod, in one sentence; empty for a node that is neither.
        public var reason: String
    }

    /// A node where the DaemonSet does not run.
    public struct Uncovered: Sendable, Equatable {
        /// The node.
        public var node: String
        /// Why, in one sentence.
        public var reason: String
    }

    /// The nodes in numbers; `nodes` is the sum of the other three.
    public struct Totals: Sendable, Equatable {
        /// Nodes that run the pod or should.
        public var nodes = 0
        /// Nodes with a pod of the update revision.
        public var updated = 0
        /// Nodes with a pod of another revision.
        public var stale = 0
        /// Nodes that should have a pod and have none.
        public var missing = 0
    }

    /// What is known beyond what the cluster shows.
    public struct Knowledge: Sendable {
        /// The latest rollout of the DaemonSet; nil when there was none.
        public var rollout: RolloutState?
        /// When the current update revision was first seen as such; nil when nobody looked.
        public var firstSeenAsUpdate: Timestamp?

        /// What is known beyond what the cluster shows.
        public init(rollout: RolloutState? = nil, firstSeenAsUpdate: Timestamp? = nil) {
            self.rollout = rollout
            self.firstSeenAsUpdate = firstSeenAsUpdate
        }
    }

    /// The DaemonSet's namespace.
    public var namespace: String
    /// The DaemonSet's name.
    public var daemonSet: String
    /// The hash of the current template's revision; nil when the controller has not recorded it yet.
    public var updateRevision: String?
    /// From when the current template has been the one to run; nil when nobody knows.
    public var updateRevisionSince: Timestamp?
    /// The revisions: the update revision first, then by number, the latest first, then by hash.
    public var revisions: [RevisionRow]
    /// The nodes, by name.
    public var nodes: [NodeRow]
    /// Nodes where the DaemonSet does not run, by name.
    public var notEligible: [Uncovered]
    /// The nodes in numbers.
    public var totals: Totals

    /// Reports on one DaemonSet.
    ///
    /// - Parameters:
    ///   - fleet: the DaemonSet with its nodes, pods and revisions as they stand.
    ///   - knowledge: what is known beyond that.
    public init(fleet: FleetFacts, knowledge: Knowledge = Knowledge()) {
        let daemonSet = fleet.daemonSet
        let update = ControllerRevision.remembering(daemonSet.template, of: daemonSet, in: fleet.revisions)
        let since = update.map { Self.since($0, fleet: fleet, firstSeen: knowledge.firstSeenAsUpdate) } ?? nil
        let reasons = VersionReasons(fleet: fleet, update: update, rollout: knowledge.rollout)
        let pods = Self.podsByNode(fleet, update: update?.hash)
        let eligibility = Eligibility(template: daemonSet.template)
        var rows: [NodeRow] = []
        var notEligible: [Uncovered] = []
        for node in fleet.nodes.sorted(by: { $0.name < $1.name }) {
            let pod = pods[node.name]
            let verdict = eligibility.shouldRun(on: node)
            if pod == nil, case .no(let reason) = verdict {
                notEligible.append(Uncovered(node: node.name, reason: "the DaemonSet does not run there: \(reason)"))
                continue
            }
            rows.append(Self.row(node, pod: pod, update: update?.hash, since: since, reasons: reasons))
        }
        namespace = daemonSet.namespace
        self.daemonSet = daemonSet.name
        updateRevision = update?.hash
        updateRevisionSince = since
        revisions = Self.revisions(rows, fleet: fleet, update: update)
        nodes = rows
        self.notEligible = notEligible
        totals = Self.totals(rows)
    }

    /// From when the current template has been the one to run.
    ///
    /// A revision is made when its template first comes, so for most its creation says it. After an undo an old object is
    /// used again; then both the template's manager (whose time later writes move on) and the first sight are only known
    /// to be not too early, so the earlier of the two counts.
    private static func since(_ update: ControllerRevision, fleet: FleetFacts, firstSeen: Timestamp?) -> Timestamp? {
        guard let created = update.createdAt else { return firstSeen }
        let isReused = fleet.revisions.contains { other in
            other.ownerUID == update.ownerUID && other.uid != update.uid && (other.createdAt ?? created) > created
        }
        guard isReused else { return created }
        let written = fleet.daemonSet.managers.filter(\.ownsTemplate).compactMap(\.time).max()
        return max(created, [written, firstSeen].compactMap { $0 }.min() ?? created)
    }

    /// The pod that stands for each node: one that stays rather than one that goes, one of the update revision rather than
    /// another, then the latest.
    private static func podsByNode(_ fleet: FleetFacts, update: String?) -> [String: Pod] {
        func rank(_ pod: Pod) -> (Int, Int, Int64, String) {
            let isUpdate = update != nil && pod.revisionHash == update
            let created = pod.createdAt?.millisecondsSince1970 ?? 0
            return (pod.isTerminating ? 0 : 1, isUpdate ? 1 : 0, created, pod.uid)
        }
        var pods: [String: Pod] = [:]
        for pod in fleet.pods where pod.ownerUID == fleet.daemonSet.uid {
            guard let node = pod.nodeName else { continue }
            if let other = pods[node], rank(other) > rank(pod) { continue }
            pods[node] = pod
        }
        return pods
    }

    private static func row(
        _ node: Node, pod: Pod?, update: String?, since: Timestamp?, reasons: VersionReasons
    ) -> NodeRow {
        guard let pod else {
            return NodeRow(
                node: node.name, pod: nil, revision: nil, images: [], isStale: false, runningSince: nil,
                staleSince: nil, reason: reasons.whyMissing(node))
        }
        let isStale = update == nil || pod.revisionHash != update
        let staleSince = isStale ? [since, since == nil ? nil : pod.createdAt].compactMap { $0 }.max() : nil
        return NodeRow(
            node: node.name, pod: pod.name, revision: pod.revisionHash, images: pod.images, isStale: isStale,
            runningSince: pod.createdAt, staleSince: staleSince,
            reason: isStale ? reasons.whyStale(node, pod: pod) : "")
    }

    private static func revisions(
        _ rows: [NodeRow], fleet: FleetFacts, update: ControllerRevision?
    ) -> [RevisionRow] {
        var counts: [String?: Int] = [:]
        var images: [String?: [ContainerImage]] = [:]
        for row in rows where row.pod != nil {
            counts[row.revision, default: 0] += 1
            if images[row.revision] == nil { images[row.revision] = row.images }
        }
        if let update, counts[update.hash] == nil { counts[update.hash] = 0 }
        let remembered = Dictionary(
            fleet.revisions.filter { $0.ownerUID == fleet.daemonSet.uid }.map { ($0.hash, $0) },
            uniquingKeysWith: { $0.revision > $1.revision ? $0 : $1 })
        return counts.map { hash, count in
            let revision = hash.flatMap { remembered[$0] }
            return RevisionRow(
                hash: hash, images: revision?.template.images ?? images[hash] ?? [], nodeCount: count,
                isUpdateRevision: update != nil && hash == update?.hash, revision: revision?.revision,
                createdAt: revision?.createdAt)
        }.sorted { left, right in
            if left.isUpdateRevision != right.isUpdateRevision { return left.isUpdateRevision }
            if left.revision != right.revision { return (left.revision ?? -1) > (right.revision ?? -1) }
            return (left.hash ?? "") < (right.hash ?? "")
        }
    }

    private static func totals(_ rows: [NodeRow]) -> Totals {
        var totals = Totals()
        totals.nodes = rows.count
        for row in rows {
            if row.pod == nil {
                totals.missing += 1
            } else if row.isStale {
                totals.stale += 1
            } else {
                totals.updated += 1
            }
        }
        return totals
    }
}
