/// What OpenMetrics demands beyond well-formed lines: values that a type allows, buckets that add up.
///
/// Left out are its rules on the sums of histograms and summaries and on the values of quantiles (neither negative nor
/// NaN): Prometheus' own client for Go breaks them as soon as a program observes a negative number, and nothing is in
/// doubt then.
///
/// Source: https://prometheus.io/docs/specs/om/open_metrics_spec/, the sections on metric types.
enum OpenMetricsRules {
    // MARK: One sample

    /// The rule that a sample breaks on its own; nil when it breaks none.
    static func breach(of sample: Exposition.Sample, in family: Exposition.MetricFamily) -> String? {
        let suffix = String(decoding: sample.name.utf8.dropFirst(family.name.utf8.count), as: UTF8.self)
        let takesExemplar = suffix == "_bucket" || family.type == .counter && suffix == "_total"
        let name = ExpositionText.quoted(sample.name)
        guard takesExemplar || !sample.hasExemplar else { return "\(name) may not have an exemplar" }
        if suffix == "_created" { return sample.value.isFinite ? nil : "\(name) must be a time in seconds" }
        switch family.type {
        case .gauge, .unknown: return nil
        case .info: return sample.value == 1 ? nil : "the info \(name) must be 1"
        case .stateset:
            guard sample.value == 0 || sample.value == 1 else { return "the state \(name) must be 0 or 1" }
            return sample[family.name] == nil ? "the state \(name) has no label \(name)" : nil
        case .counter: return sample.value >= 0 ? nil : "the counter \(name) must be 0 or more"
        case .summary: return summaryBreach(of: sample, suffix, name)
        case .histogram, .gaugehistogram: return histogramBreach(of: sample, suffix, name, family.type)
        }
    }

    private static func summaryBreach(of sample: Exposition.Sample, _ suffix: String, _ name: String) -> String? {
        switch suffix {
        case "_count": return isCount(sample.value) ? nil : "\(name) must be a whole number of 0 or more"
        case "_sum": return nil
        default:
            let quantile = sample["quantile"].flatMap { ExpositionNumber.value(Array($0.utf8)[...]) }
            let isQuantile = quantile.map { (0...1).contains($0) } ?? false
            return isQuantile ? nil : "the summary \(name) needs a label 'quantile' from 0 to 1"
        }
    }

    private static func histogramBreach(
        of sample: Exposition.Sample, _ suffix: String, _ name: String, _ type: Exposition.MetricType
    ) -> String? {
        switch suffix {
        case "_bucket":
            guard bound(sample) != nil else { return "the bucket \(name) needs a label 'le': a number or +Inf" }
            return isCount(sample.value) ? nil : "the bucket \(name) must be a whole number of 0 or more"
        case "_count", "_gcount": return isCount(sample.value) ? nil : "\(name) must be a whole number of 0 or more"
        default: return nil
        }
    }

    private static func isCount(_ value: Double) -> Bool { value >= 0 && value.isFinite && value == value.rounded() }

    /// The upper bound of a bucket. Infinity has one spelling, so that the series is the same everywhere.
    private static func bound(_ sample: Exposition.Sample) -> Double? {
        guard let text = sample["le"] else { return nil }
        if text == "+Inf" { return .infinity }
        return ExpositionNumber.value(Array(text.utf8)[...]).flatMap { $0.isFinite ? $0 : nil }
    }

    // MARK: A family

    /// The rule that a family as a whole breaks; nil when it breaks none.
    static func breach(of family: Exposition.MetricFamily) -> String? {
        guard !family.unit.isEmpty else { return nil }
        let name = ExpositionText.quoted(family.name)
        let unit = ExpositionText.quoted(family.unit)
        switch family.type {
        case .info, .stateset: return "the \(family.type) \(name) may not have a unit"
        case .counter, .gauge, .histogram, .summary, .unknown, .gaugehistogram: break
        }
        let ending = "_\(family.unit)".utf8
        let bytes = family.name.utf8
        let hasUnit = bytes.count > ending.count && bytes.suffix(ending.count).elementsEqual(ending)
        return hasUnit ? nil : "the name \(name) must end in '_' and its unit \(unit)"
    }

    /// The rule that one of the family's metrics breaks, with the index of the sample where it shows.
    static func metricBreach(of family: Exposition.MetricFamily) -> (sample: Int, message: String)? {
        // The labels of an info are one with those of its metric, so its metrics cannot be told apart.
        guard family.type != .info else { return nil }
        let member = family.type.memberLabel(in: family.name)
        var finished: Set<ByteKey> = []
        var start = 0
        while start < family.samples.count {
            let metric = metricKey(of: family.samples[start], without: member)
            var end = start + 1
            while end < family.samples.count, metricKey(of: family.samples[end], without: member) == metric { end += 1 }
            guard finished.insert(metric).inserted else {
                return (start, "the samples of one metric of \(ExpositionText.quoted(family.name)) are not together")
            }
            if let breach = pointsBreach(of: family, start..<end) { return breach }
            start = end
        }
        return nil
    }

    private static func metricKey(of sample: Exposition.Sample, without member: String?) -> ByteKey {
        Exposition.Sample("", labels: sample.labels.filter { $0.name != member }, value: 0).seriesKey
    }

    /// Checks the points of time of one metric. Each is a block of samples with the same timestamp.
    private static func pointsBreach(
        of family: Exposition.MetricFamily, _ samples: Range<Int>
    ) -> (sample: Int, message: String)? {
        var start = samples.lowerBound
        while start < samples.upperBound {
            let time = family.samples[start].timestamp
            let end = samples[start...].first { family.samples[$0].timestamp != time } ?? samples.upperBound
            if end < samples.upperBound {
                guard let before = time, let after = family.samples[end].timestamp, before < after else {
                    let name = ExpositionText.quoted(family.name)
                    return (end, "the points of one metric of \(name) are not in order of time")
                }
            }
            if family.type == .histogram || family.type == .gaugehistogram {
                var point = HistogramPoint()
                for index in start..<end {
                    let message = point.take(family.samples[index], in: family, bound: bound)
                    if let message { return (index, message) }
                }
                if let message = point.breach(in: family) { return (end - 1, message) }
            }
            start = end
        }
        return nil
    }
}

/// The buckets, the count and the sum of a histogram at one point of time.
private struct HistogramPoint {
    private var last: (bound: Double, count: Double)?
    private var count: Double?
    private var hasSum = false

    /// Takes the next sample and says which rule it breaks.
    mutating func take(
        _ sample: Exposition.Sample, in family: Exposition.MetricFamily, bound: (Exposition.Sample) -> Double?
    ) -> String? {
        let name = ExpositionText.quoted(sample.name)
        switch sample.name.utf8.count - family.name.utf8.count {
        case "_bucket".utf8.count where sample.name.hasSuffix("_bucket"):
            guard let bound = bound(sample) else { return nil }
            if let last {
                guard bound > last.bound else { return "the buckets \(name) are not in order of 'le'" }
                guard sample.value >= last.count else { return "the bucket \(name) is smaller than the one before" }
            }
            last = (bound, sample.value)
        default:
            if sample.name.hasSuffix("count") { count = sample.value }
            if sample.name.hasSuffix("sum") { hasSum = true }
        }
        return nil
    }

    /// The rule that the samples together break.
    func breach(in family: Exposition.MetricFamily) -> String? {
        let name = ExpositionText.quoted(family.name)
        guard let last, last.bound == .infinity else {
            return "the \(family.type) \(name) has no bucket with le=\"+Inf\""
        }
        guard (count != nil) == hasSum else { return "the \(family.type) \(name) has only one of count and sum" }
        guard count == nil || count == last.count else {
            return "the count of the \(family.type) \(name) differs from its bucket with le=\"+Inf\""
        }
        return nil
    }
}

extension Exposition.Sample {
    /// The value of a label; nil when there is none.
    fileprivate subscript(_ name: String) -> String? { labels.first { $0.name == name }?.value }
}
