public import SluiceCore

/// How an embedded cluster is made: size, pace and temper of its parts. All times are milliseconds.
public struct ClusterOptions: Sendable {
    /// The number of nodes, `node-0001` and so on.
    public var nodes: Int
    /// From binding a pod to Ready, before jitter.
    public var startDelay: Milliseconds
    /// Of the start delay, how long the container runs without being Ready (only with a readiness probe).
    public var readyLag: Milliseconds
    /// From the delete to the end of the containers, before jitter.
    public var termination: Milliseconds
    /// Between a deleted pod's terminal phase and its removal; the new pod comes in this gap.
    public var linger: Milliseconds
    /// How far a delay may lie off its mean: 0.2 means up to 20 % in both directions. From 0 to 1.
    public var jitter: Double
    /// Everything drawn by chance derives from this seed: same seed, same requests, same bytes.
    public var seed: UInt64
    /// The first wait of CrashLoopBackOff and ImagePullBackOff; it doubles up to five minutes.
    public var backOff: Milliseconds
    /// How long the DaemonSet controller takes to answer a change.
    public var controllerDelay: Milliseconds
    /// The shortest time between two updates of a DaemonSet's status.
    public var statusInterval: Milliseconds
    /// Changes that are kept per resource for watches that start late; older ones are 410 Gone.
    public var historyLimit: Int
    /// The bearer token: a request with another one gets 401. One without credentials is let in, because kubectl sends no
    /// token over plain HTTP. Nil accepts every token.
    public var token: String?
    /// How much of what happens is written down.
    public var detail: Detail
    /// Behaviours by image: the first whose text occurs in the image counts, after the template's own annotation.
    public var behaviours: [BehaviourRule]

    /// How much of what happens is written down.
    public enum Detail: Sendable, Hashable {
        /// All that a real cluster shows.
        case full
        /// What is read as values: no Events, of a DaemonSet's status `observedGeneration` alone, and pods as changes but
        /// not in the API.
        case core
    }

    /// A cluster like the production one of the documentation: 2 s to start, 1 s to end, 20 % jitter.
    public init(
        nodes: Int = 60, startDelay: Milliseconds = 2_000, readyLag: Milliseconds = 500,
        termination: Milliseconds = 1_000, linger: Milliseconds = 300, jitter: Double = 0.2, seed: UInt64 = 1,
        backOff: Milliseconds = 10_000, controllerDelay: Milliseconds = 5, statusInterval: Milliseconds = 100,
        historyLimit: Int = 10_000, token: String? = nil, detail: Detail = .full,
        behaviours: [BehaviourRule] = []
    ) {
        self.nodes = nodes
        self.startDelay = startDelay
        self.readyLag = readyLag
        self.termination = termination
        self.linger = linger
        self.jitter = jitter
        self.seed = seed
        self.backOff = backOff
        self.controllerDelay = controllerDelay
        self.statusInterval = statusInterval
        self.historyLimit = historyLimit
        self.token = token
        self.detail = detail
        self.behaviours = behaviours
    }
}

/// Which images get which behaviour.
public struct BehaviourRule: Sendable, Hashable {
    /// A text that occurs in the image of the first container.
    public var imagePart: String
    /// A behaviour in the words of the annotation, such as `crash-loop@env=dev,slow=30`.
    public var behaviour: String

    /// A rule.
    public init(imagePart: String, behaviour: String) {
        self.imagePart = imagePart
        self.behaviour = behaviour
    }
}

extension BehaviourRule {
    /// Whether a behaviour that comes on a share of the nodes (`crash-loop@10%`) comes on this one.
    public static func isDrawn(node: String, percent: Double) -> Bool {
        Double(Drawing.mix(Drawing.fnv(node)) % 1_000) < percent * 10
    }

    /// Reads `IMAGE=BEHAVIOUR`, such as `node-exporter:v1.9.0=crash-loop@env=dev`.
    ///
    /// - Throws: ``BehaviourError`` when the equals sign is missing or a part names no behaviour.
    public init(parsing text: String) throws(BehaviourError) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw BehaviourError(
                description: "\"\(text)\": expected IMAGE=BEHAVIOUR, such as agent:v2=crash-loop@env=dev")
        }
        let unknown = BehaviourClause.unknown(in: parts[1])
        guard unknown.isEmpty else {
            throw BehaviourError(
                description: "\"\(text)\": no behaviour is named \(unknown.joined(separator: ", ")); known are "
                    + BehaviourName.list)
        }
        self.init(imagePart: parts[0], behaviour: parts[1])
    }
}

/// Why a text is no rule about behaviours.
public struct BehaviourError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was met and what was expected.
    public var description: String
}
