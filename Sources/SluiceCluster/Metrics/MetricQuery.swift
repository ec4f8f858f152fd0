import SluiceCore

/// Why a query is not answered.
struct QueryError: Error, Sendable, CustomStringConvertible {
    var description: String

    init(_ what: String) {
        description =
            "\(what); the embedded cluster answers a selector like up{job=\"node-exporter\",node=~\"node-00.*\"} and "
            + "min, max, avg, sum or count over one, also by labels: max by (node) (up)"
    }
}

/// A query in one of the few forms that are served: a selector, or an aggregation over one.
struct MetricQuery {
    private enum Aggregation: String {
        case min, max, avg, sum, count
    }

    private let aggregation: Aggregation?
    /// The labels by which is aggregated.
    private let grouping: [String]
    /// What is asked of a series' name, and of its pod.
    private let names: [LabelMatcher]
    private let matchers: [LabelMatcher]

    /// Functions over a time that are answered with the value of this moment where that is accepted.
    private static let overTime = ["avg_over_time", "min_over_time", "max_over_time", "last_over_time"]

    /// Reads a query.
    ///
    /// - Parameter takesRanges: whether `avg_over_time(up[2m])` and its like are read as `up`.
    init(_ text: String, takesRanges: Bool = false) throws(QueryError) {
        guard !text.isEmpty else { throw QueryError("invalid parameter \"query\": it is empty") }
        var reader = QueryReader(text)
        var name = reader.name()
        var aggregation: Aggregation?
        var grouping: [String] = []
        if let known = Aggregation(rawValue: name) {
            grouping = try Self.grouping(&reader)
            if reader.skip("(") {
                aggregation = known
                name = reader.name()
            }
        }
        let hasRange = takesRanges && Self.overTime.contains(name) && reader.skip("(")
        if hasRange { name = reader.name() }
        var matchers: [LabelMatcher] = []
        if !name.isEmpty { matchers.append(LabelMatcher("__name__", is: name)) }
        if reader.skip("(") { throw QueryError("unknown function \"\(name)\"") }
        if reader.skip("{") {
            while !reader.skip("}") {
                matchers.append(try Self.matcher(&reader))
                if !reader.skip(",") {
                    guard reader.skip("}") else { throw QueryError("expected \",\" or \"}\" \(reader.place)") }
                    break
                }
            }
        }
        if hasRange, !reader.skipRange() || !reader.skip(")") { throw QueryError("expected a range \(reader.place)") }
        if aggregation != nil, !reader.skip(")") { throw QueryError("expected \")\" \(reader.place)") }
        guard reader.isAtEnd, !matchers.isEmpty else { throw QueryError("unexpected text \(reader.place)") }
        self.aggregation = aggregation
        self.grouping = grouping
        names = matchers.filter { $0.label == "__name__" }
        self.matchers = matchers.filter { $0.label != "__name__" }
    }

    /// The labels of `by (node, zone)`; empty when nothing of the kind follows.
    private static func grouping(_ reader: inout QueryReader) throws(QueryError) -> [String] {
        var ahead = reader
        guard ahead.name() == "by", ahead.skip("(") else { return [] }
        reader = ahead
        var labels: [String] = []
        repeat {
            let label = reader.name()
            guard !label.isEmpty else { throw QueryError("expected a label name \(reader.place)") }
            labels.append(label)
        } while reader.skip(",")
        guard reader.skip(")") else { throw QueryError("expected \",\" or \")\" \(reader.place)") }
        return labels
    }

    private static func matcher(_ reader: inout QueryReader) throws(QueryError) -> LabelMatcher {
        let label = reader.name()
        guard !label.isEmpty else { throw QueryError("expected a label name \(reader.place)") }
        let isNegated: Bool
        let isPattern: Bool
        if reader.skip("=~") {
            (isNegated, isPattern) = (false, true)
        } else if reader.skip("!~") {
            (isNegated, isPattern) = (true, true)
        } else if reader.skip("!=") {
            (isNegated, isPattern) = (true, false)
        } else if reader.skip("=") {
            (isNegated, isPattern) = (false, false)
        } else {
            throw QueryError("expected one of =, !=, =~, !~ \(reader.place)")
        }
        guard let value = reader.string() else { throw QueryError("expected a quoted text \(reader.place)") }
        return isPattern
            ? try LabelMatcher(label, pattern: value, isNegated: isNegated)
            : LabelMatcher(label, is: value, isNegated: isNegated)
    }

    /// The series of a pod that are asked for, by name, with their value.
    private func series(
        of pod: PodRecord, at time: Timestamp?
    ) throws(QueryError) -> (names: [String], value: Double)? {
        guard let scrape = Scrape(pod, at: time) else { return nil }
        return try series(scrape, of: pod)
    }

    private func series(
        _ scrape: Scrape, of pod: PodRecord
    ) throws(QueryError) -> (names: [String], value: Double)? {
        for matcher in matchers where try !matcher.holds(for: pod) { return nil }
        var found: [String] = []
        for name in scrape.names where try holds(for: name) { found.append(name) }
        return (found, scrape.value)
    }

    private func holds(for name: String) throws(QueryError) -> Bool {
        for matcher in names where try !matcher.holds(name) { return false }
        return true
    }

    /// The answer over the pods that Prometheus scrapes, series in the order of their pods.
    ///
    /// - Parameter time: nil for this moment.
    func evaluate(_ pods: PodTable, at time: Timestamp? = nil) throws(QueryError) -> [Sample] {
        guard let aggregation else {
            var samples: [Sample] = []
            for pod in pods.all {
                guard let found = try series(of: pod, at: time) else { continue }
                samples += found.names.map { pod.sample($0, found.value) }
            }
            for former in formerPods(pods, at: time).sorted(by: { $0.pod.number < $1.pod.number }) {
                guard let time, let scrape = Scrape(former, at: time), let found = try series(scrape, of: former.pod)
                else { continue }
                samples += found.names.map { former.pod.sample($0, found.value) }
            }
            return samples
        }
        var groups: [[String]: [Double]] = [:]
        func add(_ found: (names: [String], value: Double), of pod: PodRecord) {
            let key = grouping.map { Scrape.Label(rawValue: $0).map(pod.label) ?? "" }
            groups[key, default: []] += found.names.map { _ in found.value }
        }
        for pod in pods.unordered {
            if let found = try series(of: pod, at: time) { add(found, of: pod) }
        }
        for former in formerPods(pods, at: time) {
            guard let time, let scrape = Scrape(former, at: time), let found = try series(scrape, of: former.pod)
            else { continue }
            add(found, of: former.pod)
        }
        return groups.filter { !$0.value.isEmpty }.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            key, values in
            Sample(
                labels: Dictionary(zip(grouping, key)) { $1 },
                value: Self.aggregated(values, aggregation))
        }
    }

    /// Pods that were there at a time and are gone.
    private func formerPods(_ pods: PodTable, at time: Timestamp?) -> [FormerPod] {
        guard let time else { return [] }
        return pods.former.values.filter { $0.goneAt > time }
    }

    private static func aggregated(_ values: [Double], _ aggregation: Aggregation) -> Double {
        switch aggregation {
        case .min: values.reduce(.infinity, Swift.min)
        case .max: values.reduce(-.infinity, Swift.max)
        case .avg: values.reduce(0, +) / Double(values.count)
        case .sum: values.reduce(0, +)
        case .count: Double(values.count)
        }
    }
}
