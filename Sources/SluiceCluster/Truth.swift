public import SluiceCore

/// What is really so in the cluster, version by version: for whoever judges a client from outside, without reading what
/// the API tells.
public enum Truth: Sendable {
    /// A pod appeared or changed.
    case pod(PodTruth)
    /// A pod is gone.
    case podGone(uid: String)
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
public struct PodTruth: Sendable, Equatable {
    /// The pod's uid.
    public var uid: String
    /// The pod's name.
    public var name: String
    /// The node it was made for.
    public var node: String
    /// The hash of its template's revision.
    public var hash: String
    /// The image of its first container.
    public var image: String
    /// The uid of the DaemonSet that owns it; nil for an orphan.
    public var owner: String?
    /// When it last became Ready; nil while it is not.
    public var readySince: Timestamp?
    /// Whether its end was ordered.
    public var isTerminating: Bool
    /// Whether it has failed or succeeded.
    public var isTerminal: Bool
    /// How often its container was restarted.
    public var restarts: Int
}

/// One node as it really is.
public struct NodeTruth: Sendable, Equatable {
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
}

/// One DaemonSet as it really is.
public struct DaemonSetTruth: Sendable, Equatable {
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
}

extension Cluster {
    /// From now on keeps every change until it is taken with ``takeTruth()``. What is there already comes first.
    public mutating func recordTruth() {
        truth = []
        for kind in [ResourceKind.daemonSets, .nodes, .pods, .leases] {
            for object in store.objects(kind) { noteTruth(kind, object) }
        }
    }

    /// The changes since the last call with their versions, in order.
    public mutating func takeTruth() -> [(version: Int, truth: Truth)] {
        guard let taken = truth, !taken.isEmpty else { return [] }
        truth = []
        return taken
    }

    mutating func noteTruth(_ kind: ResourceKind, _ change: Change) {
        guard change.kind == .deleted else { return noteTruth(kind, change.after) }
        switch kind {
        case .pods: truth?.append((change.version, .podGone(uid: change.after.uid)))
        case .nodes: truth?.append((change.version, .nodeGone(name: change.after.name)))
        case .daemonSets: truth?.append((change.version, .daemonSetGone(uid: change.after.uid)))
        default: break
        }
    }

    private mutating func noteTruth(_ kind: ResourceKind, _ object: StoredObject) {
        switch kind {
        case .pods: if let pod = pods[object.uid] { truth?.append((object.version, .pod(PodTruth(pod)))) }
        case .nodes:
            guard let value = object.value else { return }
            let facts = NodeFacts(value)
            let placement = daemonSets.min { $0.key < $1.key }?.value.placement
            let node = NodeTruth(
                name: object.name, isReady: facts.isReady, labels: facts.labels,
                runs: placement?.runs(on: object.name, facts) ?? false,
                stays: placement?.stays(on: object.name, facts) ?? false)
            truth?.append((object.version, .node(node)))
        case .daemonSets:
            guard let value = object.value else { return }
            truth?.append((object.version, .daemonSet(DaemonSetTruth(object, value))))
        case .leases:
            let holder = object.value?.at("spec", "holderIdentity")?.string ?? ""
            truth?.append(
                (object.version, .lease(namespace: object.namespace, name: object.name, holder: holder)))
        default: break
        }
    }
}

extension PodTruth {
    init(_ pod: PodRecord) {
        uid = pod.uid
        name = pod.name
        node = pod.node
        hash = pod.pattern.hash
        image = pod.pattern.containers.first?.image ?? ""
        owner = pod.owner
        readySince = pod.status.ready.isTrue ? Timestamp(pod.status.readySince) : nil
        isTerminating = pod.deletion != nil
        isTerminal = pod.status.isTerminal
        restarts = pod.status.restarts
    }
}

extension DaemonSetTruth {
    init(_ object: StoredObject, _ value: JSONValue) {
        uid = object.uid
        name = object.name
        let containers = value.at("spec", "template", "spec", "containers")?.array ?? []
        image = containers.first?["image"]?.string ?? ""
        strategy = value.at("spec", "updateStrategy", "type")?.string ?? ""
        annotations = value.at("metadata", "annotations")?.strings ?? [:]
        isBeingDeleted = value.at("metadata", "deletionTimestamp") != nil
    }
}
