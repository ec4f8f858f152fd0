import SluiceClients
import SluiceCore
import Testing

@Suite("Why the controller cannot create pods, from its events")
struct CreationRefusalTests {
    private func latest(_ events: String) -> String? {
        CreationRefusal.latest(
            in: APIResponse(
                status: 200, headers: [(name: "date", value: "Mon, 23 Nov 2026 21:22:00 GMT")],
                body: Array(#"{"items":[\#(events)]}"#.utf8)))
    }

    @Test("The latest fresh event speaks, by whichever clock it carries")
    func latestSpeaks() {
        let gathered = "(combined from similar events): Error creating: a"
        let old = #"{"message":"\#(gathered)","lastTimestamp":"2026-11-23T21:21:10Z","eventTime":null}"#
        let new = #"{"message":"Error creating: pods \"x-\" is\nforbidden","eventTime":"2026-11-23T21:21:50.123456Z"}"#
        #expect(latest("\(old),\(new)") == #"pods "x-" is forbidden"#)
        #expect(latest("\(new),\(old)") == #"pods "x-" is forbidden"#)
        #expect(latest(old) == "a")
    }

    @Test("What is old, empty or no event says nothing")
    func silent() {
        #expect(latest(#"{"message":"Error creating: a","lastTimestamp":"2026-11-23T21:20:59Z"}"#) == nil)
        #expect(latest("") == nil)
        #expect(latest(#"5,{"message":"x"},{"message":"","lastTimestamp":"2026-11-23T21:22:00Z"}"#) == nil)
    }

    @Test("The recorded events of a DaemonSet can be read")
    func recorded() throws {
        let answer = try Recordings.answer("events-list-daemonset")
        let response = APIResponse(
            status: answer.status, headers: answer.headers.map { (name: $0.0, value: $0.1) },
            body: Array(answer.body.utf8))
        #expect(CreationRefusal.latest(in: response) != nil)
    }
}
