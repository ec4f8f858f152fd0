import Testing

@testable import SluiceCore

@Suite("Windows and freezes, by the clocks of their zones")
struct RolloutCalendarTests {
    /// The clocks of 2026, from the rules of the European Union and of the United States.
    static let berlin = zone(
        "Europe/Berlin", 3_600, ("2026-03-29T01:00:00Z", 7_200), ("2026-10-25T01:00:00Z", 3_600))
    static let newYork = zone(
        "America/New_York", -18_000, ("2026-03-08T07:00:00Z", -14_400), ("2026-11-01T06:00:00Z", -18_000))
    static let kolkata = zone("Asia/Kolkata", 19_800)

    private static func zone(_ name: String, _ first: Int64, _ changes: (String, Int64)...) -> ZoneOffsets {
        ZoneOffsets(
            name: name, firstOffset: first,
            transitions: changes.map { .init(second: time($0.0).millisecondsSince1970 / 1_000, offset: $0.1) })
    }

    static func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text) ?? Timestamp(0) }

    private static func minutes(_ clock: String) -> Int { PlanTime.minutes(clock) ?? 0 }

    struct Case: Sendable, CustomTestStringConvertible {
        var zone: ZoneOffsets
        var day: String
        var from: String
        var to: String
        /// When it opens and closes; nil when it does not.
        var span: (String, String)?
        var testDescription: String { "\(zone.name) \(day) \(from) to \(to)" }
    }

    static let cases = [
        Case(zone: berlin, day: "2026-01-15", from: "22:00", to: "04:00", span: ("15T21:00:00", "16T03:00:00")),
        Case(zone: berlin, day: "2026-07-15", from: "22:00", to: "04:00", span: ("15T20:00:00", "16T02:00:00")),
        // Clocks go from 02:00 to 03:00: the window begins after the gap, ends after it, or is left out.
        Case(zone: berlin, day: "2026-03-29", from: "02:30", to: "04:00", span: ("29T01:00:00", "29T02:00:00")),
        Case(zone: berlin, day: "2026-03-28", from: "23:00", to: "02:30", span: ("28T22:00:00", "29T01:00:00")),
        Case(zone: berlin, day: "2026-03-29", from: "02:10", to: "02:50", span: nil),
        Case(zone: berlin, day: "2026-03-29", from: "02:00", to: "03:00", span: nil),
        // Clocks show 02:00 to 03:00 twice: it begins in the first hour and ends in the second.
        Case(zone: berlin, day: "2026-10-25", from: "02:15", to: "02:45", span: ("25T00:15:00", "25T01:45:00")),
        Case(zone: berlin, day: "2026-10-25", from: "01:00", to: "03:00", span: ("24T23:00:00", "25T02:00:00")),
        Case(zone: newYork, day: "2026-03-08", from: "02:30", to: "05:00", span: ("08T07:00:00", "08T09:00:00")),
        Case(zone: newYork, day: "2026-11-01", from: "01:30", to: "01:45", span: ("01T05:30:00", "01T06:45:00")),
        Case(zone: kolkata, day: "2026-03-29", from: "02:30", to: "24:00", span: ("28T21:00:00", "29T18:30:00")),
    ]

    @Test("A window opens and closes when its clocks say so, on the days they are changed too", arguments: cases)
    func spans(of one: Case) {
        let window = RolloutCalendar.Window(
            from: Self.minutes(one.from), to: Self.minutes(one.to), zone: one.zone)
        let span = window.span(on: PlanTime.day(one.day) ?? 0)
        let texts = span.map { [$0.lowerBound, $0.upperBound].map { Timestamp($0 * 1_000).rfc3339 } }
        let month = one.day.prefix(8)
        #expect(texts == one.span.map { ["\(month)\($0.0)Z", "\(month)\($0.1)Z"] })
    }

    private static func standing(_ calendar: RolloutCalendar, _ text: String) -> RolloutCalendar.Standing {
        calendar.standing(at: time(text))
    }

    @Test("What holds is said with the time at which it ends, in the zone's own time")
    func sentences() {
        let nights = RolloutCalendar(windows: [
            .init(days: [.mon, .tue], from: 1_320, to: 240, zone: Self.berlin),
            .init(days: [.sat], from: 0, to: 1_440, zone: Self.newYork),
        ])
        // A Wednesday: the window of Tuesday still runs.
        #expect(Self.standing(nights, "2026-10-21T01:59:59Z").hold == nil)
        let closed = Self.standing(nights, "2026-10-21T02:00:00Z")
        #expect(closed.hold?.kind == .window)
        #expect(
            closed.hold?.reason
                == "no window is open; the next one opens at 2026-10-24T00:00:00-04:00 (America/New_York)")
        #expect(closed.opensAt == Self.time("2026-10-24T04:00:00Z").millisecondsSince1970)
        #expect(closed.holds.upperBound == closed.opensAt)
        let sunday = Self.standing(nights, "2026-10-25T12:00:00Z")
        #expect(sunday.hold?.reason.hasSuffix("opens at 2026-10-26T22:00:00+01:00 (Europe/Berlin)") == true)
    }

    @Test("A freeze lasts from its first midnight to its last, and what opens in it does not open")
    func freezes() {
        let freeze = RolloutCalendar.Freeze(
            from: PlanTime.day("2026-12-20") ?? 0, to: PlanTime.day("2027-01-02") ?? 0, reason: "holidays",
            zone: Self.berlin)
        let always = RolloutCalendar(freezes: [freeze])
        #expect(Self.standing(always, "2026-12-19T22:59:59Z").hold == nil)
        let frozen = Self.standing(always, "2026-12-19T23:00:00Z")
        #expect(frozen.hold?.kind == .freeze)
        #expect(
            frozen.hold?.reason
                == "frozen from 2026-12-20 to 2027-01-02 (Europe/Berlin): holidays; pods are deleted again from "
                + "2027-01-03T00:00:00+01:00 (Europe/Berlin)")
        #expect(Self.standing(always, "2027-01-02T23:00:00Z").hold == nil)
        let nights = RolloutCalendar(
            windows: [.init(from: 1_320, to: 240, zone: .utc)], freezes: [freeze])
        let before = Self.standing(nights, "2026-12-19T12:00:00Z")
        #expect(before.opensAt == Self.time("2026-12-19T22:00:00Z").millisecondsSince1970)
        let within = Self.standing(nights, "2026-12-19T22:30:00Z")
        #expect(within.hold == nil)
        #expect(within.holds.upperBound == Self.time("2026-12-19T23:00:00Z").millisecondsSince1970)
        // It ends in the middle of a night.
        let later = Self.standing(nights, "2026-12-20T12:00:00Z")
        #expect(later.opensAt == Self.time("2027-01-02T23:00:00Z").millisecondsSince1970)
    }

    @Test("Whatever the time, what is said holds exactly until it is said to end")
    func standingsMeet() {
        let calendar = RolloutCalendar(
            windows: [
                .init(days: [.sun, .wed], from: 130, to: 170, zone: Self.berlin),
                .init(days: [.sat, .sun], from: 1_400, to: 100, zone: Self.newYork),
                .init(from: 600, to: 660, zone: Self.kolkata),
            ],
            freezes: [.init(from: PlanTime.day("2026-10-28") ?? 0, to: PlanTime.day("2026-10-30") ?? 0)])
        var time = Self.time("2026-10-20T00:00:00Z")
        var changes = 0
        var wasOpen: Bool?
        while time < Self.time("2026-11-05T00:00:00Z") {
            let standing = calendar.standing(at: time)
            let last = calendar.standing(at: Timestamp(standing.holds.upperBound - 1))
            #expect((last.hold == nil) == (standing.hold == nil), "\(time.rfc3339)")
            #expect(last.opensAt == standing.opensAt, "\(time.rfc3339)")
            if let opensAt = standing.opensAt {
                #expect(calendar.standing(at: Timestamp(opensAt - 1)).hold != nil)
                #expect(calendar.standing(at: Timestamp(opensAt)).hold == nil)
            }
            changes += wasOpen == (standing.hold == nil) ? 0 : 1
            wasOpen = standing.hold == nil
            time = Timestamp(standing.holds.upperBound)
        }
        #expect(changes > 30)
    }
}
