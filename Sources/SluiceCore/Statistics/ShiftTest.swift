/// By how much a few values lie above many others, and how sure that is, whatever their distribution: a permutation test.
///
/// If the few differ from the others by a shift and by nothing else, then, with the shift taken off, every choice of as
/// many values from both groups together is as likely as the one at hand. The share of the choices with a mean at least
/// as great is the probability of the hypothesis, exactly, for two values as for two hundred.
/// (Pitman, "Significance tests which may be applied to samples from any populations", 1937. The bounds by swaps: Garthwaite,
/// "Confidence intervals from randomization tests", Biometrics 1996.)
public struct ShiftTest: Sendable {
    /// The difference of the two means.
    public let estimate: Double
    /// How many choices there are, or were drawn, the one at hand included. No probability can be smaller than one in
    /// this many.
    public let choices: Int
    /// A choice swaps some of the few with as many of the others. It is as extreme as the one at hand for every shift from
    /// the difference of the swapped means on. Ascending.
    private let swaps: [Double]

    /// Sums are rounded: what lies this near is equal.
    private static let rounding = 1e-9
    /// The choices that are looked at one by one; of more, as many are drawn.
    public static let choiceLimit = 50_000

    /// Tests the few against the others; nil when one of the groups is empty.
    ///
    /// - Parameters:
    ///   - few: finite values.
    ///   - others: finite values.
    ///   - choiceLimit: the choices that are looked at one by one, or drawn where there are more.
    public init?(_ few: [Double], against others: [Double], choiceLimit: Int = Self.choiceLimit) {
        guard !few.isEmpty, !others.isEmpty else { return nil }
        estimate = Self.mean(few) - Self.mean(others)
        let count = Self.choices(of: few.count, outOf: few.count + others.count)
        if let count, count <= choiceLimit {
            choices = count
            swaps = Self.everySwap(few, others).sorted()
        } else {
            choices = choiceLimit
            swaps = Self.drawnSwaps(few, others, count: choiceLimit - 1).sorted()
        }
    }

    /// The probability of values as high as these, or higher, when the shift is the given one or less.
    public func probability(ofAtMost shift: Double) -> Double {
        Double(1 + count { $0 <= shift + Self.rounding }) / Double(choices)
    }

    /// The probability of values as low as these, or lower, when the shift is the given one or more.
    public func probability(ofAtLeast shift: Double) -> Double {
        Double(1 + swaps.count - count { $0 < shift - Self.rounding }) / Double(choices)
    }

    /// How many swaps, from the lowest on, satisfy what all lower ones do.
    private func count(_ isBelow: (Double) -> Bool) -> Int {
        var low = 0
        var high = swaps.count
        while low < high {
            let middle = (low + high) / 2
            if isBelow(swaps[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The smallest shift that the values allow; -infinity when there are too few to exclude any.
    ///
    /// - Parameter level: how improbable is excluded, such as 0.05.
    public func lowerBound(at level: Double) -> Double {
        let allowed = Int(level * Double(choices)) - 1
        return allowed < 0 ? -.infinity : allowed < swaps.count ? swaps[allowed] : .infinity
    }

    /// The greatest shift that the values allow; infinity when there are too few to exclude any.
    ///
    /// - Parameter level: how improbable is excluded, such as 0.05.
    public func upperBound(at level: Double) -> Double {
        let allowed = Int(level * Double(choices)) - 1
        return allowed < 0 ? .infinity : allowed < swaps.count ? swaps[swaps.count - 1 - allowed] : -.infinity
    }

    /// How many ways there are to choose; nil when they exceed what can be counted.
    public static func choices(of few: Int, outOf all: Int) -> Int? {
        var result = 1
        for index in 0..<min(few, all - few) {
            let (product, overflows) = result.multipliedReportingOverflow(by: all - index)
            if overflows { return nil }
            result = product / (index + 1)
        }
        return result
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    // MARK: Swaps

    private static func everySwap(_ few: [Double], _ others: [Double]) -> [Double] {
        var result: [Double] = []
        for size in 1...min(few.count, others.count) {
            let out = sums(of: size, few)
            let into = sums(of: size, others)
            for one in out {
                for other in into { result.append((one - other) / Double(size)) }
            }
        }
        return result
    }

    /// The sums of all choices of a size.
    private static func sums(of size: Int, _ values: [Double]) -> [Double] {
        var result: [Double] = []
        func add(_ sum: Double, _ taken: Int, from first: Int) {
            guard taken < size else { return result.append(sum) }
            guard values.count - first >= size - taken else { return }
            for index in first...(values.count - (size - taken)) {
                add(sum + values[index], taken + 1, from: index + 1)
            }
        }
        add(0, 0, from: 0)
        return result
    }

    /// Choices drawn by numbers that depend on nothing but the sizes, so that the same data give the same answer.
    private static func drawnSwaps(_ few: [Double], _ others: [Double], count: Int) -> [Double] {
        // Whoever draws the one group has drawn the other, and the smaller one is drawn sooner.
        guard few.count <= others.count else {
            return drawnSwaps(others, few, count: count).map { $0 == -.infinity ? $0 : -$0 }
        }
        var numbers = SplitMix(state: UInt64(few.count) << 32 | UInt64(others.count))
        var places = Array(0..<(few.count + others.count))
        let sum = few.reduce(0, +)
        return (0..<count).map { _ in
            var stays = 0
            var into = 0.0
            var kept = 0.0
            for index in few.indices {
                places.swapAt(index, numbers.below(places.count - index) + index)
                let place = places[index]
                if place < few.count {
                    stays += 1
                    kept += few[place]
                } else {
                    into += others[place - few.count]
                }
            }
            let size = few.count - stays
            // The choice at hand, drawn once more, is as extreme as itself for every shift.
            return size == 0 ? -.infinity : (sum - kept - into) / Double(size)
        }
    }
}

/// Evenly spread numbers. (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014)
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Int(mixed.multipliedFullWidth(by: UInt64(bound)).high)
    }
}
