import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Nodes that die", .enabled(if: misbehaves, onRequest))
struct DyingNodeTests {
    private static let readiness = "readiness: {timeout: 60s}"

    /// The nodes of a plan's wave, in their order.
    private func nodes(_ fixture: ClusterFixture, _ plan: String, wave: Int) throws -> [String] {
        let document = try JSONReader.read(try fixture.sluice("plan", "-f", plan, "-o", "json").output)
        return (document["waves"]?.array?[wave]["nodes"]?.array ?? []).compactMap(\.string)
    }

    /// The ending of a rollout that went on without one node.
    private func expectStale(_ fixture: ClusterFixture, _ result: SluiceProcess.Result, _ node: String) throws {
        #expect(result.code == 4, "\(result.errors)")
        #expect(result.errors.contains(node), "\(result.errors)")
        #expect(try fixture.status().at("nodes", "deferred") == 1)
        let images = try fixture.images()
        #expect(images[node] != TestCluster.image("v2"))
        #expect(try fixture.count(tag: "v2") == images.count - 1)
    }

    @Test("A node that was NotReady before is deferred, and the rollout ends with a stale node")
    func before() throws {
        let fixture = try ClusterFixture(pool: .dying)
        let node = try #require(try fixture.images().keys.sorted().dropFirst(2).first)
        try fixture.killNode(node)
        let result = try fixture.sluice("run", "-f", try fixture.plan("v2"), "--yes", "-o", "json")
        try expectStale(fixture, result, node)
    }

    @Test("A node that dies before its turn is deferred")
    func beforeItsTurn() throws {
        let fixture = try ClusterFixture(pool: .dying)
        let plan = try fixture.plan("v2", soak: "4s", more: Self.readiness)
        let node = try #require(try nodes(fixture, plan, wave: 1).last)
        let driver = try fixture.start("run", "-f", plan, "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"started\"")
        #expect(try fixture.sluice("pause", "--reason", "a node is going to die").code == 0)
        try fixture.killNode(node)
        #expect(try fixture.sluice("resume").code == 0)
        try expectStale(fixture, try driver.wait(), node)
    }

    @Test("A canary node that dies with its old pod on the way out halts the rollout")
    func afterOurDelete() throws {
        let fixture = try ClusterFixture(pool: .dying)
        let slow = try fixture.sluice(
            "run", "-f", try fixture.plan("v9-slow-termination-8", more: Self.readiness), "--yes")
        #expect(slow.code == 0, "\(slow.errors)")
        let plan = try fixture.plan("v2", more: Self.readiness)
        let node = try #require(try nodes(fixture, plan, wave: 0).first)
        let driver = try fixture.start("run", "-f", plan, "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"deleted\"", times: 2)
        try fixture.killNode(node)
        try expectHalt(fixture, try driver.wait(), node)
    }

    @Test("A canary node that dies in the soak halts the rollout")
    func inTheSoak() throws {
        let fixture = try ClusterFixture(pool: .dying)
        let plan = try fixture.plan("v2", soak: "10m", more: Self.readiness)
        let node = try #require(try nodes(fixture, plan, wave: 0).first)
        let driver = try fixture.start("run", "-f", plan, "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"soakStarted\"")
        try fixture.killNode(node)
        try expectHalt(fixture, try driver.wait(), node)
    }

    private func expectHalt(_ fixture: ClusterFixture, _ result: SluiceProcess.Result, _ node: String) throws {
        #expect(result.code == 2, "\(result.errors)")
        let status = try fixture.status()
        #expect(status["reason"] == "failuresExceeded")
        let message = status["message"]?.string ?? ""
        #expect(
            message.contains("node \(node) turned NotReady (NodeStatusUnknown) after its pod was deleted"), "\(message)"
        )
        #expect(try fixture.count(tag: "v2") <= 2)
    }
}
