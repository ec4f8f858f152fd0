import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite("The way back")
struct RollbackTests {
    /// The revision of every pod, by node, and the template of the DaemonSet.
    private struct Standing: Equatable {
        var revisions: [String: String]
        var template: JSONValue

        init(_ fixture: ClusterFixture) throws {
            revisions = try fixture.revisions()
            template = try fixture.daemonSet().at("spec", "template") ?? .null
        }
    }

    @Test(
        "A version that halted in the canary is put back exactly, and the rollout is over",
        .enabled(if: misbehaves, onRequest))
    func afterAHalt() throws {
        let fixture = try ClusterFixture()
        let before = try Standing(fixture)
        let readiness = "readiness: {timeout: \(isEmbedded ? 20 : 60)s}"
        let bad = try fixture.sluice("run", "-f", try fixture.plan("v9-crash-loop", more: readiness), "--yes")
        #expect(bad.code == 2, "\(bad.errors)")
        let id = try fixture.status()["id"]?.string ?? "?"
        let back = try fixture.sluice("rollback", id, "--yes")
        #expect(back.code == 0, "\(back.errors)")
        #expect(try Standing(fixture) == before)
        let again = try fixture.sluice("rollback", id, "--yes")
        #expect(again.code == 0, "\(again.errors)")
        #expect(again.errors.contains("nothing to do"), "\(again.errors)")
        let history = try JSONReader.read(try fixture.sluice("history", "-o", "json").output).array ?? []
        let undone = history.first { $0["id"]?.string == id }
        #expect(undone?["phase"] == "aborted")
        #expect(undone?["reason"] == "superseded")
    }

    @Test(
        "A plan that says so rolls a bad version back by itself, also when the driver dies between the halt and the way back",
        .enabled(if: misbehaves, onRequest))
    func byPolicy() throws {
        let fixture = try ClusterFixture()
        let before = try Standing(fixture)
        let more = "readiness: {timeout: \(isEmbedded ? 20 : 60)s}\n  onFailure: rollbackAll"
        let plan = try fixture.plan("v9-crash-loop", more: more)
        let bad = try fixture.sluice("run", "-f", plan, "--yes")
        #expect(bad.code == 8, "\(bad.errors)")
        #expect(bad.errors.contains("is back"), "\(bad.errors)")
        #expect(try Standing(fixture) == before)
        let killed = try fixture.start("run", "-f", plan, "--yes", "-o", "json")
        try eventually("the canary is halted") { killed.output.contains("\"halted\"") }
        killed.send(SIGKILL)
        _ = try killed.wait()
        let resumed = try fixture.sluice("resume")
        #expect(resumed.code == 8 || resumed.code == 0, "\(resumed.errors)")
        #expect(try Standing(fixture) == before)
    }

    @Test(
        "With rollbackWave the wave that failed goes back at once, and the waves that passed after an approval",
        .enabled(if: isEmbedded, "the version is bad on some nodes of an embedded cluster only"))
    func byWave() throws {
        let fixture = try ClusterFixture(cluster: ["--behaviour", "v9-on-prod=crash-loop@env=prod"])
        let before = try Standing(fixture)
        let plan = try fixture.plan(
            "v9-on-prod", more: "readiness: {timeout: 20s}\n  onFailure: rollbackWave")
        let text = try String(contentsOfFile: plan, encoding: .utf8)
        try Data(text.replacing("kubernetes.io/os: linux", with: "env: dev").utf8).write(to: URL(filePath: plan))
        let back = try fixture.start("run", "-f", plan, "--yes", "-o", "json")
        try eventually("the way back waits for an approval") { back.output.contains("sluice approve") }
        let stale = try Standing(fixture).revisions.filter { before.revisions[$0.key] != $0.value }
        #expect(!stale.isEmpty, "the canary keeps the new version")
        #expect(try Standing(fixture).template == before.template)
        let approved = try fixture.sluice("approve")
        #expect(approved.code == 0, "\(approved.errors)")
        let ended = try back.wait()
        #expect(ended.code == 8, "\(ended.errors)")
        #expect(try Standing(fixture) == before)
    }

    @Test(
        "Parked, a halt leaves the version before in the template; the way back is for the nodes, and for a template alone",
        .enabled(if: misbehaves, onRequest))
    func parked() throws {
        let fixture = try ClusterFixture()
        let before = try Standing(fixture)
        let more = "readiness: {timeout: \(isEmbedded ? 20 : 60)s}\n  leak: park"
        let bad = try fixture.sluice("run", "-f", try fixture.plan("v9-crash-loop", more: more), "--yes")
        #expect(bad.code == 2, "\(bad.errors)")
        #expect(try Standing(fixture).template == before.template, "the bad version goes no further")
        let id = try fixture.status()["id"]?.string ?? "?"
        let report = try fixture.sluice(
            "report", "versions", "-n", fixture.namespace, "ds/node-exporter", "-o", "json")
        #expect(report.output.contains("is halted before its turn"), "\(report.errors) \(report.output)")
        let back = try fixture.sluice("rollback", id, "--yes")
        #expect(back.code == 0, "\(back.errors)")
        #expect(try Standing(fixture) == before)
        // As a person leaves it who deletes the bad pods by hand.
        let image: JSONValue = ["name": "node-exporter", "image": .string(TestCluster.image("v9-crash-loop"))]
        try fixture.patchDaemonSet(
            ["spec": ["template": ["spec": ["containers": .array([image])]]]], strategic: true)
        let again = try fixture.sluice("rollback", id, "--yes")
        #expect(again.code == 0, "\(again.errors)")
        #expect(try Standing(fixture) == before)
    }

    @Test("A rollout that completed is undone; one that was killed on the way back goes on with it")
    func afterSuccessAndAKill() throws {
        let fixture = try ClusterFixture()
        let before = try Standing(fixture)
        let good = try fixture.sluice("run", "-f", try fixture.plan("v2"), "--yes")
        #expect(good.code == 0, "\(good.errors)")
        #expect(try Standing(fixture) != before)
        let id = try fixture.status()["id"]?.string ?? "?"
        let back = try fixture.start("rollback", id, "--yes", "--max-unavailable", "1", "-o", "json")
        try eventually("the first node is put back") {
            let revisions = try fixture.revisions()
            return revisions.contains { before.revisions[$0.key] == $0.value }
        }
        back.send(SIGKILL)
        _ = try back.wait()
        let resumed = try fixture.sluice("rollback", id, "--yes", "--max-unavailable", "1")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("going on with it"), "\(resumed.errors)")
        #expect(try Standing(fixture) == before)
    }

    @Test("A version that the cluster has forgotten is put back from the database")
    func forgotten() throws {
        let fixture = try ClusterFixture()
        let before = try Standing(fixture)
        let good = try fixture.sluice("run", "-f", try fixture.plan("v2"), "--yes")
        #expect(good.code == 0, "\(good.errors)")
        try fixture.forgetRevision(try #require(before.revisions.values.first))
        let back = try fixture.sluice("rollback", try fixture.status()["id"]?.string ?? "?", "--yes")
        #expect(back.code == 0, "\(back.errors)")
        #expect(try Standing(fixture) == before)
    }

    @Test("A revision that nobody remembers is refused with those there are, and nothing is touched")
    func unknownRevision() throws {
        let fixture = try ClusterFixture()
        let good = try fixture.sluice("run", "-f", try fixture.plan("v2"), "--yes")
        #expect(good.code == 0, "\(good.errors)")
        let standing = try Standing(fixture)
        let id = try fixture.status()["id"]?.string ?? "?"
        let refused = try fixture.sluice("rollback", id, "--yes", "--to-revision", "abc")
        #expect(refused.code == 65, "\(refused.errors)")
        #expect(refused.errors.contains("spec.revision names abc"), "\(refused.errors)")
        #expect(try Standing(fixture) == standing)
    }
}
