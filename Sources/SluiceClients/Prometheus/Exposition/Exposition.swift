public import SluiceCore

/// What a program says of itself at `/metrics`: one scrape, read whole or not at all.
///
/// Read by ``read(_:contentType:)``. The words are Prometheus' own.
public struct Exposition: Sendable, Equatable {
    /// The two text formats.
    public enum Format: Sendable, Equatable, CaseIterable {
        /// Prometheus' text format 0.0.4, with the quoted names that Prometheus 3 added.
        case text
        /// OpenMetrics text 1.0, with the same quoted names.
        case openMetrics
    }

    /// What the values of a metric family mean.
    public enum MetricType: String, Sendable, CaseIterable {
        /// Only grows, or starts again at 0.
        case counter
        /// Goes up and down.
        case gauge
        /// Observations counted in cumulative buckets.
        case histogram
        /// Observations with quantiles that the program computed.
        case summary
        /// Nothing is said. The text format calls it `untyped`.
        case unknown
        /// Facts in labels, with the value 1. OpenMetrics only, like those that follow.
        case info
        /// Truth values, one sample for each state.
        case stateset
        /// A histogram of what is there now, so its buckets may shrink.
        case gaugehistogram
    }

    /// A name and its value.
    public struct Label: Sendable, Equatable {
        /// The name, without escapes.
        public var name: String
        /// The value, without escapes; never empty, as an empty label counts as none.
        public var value: String

        /// A label.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// One number of one series.
    public struct Sample: Sendable, Equatable {
        /// The name as it stands in the sample's line, with suffixes such as `_total` or `_bucket`.
        public var name: String
        /// The labels, each name once, in the order of their names' bytes.
        public var labels: [Label]
        /// The value; NaN and the infinities are values like any other.
        public var value: Double
        /// When the value was true, in milliseconds since 1970 (UTC); nil when the text does not say, which means now.
        public var timestamp: Milliseconds?
        /// Whether an exemplar followed. It is checked and dropped.
        public var hasExemplar: Bool

        /// A sample.
        public init(
            _ name: String, labels: [Label] = [], value: Double, timestamp: Milliseconds? = nil,
            hasExemplar: Bool = false
        ) {
            self.name = name
            self.labels = labels
            self.value = value
            self.timestamp = timestamp
            self.hasExemplar = hasExemplar
        }
    }

    /// The samples that one TYPE line describes.
    public struct MetricFamily: Sendable, Equatable {
        /// The name as in the TYPE line; without one, that of the sample.
        public var name: String
        /// What the values mean.
        public var type: MetricType
        /// The HELP line, without escapes; empty without one.
        public var help: String
        /// The unit, as in `seconds`; empty without one. OpenMetrics only.
        public var unit: String
        /// The samples in the order of the text.
        public var samples: [Sample]

        /// A family.
        public init(
            _ name: String, type: MetricType = .unknown, help: String = "", unit: String = "", samples: [Sample] = []
        ) {
            self.name = name
            self.type = type
            self.help = help
            self.unit = unit
            self.samples = samples
        }
    }

    /// The families in the order in which the text first names them.
    public var families: [MetricFamily]

    /// An exposition.
    public init(families: [MetricFamily]) { self.families = families }
}

extension Exposition {
    /// The values of the series with this name and at least these labels, in the order of the text.
    ///
    /// - Parameters:
    ///   - name: the whole name of the samples, as in `http_requests_total`.
    ///   - labels: what must be equal. An empty value asks for series without that label, as in PromQL.
    /// - Returns: one value a series: the last one, where OpenMetrics gives several points of time. Empty when there is
    ///   no such series.
    public func values(of name: String, where labels: [String: String] = [:]) -> [Double] {
        var values: [Double] = []
        var places: [ByteKey: Int] = [:]
        for family in families {
            for sample in family.samples where sample.name == name && sample.matches(labels) {
                let key = sample.seriesKey
                if let place = places[key] {
                    values[place] = sample.value
                } else {
                    places[key] = values.count
                    values.append(sample.value)
                }
            }
        }
        return values
    }
}

extension Exposition.Sample {
    fileprivate func matches(_ wanted: [String: String]) -> Bool {
        wanted.allSatisfy { name, value in (labels.first { $0.name == name }?.value ?? "") == value }
    }

    /// What makes two samples ones of the same series: name and labels.
    var seriesKey: ByteKey {
        // No UTF-8 text has this byte.
        let separator: UInt8 = 0xFF
        var key = Array(name.utf8)
        for label in labels {
            key.append(separator)
            key.append(contentsOf: label.name.utf8)
            key.append(separator)
            key.append(contentsOf: label.value.utf8)
        }
        return ByteKey(key)
    }
}

/// A text as a key that differs whenever its bytes do. Strings would not do: Swift takes two spellings of one accented
/// letter for equal, and Prometheus does not.
struct ByteKey: Hashable {
    private var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(_ text: String) { bytes = Array(text.utf8) }

    // All at once; an array hashes its elements one by one.
    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

extension Exposition.MetricType {
    /// What a sample's name may have behind the family's, by OpenMetrics.
    var suffixes: [String] {
        switch self {
        case .counter: ["_total", "_created"]
        case .histogram: ["_bucket", "_count", "_sum", "_created"]
        case .gaugehistogram: ["_bucket", "_gcount", "_gsum"]
        case .summary: ["", "_count", "_sum", "_created"]
        case .info: ["_info"]
        case .gauge, .stateset, .unknown: [""]
        }
    }

    /// The label that tells the samples of one metric of this type from each other; nil for types without one. That of
    /// a stateset has the family's name.
    func memberLabel(in family: String) -> String? {
        switch self {
        case .histogram, .gaugehistogram: "le"
        case .summary: "quantile"
        case .stateset: family
        case .counter, .gauge, .info, .unknown: nil
        }
    }
}
