import SluiceCore
import SluiceDocuments
import Testing

@testable import SluiceRendering

@Suite("What a notification says in each of its forms")
struct NotificationTests {
    private static let plan = RolloutPlan(
        name: "p", daemonSet: "node-exporter", waves: [Wave(name: "canary", members: .everythingElse)])
    private static let sentence = "wave canary: 1 of 1 nodes failed: <oom> & \"killed\""

    /// A halt, and what ended it a minute later.
    private func notifications(message: String = sentence, daemonSet: String = "node-exporter") -> [Notification] {
        var rollout = Fixtures.record(phase: .halted, reason: .failuresExceeded, message: message)
        rollout.daemonSet = daemonSet
        let state = RolloutState(
            rollout: rollout, waves: [],
            nodes: ["a": NodeRecord(node: "a", wave: 0, status: .failed), "b": NodeRecord(node: "b", wave: 0)])
        let halt = JournalLine(
            time: Fixtures.time(60), event: .halted, wave: "canary", reason: .failuresExceeded, message: message)
        let end = JournalLine(time: Fixtures.time(120), event: .aborted, reason: .operatorRequest, message: "no")
        return Notification.all(about: [halt, end], before: .updating, in: state, plan: Self.plan)
    }

    private func text(_ format: NotificationFormat, _ index: Int = 0) throws -> String {
        let body = NotificationDocument(notifications()[index]).body(format)
        return OrderedJSON(try JSONReader.read(String(decoding: body, as: UTF8.self))).pretty
    }

    @Test("Every form is as kept", arguments: NotificationFormat.allCases)
    func golden(format: NotificationFormat) throws {
        try Golden.expect(try text(format), equalsFile: "Tests/Golden/notification-\(format.rawValue).json")
    }

    @Test("The Event and the end of an alert are as kept")
    func goldenEvent() throws {
        let event = NotificationDocument(notifications()[0]).event
        let read = OrderedJSON(try JSONReader.read(String(decoding: event, as: UTF8.self)))
        try Golden.expect(read.pretty, equalsFile: "Tests/Golden/notification-event.json")
        try Golden.expect(
            try text(.alertmanager, 1), equalsFile: "Tests/Golden/notification-alertmanager-resolved.json")
    }

    @Test("The object has the documented fields in their order")
    func fields() {
        guard case .object(let members) = NotificationDocument(notifications()[0]).json else {
            Issue.record("no object")
            return
        }
        #expect(members.map(\.key) == NotificationField.allCases.map(\.rawValue))
    }

    @Test("Slack shows what was meant, and no half of an escape")
    func slackEscapes() {
        #expect(NotificationDocument.escaped("<!channel> & \"co\"") == "&lt;!channel&gt; &amp; \"co\"")
        let long = NotificationDocument.escaped(String(repeating: "&", count: 5_000))
        #expect(long == String(repeating: "&amp;", count: 3_000) + "…")
    }

    @Test("An alert's end carries the labels of its beginning")
    func labels() throws {
        let alerts = try (0...1).map { try JSONReader.read(text(.alertmanager, $0)).array?.first }
        #expect(alerts[0]?["labels"] == alerts[1]?["labels"])
        #expect(alerts[0]?["labels"] != nil)
    }

    @Test("However long the names and the reason, an Event stays within the API's limits")
    func eventLimits() throws {
        let name = String(repeating: "a", count: 219) + "-" + String(repeating: "b", count: 33)
        let long = notifications(message: String(repeating: "é", count: 5_000), daemonSet: name)[0]
        let event = try JSONReader.read(String(decoding: NotificationDocument(long).event, as: UTF8.self))
        let note = try #require(event["note"]?.string)
        #expect((1_000...1_024).contains(note.utf8.count))
        #expect(event.at("metadata", "name")?.string == "\(name.prefix(219)).\(long.key)")
    }
}
