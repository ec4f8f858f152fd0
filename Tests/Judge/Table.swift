import Foundation

/// A row of the table: one kind in one magnitude, over all seeds.
struct Row {
    var kind: Kind
    var magnitude: Int
    var results: [Trial.Result]
    /// How many nodes RollingUpdate with maxUnavailable 10 % would have reached.
    var rolling: Int

    var isReference: Bool { magnitude == kind.reference }
    /// The share of seeds in which the version was stopped by evidence in the first wave that could show it.
    var inTime: Double { share(\.isInTime) }
    var isMissed: Bool { isReference && inTime < Self.goal }

    /// The share that is asked of a reference magnitude.
    static let goal = 0.9

    private func share(_ property: (Trial.Result) -> Bool) -> Double {
        Double(results.count(where: property)) / Double(max(1, results.count))
    }

    var text: String {
        let reached = results.map(\.reached).sorted()
        let times = results.filter(\.isCaught).map(\.duration).sorted()
        let ranks = results.compactMap(\.ranksObject)
        let columns = [
            kind.name, kind.magnitudes[magnitude].name + (isReference ? " *" : ""), percent(inTime),
            percent(share(\.isCaught)), percent(share(\.isInDoubt)), "\(reached[reached.count / 2])",
            "\(reached.last ?? 0)", times.isEmpty ? "-" : minutes(times[times.count / 2]), "\(rolling)",
            ranks.isEmpty ? "-" : percent(Double(ranks.count { $0 }) / Double(ranks.count)),
        ]
        return line(columns) + (isMissed ? "  MISSED" : "")
    }

    static let head = line([
        "kind", "magnitude", "in time", "caught", "doubt", "p50", "most", "after", "rolling", "ranks",
    ])
}

private let widths = [22, 20, 7, 6, 5, 4, 5, 6, 7, 5]

private func line(_ columns: [String]) -> String {
    zip(columns, widths).map { column, width in
        column.padding(toLength: max(width, column.count), withPad: " ", startingAt: 0)
    }
    .joined(separator: "  ")
}

func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }

private func minutes(_ time: Int64) -> String { String(format: "%.1fm", Double(time) / 60_000) }
