/// A fact that reaches the machine. A fact from the cluster is never impossible.
public enum RolloutEvent: Sendable {
    /// The DaemonSet as it is now; nil when it is gone.
    case daemonSetObserved(DaemonSet?)
    /// The DaemonSet's revisions as they are now.
    case revisionsListed([ControllerRevision])
    /// All nodes, as a fresh list says; nodes not in it are gone.
    case nodesListed([Node])
    /// One node appeared or changed.
    case nodeChanged(Node)
    /// A Node object is gone.
    case nodeGone(name: String)
    /// All pods that the DaemonSet's selector matches, with the API server's clock; pods not in it are gone.
    case podsListed([Pod], serverTime: Timestamp?)
    /// One pod appeared or changed.
    case podChanged(Pod)
    /// A pod is gone.
    case podGone(uid: String)
    /// What is watched cannot be seen at the moment, or from an earlier monotonic time on; a fresh list ends it.
    case observationLost(ClusterView, reason: String, since: Milliseconds? = nil)
    /// What is watched can be seen again, and nothing was missed.
    case observationRegained(ClusterView)
    /// The API server accepted the delete of a pod.
    case deleteAccepted(uid: String)
    /// The delete of a pod did not go through.
    case deleteRefused(uid: String, DeleteRefusal)
    /// The API server accepted the patch of the DaemonSet.
    case patchAccepted(DaemonSet)
    /// The patch of the DaemonSet did not go through.
    case patchRefused(PatchRefusal)
    /// Why pods of the DaemonSet cannot be created at the moment; nil when nothing says so.
    case creationRefusalRead(reason: String?)
    /// A gate was measured.
    case measured(wave: Int, gate: String, MetricReading)
    /// The metrics pages of a gate's pods were read, or could not be.
    case scraped(wave: Int, gate: String, [PodScrape])
    /// A blocker was looked for.
    case blockerSeen(name: String, BlockerReading)
    /// A ConfigMap or a Secret that the target template reads was looked at.
    case configSeen(ConfigObject, ConfigReading)
    /// We hold the DaemonSet's Lease.
    case leaseHeld
    /// We do not hold the Lease.
    case leaseLost(reason: String)
    /// The database could not be written; nothing of the turn took effect.
    case storeFailed(reason: String)
    /// The database can be written again.
    case storeRecovered
    /// A person asked for something.
    case operatorAsked(OperatorRequest)
    /// Time has passed.
    case wakeReached
}

/// What a rollout watches in the cluster.
public enum ClusterView: String, Sendable, Hashable, CaseIterable {
    case nodes
    case pods
    case daemonSet = "the DaemonSet"
}

/// Why a delete did not go through.
public enum DeleteRefusal: Sendable, Hashable {
    /// 404 or 409: the pod with that uid is gone.
    case gone
    /// Nothing was sent, as the Lease would not outlive the request, or nothing was done, as the credential was not accepted.
    case notSent(reason: String)
    /// The server did not act and says when to come again, in milliseconds.
    case throttled(after: Milliseconds, reason: String)
    /// A PodDisruptionBudget does not allow it now.
    case disruptionBudget(reason: String)
    /// It is not known whether the server acted: a broken connection, a timeout, a 5xx.
    case uncertain(reason: String)
    /// 403, 400, 422: trying again will not help.
    case rejected(reason: String)
}

/// Why a patch did not go through.
public enum PatchRefusal: Sendable, Hashable {
    /// 409: the object has changed since it was read.
    case conflict
    /// It may work later: a broken connection, a timeout, 429, 5xx.
    case temporary(reason: String)
    /// 403, 400, 404, 422: trying again will not help.
    case rejected(reason: String)
}

/// What a person can ask of a rollout under way.
public enum OperatorRequest: Sendable, Hashable {
    /// Delete nothing more until the pause is lifted.
    case pause(reason: String)
    /// Lift the pause, or take a halted rollout up again.
    case resume
    /// Let a wave begin that waits for it. It names the wave, so that what comes late is not taken for the next one's.
    case approve(wave: String, by: String, reason: String)
    /// Leave a node out: it is not touched any more, and counts neither as failed nor in the budget.
    case skip(node: String, by: String, reason: String)
    /// Give a node that failed, was put off or was left out another try, with a new pod where it has a bad one.
    case retry(node: String, by: String, reason: String)
    /// Give the rollout up.
    case abort(reason: String)
    /// Give a halted rollout up, because a new one of the same DaemonSet takes its place.
    case supersede
}

/// An order of the machine. Every order is safe to repeat.
public enum RolloutEffect: Sendable, Hashable {
    /// Patch the DaemonSet; answered by `patchAccepted` or `patchRefused`.
    case patchDaemonSet(DaemonSetPatch)
    /// List the DaemonSet's revisions; answered by `revisionsListed`.
    case listRevisions
    /// Find out why the controller cannot create pods such as this one; answered by `creationRefusalRead`.
    case readCreationRefusal(NewPod)
    /// List the pods afresh; answered by `podsListed`. What the watch did not show may have happened all the same.
    case lookAtPods
    /// Delete or evict a pod; answered by `deleteAccepted` or `deleteRefused`.
    case deletePod(PodDeletion)
    /// Measure a gate; answered by `measured`.
    case measure(GateMeasurement)
    /// Ask a webhook for a gate; answered by `measured`.
    case ask(GateQuestion)
    /// Read metrics pages; answered by `scraped`, with one answer for each pod.
    case scrape(ScrapeOrder)
    /// Look for a blocker; answered by `blockerSeen`.
    case lookFor(Blocker)
    /// Look at ConfigMaps and Secrets; answered by `configSeen`, once for each.
    case lookAtConfig([ConfigObject])
    /// The rollout has reached an end or a halt: stop driving.
    case finish
}

/// A patch of the DaemonSet, guarded by uid and resourceVersion.
public struct DaemonSetPatch: Sendable, Hashable {
    /// The uid the DaemonSet must have.
    public var uid: String
    /// The resourceVersion the DaemonSet must have; nil for any, which only a dry run is content with.
    public var resourceVersion: String?
    /// What becomes of the template.
    public var change: TemplateChange

    /// What becomes of the template.
    public enum TemplateChange: Sendable, Hashable {
        /// It stays.
        case none
        /// These containers get other images.
        case images([ContainerImage])
        /// It becomes exactly this one.
        case replacement(PodTemplate)
    }

    /// A patch that sets OnDelete and changes the template.
    public init(uid: String, resourceVersion: String?, change: TemplateChange) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.change = change
    }

    /// The body of the strategic merge patch. The parameters of the old strategy stay, so that whoever sets
    /// RollingUpdate again finds the same maxUnavailable.
    public var body: JSONValue {
        var spec: JSONValue = ["updateStrategy": ["type": "OnDelete"]]
        switch change {
        case .none: break
        case .images(let images):
            let containers = images.map {
                JSONValue.object(["name": .string($0.container), "image": .string($0.image)])
            }
            spec["template"] = ["spec": ["containers": .array(containers)]]
        case .replacement(let template):
            var whole = template.json
            // Of a strategic merge patch's own: nothing of the template that stands is kept.
            whole["$patch"] = "replace"
            spec["template"] = whole
        }
        var metadata: JSONValue = ["uid": .string(uid)]
        if let resourceVersion { metadata["resourceVersion"] = .string(resourceVersion) }
        return ["metadata": metadata, "spec": spec]
    }
}

/// The order to remove one pod.
public struct PodDeletion: Sendable, Hashable {
    /// The pod's name.
    public var name: String
    /// The pod's uid: the delete's precondition.
    public var uid: String
    /// The node it runs on.
    public var node: String
    /// How it is removed.
    public var method: Deletion

    /// The order to remove one pod.
    public init(name: String, uid: String, node: String, method: Deletion) {
        self.name = name
        self.uid = uid
        self.node = node
        self.method = method
    }
}

/// The order to measure a gate once.
public struct GateMeasurement: Sendable, Hashable {
    /// The index of the wave.
    public var wave: Int
    /// The gate's name.
    public var gate: String
    /// The query with its placeholders filled in.
    public var query: PrometheusQuery
    /// The time over which it is asked for; nil asks for now.
    public var range: QueryRange?

    /// The order to measure a gate once.
    public init(wave: Int, gate: String, query: PrometheusQuery, range: QueryRange? = nil) {
        self.wave = wave
        self.gate = gate
        self.query = query
        self.range = range
    }
}

/// The order to ask a webhook about the updated nodes of a wave once.
public struct GateQuestion: Sendable, Hashable {
    /// The index of the wave.
    public var wave: Int
    /// The gate's name.
    public var gate: String
    /// Who is asked.
    public var destination: NotificationDestination
    /// The question's name, which stays the same when it is asked again.
    public var key: String
    /// The question.
    public var body: JSONValue

    /// The order to ask a webhook once.
    public init(wave: Int, gate: String, destination: NotificationDestination, key: String, body: JSONValue) {
        self.wave = wave
        self.gate = gate
        self.destination = destination
        self.key = key
        self.body = body
    }
}

/// What the machine made of an event: rows and journal lines to commit first, then orders to carry out.
public struct Decision: Sendable {
    /// The rows that changed.
    public var changes = RowChanges()
    /// The journal lines, in order.
    public var journal: [JournalLine] = []
    /// The orders, in order.
    public var effects: [RolloutEffect] = []
    /// When the machine wants to be called again at the latest; nil when only an event can change anything.
    public var wakeAt: Milliseconds?
    /// Whether a delete may be near, so that the DaemonSet's Lease should be held.
    public var wantsLease = false

    /// A decision that does nothing.
    public init() {}
}
