extension PrometheusQuery {
    /// How far the query looks back at most, in seconds, rounded up: the longest range of a selector or a subquery, such as
    /// 120 for `rate(x[2m])`. Nil when it has none; ranges by placeholder say nothing.
    public var longestRangeSeconds: Int64? {
        var longest: Int64?
        var quote: UInt8?
        var range: [UInt8]?
        var isEscaped = false
        for byte in query.utf8 {
            if let mark = quote {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\"), mark != UInt8(ascii: "`") {
                    isEscaped = true
                } else if byte == mark {
                    quote = nil
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): quote = byte
            case UInt8(ascii: "["): range = []
            case UInt8(ascii: "]"):
                let text = range?.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).first
                if let seconds = text.flatMap({ Self.seconds($0) }) { longest = max(longest ?? 0, seconds) }
                range = nil
            default: range?.append(byte)
            }
        }
        return longest
    }

    /// The units of Prometheus' durations, in milliseconds.
    private static let units: [String: Int64] = [
        "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000,
    ]

    /// Reads `1h30m`; nil for anything else.
    private static func seconds(_ text: some Collection<UInt8>) -> Int64? {
        let text = text.filter { $0 != UInt8(ascii: " ") }
        var rest = text[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            let unit = rest.dropFirst(digits.count).prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
            guard let number = Int64(String(decoding: digits, as: UTF8.self)),
                let size = units[String(decoding: unit, as: UTF8.self)]
            else { return nil }
            let (product, isTooLong) = number.multipliedReportingOverflow(by: size)
            let (sum, overflows) = total.addingReportingOverflow(product)
            guard !isTooLong, !overflows else { return nil }
            total = sum
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return text.isEmpty ? nil : total / 1_000 + (total % 1_000 == 0 ? 0 : 1)
    }
}
