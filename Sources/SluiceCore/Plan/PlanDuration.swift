/// Durations as a plan writes them: `90s`, `5m`, `1h30m`, `7d`.
package enum PlanDuration {
    private static let units: [(suffix: Character, seconds: Int64)] = [
        ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    /// The same in a regular expression (that it is not empty must be said beside it).
    package static let pattern = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"

    /// The number of seconds, `Int64.max` when there are more; nil for anything but numbers with units, each at most
    /// once and the larger ones first.
    package static func seconds(_ text: String) -> Int64? {
        var rest = text[...]
        var total: Int64 = 0
        for unit in units {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let afterDigits = rest.dropFirst(digits.count)
            guard !digits.isEmpty, afterDigits.first == unit.suffix else { continue }
            let (product, overflow) = (Int64(digits) ?? .max).multipliedReportingOverflow(by: unit.seconds)
            let (sum, sumOverflow) = total.addingReportingOverflow(product)
            total = overflow || sumOverflow ? .max : sum
            rest = afterDigits.dropFirst()
        }
        return rest.isEmpty && !text.isEmpty ? total : nil
    }

    /// A number of seconds in the largest units that fit: `1h30m`; `0s` for none.
    package static func text(_ seconds: Int64) -> String {
        var rest = max(0, seconds)
        var text = ""
        for unit in units where rest >= unit.seconds {
            text += "\(rest / unit.seconds)\(unit.suffix)"
            rest %= unit.seconds
        }
        return text.isEmpty ? "0s" : text
    }
}
