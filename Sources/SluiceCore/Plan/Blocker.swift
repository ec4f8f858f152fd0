/// Something outside the rollout that keeps it from going on while it is there: alerts that fire, pods that run, a webhook
/// that says no. It is looked for anew before every batch. (kured has `--prometheus-url` and `--blocking-pod-selector`, Flagger
/// has webhooks that confirm)
public struct Blocker: Sendable, Hashable {
    /// Its name, unique in the plan.
    public var name: String
    /// What is looked for.
    public var subject: Subject
    /// What to do when it is there.
    public var policy: Policy

    /// Something that keeps a rollout from going on.
    public init(name: String, subject: Subject, policy: Policy = .hold) {
        self.name = name
        self.subject = subject
        self.policy = policy
    }

    /// What is looked for.
    public enum Subject: Sendable, Hashable {
        /// Alerts that fire.
        case alerts(AlertQuestion)
        /// Pods that run or are about to.
        case pods(PodQuestion)
        /// A webhook that does not say yes.
        case webhook(NotificationDestination)
    }

    /// What to do when it is there.
    public enum Policy: String, Sendable, Hashable, CaseIterable {
        /// Delete nothing until it is gone.
        case hold
        /// Stop for a person, also in the middle of a batch or a soak.
        case halt
    }

    /// Which alerts, and who knows of them.
    public struct AlertQuestion: Sendable, Hashable {
        /// Who is asked.
        public enum Server: String, Sendable, Hashable, CaseIterable {
            /// A Prometheus, for its series `ALERTS`.
            case prometheus
            /// An Alertmanager, by its API v2: alerts that are silenced or inhibited are left out.
            case alertmanager
        }

        /// Who is asked.
        public var server: Server
        /// The server's address.
        public var address: String
        /// How it is asked.
        public var access: ServerAccess
        /// What an alert's labels must be, each as `severity="page"`; none means every alert. Both servers read them alike.
        public var matchers: [String]

        /// Which alerts, and who knows of them.
        public init(server: Server, address: String, access: ServerAccess = ServerAccess(), matchers: [String] = []) {
            self.server = server
            self.address = address
            self.access = access
            self.matchers = matchers
        }

        /// The query that gives a Prometheus' alerts that fire.
        public var query: PrometheusQuery {
            let labels = ["alertstate=\"firing\""] + matchers
            return PrometheusQuery(
                address: address, query: "ALERTS{\(labels.joined(separator: ","))}", access: access)
        }
    }

    /// Which pods.
    public struct PodQuestion: Sendable, Hashable {
        /// Their namespace; nil for all.
        public var namespace: String?
        /// Their labels.
        public var selector: LabelSelector
        /// Whether each keeps only its own node from being updated.
        public var isOfNode: Bool

        /// Which pods.
        public init(namespace: String? = nil, selector: LabelSelector, isOfNode: Bool = false) {
            self.namespace = namespace
            self.selector = selector
            self.isOfNode = isOfNode
        }
    }
}

/// What looking for a blocker has brought.
public enum BlockerReading: Sendable, Hashable {
    /// It is not there.
    case absent
    /// It is there; in one sentence.
    case present(String)
    /// It is on these nodes; a sentence for each.
    case onNodes([String: String])
    /// It could not be looked for; in one sentence.
    case failed(String)
}
