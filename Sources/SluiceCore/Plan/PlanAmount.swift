/// Counts and percentages as a plan writes them: `5` or `10%`.
enum PlanAmount {
    /// The amount that a value stands for; nil when it is none or out of range.
    static func amount(_ value: Document) -> Amount? {
        switch value.content {
        case .integer(let number): (0...PlanBounds.nodes).contains(number) ? .count(Int(number)) : nil
        case .string(let text): percent(text).flatMap { (1...100).contains($0) ? .percent(Int($0)) : nil }
        case .null, .bool, .double, .sequence, .mapping: nil
        }
    }

    /// What is wrong with a value; nil when nothing is.
    static func complaint(about value: Document, zeroAllowed: Bool) -> String? {
        let least: Int64 = zeroAllowed ? 0 : 1
        if case .string(let text) = value.content, let percent = percent(text) {
            return (1...100).contains(percent) ? nil : "expected a percentage from 1% to 100%, found \(text)"
        }
        if case .integer(let number) = value.content {
            let range = "a count from \(least) to \(PlanBounds.nodes)"
            return (least...PlanBounds.nodes).contains(number) ? nil : "expected \(range), found \(number)"
        }
        return "expected a count such as 5 or a percentage such as 10%, found \(PlanChecker.found(value))"
    }

    /// The number before a percent sign, `Int64.max` when it is larger; nil for any other text.
    private static func percent(_ text: String) -> Int64? {
        guard text.hasSuffix("%") else { return nil }
        let number = text.dropLast()
        let digits = number.first == "-" ? number.dropFirst() : number
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int64(number) ?? .max
    }
}
