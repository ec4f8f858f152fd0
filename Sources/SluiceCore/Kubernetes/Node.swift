/// A node, as far as a rollout looks at it.
public struct Node: Sendable, Hashable {
    /// The node's name, unique in the cluster.
    public var name: String
    /// The object's identity; a node re-created under its name has another.
    public var uid: String
    /// The labels.
    public var labels: [String: String]
    /// The taints.
    public var taints: [Taint]
    /// Whether the node is cordoned (`spec.unschedulable`).
    public var isUnschedulable: Bool
    /// The `Ready` condition.
    public var ready: ConditionStatus
    /// Why the `Ready` condition stands as it does, in the kubelet's words; empty when it says nothing.
    public var readyReason: String
    /// When the `Ready` condition last changed; nil when it does not say.
    public var readyChangedAt: Timestamp?
    /// What the kubelet says its node runs out of: the pressure conditions that are `True`, in the API's order.
    public var pressures: [NodePressure]
    /// Whether the Node object is being deleted.
    public var isBeingDeleted: Bool
    /// When the Node object was created, by the API server's clock.
    public var createdAt: Timestamp?

    /// A node.
    public init(
        name: String, uid: String, labels: [String: String] = [:], taints: [Taint] = [], isUnschedulable: Bool = false,
        ready: ConditionStatus = .true, readyReason: String = "", readyChangedAt: Timestamp? = nil,
        pressures: [NodePressure] = [], isBeingDeleted: Bool = false, createdAt: Timestamp? = nil
    ) {
        self.name = name
        self.uid = uid
        self.labels = labels
        self.taints = taints
        self.isUnschedulable = isUnschedulable
        self.ready = ready
        self.readyReason = readyReason
        self.readyChangedAt = readyChangedAt
        self.pressures = pressures
        self.isBeingDeleted = isBeingDeleted
        self.createdAt = createdAt
    }
}

/// A pressure condition of a node that is `True`. (kubelet, `pkg/kubelet/eviction`)
public struct NodePressure: Sendable, Hashable {
    /// What a node runs out of, in the API's words.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case memory = "MemoryPressure"
        case disk = "DiskPressure"
        case processes = "PIDPressure"
    }

    /// What the node runs out of.
    public var kind: Kind
    /// Since when, by the kubelet's clock (`lastTransitionTime`); nil when it does not say.
    public var since: Timestamp?

    /// A pressure condition that is `True`.
    public init(_ kind: Kind, since: Timestamp? = nil) {
        self.kind = kind
        self.since = since
    }

    /// The pressure that a condition reports; nil for another condition, and for one that is not `True`.
    public init?(condition type: String, status: String, since: Timestamp?) {
        guard status == ConditionStatus.true.rawValue, let kind = Kind(rawValue: type) else { return nil }
        self.init(kind, since: since)
    }
}

/// The status of a Kubernetes condition. An absent condition counts as unknown.
public enum ConditionStatus: String, Sendable, Hashable {
    case `true` = "True"
    case `false` = "False"
    case unknown = "Unknown"
}

/// A taint of a node.
public struct Taint: Sendable, Hashable {
    /// The taint's key.
    public var key: String
    /// The taint's value; empty when it has none.
    public var value: String
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    public var effect: String

    /// A taint.
    public init(key: String, value: String = "", effect: String) {
        self.key = key
        self.value = value
        self.effect = effect
    }
}

/// A toleration of a pod template.
public struct Toleration: Sendable, Hashable {
    /// The key it tolerates; empty (with `Exists`) means every key.
    public var key: String
    /// `Equal` (also when empty), `Exists`, or `Lt` and `Gt`, which clusters with their feature gate accept.
    public var `operator`: String
    /// The value it tolerates with `Equal`.
    public var value: String
    /// The effect it tolerates; empty means every effect.
    public var effect: String

    /// A toleration.
    public init(key: String = "", operator: String = "Equal", value: String = "", effect: String = "") {
        self.key = key
        self.operator = `operator`
        self.value = value
        self.effect = effect
    }
}
