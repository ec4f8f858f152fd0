import SluiceCluster
public import SluiceCore

/// Which gates of a plan the cluster's small Prometheus can answer, and what stands for the answer of the others.
///
/// A gate is modelled when its question, asked about the pods that stand, brings values that satisfy its condition. Every
/// other one is answered as it would be for a good version: it sees nothing, good or bad.
public struct GateModel: Sendable {
    /// The gates, in the order of the plan.
    public let rows: [RehearsalReport.Gate]
    /// What a gate that is not modelled is answered by, by wave and name.
    private let passing: [Key: Gate.Criterion]

    private struct Key: Sendable, Hashable {
        var wave: Int
        var gate: String
    }

    init(plan: RolloutPlan, waves: WavePlan, facts: FleetFacts, cluster: Cluster) {
        let context = Self.context(facts, waves, cluster)
        var rows: [RehearsalReport.Gate] = []
        var passing: [Key: Gate.Criterion] = [:]
        for (index, wave) in waves.waves.enumerated() {
            for gate in plan.gates + plan.waves[wave.planIndex].gates {
                let reason = Self.obstacle(gate, context, cluster)
                let row = RehearsalReport.Gate(name: gate.name, isModelled: reason == nil, reason: reason ?? "")
                if !rows.contains(row) { rows.append(row) }
                guard reason != nil else { continue }
                passing[Key(wave: index, gate: gate.name)] = gate.criterion
            }
        }
        self.rows = rows
        self.passing = passing
    }

    private static func obstacle(_ gate: Gate, _ context: PrometheusQuery.Context, _ cluster: Cluster) -> String? {
        switch gate.provider {
        case .prometheus(let query):
            obstacle(gate, query.filled(with: context), hasPods: !context.nodes.isEmpty, cluster)
        case .scrape: "the model's pods have no metrics pages like yours"
        case .webhook: "nobody is asked in a model"
        }
    }

    private static func obstacle(
        _ gate: Gate, _ query: PrometheusQuery, hasPods: Bool, _ cluster: Cluster
    ) -> String? {
        guard case .threshold(let condition) = gate.criterion else {
            return "the model has no levels that change, which a comparison looks at"
        }
        guard hasPods else { return "no pod is Ready now, so nothing shows what a good one answers" }
        switch cluster.measure(query.query) {
        case .samples(let values):
            if values.allSatisfy({ condition.holds(for: $0) }) { return nil }
            return "the model answers \(values[0]) for pods that are Ready"
        case .noData, .series, .answer: return "the model has no such series"
        case .failed: return "the model does not understand the query"
        }
    }

    /// What the placeholders stand for, were the pods that are Ready now those of a wave.
    private static func context(
        _ facts: FleetFacts, _ waves: WavePlan, _ cluster: Cluster
    ) -> PrometheusQuery.Context {
        let fleet = cluster.fleet(namespace: facts.daemonSet.namespace, daemonSet: facts.daemonSet.name)
        let pods = (fleet?.pods ?? []).filter { $0.ownerUID == facts.daemonSet.uid && $0.isReady && !$0.isTerminating }
        let sample = pods.sorted { $0.name < $1.name }.prefix(20)
        return PrometheusQuery.Context(
            wave: waves.waves.first?.name ?? "", nodes: sample.compactMap(\.nodeName).sorted(),
            pods: sample.map(\.name), addresses: sample.map(\.podIP), windowSeconds: 60)
    }

    func reading(of measurement: GateMeasurement, in cluster: Cluster) -> MetricReading {
        switch passing[Key(wave: measurement.wave, gate: measurement.gate)] {
        case nil:
            measurement.range.map { cluster.measure(measurement.query.query, over: $0) }
                ?? cluster.measure(measurement.query.query)
        case .threshold(let condition): Self.steady(condition.satisfyingValue, measurement.range)
        case .comparison(let comparison): Self.steady(comparison, measurement.range, cluster)
        case .consent: .answer(isYes: true, "as the webhook would of a good version")
        }
    }

    /// What the pods' own pages say: of each the same, and what a good version says.
    func scrapes(of order: ScrapeOrder, in cluster: Cluster, at time: Moment) -> [PodScrape] {
        let key = Key(wave: order.wave, gate: order.gate)
        return order.targets.map { target in
            let reading: PodScrape.Reading =
                switch passing[key] {
                case nil: cluster.read(order.scrape, of: target)
                case .threshold(let condition): .value(condition.satisfyingValue, .gauge)
                case .comparison, .consent: .value(1, .gauge)
                }
            return PodScrape(node: target.node, podUID: target.podUID, time: time, reading: reading)
        }
    }

    private static func steady(_ value: Double, _ range: QueryRange?) -> MetricReading {
        guard let range else { return .samples([value]) }
        let points = (0..<range.pointCount).map { index in
            let time = range.start.millisecondsSince1970 + Int64(index) * range.stepSeconds * 1_000
            return MetricSeries.Point(time: Timestamp(time), value: value)
        }
        return .series([MetricSeries(labels: [:], points: points)])
    }

    /// The same level on every node all the time.
    private static func steady(_ comparison: Comparison, _ range: QueryRange?, _ cluster: Cluster) -> MetricReading {
        guard let range else { return .noData }
        let points = [range.start, range.end].map { MetricSeries.Point(time: $0, value: 1) }
        return .series(cluster.nodeNames.map { MetricSeries(labels: [comparison.nodeLabel: $0], points: points) })
    }
}

extension Gate.Condition {
    /// A value that satisfies the comparison.
    fileprivate var satisfyingValue: Double {
        switch `operator` {
        case .greaterOrEqual, .lessOrEqual, .equal: threshold
        case .greater, .notEqual: threshold.nextUp
        case .less: threshold.nextDown
        }
    }
}
