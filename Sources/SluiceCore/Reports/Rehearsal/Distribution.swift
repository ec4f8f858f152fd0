/// Numbers of many runs, sorted.
public struct Distribution: Sendable, Equatable {
    /// The numbers, smallest first; never empty.
    public let values: [Int64]

    /// The numbers of many runs; nil when there are none.
    public init?(_ values: [Int64]) {
        guard !values.isEmpty else { return nil }
        self.values = values.sorted()
    }

    /// The smallest.
    public var least: Int64 { values[0] }
    /// The greatest.
    public var greatest: Int64 { values[values.count - 1] }

    /// The smallest number that at least so many percent of the runs do not exceed (nearest rank).
    public func percentile(_ percent: Int) -> Int64 {
        let rank = (values.count * min(100, max(0, percent)) + 99) / 100
        return values[max(1, rank) - 1]
    }

    /// The arithmetic mean.
    public var mean: Double { values.reduce(0) { $0 + Double($1) } / Double(values.count) }
}
