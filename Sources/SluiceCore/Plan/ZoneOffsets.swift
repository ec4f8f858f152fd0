/// A time zone as the offsets that its clocks have from UTC: the part of a zone database that arithmetic needs, read where
/// the plan is loaded.
public struct ZoneOffsets: Sendable, Hashable {
    /// From when on clocks have another offset.
    public struct Transition: Sendable, Hashable {
        /// The first second of the new offset, in seconds since 1970-01-01T00:00:00Z.
        public var second: Int64
        /// The offset from then on, in seconds; east of Greenwich is positive.
        public var offset: Int64

        /// From when on clocks have another offset.
        public init(second: Int64, offset: Int64) {
            self.second = second
            self.offset = offset
        }
    }

    /// The zone's name, such as `Europe/Berlin`.
    public var name: String
    /// The offset before the first transition, in seconds.
    public var firstOffset: Int64
    /// The transitions, earliest first. After the last one its offset holds for good.
    public var transitions: [Transition]

    /// A time zone as offsets.
    public init(name: String, firstOffset: Int64, transitions: [Transition] = []) {
        self.name = name
        self.firstOffset = firstOffset
        self.transitions = transitions
    }

    /// Coordinated Universal Time.
    public static let utc = ZoneOffsets(name: "UTC", firstOffset: 0)

    /// The offset at a second since 1970-01-01T00:00:00Z, in seconds.
    func offset(at second: Int64) -> Int64 {
        let next = index(after: second)
        return next == 0 ? firstOffset : transitions[next - 1].offset
    }

    /// The index of the first transition after a second.
    private func index(after second: Int64) -> Int {
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].second <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension ZoneOffsets {
    /// More than any offset and any jump of a clock, in seconds: where a local time can be, seen from UTC.
    private static let reach: Int64 = 30 * 3_600

    /// When the zone's clocks show a local time, in seconds since 1970-01-01T00:00:00Z: the first and the last time.
    ///
    /// Where clocks are set back they show an hour twice; where they are set forward they leave one out, and both are the
    /// first second after the gap.
    ///
    /// - Parameter local: the local time, in seconds since 1970-01-01T00:00:00 by the zone's clocks.
    func seconds(showing local: Int64) -> (first: Int64, last: Int64) {
        let from = index(after: local - Self.reach)
        let to = index(after: local + Self.reach)
        var offset = from == 0 ? firstOffset : transitions[from - 1].offset
        var start = Int64.min
        var found: [Int64] = []
        var gapEnd: Int64?
        for index in from...to {
            let end = index < to ? transitions[index].second : .max
            let second = local - offset
            if second >= start, second < end { found.append(second) }
            guard index < to else { break }
            let next = transitions[index].offset
            if second >= end, local - next < end { gapEnd = gapEnd ?? end }
            (start, offset) = (end, next)
        }
        if let first = found.first, let last = found.last { return (first, last) }
        return (gapEnd ?? local - offset, gapEnd ?? local - offset)
    }

    /// The day that the zone's clocks show, in days since 1970-01-01.
    func day(at second: Int64) -> Int64 {
        let local = second + offset(at: second)
        return local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    }

    /// A time as the zone's clocks show it, with the offset: `2026-11-28T22:00:00+01:00`.
    func text(of second: Int64) -> String {
        let offset = offset(at: second)
        guard offset != 0 else { return Timestamp(second * 1_000).rfc3339 }
        let local = Timestamp((second + offset) * 1_000).rfc3339.dropLast()
        let minutes = abs(offset) / 60
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return local + (offset < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60)
    }
}

/// Where the offsets of time zones are looked up: by the names of the IANA database, such as `Europe/Berlin`.
public struct ZoneDatabase: Sendable {
    /// The names that a person may have meant.
    public var names: @Sendable () -> [String]
    /// The offsets of a zone; nil when there is none of that name.
    public var offsets: @Sendable (String) -> ZoneOffsets?

    /// Where the offsets of time zones are looked up.
    public init(
        names: @escaping @Sendable () -> [String], offsets: @escaping @Sendable (String) -> ZoneOffsets?
    ) {
        self.names = names
        self.offsets = offsets
    }

    /// A database that knows UTC alone.
    public static let utcOnly = ZoneDatabase(names: { ["UTC"] }, offsets: { $0 == "UTC" ? .utc : nil })
}
