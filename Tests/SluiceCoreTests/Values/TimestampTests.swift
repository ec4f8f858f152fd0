import SluiceCore
import Testing

@Suite("Points of time as Kubernetes writes them")
struct TimestampTests {
    @Test(
        "RFC 3339 is read with any fraction and offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-24T05:09:05Z", 1_795_496_945_000),
            ("2026-11-24T05:09:05.123456Z", 1_795_496_945_123), ("2026-11-24T06:39:05.5+01:30", 1_795_496_945_500),
            ("2000-02-29T12:00:00Z", 951_825_600_000), ("1969-12-31T23:59:59Z", -1_000),
        ] as [(String, Int64)])
    func reading(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text) == Timestamp(milliseconds))
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "2026-11-24", "2026-11-24T05:09:05", "2026-13-24T05:09:05Z", "2026-11-24T25:09:05Z",
            "2026-11-24T05:09:05.Z", "2026-11-24T05:09:05Zx", "2026-11-24T05:09:05+01",
        ])
    func refusing(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("A Lease's time has exactly six digits of fraction")
    func microTime() {
        #expect(Timestamp(1_795_496_945_007).rfc3339Micro == "2026-11-24T05:09:05.007000Z")
        #expect(Timestamp(-1).rfc3339Micro == "1969-12-31T23:59:59.999000Z")
    }

    @Test("Every day of four centuries is written and read back")
    func everyDay() {
        for day in stride(from: Int64(-73_000), to: 73_000, by: 1) {
            let time = Timestamp(day * 86_400_000 + 1_000)
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
        }
    }
}
