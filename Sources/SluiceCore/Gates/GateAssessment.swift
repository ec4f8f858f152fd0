/// What one more measurement means for a gate: counters in, counters and verdict out, with the arithmetic as the reason.
///
/// Failed, no data and could-not-measure are three things. (Argo Rollouts, `assessMetricFailureInconclusiveOrError`)
public enum GateAssessment {
    /// Counts a measurement.
    ///
    /// - Parameters:
    ///   - record: the gate's run so far; must be running.
    ///   - isFinal: whether the soak is over, so that a gate without a count is decided by this measurement.
    /// - Returns: the run with the measurement counted, its verdict and its sentence.
    public static func counting(
        _ reading: MetricReading, into record: GateRecord, of gate: Gate, isFinal: Bool, at time: Timestamp
    ) -> GateRecord {
        var result = record
        result.measurements += 1
        result.measuredAt = time
        switch reading {
        case .samples(let values):
            result.consecutiveNoData = 0
            result.consecutiveErrors = 0
            count(values, into: &result, of: gate, isFinal: isFinal)
        case .noData:
            result.consecutiveNoData += 1
            result.consecutiveErrors = 0
            let arithmetic = "no data (\(result.consecutiveNoData)), inconclusiveLimit (\(gate.inconclusiveLimit))"
            let isOver = result.consecutiveNoData > gate.inconclusiveLimit
            result.message = isOver ? "\(arithmetic): exceeded" : arithmetic
            if isOver { result.verdict = .inconclusive }
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

    private static func count(_ values: [Double], into result: inout GateRecord, of gate: Gate, isFinal: Bool) {
        let bad = values.filter { !gate.successCondition.holds(for: $0) }
        guard let worst = bad.first else {
            result.successes += 1
            result.message = "\(described(values)) \(gate.successCondition.text), \(progress(result, of: gate))"
            let isEnough = gate.count.map { result.measurements >= $0 } ?? isFinal
            if isEnough { result.verdict = .passed }
            return
        }
        result.failures += 1
        let sample = values.count == 1 ? "\(worst)" : "\(worst) (\(bad.count) of \(values.count) samples)"
        let arithmetic = "\(sample) is not \(gate.successCondition.text)"
        if result.failures > gate.failureLimit {
            result.verdict = .failed
            result.message = "failed (\(result.failures)) > failureLimit (\(gate.failureLimit)): \(arithmetic)"
        } else {
            result.message = "failed (\(result.failures)) of failureLimit (\(gate.failureLimit)): \(arithmetic)"
            if let count = gate.count, result.measurements >= count { result.verdict = .passed }
        }
    }

    private static func described(_ values: [Double]) -> String {
        values.count == 1 ? "\(values[0])" : "\(values.count) samples"
    }

    private static func progress(_ record: GateRecord, of gate: Gate) -> String {
        let target = gate.count.map { " of \($0)" } ?? ""
        return "measurement \(record.measurements)\(target)"
    }
}

extension PrometheusQuery {
    /// What the placeholders of a query stand for.
    public struct Context: Sendable, Hashable {
        /// The wave's name.
        public var wave: String
        /// The updated nodes of the wave.
        public var nodes: [String]
        /// Their pods of the target revision.
        public var pods: [String]
        /// The addresses of those pods.
        public var addresses: [String]
        /// The time since the soak began, in seconds; at least the gate's interval.
        public var windowSeconds: Int64

        /// What the placeholders stand for.
        public init(wave: String, nodes: [String], pods: [String], addresses: [String], windowSeconds: Int64) {
            self.wave = wave
            self.nodes = nodes
            self.pods = pods
            self.addresses = addresses
            self.windowSeconds = windowSeconds
        }
    }

    /// The names a query may use between `{{` and `}}`.
    public static let placeholders = ["nodes", "pods", "instances", "wave", "nodeCount", "window"]

    /// The query with its placeholders filled in.
    public func filled(with context: Context) -> PrometheusQuery {
        var result = self
        result.query = Self.replace(in: query) { name in
            switch name {
            case "nodes": Self.alternatives(context.nodes)
            case "pods": Self.alternatives(context.pods)
            case "instances": "(\(Self.alternatives(context.addresses)))(:[0-9]+)?"
            case "wave": context.wave
            case "nodeCount": String(context.nodes.count)
            case "window": "\(context.windowSeconds)s"
            default: nil
            }
        }
        return result
    }

    /// Exactly these names as a regular expression. A dot becomes `[.]`, which needs no backslash and so survives every
    /// kind of quoting in a query.
    private static func alternatives(_ names: [String]) -> String {
        var bytes: [UInt8] = []
        for (index, name) in names.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "|")) }
            for byte in name.utf8 {
                switch byte {
                case UInt8(ascii: "."): bytes += Array("[.]".utf8)
                case UInt8(ascii: "["): bytes += Array("[[]".utf8)
                case UInt8(ascii: "]"): bytes += Array("[]]".utf8)
                default: bytes.append(byte)
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func replace(in text: String, _ value: (String) -> String?) -> String {
        var result = ""
        var rest = text[...]
        while let open = firstRange(of: "{{", in: rest) {
            result += rest[..<open.lowerBound]
            let after = rest[open.upperBound...]
            guard let close = firstRange(of: "}}", in: after) else {
                return result + rest[open.lowerBound...]
            }
            let name = after[..<close.lowerBound].filter { $0 != " " }
            result += value(String(name)) ?? String(rest[open.lowerBound..<close.upperBound])
            rest = after[close.upperBound...]
        }
        return result + rest
    }

    private static func firstRange(of pair: String, in text: Substring) -> Range<Substring.Index>? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(pair) { return index..<text.index(index, offsetBy: pair.count) }
            index = text.index(after: index)
        }
        return nil
    }
}
