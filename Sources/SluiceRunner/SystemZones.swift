import Foundation
public import SluiceCore

extension ZoneDatabase {
    /// The zones that Foundation knows. Its rules come with the toolchain, so that a machine without a zone database reads a
    /// plan all the same.
    public static let system = ZoneDatabase(
        names: { ["UTC"] + TimeZone.knownTimeZoneIdentifiers }, offsets: { offsets(of: $0) })

    /// From when to when the transitions of a zone are read, in seconds since 1970-01-01T00:00:00Z: the years 2000 to 2099.
    private static let years: ClosedRange<Int64> = 946_684_800...4_102_444_800

    private static func offsets(of name: String) -> ZoneOffsets? {
        if name == "UTC" { return .utc }
        // Foundation reads more than names: `GMT+5` is one of its own.
        guard name.contains("/"), let zone = TimeZone(identifier: name) else { return nil }
        func offset(at second: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second))))
        }
        var offsets = ZoneOffsets(name: name, firstOffset: offset(at: years.lowerBound))
        var date = Date(timeIntervalSince1970: TimeInterval(years.lowerBound))
        while let next = zone.nextDaylightSavingTimeTransition(after: date) {
            let second = Int64(next.timeIntervalSince1970.rounded())
            guard second <= years.upperBound, next > date else { break }
            offsets.transitions.append(.init(second: second, offset: offset(at: second)))
            date = next
        }
        return offsets
    }
}
