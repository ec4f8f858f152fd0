/// One number on the metrics page of each of the DaemonSet's own pods, read through the API server's proxy.
public struct MetricsScrape: Sendable, Hashable {
    /// How the API server speaks to the pod. It checks no certificate of a pod's.
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        case http
        case https
    }

    /// What a value means.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Only grows, or starts again at 0: what counts is its rate a second between two scrapes.
        case counter
        /// Goes up and down: what counts is the value itself.
        case gauge
    }

    /// How the series that one page has of a metric become one number.
    public enum Aggregate: String, Sendable, Hashable, CaseIterable {
        case sum
        case min
        case max
    }

    /// The container's port, 1 to 65535. The proxy of pods knows no names of ports, that of services does.
    public var port: Int
    /// The path of the page, from its slash on, without a query.
    public var path: String
    /// How the API server speaks to the pod.
    public var scheme: Scheme
    /// The whole name of the samples, with suffixes such as `_total`.
    public var metric: String
    /// The labels that a series must have with exactly these values; an empty value asks for series without the label.
    public var labels: [String: String]
    /// How several series of one page become one number; a counter is always summed.
    public var aggregate: Aggregate
    /// What the value means; nil takes the page's TYPE.
    public var kind: Kind?

    /// A number on each pod's metrics page.
    public init(
        port: Int, path: String = "/metrics", scheme: Scheme = .http, metric: String, labels: [String: String] = [:],
        aggregate: Aggregate = .sum, kind: Kind? = nil
    ) {
        self.port = port
        self.path = path
        self.scheme = scheme
        self.metric = metric
        self.labels = labels
        self.aggregate = aggregate
        self.kind = kind
    }
}

/// The order to read the metrics pages of some pods once.
public struct ScrapeOrder: Sendable, Hashable {
    /// A pod whose page is read.
    public struct Target: Sendable, Hashable {
        /// The node it runs on.
        public var node: String
        /// Its name.
        public var pod: String
        /// Its uid.
        public var podUID: String

        /// A pod whose page is read.
        public init(node: String, pod: String, podUID: String) {
            self.node = node
            self.pod = pod
            self.podUID = podUID
        }
    }

    /// The index of the wave.
    public var wave: Int
    /// The gate's name.
    public var gate: String
    /// What is read.
    public var scrape: MetricsScrape
    /// The pods, by node.
    public var targets: [Target]

    /// The order to read some pages.
    public init(wave: Int, gate: String, scrape: MetricsScrape, targets: [Target]) {
        self.wave = wave
        self.gate = gate
        self.scrape = scrape
        self.targets = targets
    }
}

/// What one pod's page said.
public struct PodScrape: Sendable, Equatable {
    /// What came of reading a page.
    public enum Reading: Sendable, Equatable {
        /// The number, which is finite and for a counter not negative.
        case value(Double, MetricsScrape.Kind)
        /// The page has no such series.
        case noData
        /// The page could not be read, or what it says is no such number; the reason in one sentence.
        case failed(String)
    }

    /// The node.
    public var node: String
    /// The pod's uid.
    public var podUID: String
    /// When the page came.
    public var time: Moment
    /// What it said.
    public var reading: Reading

    /// What one pod's page said.
    public init(node: String, podUID: String, time: Moment, reading: Reading) {
        self.node = node
        self.podUID = podUID
        self.time = time
        self.reading = reading
    }
}

extension RolloutPlan {
    /// Whether a gate of the plan reads metrics pages itself.
    var scrapes: Bool { (gates + waves.flatMap(\.gates)).contains { $0.provider.scrape != nil } }
}

extension Gate.Provider {
    /// What is asked, for people.
    public var text: String {
        switch self {
        case .prometheus(let query): return query.query
        case .webhook(let destination):
            guard case .text(let url) = destination.address else { return "a webhook whose URL is a secret" }
            return "the webhook \(url)"
        case .scrape(let scrape):
            let labels = scrape.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
            let series = labels.isEmpty ? scrape.metric : "\(scrape.metric){\(labels.joined(separator: ","))}"
            let meaning = scrape.kind.map { ", a \($0.rawValue)" } ?? ""
            let place = "\(scrape.scheme.rawValue) port \(scrape.port)\(scrape.path)"
            return "\(scrape.aggregate.rawValue) of \(series)\(meaning), at \(place) of each pod"
        }
    }
}
