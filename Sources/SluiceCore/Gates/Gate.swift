/// A question about the updated nodes that must be answered well before the rollout goes on. The words are those of
/// Argo Rollouts' analysis: measurement, interval, count, failureLimit, inconclusiveLimit, consecutiveErrorLimit.
public struct Gate: Sendable, Hashable {
    /// The gate's name, unique within a wave.
    public var name: String
    /// Who is asked, and what.
    public var provider: Provider
    /// When a measurement is good.
    public var criterion: Criterion
    /// When it is measured.
    public var at: Time
    /// Whether it is measured and told of, and its verdict changes nothing.
    public var isDryRun: Bool
    /// The time between two measurements, in seconds.
    public var intervalSeconds: Int64
    /// The time from the start of the soak, or from the end of the batch, to the first measurement, in seconds.
    public var initialDelaySeconds: Int64
    /// How many measurements are needed; nil means: for as long as the soak lasts, and at least one at its end.
    public var count: Int?
    /// How many failed measurements are tolerated.
    public var failureLimit: Int
    /// How many measurements without data in a row are tolerated before ``onNoData`` applies.
    public var inconclusiveLimit: Int
    /// How many errors in a row are tolerated before ``onError`` applies.
    public var consecutiveErrorLimit: Int
    /// What to do when it fails; nil takes the policy of the wave or the plan.
    public var onFailure: FailurePolicy?
    /// What an answer without data means.
    public var onNoData: DoubtPolicy
    /// What data that cannot tell mean.
    public var onInconclusive: DoubtPolicy
    /// What a failed question means.
    public var onError: DoubtPolicy

    /// A gate.
    public init(
        name: String, provider: Provider, criterion: Criterion, at: Time = .soak, isDryRun: Bool = false,
        intervalSeconds: Int64 = 30,
        initialDelaySeconds: Int64 = 0, count: Int? = nil, failureLimit: Int = 0, inconclusiveLimit: Int = 3,
        consecutiveErrorLimit: Int = 4, onFailure: FailurePolicy? = nil, onNoData: DoubtPolicy = .halt,
        onInconclusive: DoubtPolicy = .halt,
        onError: DoubtPolicy = .halt
    ) {
        self.name = name
        self.provider = provider
        self.criterion = criterion
        self.at = at
        self.isDryRun = isDryRun
        self.intervalSeconds = intervalSeconds
        self.initialDelaySeconds = initialDelaySeconds
        self.count = count
        self.failureLimit = failureLimit
        self.inconclusiveLimit = inconclusiveLimit
        self.consecutiveErrorLimit = consecutiveErrorLimit
        self.onFailure = onFailure
        self.onNoData = onNoData
        self.onInconclusive = onInconclusive
        self.onError = onError
    }

    /// When a gate is measured.
    public enum Time: String, Sendable, Hashable, CaseIterable {
        /// After each batch, before the next one or the soak begins.
        case batch
        /// For as long as the soak lasts.
        case soak
        /// Once the soak is over.
        case end
    }

    /// Who is asked, and what.
    public enum Provider: Sendable, Hashable {
        /// A Prometheus, which has the past too.
        case prometheus(PrometheusQuery)
        /// The pods themselves, which know of now alone.
        case scrape(MetricsScrape)
        /// A webhook, which judges by itself and knows of now alone.
        case webhook(NotificationDestination)

        /// The query on a Prometheus; nil when none is asked.
        public var query: PrometheusQuery? { if case .prometheus(let query) = self { query } else { nil } }
        /// What is read from the pods themselves; nil when they are not asked.
        public var scrape: MetricsScrape? { if case .scrape(let scrape) = self { scrape } else { nil } }
    }

    /// When a measurement is good.
    public enum Criterion: Sendable, Hashable {
        /// When who is asked says yes.
        case consent
        /// When every sample satisfies the comparison with a number.
        case threshold(Condition)
        /// When the updated nodes, compared with the others, have not become worse.
        case comparison(Comparison)
    }

    /// What doubt means for the rollout.
    public enum DoubtPolicy: Sendable, Hashable {
        /// Doubt blocks: the rollout halts.
        case halt
        /// Doubt is written down, and the rollout goes on.
        case warn
        /// What the gate is measured in begins anew, the wave's soak or the wait after a batch: at most so many times for the
        /// gate in the wave, then the rollout halts.
        case retry(Int)
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

extension Gate {
    /// The time from the start of the soak to the first measurement, in seconds. A comparison needs some time to look at.
    var firstMeasurementSeconds: Int64 {
        switch (provider, criterion) {
        case (.scrape, _), (.webhook, _), (.prometheus, .threshold), (.prometheus, .consent): initialDelaySeconds
        case (.prometheus, .comparison): initialDelaySeconds + intervalSeconds
        }
    }
}
