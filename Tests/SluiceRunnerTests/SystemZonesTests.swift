import SluiceCore
import SluiceRunner
import Testing

@Suite("The zones of a plan come from the system")
struct SystemZonesTests {
    @Test("The clocks of 2026 are changed when the law says, in zones with and without summer time")
    func transitions() throws {
        func of2026(_ name: String) throws -> [String] {
            try #require(ZoneDatabase.system.offsets(name)).transitions
                .map { "\(Timestamp($0.second * 1_000).rfc3339) \($0.offset)" }.filter { $0.hasPrefix("2026") }
        }
        #expect(try of2026("Europe/Berlin") == ["2026-03-29T01:00:00Z 7200", "2026-10-25T01:00:00Z 3600"])
        #expect(try of2026("America/New_York") == ["2026-03-08T07:00:00Z -14400", "2026-11-01T06:00:00Z -18000"])
        #expect(try of2026("Asia/Kolkata") == [])
        #expect(ZoneDatabase.system.offsets("Asia/Kolkata")?.firstOffset == 19_800)
        #expect(ZoneDatabase.system.offsets("UTC") == .utc)
        for name in ["Europe/Berlinn", "GMT+5", "CET", ""] { #expect(ZoneDatabase.system.offsets(name) == nil) }
        #expect(Set(ZoneDatabase.system.names()).isSuperset(of: ["UTC", "Europe/Berlin"]))
    }

    @Test("An unknown zone is a problem of the plan, with its place and the name that was probably meant")
    func unknownZone() {
        let text = """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: p}
            spec:
              daemonSet: {name: ds}
              windows:
                - {from: "22:00", to: "04:00", timeZone: Europe/Berln}
              waves:
                - {name: rest, everythingElse: true}
            """
        let refusal = #expect(throws: InvalidPlan.self) { try PlanLoader.load(Array(text.utf8), file: "p.yaml") }
        #expect(
            refusal?.lines == [
                "p.yaml:7:46: spec.windows[0].timeZone: unknown time zone `Europe/Berln`; did you mean Europe/Berlin?"
            ])
    }
}
