/// The parts of a plan that say when: windows and freezes.
extension PlanReader {
    mutating func calendar(_ spec: Document?) -> RolloutCalendar {
        let windows = spec?["windows"]?.elements ?? []
        let freezes = spec?["freeze"]?.elements ?? []
        return RolloutCalendar(
            windows: windows.enumerated().map { window($1, at: "spec.windows[\($0)]") },
            freezes: freezes.enumerated().map { freeze($1, at: "spec.freeze[\($0)]") })
    }

    private mutating func window(_ item: Document, at path: String) -> RolloutCalendar.Window {
        var places: [String: Document.Position] = [:]
        for (index, day) in (item["days"]?.elements ?? []).enumerated() {
            if let name = day.text { unique(day, name, in: &places, at: "\(path).days[\(index)]", "the day") }
        }
        let days = RolloutCalendar.Weekday.allCases.filter { item["days"] == nil || places[$0.rawValue] != nil }
        let from = item["from"]?.text.flatMap(PlanTime.minutes)
        let to = item["to"]?.text.flatMap(PlanTime.minutes)
        if let from, from == to, let end = item["to"] {
            checker.report(
                end.position, "\(path).to",
                "expected another time than that of `from`; for whole days write 00:00 and 24:00")
        }
        return RolloutCalendar.Window(days: days, from: from ?? 0, to: to ?? 0, zone: zone(item, at: path))
    }

    private mutating func freeze(_ item: Document, at path: String) -> RolloutCalendar.Freeze {
        let from = item["from"]?.text.flatMap(PlanTime.day)
        let to = item["to"]?.text.flatMap(PlanTime.day)
        if let from, let to, to < from, let end = item["to"] {
            checker.report(
                end.position, "\(path).to",
                "expected \(RolloutCalendar.Freeze.date(from)), the day of `from`, or a later one")
        }
        return RolloutCalendar.Freeze(
            from: from ?? 0, to: to ?? 0, reason: item["reason"]?.text ?? "", zone: zone(item, at: path))
    }

    private mutating func zone(_ item: Document, at path: String) -> ZoneOffsets {
        guard let key = item["timeZone"], let name = key.text else { return .utc }
        if let zone = zones.offsets(name) { return zone }
        // What has the wrong form has been complained about.
        guard TextRule.timeZone.complaint(about: name) == nil else { return .utc }
        let nearest = NearestKey.nearest(to: name, among: zones.names()).map { "; did you mean \($0)?" }
        checker.report(
            key.position, "\(path).timeZone",
            "unknown time zone `\(name)`\(nearest ?? "; expected a name such as Europe/Berlin, or UTC")")
        return .utc
    }
}

/// Times of the day and days as a plan writes them.
enum PlanTime {
    /// The minutes since midnight of `22:00`, up to 1440 for `24:00`; nil for anything else.
    static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1_440
        else { return nil }
        return hour * 60 + minute
    }

    /// The days since 1970-01-01 of `2026-12-20`; nil for anything else, and for days that no calendar has.
    static func day(_ text: String) -> Int64? {
        guard let time = Timestamp(rfc3339: text + "T00:00:00Z"), time.rfc3339.hasPrefix(text) else { return nil }
        return time.millisecondsSince1970 / 86_400_000
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
