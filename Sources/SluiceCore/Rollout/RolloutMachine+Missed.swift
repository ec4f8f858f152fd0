/// What nobody watched is not passed: the time of a soak in which no gate was measured is asked for afterwards.
///
/// No process may have been alive, the machine asleep, or the cluster out of sight. Pods tell of that time by themselves:
/// by their restarts, and by since when they are Ready (``NodeRecord/readyAt``).
extension RolloutMachine {
    /// The most points in time that are asked for at once.
    static let missedPointLimit: Int64 = 1_000

    /// The time in which a gate with a threshold should have been measured more than once and was not; nil when there is
    /// none.
    func missedTime(of gate: Gate, wave: Int) -> QueryRange? {
        guard gate.at == .soak, let soaks = state.waves[wave].soakStartedAt,
            let record = state.gates.first(where: { $0.wave == wave && $0.gate == gate.name })
        else { return nil }
        let interval = gate.intervalSeconds * 1_000
        let first = soaks.millisecondsSince1970 + gate.initialDelaySeconds * 1_000
        let from = max(first, record.measuredAt.map { $0.millisecondsSince1970 + interval } ?? first)
        let missed = turn.now.wall.millisecondsSince1970 - from
        guard missed >= 2 * interval else { return nil }
        let step = max(gate.intervalSeconds, (missed / 1_000 + Self.missedPointLimit - 1) / Self.missedPointLimit)
        let start = turn.now.wall.millisecondsSince1970 - missed / (step * 1_000) * step * 1_000
        return QueryRange(start: Timestamp(start), end: turn.now.wall, stepSeconds: step)
    }

    /// Counts an answer about a time that nobody watched: every point of it is a measurement, and one without a sample is
    /// a measurement without data.
    func counting(
        _ reading: MetricReading, over range: QueryRange, of gate: Gate, into record: GateRecord, isFinal: Bool
    ) -> GateRecord {
        let points: [GateAssessment.Measurement]
        switch (reading, gate.criterion) {
        case (.series(let series), .threshold(let condition)):
            points = range.values(of: series).map {
                $0.isEmpty ? .noData : GateAssessment.measurement($0, condition)
            }
        case (.noData, _): points = Array(repeating: .noData, count: range.pointCount)
        case (.failed(let why), _):
            // Still not measured: the same time is asked for again.
            var result = GateAssessment.counting(
                .failed(why), into: record, of: gate, isFinal: isFinal, at: turn.now.wall)
            result.measuredAt = record.measuredAt
            return result
        case (.samples, _), (.series, _), (.answer, _):
            points = [.failed("the answer is of another kind than asked for")]
        }
        var result = record
        for (index, point) in points.enumerated() where result.verdict == .running {
            result = GateAssessment.counting(
                point, into: result, of: gate, isFinal: isFinal && index == points.count - 1, at: turn.now.wall)
        }
        let when = "\(range.start.rfc3339) to \(range.end.rfc3339)"
        result.message += " (asked afterwards for \(when), in which nobody measured)"
        return result
    }
}

extension QueryRange {
    /// How many points it has.
    public var pointCount: Int {
        Int((end.millisecondsSince1970 - start.millisecondsSince1970) / (stepSeconds * 1_000)) + 1
    }

    /// The values at each of its points.
    func values(of series: [MetricSeries]) -> [[Double]] {
        var values = [[Double]](repeating: [], count: pointCount)
        for point in series.flatMap(\.points) {
            let since = point.time.millisecondsSince1970 - start.millisecondsSince1970
            // A server may round its times.
            let index = Int((since + stepSeconds * 500) / (stepSeconds * 1_000))
            if values.indices.contains(index) { values[index].append(point.value) }
        }
        return values
    }
}
