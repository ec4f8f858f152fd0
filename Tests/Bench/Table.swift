import Foundation

/// The lines of a benchmark: a figure, its goal beside it, and whether it is met.
@MainActor
enum Table {
    /// Whether a goal was missed since the start: the process then ends with 1.
    static var hasMissed = false

    /// Columns for the name of a figure.
    private static let nameWidth = 66

    /// A figure with its goal.
    static func row(_ name: String, _ figure: String, goal: String, isMet: Bool) {
        hasMissed = hasMissed || !isMet
        print(
            padded(name, to: nameWidth) + padded(figure, to: 22) + padded("goal \(goal)", to: 16)
                + (isMet ? "ok" : "MISSED"))
        fflush(nil)
    }

    /// A figure without a goal.
    static func row(_ name: String, _ figure: String) {
        print(padded(name, to: nameWidth) + figure)
        fflush(nil)
    }

    /// A line about one run, which explains a figure.
    static func note(_ text: String) {
        print("  \(text)")
        fflush(nil)
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

func rounded(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// The middle of some figures and their range: `1.012 (1.008-1.019)`.
struct Median {
    let value: Double
    private let sorted: [Double]

    /// - Parameter figures: at least one.
    init(_ figures: [Double]) {
        sorted = figures.sorted()
        value = sorted[sorted.count / 2]
    }

    func text(_ digits: Int) -> String {
        guard sorted.count > 1, let least = sorted.first, let most = sorted.last else { return rounded(value, digits) }
        return "\(rounded(value, digits)) (\(rounded(least, digits))-\(rounded(most, digits)))"
    }
}
