import SluiceCore

/// The longest time that anything is waited for, in seconds: about 31 years. Longer ones that a request names count as
/// this.
private let longestTime: Int64 = 1_000_000_000

/// A number of seconds from outside as milliseconds, kept between nothing and what can be added up without overflow.
func milliseconds(seconds: Int64) -> Milliseconds {
    max(0, min(seconds, longestTime)) * 1_000
}

/// Chance without a generator: every draw is a pure function of the seed and of what it is drawn for, so the order in
/// which things happen never changes what is drawn.
struct Drawing: Sendable {
    let seed: UInt64

    /// 64 mixed bits for a purpose.
    func bits(_ purpose: String, _ number: UInt64 = 0) -> UInt64 {
        Self.mix(seed ^ Self.fnv(purpose) &+ number &* 0x9E37_79B9_7F4A_7C15)
    }

    /// A number from 0 up to, not including, 1.
    func unit(_ purpose: String, _ number: UInt64 = 0) -> Double {
        Double(bits(purpose, number) >> 11) / 9_007_199_254_740_992
    }

    /// As ``unit(_:_:)`` for the purpose `PURPOSE/NODE`, without making that text.
    func unit(_ purpose: StaticString, node: String, _ number: UInt64) -> Double {
        var hash = Self.basis
        purpose.withUTF8Buffer { for byte in $0 { hash = Self.fnv(hash, byte) } }
        hash = Self.fnv(hash, UInt8(ascii: "/"))
        for byte in node.utf8 { hash = Self.fnv(hash, byte) }
        return Double(Self.mix(seed ^ hash &+ number &* 0x9E37_79B9_7F4A_7C15) >> 11) / 9_007_199_254_740_992
    }

    /// A UUID of version 4.
    func uuid(_ purpose: String, _ number: UInt64 = 0) -> String {
        let high = bits(purpose, number) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = bits(purpose + "/low", number) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { text in
            var count = 0
            for digit in 0..<32 {
                if [8, 12, 16, 20].contains(digit) {
                    text[count] = UInt8(ascii: "-")
                    count += 1
                }
                text[count] = Self.digit(digit, of: digit < 16 ? high : low)
                count += 1
            }
            return count
        }
    }

    /// The random end of a generated name.
    func suffix(_ purpose: String, _ number: UInt64, length: Int = 5) -> String {
        var rest = bits(purpose, number)
        var bytes: [UInt8] = []
        for _ in 0..<length {
            bytes.append(Self.alphabet[Int(rest % UInt64(Self.alphabet.count))])
            rest /= UInt64(Self.alphabet.count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Lower-case hexadecimal digits, as many as asked for, that look like a digest of the text.
    static func digest(_ text: String, digits: Int = 64) -> String {
        var state = fnv(text)
        return String(unsafeUninitializedCapacity: digits) { result in
            for index in 0..<digits {
                if index % 16 == 0 { state = mix(state &+ 0x9E37_79B9_7F4A_7C15) }
                result[index] = digit(index % 16, of: state)
            }
            return digits
        }
    }

    /// FNV-1a over the text's bytes.
    static func fnv(_ text: String) -> UInt64 {
        var hash = basis
        for byte in text.utf8 { hash = fnv(hash, byte) }
        return hash
    }

    private static let basis: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func fnv(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// The finalizer of SplitMix64.
    static func mix(_ value: UInt64) -> UInt64 {
        var bits = value &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

    static func hex(_ value: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { text in
            for index in 0..<16 { text[index] = digit(index, of: value) }
            return 16
        }
    }

    /// The hexadecimal digit at an index, counted from the highest and on from it.
    private static func digit(_ index: Int, of value: UInt64) -> UInt8 {
        let digit = UInt8(value >> UInt64(60 - index % 16 * 4) & 15)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
