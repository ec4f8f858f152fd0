import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite("The main job: plan, run, interrupt, resume and report")
struct MainJobTests {
    @Test("A plan covers every eligible node exactly once, and changes nothing")
    func planCovers() throws {
        let fixture = try ClusterFixture()
        let before = (try fixture.daemonSet(), try fixture.images())
        let result = try fixture.sluice("plan", "-f", try fixture.plan("v2", soak: "7s"), "-o", "json")
        #expect(result.code == 0, "\(result.errors)")
        let plan = try JSONReader.read(result.output)
        let waves = plan["waves"]?.array ?? []
        let nodes = waves.flatMap { $0["nodes"]?.array ?? [] }.compactMap(\.string)
        #expect(nodes.sorted() == before.1.keys.sorted())
        #expect(plan["eligibleNodes"]?.integer == Int64(nodes.count))
        for wave in waves {
            #expect((wave["batches"]?.array ?? []).flatMap { $0.array ?? [] } == wave["nodes"]?.array)
        }
        #expect(waves.compactMap { $0["name"]?.string } == ["canary", "rest"])
        #expect(waves.compactMap { $0["soakSeconds"]?.integer } == [7, 0])
        #expect(waves.first?["nodes"]?.array?.count == 2)
        #expect(plan["digest"]?.string?.isEmpty == false)
        #expect(plan["daemonSet"]?.string == "\(fixture.namespace)/node-exporter")
        #expect(plan.object?.keys.contains("updateRevision") == true)
        #expect(plan["placementChanges"]?.array == [])
        #expect(plan["warnings"]?.array != nil)
        if isEmbedded {
            let excluded = (plan["excluded"]?.array ?? []).compactMap { $0["node"]?.string }
            #expect(excluded == ["node-0007", "node-0011"])
        }
        #expect(try fixture.daemonSet()["spec"] == before.0["spec"])
        #expect(try fixture.images() == before.1)
        #expect(!FileManager.default.fileExists(atPath: fixture.state))
    }

    @Test("A run goes to its end with one JSON object an event, and the report then shows nothing stale")
    func runsToTheEnd() throws {
        let fixture = try ClusterFixture()
        let nodes = try fixture.images().keys.sorted()
        let result = try fixture.sluice("run", "-f", try fixture.plan("v2"), "--yes", "-o", "json")
        #expect(result.code == 0, "\(result.errors)")
        let events = try result.output.split(separator: "\n").map { try JSONReader.read(String($0)) }
        for event in events {
            #expect(event.object?.keys.sorted() == ["event", "message", "node", "reason", "rollout", "time", "wave"])
        }
        #expect(events.first?["event"] == "started")
        #expect(events.last?["event"] == "completed")
        let updated = events.filter { $0["event"] == "updated" }.compactMap { $0["node"]?.string }
        #expect(updated.sorted() == nodes)
        let canary = events.prefix { $0["event"] != "wavePassed" }.count { $0["event"] == "updated" }
        #expect(canary == 2)
        #expect(try fixture.count(tag: "v2") == nodes.count)
        let report = try fixture.sluice(
            "report", "versions", "-n", fixture.namespace, "ds/node-exporter", "--max-stale", "0", "-o", "json")
        #expect(report.code == 0, "\(report.errors)")
        let totals = try JSONReader.read(report.output)["totals"]
        #expect(totals?["stale"] == 0)
        #expect(totals?["updated"]?.integer == Int64(nodes.count))
    }

    @Test("A driver that was killed with -9 is resumed to the end, and the report meanwhile names the stale nodes")
    func resumesAfterKill() throws {
        let fixture = try ClusterFixture()
        let nodes = try fixture.images().count
        let driver = try fixture.start("run", "-f", try fixture.plan("v2"), "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"deleting\"", times: 4)
        driver.send(SIGKILL)
        #expect(try driver.wait().code == 137)
        #expect(try fixture.count(tag: "v2") < nodes)
        let report = try fixture.sluice(
            "report", "versions", "-n", fixture.namespace, "ds/node-exporter", "--max-stale", "0")
        #expect(report.code == 5, "\(report.output)")
        #expect(try fixture.status()["driver"] == "gone")
        let resumed = try fixture.sluice("resume")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(try fixture.count(tag: "v2") == nodes)
        #expect(try fixture.status()["phase"] == "completed")
    }

    @Test("The database moves to another machine and the rollout is resumed there")
    func movesToAnotherMachine() throws {
        let fixture = try ClusterFixture()
        let driver = try fixture.start("run", "-f", try fixture.plan("v2", soak: "2s"), "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"soakStarted\"")
        driver.send(SIGTERM)
        #expect(try driver.wait().code == 143)
        let copy = fixture.folder + "/export.db"
        #expect(try fixture.sluice("state", "export", copy).code == 0)
        fixture.state = fixture.folder + "/other/state.db"
        let imported = try fixture.sluice("state", "import", copy)
        #expect(imported.code == 0, "\(imported.errors)")
        let resumed = try fixture.sluice("resume")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(try fixture.count(tag: "v2") == fixture.images().count)
    }

    @Test("Where the database is lost, the same plan carries on with a new one")
    func survivesALostDatabase() throws {
        let fixture = try ClusterFixture()
        let plan = try fixture.plan("v2", soak: "2s")
        let driver = try fixture.start("run", "-f", plan, "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"soakStarted\"")
        driver.send(SIGTERM)
        #expect(try driver.wait().code == 143)
        let updated = try fixture.images().filter { $0.value == TestCluster.image("v2") }.keys.sorted()
        fixture.state = fixture.folder + "/new.db"
        let result = try fixture.sluice("run", "-f", plan, "--yes", "-o", "json")
        #expect(result.code == 0, "\(result.errors)")
        #expect(try fixture.count(tag: "v2") == fixture.images().count)
        for node in updated {
            let again = result.output.split(separator: "\n").filter {
                $0.contains("\"event\":\"deleting\"") && $0.contains("\"\(node)\"")
            }
            #expect(again.isEmpty, "\(node) lost its new pod")
        }
    }

    @Test("`resume` of a rollout that is over goes on telling of its end")
    func tellsOfTheEnd() throws {
        let fixture = try ClusterFixture()
        let deaf = "notifications: [{name: deaf, url: \"http://127.0.0.1:1/\", on: [completed]}]"
        #expect(try fixture.sluice("run", "-f", try fixture.plan("v2", more: deaf), "--yes").code == 0)
        let history = ["history", "ds/\(ClusterFixture.daemonSet)", "-n", fixture.namespace]
        #expect(try !fixture.sluice(history).output.contains("undelivered"), "four tries of five by then")
        #expect(try fixture.sluice("resume", "ds/\(ClusterFixture.daemonSet)", "-n", fixture.namespace).code == 0)
        let told = try fixture.sluice(history).output
        #expect(told.contains("notification `completed` to deaf was given up after 5 tries"), "\(told)")
    }
}
