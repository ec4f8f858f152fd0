import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite("A live driver listens")
struct LiveDriverTests {
    /// A driver that soaks its canary for as long as a test needs.
    private func soaking(_ fixture: ClusterFixture, soak: String = "10m") throws -> SluiceProcess {
        let driver = try fixture.start("run", "-f", try fixture.plan("v2", soak: soak), "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"soakStarted\"")
        return driver
    }

    private func holds(_ fixture: ClusterFixture) throws -> [String] {
        (try fixture.status()["holds"]?.array ?? []).compactMap { $0["kind"]?.string }
    }

    @Test("A signal ends it with the command that goes on", arguments: [SIGINT, SIGTERM, SIGHUP])
    func stopsOnSignals(signal: Int32) throws {
        let fixture = try ClusterFixture()
        let driver = try soaking(fixture)
        driver.send(signal)
        let result = try driver.wait()
        #expect(result.code == 128 + signal)
        let id = try fixture.status()["id"]?.string ?? "?"
        #expect(result.errors.contains("sluice resume \(id)"), "\(result.errors)")
        #expect(try fixture.status()["phase"] == "soaking")
    }

    @Test("A second driver of the same database is turned away")
    func turnsASecondDriverAway() throws {
        let fixture = try ClusterFixture()
        let driver = try soaking(fixture)
        #expect(try fixture.sluice("resume").code == 75)
        #expect(try fixture.sluice("run", "-f", fixture.folder + "/v2.yaml", "--yes").code == 75)
        #expect(driver.isRunning)
    }

    @Test("With --no-wait it returns instead of waiting through a soak")
    func doesNotWait() throws {
        let fixture = try ClusterFixture()
        let result = try fixture.sluice("run", "-f", try fixture.plan("v2", soak: "10m"), "--yes", "--no-wait")
        #expect(result.code == 3, "\(result.errors)")
        #expect(try fixture.count(tag: "v2") == 2)
        #expect(try fixture.sluice("resume", "--no-wait").code == 3)
    }

    @Test("Another process pauses it, lifts the pause, and aborts it")
    func obeysOtherProcesses() throws {
        let fixture = try ClusterFixture()
        let driver = try soaking(fixture)
        #expect(try fixture.sluice("pause", "--reason", "looking at graphs").code == 0)
        #expect(try holds(fixture).contains("paused"))
        let resumed = try fixture.sluice("resume")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(try !holds(fixture).contains("paused"))
        #expect(driver.isRunning)
        #expect(try fixture.sluice("abort", "--reason", "enough").code == 0)
        #expect(try driver.wait().code == 6)
        #expect(try fixture.status()["phase"] == "aborted")
        #expect(try fixture.count(tag: "v2") == 2)
    }

    @Test("What died is paused and aborted all the same")
    func obeysAfterDeath() throws {
        let fixture = try ClusterFixture()
        let driver = try soaking(fixture)
        driver.send(SIGKILL)
        try driver.wait()
        #expect(try fixture.sluice("pause", "--reason", "not now").code == 0)
        #expect(try holds(fixture).contains("paused"))
        #expect(try fixture.sluice("abort", "--reason", "never").code == 0)
        #expect(try fixture.status()["phase"] == "aborted")
        #expect(try fixture.sluice("resume").code == 6)
    }

    @Test("The annotation sluice/pause holds it, and its removal lets it go on to the end")
    func obeysTheAnnotation() throws {
        let fixture = try ClusterFixture()
        let driver = try soaking(fixture, soak: "2s")
        try fixture.patchDaemonSet(["metadata": ["annotations": ["sluice/pause": "paging, please wait"]]])
        try driver.awaitOutput("\"event\":\"held\"")
        #expect(try holds(fixture).contains("annotation"))
        try eventually("the soak is over") { try !holds(fixture).contains("soak") }
        #expect(try fixture.count(tag: "v2") == 2)
        try fixture.patchDaemonSet(["metadata": ["annotations": ["sluice/pause": .null]]])
        let result = try driver.wait()
        #expect(result.code == 0, "\(result.errors)")
        #expect(try fixture.count(tag: "v2") == fixture.images().count)
    }

    @Test("An update strategy that somebody flips is set back")
    func setsTheStrategyBack() throws {
        let fixture = try ClusterFixture()
        let driver = try soaking(fixture)
        try fixture.patchDaemonSet([
            "spec": ["updateStrategy": ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": 1]]]
        ])
        try driver.awaitOutput("\"event\":\"strategyChanged\"")
        try eventually("OnDelete again") {
            try fixture.daemonSet().at("spec", "updateStrategy", "type") == "OnDelete"
        }
        #expect(driver.isRunning)
    }

    @Test("A template that is nobody's halts it")
    func haltsOnAForeignTemplate() throws {
        let fixture = try ClusterFixture()
        let driver = try soaking(fixture)
        try fixture.patchDaemonSet(
            ["spec": ["template": ["metadata": ["annotations": ["example.com/who": "somebody else"]]]]])
        let result = try driver.wait()
        #expect(result.code == 2, "\(result.errors)")
        #expect(try fixture.status()["reason"] == "templateChanged")
        #expect(try fixture.count(tag: "v2") == 2)
    }
}
