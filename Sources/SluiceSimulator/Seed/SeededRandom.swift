import SluiceCore

/// SplitMix64: the same seed gives the same draws on every machine.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A generator of its own, so that more draws here change nothing there.
    mutating func fork() -> SeededRandom { SeededRandom(seed: next()) }

    /// A number from 0 up to, not including, 1.
    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// Whether something of this probability happens.
    mutating func chance(_ probability: Double) -> Bool { unit() < probability }

    /// A whole number of a range, both ends included.
    mutating func int(_ range: ClosedRange<Int>) -> Int {
        let count = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int(next() % count)
    }

    /// A duration of a range in milliseconds, both ends included.
    mutating func time(_ range: ClosedRange<Milliseconds>) -> Milliseconds {
        range.lowerBound + Milliseconds(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// A duration whose order of magnitude is even over the range, in milliseconds.
    mutating func spread(_ range: ClosedRange<Milliseconds>) -> Milliseconds {
        Milliseconds(logUniform(Double(range.lowerBound), Double(range.upperBound)).rounded())
    }

    /// A number between two others, both more than 0, whose order of magnitude is even.
    mutating func logUniform(_ low: Double, _ high: Double) -> Double {
        var value = low
        let share = unit()
        // Doubling by steps: a power without the C library.
        var ratio = high / low
        var weight = share
        for _ in 0..<40 {
            ratio = ratio.squareRoot()
            weight *= 2
            if weight >= 1 {
                value *= ratio
                weight -= 1
            }
        }
        return value
    }

    /// One of some values; nil when there are none.
    mutating func pick<Value>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values[int(0...(values.count - 1))]
    }

    /// Some values in a drawn order.
    mutating func permuted<Value>(_ values: [Value]) -> [Value] {
        var result = values
        for index in result.indices.dropFirst().reversed() { result.swapAt(index, int(0...index)) }
        return result
    }
}
