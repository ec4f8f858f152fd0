/// A question about the updated nodes that must be answered well before the rollout goes on. The words are those of
/// Argo Rollouts' analysis: measurement, interval, count, failureLimit, inconclusiveLimit, consecutiveErrorLimit.
public struct Gate: Sendable, Hashable {
    /// The gate's name, unique within a wave.
    public var name: String
    /// What is asked.
    public var provider: PrometheusQuery
    /// When a measurement is good: every sample must satisfy it.
    public var successCondition: Condition
    /// The time between two measurements, in seconds.
    public var intervalSeconds: Int64
    /// The time from the start of the soak to the first measurement, in seconds.
    public var initialDelaySeconds: Int64
    /// How many measurements are needed; nil means: for as long as the soak lasts, and at least one at its end.
    public var count: Int?
    /// How many failed measurements are tolerated.
    public var failureLimit: Int
    /// How many measurements without data in a row are tolerated before ``onNoData`` applies.
    public var inconclusiveLimit: Int
    /// How many errors in a row are tolerated before ``onError`` applies.
    public var consecutiveErrorLimit: Int
    /// What an answer without data means.
    public var onNoData: DoubtPolicy
    /// What a failed question means.
    public var onError: DoubtPolicy

    /// A gate.
    public init(
        name: String, provider: PrometheusQuery, successCondition: Condition, intervalSeconds: Int64 = 30,
        initialDelaySeconds: Int64 = 0, count: Int? = nil, failureLimit: Int = 0, inconclusiveLimit: Int = 3,
        consecutiveErrorLimit: Int = 4, onNoData: DoubtPolicy = .halt, onError: DoubtPolicy = .halt
    ) {
        self.name = name
        self.provider = provider
        self.successCondition = successCondition
        self.intervalSeconds = intervalSeconds
        self.initialDelaySeconds = initialDelaySeconds
        self.count = count
        self.failureLimit = failureLimit
        self.inconclusiveLimit = inconclusiveLimit
        self.consecutiveErrorLimit = consecutiveErrorLimit
        self.onNoData = onNoData
        self.onError = onError
    }

    /// What doubt means for the rollout.
    public enum DoubtPolicy: String, Sendable, Hashable, CaseIterable {
        /// Doubt blocks: the rollout halts.
        case halt
        /// Doubt is written down, and the rollout goes on.
        case warn
    }

    /// A comparison with a number.
    public struct Condition: Sendable, Hashable {
        /// The comparisons.
        public enum Operator: String, Sendable, Hashable, CaseIterable {
            case greaterOrEqual = ">="
            case lessOrEqual = "<="
            case equal = "=="
            case notEqual = "!="
            case greater = ">"
            case less = "<"
        }

        /// The comparison.
        public var `operator`: Operator
        /// The number on its right.
        public var threshold: Double

        /// A comparison with a number.
        public init(_ operator: Operator, _ threshold: Double) {
            self.operator = `operator`
            self.threshold = threshold
        }

        /// Whether a value satisfies the comparison; NaN satisfies none.
        public func holds(for value: Double) -> Bool {
            switch `operator` {
            case .greaterOrEqual: value >= threshold
            case .lessOrEqual: value <= threshold
            case .equal: value == threshold
            case .notEqual: !value.isNaN && value != threshold
            case .greater: value > threshold
            case .less: value < threshold
            }
        }

        /// As written in a plan: `>= 0.95`.
        public var text: String { "\(`operator`.rawValue) \(threshold)" }
    }
}

/// An instant query on Prometheus, or on anything that speaks its API.
public struct PrometheusQuery: Sendable, Hashable {
    /// The server's address, `http://prometheus.monitoring:9090`; a path prefix is kept.
    public var address: String
    /// The query with placeholders: `{{nodes}}`, `{{pods}}`, `{{instances}}` (regular expressions that match exactly the
    /// updated nodes of the wave, their pods, their addresses), `{{wave}}`, `{{nodeCount}}`, `{{window}}`.
    public var query: String
    /// The file or environment variable that holds a bearer token; nil for none.
    public var bearerToken: SecretSource?

    /// An instant query on Prometheus.
    public init(address: String, query: String, bearerToken: SecretSource? = nil) {
        self.address = address
        self.query = query
        self.bearerToken = bearerToken
    }
}

/// Where a secret is found; a plan never holds the secret itself.
public enum SecretSource: Sendable, Hashable {
    /// A file's path.
    case file(String)
    /// The name of an environment variable.
    case environment(String)
}
