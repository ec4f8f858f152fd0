import SluiceCluster
import SluiceCore
import SluiceRehearsal

/// The simulated Prometheus of one trial: the fleet's scrapes, and those of the new pods with what is bad about them.
struct Oracle: GateOracle, @unchecked Sendable {
    // A trial runs on one thread from its beginning to its end, and so do all trials that share a seed's scrapes.
    private let scrapes: Scrapes
    private let fleet: Fleet
    private let kind: Kind?
    private let magnitude: Kind.Magnitude?
    /// Sums and counts of the scrapes of each new collector since its start.
    private var runs: [Key: [(sum: Double, count: Int32)]] = [:]

    private struct Key: Hashable {
        var signal: Telemetry.Signal
        var index: Int
        var startedAt: Timestamp
    }

    init(_ scrapes: Scrapes, _ fleet: Fleet, kind: Kind?, magnitude: Kind.Magnitude?) {
        self.scrapes = scrapes
        self.fleet = fleet
        self.kind = kind
        self.magnitude = magnitude
    }

    mutating func reading(of measurement: GateMeasurement, in cluster: Cluster) -> MetricReading? {
        guard let signal = Preset.signals[measurement.gate] else {
            return measurement.gate == Preset.idle ? .samples([0]) : nil
        }
        let starts = starts(in: cluster)
        guard let range = measurement.range else { return now(signal, measurement, starts, at: cluster.time) }
        let series = fleet.members.indices.map { index -> MetricSeries in
            let points = (0..<range.pointCount).compactMap { number -> MetricSeries.Point? in
                let time = range.start.millisecondsSince1970 + Int64(number) * range.stepSeconds * 1_000
                let value = level(signal, of: index, startedAt: starts[fleet.members[index].name], at: Timestamp(time))
                return value.map { MetricSeries.Point(time: Timestamp(time), value: $0) }
            }
            return MetricSeries(labels: ["node": fleet.members[index].name], points: points)
        }.filter { !$0.points.isEmpty }
        return series.isEmpty ? .noData : .series(series)
    }

    /// The smallest value among the pods that the query names.
    private mutating func now(
        _ signal: Telemetry.Signal, _ measurement: GateMeasurement, _ starts: [String: Timestamp], at time: Timestamp
    ) -> MetricReading {
        let values = fleet.members.indices.compactMap { index -> Double? in
            let started = starts[fleet.members[index].name]
            return started == nil ? nil : level(signal, of: index, startedAt: started, at: time)
        }
        return values.min().map { .samples([$0]) } ?? .noData
    }

    /// When the new collector of each node was started.
    private func starts(in cluster: Cluster) -> [String: Timestamp] {
        var starts: [String: Timestamp] = [:]
        for pod in cluster.fleet(namespace: "monitoring", daemonSet: "node-exporter")?.pods ?? [] {
            guard pod.images.contains(where: { $0.image == Trial.image }), let node = pod.nodeName else { continue }
            starts[node] = pod.createdAt
        }
        return starts
    }

    /// A node's level at a time: the mean of the scrapes of five minutes.
    mutating func level(
        _ signal: Telemetry.Signal, of index: Int, startedAt: Timestamp?, at time: Timestamp
    ) -> Double? {
        let slot = Scrapes.slot(at: time)
        guard let startedAt, startedAt <= time else { return scrapes.level(signal, of: index, at: slot) }
        let key = Key(signal: signal, index: index, startedAt: startedAt)
        let first = Scrapes.slot(at: startedAt)
        var run = runs.removeValue(forKey: key) ?? [(0, 0)]
        while run.count <= slot - first { run.append(next(after: run[run.count - 1], key, slot: first + run.count)) }
        runs[key] = run
        let (last, before) = (run[slot - first], run[max(0, slot - first - Scrapes.window)])
        let count = last.count - before.count
        return count > 0 ? (last.sum - before.sum) / Double(count) : nil
    }

    /// One scrape more of a new collector.
    private func next(after: (sum: Double, count: Int32), _ key: Key, slot: Int) -> (sum: Double, count: Int32) {
        let member = fleet.members[key.index]
        let place = Telemetry.Place(node: member.name, zone: member.zone, startedAt: key.startedAt)
        let time = Scrapes.time(of: slot)
        let minutes = Double(time.millisecondsSince1970 - key.startedAt.millisecondsSince1970) / 60_000
        let factor = kind?.affects(member) ?? false ? magnitude?.effect(key.signal, minutes) : 1
        guard let factor, let value = scrapes.telemetry.value(key.signal, at: place, time) else { return after }
        return (after.sum + value * factor, after.count + 1)
    }
}
