public import SluiceCore

/// A change of the cluster as it really is, for whoever follows it without reading what the API tells.
public struct ClusterChange: Sendable {
    /// The version of the write.
    public var version: Int
    /// When.
    public var time: Timestamp
    /// What is so now.
    public var truth: Truth
}

/// What is really so in the cluster.
public enum Truth: Sendable {
    /// A pod appeared or changed.
    case pod(PodTruth)
    /// A pod is gone; as it was last.
    case podGone(PodTruth)
    /// A node appeared or changed.
    case node(NodeTruth)
    /// A node is gone.
    case nodeGone(name: String)
    /// A DaemonSet appeared or changed.
    case daemonSet(DaemonSetTruth)
    /// A DaemonSet is gone.
    case daemonSetGone(uid: String)
    /// A Lease appeared or changed.
    case lease(namespace: String, name: String, holder: String)
}

/// One pod as it really is.
public struct PodTruth: Sendable {
    /// Shared, because what is known of a pod is kept and handed on often.
    private final class Version: Sendable {
        let record: PodRecord

        init(_ record: PodRecord) { self.record = record }
    }

    private let version: Version

    init(_ record: PodRecord) { version = Version(record) }

    /// The pod's uid.
    public var uid: String { version.record.uid }
    /// The pod's name.
    public var name: String { version.record.name }
    /// Its namespace.
    public var namespace: String { version.record.namespace }
    /// The node it was made for.
    public var node: String { version.record.node }
    /// The hash of its template's revision.
    public var hash: String { version.record.pattern.hash }
    /// The image of its first container.
    public var image: String { version.record.pattern.containers.first?.image ?? "" }
    /// The uid of the DaemonSet that owns it; nil for an orphan.
    public var owner: String? { version.record.owner }
    /// When it last became Ready; nil while it is not.
    public var readySince: Timestamp? {
        version.record.status.ready.isTrue ? Timestamp(version.record.status.readySince) : nil
    }
    /// Whether its end was ordered.
    public var isTerminating: Bool { version.record.deletion != nil }
    /// Whether its phase is Running.
    public var isRunning: Bool { version.record.status.phase == "Running" }
    /// Whether it has failed or succeeded.
    public var isTerminal: Bool { version.record.status.isTerminal }
    /// How often its container was restarted.
    public var restarts: Int { version.record.status.restarts }
    /// The pod as a client would read it.
    public var noun: Pod { version.record.noun }
}

/// One node as it really is.
public struct NodeTruth: Sendable {
    /// The node's name.
    public var name: String
    /// Whether its kubelet reports.
    public var isReady: Bool
    /// Its labels.
    public var labels: [String: String]
    /// Whether the first DaemonSet's controller would make a pod there.
    public var runs: Bool
    /// Whether that controller would leave one there.
    public var stays: Bool
    fileprivate let object: StoredObject
    /// The node as a client would read it.
    public var noun: Node? { object.node }
}

/// One DaemonSet as it really is.
public struct DaemonSetTruth: Sendable {
    /// The DaemonSet's uid.
    public var uid: String
    /// Its name.
    public var name: String
    /// The image of the first container of its template.
    public var image: String
    /// `OnDelete` or `RollingUpdate`.
    public var strategy: String
    /// Its annotations.
    public var annotations: [String: String]
    /// Whether it is being deleted.
    public var isBeingDeleted: Bool
    private let object: StoredObject
    /// The DaemonSet as a client would read it.
    public var noun: DaemonSet? { object.value.flatMap(DaemonSet.init(json:)) }
}

extension Cluster {
    /// From now on keeps every change until it is taken with ``takeTruth()``.
    ///
    /// - Parameter tellsAll: whether what is there already comes first.
    public mutating func recordTruth(tellsAll: Bool = true) {
        truth = []
        guard tellsAll else { return }
        for kind in [ResourceKind.daemonSets, .nodes, .pods, .leases] {
            for object in store.objects(kind) { noteTruth(kind, object) }
        }
    }

    /// The changes since the last call, in their order.
    public mutating func takeTruth() -> [ClusterChange] {
        guard let taken = truth, !taken.isEmpty else { return [] }
        truth = []
        return taken
    }

    mutating func noteTruth(_ kind: ResourceKind, _ change: Change) {
        guard change.kind == .deleted else { return noteTruth(kind, change.after) }
        switch kind {
        case .pods: if let pod = change.after.pod { note(.podGone(PodTruth(pod)), change.version) }
        case .nodes: note(.nodeGone(name: change.after.name), change.version)
        case .daemonSets: note(.daemonSetGone(uid: change.after.uid), change.version)
        default: break
        }
    }

    /// Lets those who follow the changes know of a pod where nothing is stored.
    mutating func noteUnstored(_ pod: PodRecord, isGone: Bool) {
        store.countUp()
        guard truth != nil else { return }
        note(isGone ? .podGone(PodTruth(pod)) : .pod(PodTruth(pod)), store.version)
    }

    private mutating func note(_ what: Truth, _ version: Int) {
        truth?.append(ClusterChange(version: version, time: now, truth: what))
    }

    private mutating func noteTruth(_ kind: ResourceKind, _ object: StoredObject) {
        switch kind {
        case .pods: if let pod = object.pod { note(.pod(PodTruth(pod)), object.version) }
        case .nodes:
            guard let facts = object.value.map(NodeFacts.init) else { return }
            let placement = daemonSets.min { $0.key < $1.key }?.value.placement
            let node = NodeTruth(
                name: object.name, isReady: facts.isReady, labels: facts.labels,
                runs: placement?.runs(on: object.name, facts) ?? false,
                stays: placement?.stays(on: object.name, facts) ?? false, object: object)
            note(.node(node), object.version)
        case .daemonSets:
            guard let value = object.value else { return }
            note(.daemonSet(DaemonSetTruth(object, value)), object.version)
        case .leases:
            let holder = object.value?.at("spec", "holderIdentity")?.string ?? ""
            note(.lease(namespace: object.namespace, name: object.name, holder: holder), object.version)
        default: break
        }
    }
}

extension DaemonSetTruth {
    init(_ object: StoredObject, _ value: JSONValue) {
        self.object = object
        uid = object.uid
        name = object.name
        let containers = value.at("spec", "template", "spec", "containers")?.array ?? []
        image = containers.first?["image"]?.string ?? ""
        strategy = value.at("spec", "updateStrategy", "type")?.string ?? ""
        annotations = value.at("metadata", "annotations")?.strings ?? [:]
        isBeingDeleted = value.at("metadata", "deletionTimestamp") != nil
    }
}
