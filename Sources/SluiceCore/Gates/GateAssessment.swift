/// What one more measurement means for a gate: counters in, counters and verdict out, with the arithmetic as the reason.
///
/// Failed, no data and could-not-measure are three things. (Argo Rollouts, `assessMetricFailureInconclusiveOrError`)
public enum GateAssessment {
    /// What one measurement says by itself, with its arithmetic.
    public enum Measurement: Sendable, Equatable {
        case good(String)
        case bad(String)
        /// There are data, and they cannot tell.
        case undecided(String)
        case noData
        /// It could not be made.
        case failed(String)
    }

    /// What values say: each must satisfy the condition.
    public static func measurement(_ values: [Double], _ condition: Gate.Condition) -> Measurement {
        let bad = values.filter { !condition.holds(for: $0) }
        guard let worst = bad.first else {
            let described = values.count == 1 ? "\(values[0])" : "\(values.count) samples"
            return .good("\(described) \(condition.text)")
        }
        let sample = values.count == 1 ? "\(worst)" : "\(worst) (\(bad.count) of \(values.count) samples)"
        return .bad("\(sample) is not \(condition.text)")
    }

    /// Counts a measurement.
    ///
    /// - Parameters:
    ///   - record: the gate's run so far; must be running.
    ///   - isFinal: whether the soak is over, so that a gate without a count is decided by this measurement.
    /// - Returns: the run with the measurement counted, its verdict and its sentence.
    public static func counting(
        _ measurement: Measurement, into record: GateRecord, of gate: Gate, isFinal: Bool, at time: Timestamp
    ) -> GateRecord {
        var result = record
        result.measurements += 1
        result.measuredAt = time
        switch measurement {
        case .good(let arithmetic):
            (result.consecutiveNoData, result.consecutiveErrors) = (0, 0)
            result.successes += 1
            result.message = "\(arithmetic), \(progress(result, of: gate))"
            let isEnough = gate.count.map { result.measurements >= $0 } ?? isFinal
            if isEnough { result.verdict = .passed }
        case .bad(let arithmetic):
            (result.consecutiveNoData, result.consecutiveErrors) = (0, 0)
            countFailure(arithmetic, into: &result, of: gate)
        case .undecided(let arithmetic):
            result.consecutiveErrors = 0
            // While the soak lasts there is more to come.
            result.consecutiveNoData = isFinal ? result.consecutiveNoData + 1 : 0
            let isOver = result.consecutiveNoData > gate.inconclusiveLimit
            result.message = "cannot tell" + (isFinal ? counted(result, gate, isOver) : "") + ": \(arithmetic)"
            if isOver { result.verdict = .inconclusive }
        case .noData:
            result.consecutiveNoData += 1
            result.consecutiveErrors = 0
            let isOver = result.consecutiveNoData > gate.inconclusiveLimit
            result.message = "no data" + counted(result, gate, isOver)
            if isOver { result.verdict = .noData }
        case .failed(let why):
            result.consecutiveErrors += 1
            result.consecutiveNoData = 0
            let arithmetic =
                "could not be measured (\(result.consecutiveErrors)), consecutiveErrorLimit "
                + "(\(gate.consecutiveErrorLimit))"
            let isOver = result.consecutiveErrors > gate.consecutiveErrorLimit
            result.message = "\(arithmetic)\(isOver ? ": exceeded" : ""): \(why)"
            if isOver { result.verdict = .error }
        }
        return result
    }

    private static func counted(_ record: GateRecord, _ gate: Gate, _ isOver: Bool) -> String {
        " (\(record.consecutiveNoData)), inconclusiveLimit (\(gate.inconclusiveLimit))" + (isOver ? ": exceeded" : "")
    }

    private static func countFailure(_ arithmetic: String, into result: inout GateRecord, of gate: Gate) {
        result.failures += 1
        if result.failures > gate.failureLimit {
            result.verdict = .failed
            result.message = "failed (\(result.failures)) > failureLimit (\(gate.failureLimit)): \(arithmetic)"
        } else {
            result.message = "failed (\(result.failures)) of failureLimit (\(gate.failureLimit)): \(arithmetic)"
            if let count = gate.count, result.measurements >= count { result.verdict = .passed }
        }
    }

    private static func progress(_ record: GateRecord, of gate: Gate) -> String {
        let target = gate.count.map { " of \($0)" } ?? ""
        return "measurement \(record.measurements)\(target)"
    }
}
