/// The numbers of both text formats: what Go's `ParseFloat` takes and OpenMetrics' `number` allows. The two agree:
/// decimal digits with a fraction and an exponent, `NaN` and the infinities in any case; neither hexadecimal numbers
/// nor underscores.
enum ExpositionNumber {
    /// A value; nil for anything else, and for a number that no double is large enough for.
    static func value(_ bytes: ArraySlice<UInt8>) -> Double? {
        guard !isDecimal(bytes) else { return finite(bytes) }
        let isNegative = bytes.first == UInt8(ascii: "-")
        let isSigned = isNegative || bytes.first == UInt8(ascii: "+")
        // The bit 0x20 makes the difference between an upper and a lower case letter of ASCII.
        let word = bytes.dropFirst(isSigned ? 1 : 0).map { $0 | 0x20 }
        if word.elementsEqual("inf".utf8) || word.elementsEqual("infinity".utf8) {
            return isNegative ? -.infinity : .infinity
        }
        return word.elementsEqual("nan".utf8) && !isSigned ? .nan : nil
    }

    /// A whole number with an optional sign; nil for anything else, and beyond 64 bits.
    static func integer(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let first = bytes.first.map { ExpositionCursor.isDigit($0) || isSign($0) } ?? false
        guard first, bytes.dropFirst().allSatisfy(ExpositionCursor.isDigit) else { return nil }
        return Int64(String(decoding: bytes, as: UTF8.self))
    }

    /// Seconds as milliseconds, to the nearest; nil for what is no finite number, and beyond 64 bits.
    static func milliseconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard isDecimal(bytes), let seconds = finite(bytes) else { return nil }
        return Int64(exactly: (seconds * 1_000).rounded())
    }

    private static func finite(_ bytes: ArraySlice<UInt8>) -> Double? {
        guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// Whether this is `[sign] digits [. digits] [e [sign] digits]`, with a digit on at least one side of the point.
    private static func isDecimal(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        func digits() -> Int {
            let count = rest.prefix(while: ExpositionCursor.isDigit).count
            rest = rest.dropFirst(count)
            return count
        }
        if let first = rest.first, isSign(first) { rest.removeFirst() }
        var count = digits()
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            count += digits()
        }
        guard count > 0 else { return false }
        if let first = rest.first, first | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            if let sign = rest.first, isSign(sign) { rest.removeFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }
}
