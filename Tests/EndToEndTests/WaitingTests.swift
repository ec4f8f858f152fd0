import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite("A rollout waits for people and for its time")
struct WaitingTests {
    private func holds(_ fixture: ClusterFixture) throws -> [String] {
        (try fixture.status()["holds"]?.array ?? []).compactMap { $0["kind"]?.string }
    }

    private func lastWave(_ fixture: ClusterFixture) throws -> JSONValue? {
        try fixture.status()["waves"]?.array?.last
    }

    @Test("Outside the windows of the plan nothing is touched, and within one it is")
    func windows() throws {
        let fixture = try ClusterFixture()
        let hour = Int(Date.now.timeIntervalSince1970) / 3_600 % 24
        func clock(_ hours: Int) -> String { "\"\(String(format: "%02d", (hour + hours) % 24)):00\"" }
        let shut = "windows: [{from: \(clock(2)), to: \(clock(3)), timeZone: Etc/UTC}]"
        let result = try fixture.sluice(
            "run", "-f", try fixture.plan("v2", more: shut), "--yes", "--no-wait", "-o", "json")
        #expect(result.code == 3, "\(result.errors)")
        #expect(try holds(fixture).contains("window"))
        #expect(result.errors.contains("no window is open; the next one opens at 20"), "\(result.errors)")
        #expect(try fixture.count(tag: "v2") == 0)
        #expect(try fixture.sluice("abort").code == 0)
        let open = "windows: [{from: \(clock(23)), to: \(clock(22))}]"
        let plan = try fixture.plan("v3", more: open)
        #expect(try fixture.sluice("plan", "-f", plan).output.contains("windows   every day"))
        let run = try fixture.sluice("run", "-f", plan, "--yes")
        #expect(run.code == 0, "\(run.errors)")
        #expect(try fixture.count(tag: "v3") == fixture.images().count)
    }

    @Test("Pods of others hold the rollout while they run, and who waits is told which")
    func blocked() throws {
        let fixture = try ClusterFixture()
        let own =
            "{namespace: \(fixture.namespace), selector: {matchExpressions: [{key: controller-revision-hash, operator: Exists}]}}"
        let plan = try fixture.plan("v2", more: "blockers: [{name: busy, pods: \(own)}]")
        let waiting = try fixture.sluice("run", "-f", plan, "--yes", "--no-wait")
        #expect(waiting.code == 3, "\(waiting.errors)")
        #expect(waiting.errors.contains("busy: pod \(fixture.namespace)/node-exporter-"), "\(waiting.errors)")
        #expect(try fixture.count(tag: "v2") == 0)
        #expect(try holds(fixture) == ["blocker"])
    }

    @Test("A wave begins when it is approved, by a live driver or before the next one takes over")
    func approval() throws {
        let fixture = try ClusterFixture()
        let plan = try fixture.plan("v2", canary: "approval: required", rest: ", approval: required")
        let shown = try fixture.sluice("plan", "-f", plan)
        #expect(shown.output.contains("rest begins only after `sluice approve`"), "\(shown.output)")
        let driver = try fixture.start("run", "-f", plan, "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"held\"")
        #expect(try holds(fixture) == ["approval"])
        #expect(try fixture.count(tag: "v2") == 0)
        let approved = try fixture.sluice("approve", "--reason", "go")
        #expect(approved.code == 0, "\(approved.errors)")
        #expect(approved.errors.contains("wave canary of rollout"), "\(approved.errors)")
        try driver.awaitOutput("\"event\":\"wavePassed\"")
        try driver.awaitOutput("approval: wave rest waits for `sluice approve")
        #expect(try fixture.count(tag: "v2") == 2)
        driver.send(SIGKILL)
        try driver.wait()
        #expect(try fixture.sluice("resume", "--no-wait").code == 3)
        #expect(try lastWave(fixture)?["approvedAt"] == .null)
        #expect(try fixture.sluice("approve", "--reason", "graphs are fine").code == 0)
        #expect(try lastWave(fixture)?["approvedBy"] == "tester")
        let again = try fixture.sluice("approve")
        #expect(again.code == 1)
        #expect(again.errors.contains("waits for an approval: it is updating, wave rest"), "\(again.errors)")
        let resumed = try fixture.sluice("resume")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(try fixture.count(tag: "v2") == fixture.images().count)
        let history = try fixture.sluice("history", try fixture.status()["id"]?.string ?? "", "-o", "json")
        #expect(history.output.contains("by tester: graphs are fine"), "\(history.output)")
    }
}
