/// A pod, as far as a rollout looks at it.
public struct Pod: Sendable, Hashable {
    /// Where a pod is in its life (`status.phase`).
    public enum Phase: String, Sendable, Hashable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"
        case unknown = "Unknown"
    }

    /// The pod's name.
    public var name: String
    /// The pod's namespace.
    public var namespace: String
    /// The pod's identity. Every delete carries it.
    public var uid: String
    /// The node the pod is bound to, or, before it is bound, the node its DaemonSet meant it for
    /// (`spec.affinity…matchFields metadata.name`). Nil when neither is known.
    public var nodeName: String?
    /// Whether the pod is bound to its node (`spec.nodeName` is set).
    public var isScheduled: Bool
    /// The uid of the controlling owner; nil for a pod that nobody controls.
    public var ownerUID: String?
    /// The label `controller-revision-hash`: the pod's version.
    public var revisionHash: String?
    /// The labels, for selectors.
    public var labels: [String: String]
    /// `status.phase`.
    public var phase: Phase
    /// When the pod was created, by the API server's clock.
    public var createdAt: Timestamp?
    /// Whether `metadata.deletionTimestamp` is set: the pod is going, even while its status says Ready.
    public var isTerminating: Bool
    /// The `Ready` condition.
    public var isReady: Bool
    /// When the `Ready` condition last changed, by the kubelet's clock.
    public var readyChangedAt: Timestamp?
    /// Why the pod could not be scheduled: the message of a false `PodScheduled` condition.
    public var unschedulableMessage: String?
    /// `status.reason` (`Evicted`, `NodeLost` …); empty when there is none.
    public var reason: String
    /// `status.message`; empty when there is none.
    public var message: String
    /// `status.podIP`; empty before the pod has one.
    public var podIP: String
    /// The containers' states, init containers first, as the kubelet lists them.
    public var containers: [ContainerStatus]
    /// The images the pod asks for, by container name, init containers left out, sorted by name.
    public var images: [ContainerImage]

    /// A pod.
    public init(
        name: String, namespace: String, uid: String, nodeName: String? = nil, isScheduled: Bool = true,
        ownerUID: String? = nil, revisionHash: String? = nil, labels: [String: String] = [:], phase: Phase = .pending,
        createdAt: Timestamp? = nil, isTerminating: Bool = false, isReady: Bool = false,
        readyChangedAt: Timestamp? = nil, unschedulableMessage: String? = nil, reason: String = "",
        message: String = "", podIP: String = "", containers: [ContainerStatus] = [], images: [ContainerImage] = []
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.nodeName = nodeName
        self.isScheduled = isScheduled
        self.ownerUID = ownerUID
        self.revisionHash = revisionHash
        self.labels = labels
        self.phase = phase
        self.createdAt = createdAt
        self.isTerminating = isTerminating
        self.isReady = isReady
        self.readyChangedAt = readyChangedAt
        self.unschedulableMessage = unschedulableMessage
        self.reason = reason
        self.message = message
        self.podIP = podIP
        self.containers = containers
        self.images = images
    }

    /// The restarts of all containers together, init containers left out.
    public var restartCount: Int {
        containers.reduce(0) { $0 + ($1.isInit ? 0 : $1.restartCount) }
    }
}

/// A container's name with the image it was asked to run.
public struct ContainerImage: Sendable, Hashable {
    /// The container's name.
    public var container: String
    /// The image reference as written in the template.
    public var image: String

    /// A container's image.
    public init(container: String, image: String) {
        self.container = container
        self.image = image
    }
}

/// The kubelet's account of one container.
public struct ContainerStatus: Sendable, Hashable {
    /// How a container ended.
    public struct Termination: Sendable, Hashable {
        /// `Completed`, `Error`, `OOMKilled` …
        public var reason: String
        /// The exit code.
        public var exitCode: Int
        /// The termination message; empty when there is none.
        public var message: String

        /// How a container ended.
        public init(reason: String, exitCode: Int, message: String = "") {
            self.reason = reason
            self.exitCode = exitCode
            self.message = message
        }
    }

    /// Why a container is not running yet.
    public struct Waiting: Sendable, Hashable {
        /// `ContainerCreating`, `CrashLoopBackOff`, `ImagePullBackOff`, `CreateContainerConfigError` …
        public var reason: String
        /// The kubelet's explanation; empty when there is none.
        public var message: String

        /// Why a container is not running yet.
        public init(reason: String, message: String = "") {
            self.reason = reason
            self.message = message
        }
    }

    /// The container's name.
    public var name: String
    /// Whether this is an init container.
    public var isInit: Bool
    /// Whether its readiness probe passes.
    public var isReady: Bool
    /// How often it was started again.
    public var restartCount: Int
    /// When the run under way began, by the kubelet's clock; nil while the container does not run.
    public var runningSince: Timestamp?
    /// Set while the container waits to start.
    public var waiting: Waiting?
    /// Set while the container is ended.
    public var terminated: Termination?
    /// How the run before this one ended.
    public var lastTermination: Termination?
    /// The digest reference of the running image; empty before it is pulled.
    public var imageID: String

    /// The kubelet's account of one container.
    public init(
        name: String, isInit: Bool = false, isReady: Bool = false, restartCount: Int = 0,
        runningSince: Timestamp? = nil, waiting: Waiting? = nil,
        terminated: Termination? = nil, lastTermination: Termination? = nil, imageID: String = ""
    ) {
        self.name = name
        self.isInit = isInit
        self.isReady = isReady
        self.restartCount = restartCount
        self.runningSince = runningSince
        self.waiting = waiting
        self.terminated = terminated
        self.lastTermination = lastTermination
        self.imageID = imageID
    }
}
