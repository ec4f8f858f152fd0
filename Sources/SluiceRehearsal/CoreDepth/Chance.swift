import SluiceCore

/// Drawn numbers of one seed. (SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014)
struct Chance: Sendable {
    private var state: UInt64

    init(seed: UInt64, purpose: UInt64) {
        state = seed ^ purpose &* 0x9E37_79B9_7F4A_7C15
    }

    mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 up to, not including, 1.
    mutating func unit() -> Double { Double(bits() >> 11) / 9_007_199_254_740_992 }

    /// From 0 up to, not including, `bound`, which is at least 1.
    mutating func below(_ bound: Int) -> Int { min(bound - 1, Int(unit() * Double(bound))) }

    /// An exponentially distributed number with mean 1, by comparisons alone. (von Neumann, "Various techniques used in
    /// connection with random digits", 1951)
    mutating func exponential() -> Double {
        var whole = 0.0
        while true {
            let first = unit()
            var last = first
            var length = 1
            while true {
                let next = unit()
                guard next < last else { break }
                last = next
                length += 1
            }
            if !length.isMultiple(of: 2) { return whole + first }
            whole += 1
        }
    }
}
