import SluiceClients
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Looking for blockers: what alerts and pods say")
struct AlertClientTests {
    private static let prometheus = Blocker.AlertQuestion(
        server: .prometheus, address: "http://p:9090", matchers: [#"severity="page""#])
    private static let alertmanager = Blocker.AlertQuestion(server: .alertmanager, address: "http://a:9093/x/")

    private func read(
        _ body: String, _ question: Blocker.AlertQuestion, status: Int = 200, location: String? = nil
    ) -> BlockerReading {
        AlertClient.read(status: status, body: Array(body.utf8), of: question, location: location)
    }

    @Test("A Prometheus is asked for the alerts that fire and that match")
    func query() {
        #expect(Self.prometheus.query.query == #"ALERTS{alertstate="firing",severity="page"}"#)
        let body = #"""
            {"status": "success", "data": {"resultType": "vector", "result": [
              {"metric": {"alertname": "NodeDown", "node": "a"}, "value": [1, "1"]},
              {"metric": {"alertname": "NodeDown", "node": "b"}, "value": [1, "1"]},
              {"metric": {"alertname": "Full\u001b[31m"}, "value": [1, "1"]}]}}
            """#
        #expect(read(body, Self.prometheus) == .present("alerts fire: Full, NodeDown (2 times)"))
        let nothing = #"{"status": "success", "data": {"resultType": "vector", "result": []}}"#
        #expect(read(nothing, Self.prometheus) == .absent)
    }

    @Test("An Alertmanager's active alerts count, and those that are silenced do not")
    func states() {
        let body = #"""
            [{"labels": {"alertname": "NodeDown"}, "status": {"state": "active"}},
             {"labels": {"alertname": "Quiet"}, "status": {"state": "suppressed"}}]
            """#
        #expect(read(body, Self.alertmanager) == .present("alert fires: NodeDown"))
        #expect(read("[]", Self.alertmanager) == .absent)
        #expect(read(#"[{"labels": {}}]"#, Self.alertmanager) == .present("alert fires: an alert without a name"))
    }

    @Test(
        "Whatever is no answer is none, and never taken for nothing",
        arguments: [
            ("<html>", 200), ("", 200), ("{}", 200), ("null", 200), (#"{"status": "error", "error": "x"}"#, 400),
            ("[]", 502), ("[]", 302), (#"[{"labels"#, 200),
        ])
    func failures(body: String, status: Int) {
        for question in [Self.prometheus, Self.alertmanager] {
            guard case .failed(let why) = read(body, question, status: status, location: "http://elsewhere") else {
                Issue.record("\(question.server) \(body) \(status): \(read(body, question, status: status))")
                continue
            }
            #expect(why.contains("http://"))
        }
    }

    @Test("Only a status of 2xx is a webhook's yes")
    func consent() {
        #expect([200, 204, 299].allSatisfy { NotificationClient.consent(status: $0) == .absent })
        #expect(NotificationClient.consent(status: 403) == .present("it says no (HTTP 403)"))
        for status in [0, 302, 500, 101] { #expect(NotificationClient.consent(status: status) != .absent) }
    }

    @Test("To a gate a webhook says yes or no, and what may be another answer a little later is none")
    func judgement() {
        for status in [200, 204, 299] {
            #expect(
                NotificationClient.judgement(status: status) == .answer(isYes: true, "it says yes (HTTP \(status))"))
        }
        for status in [400, 401, 404, 409, 422] {
            #expect(
                NotificationClient.judgement(status: status) == .answer(isYes: false, "it says no (HTTP \(status))"))
        }
        for status in [0, 101, 302, 408, 425, 429, 500, 503, 999] {
            guard case .failed = NotificationClient.judgement(status: status) else {
                Issue.record("\(status): \(NotificationClient.judgement(status: status))")
                continue
            }
        }
    }

    private func pods(_ text: String, ofNode: Bool = false) throws -> BlockerReading {
        BlockingPods.read(
            try JSONReader.read(text), of: Blocker.PodQuestion(selector: LabelSelector(), isOfNode: ofNode))
    }

    @Test("Pods count as long as they have not ended, and a list that was cut is not taken for a whole one")
    func pods() throws {
        let list = """
            {"metadata": {}, "items": [
              {"metadata": {"namespace": "b", "name": "r1"}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}},
              {"metadata": {"namespace": "b", "name": "r2"}, "spec": {"nodeName": "n2"}, "status": {"phase": "Succeeded"}},
              {"metadata": {"namespace": "b", "name": "r3"}, "spec": {}, "status": {"phase": "Pending"}}]}
            """
        #expect(try pods(list) == .present("pod b/r1 and 1 more run"))
        #expect(try pods(list, ofNode: true) == .onNodes(["n1": "pod b/r1 runs there"]))
        #expect(try pods(#"{"items": []}"#) == .absent)
        let cut = #"{"metadata": {"continue": "x"}, "items": []}"#
        for ofNode in [true, false] {
            guard case .failed = try pods(cut, ofNode: ofNode) else {
                Issue.record("a list that was cut says nothing")
                continue
            }
        }
    }
}
