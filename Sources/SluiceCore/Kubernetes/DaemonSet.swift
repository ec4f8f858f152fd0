/// A DaemonSet, as far as a rollout looks at it.
public struct DaemonSet: Sendable, Hashable {
    /// `spec.updateStrategy.type`.
    public enum UpdateStrategy: String, Sendable, Hashable {
        case rollingUpdate = "RollingUpdate"
        case onDelete = "OnDelete"
    }

    /// Who last changed a part of the object, from `metadata.managedFields`.
    public struct FieldManager: Sendable, Hashable {
        /// The manager's name: `kubectl-edit`, `argocd-controller`, `sluice` …
        public var name: String
        /// `Apply` or `Update`.
        public var operation: String
        /// When it last wrote, nil when not said.
        public var time: Timestamp?
        /// Whether it owns fields under `spec.template`.
        public var ownsTemplate: Bool
        /// Whether it owns fields under `spec.updateStrategy`.
        public var ownsUpdateStrategy: Bool

        /// Who last changed a part of the object.
        public init(
            name: String, operation: String, time: Timestamp?, ownsTemplate: Bool, ownsUpdateStrategy: Bool
        ) {
            self.name = name
            self.operation = operation
            self.time = time
            self.ownsTemplate = ownsTemplate
            self.ownsUpdateStrategy = ownsUpdateStrategy
        }
    }

    /// The namespace.
    public var namespace: String
    /// The name.
    public var name: String
    /// The object's identity.
    public var uid: String
    /// The version of the object, for guarded patches.
    public var resourceVersion: String
    /// Counts changes of the spec.
    public var generation: Int64
    /// The generation the controller last acted upon.
    public var observedGeneration: Int64
    /// Whether the object is being deleted.
    public var isBeingDeleted: Bool
    /// Which pods are the DaemonSet's.
    public var selector: LabelSelector
    /// The current template.
    public var template: PodTemplate
    /// How template changes reach the nodes.
    public var updateStrategy: UpdateStrategy
    /// `spec.updateStrategy.rollingUpdate.maxUnavailable` as text (`1`, `10%`); nil when absent.
    public var rollingMaxUnavailable: String?
    /// `spec.minReadySeconds`.
    public var minReadySeconds: Int64
    /// `spec.revisionHistoryLimit`, 10 when absent.
    public var revisionHistoryLimit: Int64
    /// The annotations.
    public var annotations: [String: String]
    /// Who changed what, in the object's order.
    public var managers: [FieldManager]

    /// A DaemonSet.
    public init(
        namespace: String, name: String, uid: String, resourceVersion: String = "", generation: Int64 = 1,
        observedGeneration: Int64 = 1, isBeingDeleted: Bool = false, selector: LabelSelector, template: PodTemplate,
        updateStrategy: UpdateStrategy = .onDelete, rollingMaxUnavailable: String? = nil, minReadySeconds: Int64 = 0,
        revisionHistoryLimit: Int64 = 10, annotations: [String: String] = [:], managers: [FieldManager] = []
    ) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.generation = generation
        self.observedGeneration = observedGeneration
        self.isBeingDeleted = isBeingDeleted
        self.selector = selector
        self.template = template
        self.updateStrategy = updateStrategy
        self.rollingMaxUnavailable = rollingMaxUnavailable
        self.minReadySeconds = minReadySeconds
        self.revisionHistoryLimit = revisionHistoryLimit
        self.annotations = annotations
        self.managers = managers
    }
}

/// A remembered template of a DaemonSet.
public struct ControllerRevision: Sendable, Hashable {
    /// The object's name.
    public var name: String
    /// The object's identity.
    public var uid: String
    /// The uid of the controlling owner; nil for an orphan.
    public var ownerUID: String?
    /// The label `controller-revision-hash`, which pods of this revision carry too.
    public var hash: String
    /// The number the controller counts; an undo gives an old object a new number, so it is no identity.
    public var revision: Int64
    /// When the object was created; an undo re-uses an old object.
    public var createdAt: Timestamp?
    /// The template it remembers.
    public var template: PodTemplate

    /// A remembered template.
    public init(
        name: String, uid: String, ownerUID: String?, hash: String, revision: Int64, createdAt: Timestamp?,
        template: PodTemplate
    ) {
        self.name = name
        self.uid = uid
        self.ownerUID = ownerUID
        self.hash = hash
        self.revision = revision
        self.createdAt = createdAt
        self.template = template
    }
}
