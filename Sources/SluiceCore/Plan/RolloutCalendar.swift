/// When a plan lets pods be deleted: in one of its windows, if it has any, and in no freeze.
public struct RolloutCalendar: Sendable, Hashable {
    /// A day of the week.
    public enum Weekday: String, Sendable, Hashable, CaseIterable {
        case mon, tue, wed, thu, fri, sat, sun

        /// The weekday of a day, in days since 1970-01-01, which was a Thursday.
        init(day: Int64) { self = Self.allCases[Int(((day + 3) % 7 + 7) % 7)] }
    }

    /// A time of the day at which pods may be deleted, on some days of the week.
    public struct Window: Sendable, Hashable {
        /// The days on which it begins, in the order of the week; all seven for every day.
        public var days: [Weekday]
        /// When it begins, in minutes since midnight by the zone's clocks.
        public var from: Int
        /// When it ends, in minutes since midnight, 1440 at most; not later than ``from`` means on the next day.
        public var to: Int
        /// The zone whose clocks count.
        public var zone: ZoneOffsets

        /// A time of the day at which pods may be deleted.
        public init(days: [Weekday] = Weekday.allCases, from: Int, to: Int, zone: ZoneOffsets = .utc) {
            self.days = days
            self.from = from
            self.to = to
            self.zone = zone
        }
    }

    /// Whole days on which no pod is deleted.
    public struct Freeze: Sendable, Hashable {
        /// The first day, in days since 1970-01-01.
        public var from: Int64
        /// The last day, in days since 1970-01-01.
        public var to: Int64
        /// Why; empty when nobody said.
        public var reason: String
        /// The zone whose days they are.
        public var zone: ZoneOffsets

        /// Whole days on which no pod is deleted.
        public init(from: Int64, to: Int64, reason: String = "", zone: ZoneOffsets = .utc) {
            self.from = from
            self.to = to
            self.reason = reason
            self.zone = zone
        }
    }

    /// The windows; none means always.
    public var windows: [Window]
    /// The freezes.
    public var freezes: [Freeze]

    /// When a plan lets pods be deleted.
    public init(windows: [Window] = [], freezes: [Freeze] = []) {
        self.windows = windows
        self.freezes = freezes
    }

    /// Whether pods may be deleted at all times.
    public var isEmpty: Bool { windows.isEmpty && freezes.isEmpty }
}

extension RolloutCalendar.Window {
    /// When the window that begins on a day is open, in seconds since 1970-01-01T00:00:00Z; nil when it is not.
    ///
    /// Where clocks are set forward over its beginning or its end, that is the first second after the gap; a window within
    /// the gap is left out. Of an hour that clocks show twice it begins in the first and ends in the second.
    func span(on day: Int64) -> Range<Int64>? {
        guard days.contains(RolloutCalendar.Weekday(day: day)) else { return nil }
        let start = zone.seconds(showing: day * 86_400 + Int64(from) * 60).first
        let lastDay = to > from ? day : day + 1
        let end = zone.seconds(showing: lastDay * 86_400 + Int64(to) * 60).last
        return start < end ? start..<end : nil
    }

    /// The spans that may contain a second or are the next ones after it.
    fileprivate func spans(around second: Int64) -> [Range<Int64>] {
        let today = zone.day(at: second)
        // Two weeks, for a day of the week can fall into a gap.
        return (today - 2...today + 15).compactMap(span)
    }

    /// As a person would write it: `mon, tue 22:00 to 04:00 (Europe/Berlin)`.
    public var text: String {
        let all = days.count == RolloutCalendar.Weekday.allCases.count
        return (all ? "every day" : days.map(\.rawValue).joined(separator: ", "))
            + " \(Self.clock(from)) to \(Self.clock(to)) (\(zone.name))"
    }

    /// A time of the day as a clock shows it: `04:30`.
    public static func clock(_ minutes: Int) -> String {
        [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}

extension RolloutCalendar.Freeze {
    /// When it begins and ends, in seconds since 1970-01-01T00:00:00Z.
    var span: Range<Int64> {
        let start = zone.seconds(showing: from * 86_400).first
        return start..<max(start, zone.seconds(showing: (to + 1) * 86_400).last)
    }

    /// As a person would write it: `2026-12-20 to 2027-01-02 (Europe/Berlin)`, with the reason.
    public var text: String {
        "\(Self.date(from)) to \(Self.date(to)) (\(zone.name))" + (reason.isEmpty ? "" : ": \(reason)")
    }

    /// A day, in days since 1970-01-01, as `2026-12-20`.
    public static func date(_ day: Int64) -> String { String(Timestamp(day * 86_400_000).rfc3339.prefix(10)) }
}

extension RolloutCalendar {
    /// What the calendar says at a time, and how long it says so.
    struct Standing: Sendable, Hashable {
        /// Why no pod may be deleted; nil when pods may be.
        var hold: Hold?
        /// When pods may be deleted again, in milliseconds since 1970-01-01T00:00:00Z; nil when that is never.
        var opensAt: Milliseconds?
        /// When it was looked at, and until when nothing changes, in milliseconds since 1970-01-01T00:00:00Z.
        var holds: Range<Milliseconds>
    }

    /// What the calendar says at a time.
    func standing(at time: Timestamp) -> Standing {
        let now = time.millisecondsSince1970
        let second = now >= 0 ? now / 1_000 : (now - 999) / 1_000
        let end = nextChange(after: second)
        var standing = Standing(holds: now..<max(now + 1, end == .max ? .max : end * 1_000))
        let freeze = freezes.first { $0.span.contains(second) }
        guard freeze != nil || !isInWindow(second) else { return standing }
        let opening = nextOpening(after: second)
        standing.opensAt = opening.map { $0.second * 1_000 }
        let when = opening.map { "\($0.zone.text(of: $0.second)) (\($0.zone.name))" }
        if let freeze {
            standing.hold = Hold(
                .freeze,
                "frozen from \(freeze.text); pods are deleted again from \(when ?? "no time that can be foreseen")")
        } else {
            standing.hold = Hold(
                .window, "no window is open; the next one opens at \(when ?? "no time that can be foreseen")")
        }
        return standing
    }

    private func isInWindow(_ second: Int64) -> Bool {
        windows.isEmpty || windows.contains { $0.spans(around: second).contains { $0.contains(second) } }
    }

    /// The next second at which something may begin or end.
    private func nextChange(after second: Int64) -> Int64 {
        let spans = windows.flatMap { $0.spans(around: second) } + freezes.map(\.span)
        return spans.flatMap { [$0.lowerBound, $0.upperBound] }.filter { $0 > second }.min() ?? .max
    }

    /// When pods may be deleted again, and in which zone to say so.
    private func nextOpening(after second: Int64) -> (second: Int64, zone: ZoneOffsets)? {
        var (time, zone) = (second, windows.first?.zone ?? .utc)
        // Each freeze is passed once, with a window before and after it.
        for _ in 0...(freezes.count + 1) * 2 {
            if let freeze = freezes.first(where: { $0.span.contains(time) }) {
                (time, zone) = (freeze.span.upperBound, freeze.zone)
            } else if isInWindow(time) {
                return (time, zone)
            } else {
                let starts = windows.flatMap { window in
                    window.spans(around: time).map { (second: $0.lowerBound, zone: window.zone) }
                }
                guard let next = starts.filter({ $0.second > time }).min(by: { $0.second < $1.second }) else {
                    return nil
                }
                (time, zone) = next
            }
        }
        return nil
    }
}
