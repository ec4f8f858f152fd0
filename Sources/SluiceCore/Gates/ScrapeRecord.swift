/// What the scrapes of one node say for one gate, before its wave or in its soak, as the database keeps it: one row. A
/// metrics page has no past, so what it said has to be kept.
public struct ScrapeRecord: Sendable, Hashable {
    /// The time that a record is about.
    public enum Span: String, Sendable, Hashable, CaseIterable {
        case before
        case after
    }

    /// What makes a record one of its own.
    public struct Key: Sendable, Hashable, Comparable {
        /// The index of the wave.
        public var wave: Int
        /// The gate's name.
        public var gate: String
        /// The time.
        public var span: Span
        /// The node's name.
        public var node: String

        /// By wave, gate, time and node.
        public static func < (left: Key, right: Key) -> Bool {
            (left.wave, left.gate, left.span == .after ? 1 : 0, left.node)
                < (right.wave, right.gate, right.span == .after ? 1 : 0, right.node)
        }

        /// What makes a record one of its own.
        public init(wave: Int, gate: String, span: Span, node: String) {
            self.wave = wave
            self.gate = gate
            self.span = span
            self.node = node
        }
    }

    /// What the record is about.
    public var key: Key
    /// The uid of the pod that was read last; empty when none was since the record was begun.
    public var podUID: String
    /// What the value means.
    public var kind: MetricsScrape.Kind
    /// The last value.
    public var value: Double
    /// When it was read.
    public var measuredAt: Timestamp
    /// The sum: of a counter's increases, or of a gauge's values.
    public var total: Double
    /// What ``total`` is spread over: a counter's milliseconds, a gauge's scrapes.
    public var weight: Int64

    /// A record.
    public init(
        key: Key, podUID: String = "", kind: MetricsScrape.Kind = .gauge, value: Double = 0,
        measuredAt: Timestamp = Timestamp(0), total: Double = 0, weight: Int64 = 0
    ) {
        self.key = key
        self.podUID = podUID
        self.kind = kind
        self.value = value
        self.measuredAt = measuredAt
        self.total = total
        self.weight = weight
    }

    /// The mean rate a second of a counter, the mean value of a gauge; nil while there is none.
    public var level: Double? {
        guard weight > 0 else { return nil }
        return kind == .counter ? total * 1_000 / Double(weight) : total / Double(weight)
    }

    /// How long the scrapes lasted, in milliseconds, when there is one every so often.
    func covered(intervalSeconds: Int64) -> Milliseconds {
        kind == .counter ? weight : max(0, weight - 1) * intervalSeconds * 1_000
    }

    /// Takes in one more value.
    ///
    /// - Parameters:
    ///   - elapsed: the time since the last one, in milliseconds.
    /// - Returns: a gauge's value, or a counter's rate a second since the last scrape; nil when there is nothing to
    ///   compare with: the first scrape of a pod.
    mutating func take(
        _ value: Double, _ kind: MetricsScrape.Kind, podUID: String, at time: Timestamp, elapsed: Milliseconds
    ) -> Double? {
        if kind != self.kind { (total, weight) = (0, 0) }
        let continues = kind == self.kind && podUID == self.podUID && elapsed > 0
        // A counter that fell was set to 0 in between; what it lost before that nobody knows. (Prometheus, `rate`)
        let increase = value >= self.value ? value - self.value : value
        (self.podUID, self.kind, self.value, measuredAt) = (podUID, kind, value, time)
        switch kind {
        case .gauge:
            total += value
            weight += 1
            return value
        case .counter:
            guard continues else { return nil }
            total += increase
            weight += elapsed
            return increase * 1_000 / Double(elapsed)
        }
    }

    /// Begins the record anew.
    mutating func clear() { self = ScrapeRecord(key: key) }
}
