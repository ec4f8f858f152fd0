/// Words that the planner's sentences share.
enum PlanText {
    /// How many names a sentence lists before it says how many more there are.
    static let namesShown = 5

    /// `a, b, c`, cut after a few: `a, b, c, d, e and 95 more`.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(namesShown).joined(separator: ", ")
        return names.count > namesShown ? "\(shown) and \(names.count - namesShown) more" : shown
    }

    /// `1 node`, `3 nodes`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// A duration in its largest unit and the next one: `45 s`, `2 min 30 s`, `7 d`.
    static func duration(seconds: Int64) -> String {
        let units: [(size: Int64, name: String)] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")]
        guard let first = units.firstIndex(where: { seconds >= $0.size }) else { return "0 s" }
        let largest = "\(seconds / units[first].size) \(units[first].name)"
        guard first + 1 < units.count else { return largest }
        let next = seconds % units[first].size / units[first + 1].size
        return next == 0 ? largest : "\(largest) \(next) \(units[first + 1].name)"
    }
}
