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
                node: node.node, isUpdated: node.isUpdated, before: byNode[node.node]?.mean(in: spans.before),
                after: byNode[node.node]?.mean(in: spans.after))
        }
        return judge(levels, isFinal: isFinal)
    }

    private static func withoutPort(_ address: String) -> String {
        guard let colon = address.lastIndex(of: ":"), !address[address.index(after: colon)...].contains("]") else {
            return address
        }
        return String(address[..<colon].filter { $0 != "[" && $0 != "]" })
    }
}

extension MetricSeries {
    /// The mean of the points in a time; nil when there is none. A point that is no number is none.
    func mean(in time: ClosedRange<Timestamp>) -> Double? {
        let values = points.filter { time.contains($0.time) && $0.value.isFinite }.map(\.value)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
