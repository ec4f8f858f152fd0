/// From series to the levels of nodes.
extension Comparison {
    /// What the series of a query over the whole time say.
    func measurement(
        _ series: [MetricSeries], _ spans: ComparisonSpans, compared nodes: [ComparedNode], isFinal: Bool
    ) -> GateAssessment.Measurement {
        var byNode: [String: MetricSeries] = [:]
        var places: [String: String] = [:]
        for node in nodes {
            places[node.node] = node.node
            for address in node.addresses { places[address] = node.node }
        }
        for one in series {
            guard let label = one.labels[nodeLabel] else {
                return .failed(
                    "a series has no label \(nodeLabel), which says its node; aggregate the query `by (\(nodeLabel))`")
            }
            guard let node = places[label] ?? places[Self.withoutPort(label)] else { continue }
            guard byNode.updateValue(one, forKey: node) == nil else {
                return .failed("node \(node) has more than one series; aggregate the query `by (\(nodeLabel))`")
            }
        }
        if byNode.isEmpty, let example = series.first?.labels[nodeLabel] {
            return .failed("no series is one of a node's: the label \(nodeLabel) is \(example) and the like")
        }
        let levels = nodes.map { node in
            NodeLevel(
                node: node.node, isUpdated: node.isUpdated, before: byNode[node.node]?.longMean(in: spans.before),
                after: byNode[node.node]?.lastingMean(in: spans.after))
        }
        let watched = spans.after.upperBound.millisecondsSince1970 - spans.after.lowerBound.millisecondsSince1970
        return judge(levels, isFinal: isFinal, mayComeLate: !isFinal && watched < Self.lookback)
    }

    /// How long Prometheus itself waits before a series without samples is gone (`--query.lookback-delta`).
    private static let lookback: Milliseconds = 300_000

    private static func withoutPort(_ address: String) -> String {
        guard let colon = address.lastIndex(of: ":"), !address[address.index(after: colon)...].contains("]") else {
            return address
        }
        return String(address[..<colon].filter { $0 != "[" && $0 != "]" })
    }
}

extension MetricSeries {
    /// The mean of the points in a time; nil when they span less than a tenth of it. One scrape of a pod that had just
    /// started is no level to return to.
    func longMean(in time: ClosedRange<Timestamp>) -> Double? {
        let times = points.filter { time.contains($0.time) && $0.value.isFinite }.map(\.time.millisecondsSince1970)
        guard let first = times.first, let last = times.last else { return nil }
        let whole = time.upperBound.millisecondsSince1970 - time.lowerBound.millisecondsSince1970
        return (last - first) * 10 < whole ? nil : mean(in: time)
    }

    /// The mean of the points in a time; nil when there is none in its later half: a series that has ended. Functions over
    /// a range, such as `rate(…[2m])`, go on for as long as their range.
    func lastingMean(in time: ClosedRange<Timestamp>) -> Double? {
        let (start, end) = (time.lowerBound.millisecondsSince1970, time.upperBound.millisecondsSince1970)
        return mean(in: Timestamp(start + (end - start) / 2)...time.upperBound) == nil ? nil : mean(in: time)
    }

    /// The mean of the points in a time; nil when there is none. A point that is no number is none.
    func mean(in time: ClosedRange<Timestamp>) -> Double? {
        let values = points.filter { time.contains($0.time) && $0.value.isFinite }.map(\.value)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
