public import SluiceCore

/// Durations as kubectl writes ages: the two largest units while the smaller one still matters (`4m10s`, `7d`).
public enum DurationText {
    private static let minute: Int64 = 60
    private static let hour: Int64 = 3_600
    private static let day: Int64 = 86_400
    private static let year: Int64 = 365 * 86_400

    /// A duration in seconds; a negative one is written as `0s`.
    public static func text(seconds: Int64) -> String {
        let seconds = max(0, seconds)
        switch seconds {
        case ..<(2 * minute): return "\(seconds)s"
        case ..<(10 * minute): return pair(seconds, minute, "m", 1, "s")
        case ..<(3 * hour): return "\(seconds / minute)m"
        case ..<(8 * hour): return pair(seconds, hour, "h", minute, "m")
        case ..<(2 * day): return "\(seconds / hour)h"
        case ..<(8 * day): return pair(seconds, day, "d", hour, "h")
        case ..<(2 * year): return "\(seconds / day)d"
        case ..<(8 * year): return pair(seconds, year, "y", day, "d")
        default: return "\(seconds / year)y"
        }
    }

    /// The time from one instant to another.
    public static func text(from start: Timestamp, to end: Timestamp) -> String {
        text(seconds: (end.millisecondsSince1970 - start.millisecondsSince1970) / 1_000)
    }

    private static func pair(
        _ seconds: Int64, _ large: Int64, _ largeName: String, _ small: Int64, _ smallName: String
    ) -> String {
        let rest = seconds % large / small
        return "\(seconds / large)\(largeName)" + (rest == 0 ? "" : "\(rest)\(smallName)")
    }
}
