import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Bad versions")
struct BadVersionTests {
    private static let readiness = "readiness: {timeout: \(isEmbedded ? 20 : 60)s}"

    private func gate(_ fixture: ClusterFixture) -> String {
        "gates: [{name: answers, interval: 1s, successCondition: \">= 0.95\", prometheus: {address: "
            + "\"\(fixture.prometheus)\", query: \"avg(up{job='node-exporter',node=~'{{nodes}}'})\"}}]"
    }

    @Test(
        "A version that cannot run halts in the canary, and a fixed plan takes its place",
        .enabled(if: misbehaves, onRequest))
    func haltsInTheCanary() throws {
        let fixture = try ClusterFixture()
        let tag = "v9-crash-loop"
        let bad = try fixture.sluice("run", "-f", try fixture.plan(tag, more: Self.readiness), "--yes")
        #expect(bad.code == 2, "\(bad.errors)")
        #expect((1...2).contains(try fixture.count(tag: tag)))
        let halted = try fixture.status()
        #expect(halted["phase"] == "halted")
        #expect(halted["reason"] == "failuresExceeded")
        let id = halted["id"]?.string ?? "?"
        #expect(bad.errors.contains("sluice resume \(id)"), "\(bad.errors)")
        #expect(bad.errors.contains("sluice abort \(id)"), "\(bad.errors)")
        let good = try fixture.sluice("run", "-f", try fixture.plan("v10", more: Self.readiness), "--yes")
        #expect(good.code == 0, "\(good.errors)")
        #expect(try fixture.count(tag: "v10") == fixture.images().count)
        let history = try JSONReader.read(try fixture.sluice("history", "-o", "json").output).array ?? []
        let earlier = history.first { $0["id"]?.string == id }
        #expect(earlier?["phase"] == "aborted")
        #expect(earlier?["reason"] == "superseded")
    }

    @Test(
        "A halt leaves its evidence: what fired, how the failed and an untouched node fare, and the last words",
        .enabled(if: misbehaves, onRequest))
    func evidence() throws {
        let fixture = try ClusterFixture()
        let plan = try fixture.plan("v9-crash-loop", more: Self.readiness)
        let bad = try fixture.sluice("run", "-f", plan, "--yes")
        let line = try #require(bad.errors.split(separator: "\n").first { $0.hasPrefix("evidence: ") })
        let page = String(line.dropFirst("evidence: ".count))
        #expect(page.hasPrefix(fixture.folder + "/evidence/"))
        let text = try String(contentsOfFile: page, encoding: .utf8)
        for part in ["failuresExceeded", "(failed)", "not touched, for comparison", "exit code", "sluice rollback"] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: page)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let folder = fixture.folder + "/again"
        let again = try fixture.sluice("evidence", "--to", folder)
        #expect(again.code == 0 && again.output == folder + "\n", "\(again.errors)")
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
        #expect(Set(["evidence.txt", "rollout.json", "journal.jsonl"]).isSubset(of: files))
        #expect(files.count { $0.hasPrefix("nodes/") } >= 2)
        // Kubelets that only pretend have no logs to give; then that is said.
        if isEmbedded { #expect(text.contains("level=error msg=\"node-exporter ends: Error, code 1\"")) }
        #expect(try fixture.sluice("evidence", "--to", folder).code == 1, "nothing is written over")
        try FileManager.default.removeItem(atPath: fixture.folder + "/evidence")
        let beside = "cd '\(fixture.folder)' && exec '\(fixture.binary)' evidence --state state.db"
        let here = try SluiceProcess(
            "/bin/sh", ["-c", beside], environment: fixture.environment, folder: fixture.folder
        ).wait()
        #expect(here.code == 0 && here.output.hasPrefix("./evidence/"), "\(here.output) \(here.errors)")
    }

    @Test(
        "A failed node gets another try with a new pod, or is left out, and the rollout goes on",
        .enabled(if: misbehaves, onRequest))
    func singleNodes() throws {
        let fixture = try ClusterFixture()
        let tag = "v9-crash-loop"
        let bad = try fixture.sluice("run", "-f", try fixture.plan(tag, more: Self.readiness), "--yes")
        #expect(bad.code == 2, "\(bad.errors)")
        let hint = try #require(bad.errors.split(separator: "\n").first { $0.contains("sluice retry ") })
        let node = String(hint.split(separator: " ")[2])
        #expect(try fixture.sluice("retry", node).code == 64, "a reason is needed")
        let unknown = try fixture.sluice("skip", node, "nobody", "--reason", "x")
        #expect(unknown.code == 1 && unknown.errors.contains("has no node nobody"), "\(unknown.errors)")
        let before = try uid(ofPodOn: node, fixture)
        #expect(try fixture.sluice("retry", node, "--reason", "registry was down").code == 0)
        // The other canary has failed as well, or is about to.
        for other in try fixture.images().filter({ $0.key != node && $0.value == TestCluster.image(tag) }).keys {
            #expect(try fixture.sluice("skip", other, "--reason", "one is enough").code == 0)
        }
        #expect(try fixture.sluice("resume").code == 2, "it fails again")
        #expect(try uid(ofPodOn: node, fixture) != before, "with a pod of its own")
        #expect(try fixture.sluice("skip", node, "--reason", "disk is dead").code == 0)
        let status = try fixture.status()
        #expect(status["nodes"]?["skipped"] == .integer(Int64(try fixture.count(tag: tag))))
        let history = try fixture.sluice("history", status["id"]?.string ?? "")
        #expect(history.output.contains("by tester: disk is dead"), "\(history.output)")
    }

    private func uid(ofPodOn node: String, _ fixture: ClusterFixture) throws -> String? {
        let pods = try fixture.get("/api/v1/namespaces/\(fixture.namespace)/pods")["items"]?.array ?? []
        return pods.first { $0.at("spec", "nodeName")?.string == node }?.at("metadata", "uid")?.string
    }

    @Test(
        "A gate passes a version that answers and halts one that is Ready but silent",
        .enabled(if: isEmbedded, "only an embedded cluster brings a Prometheus"))
    func gatesJudge() throws {
        let fixture = try ClusterFixture()
        let good = try fixture.plan("v2", soak: "1s", canary: gate(fixture))
        let passed = try fixture.sluice("run", "-f", good, "--yes", "-o", "json")
        #expect(passed.code == 0, "\(passed.errors)")
        #expect(passed.output.contains("\"event\":\"gatePassed\""))
        let silent = try fixture.plan("v3-silent", soak: "1s", canary: gate(fixture))
        let failed = try fixture.sluice("run", "-f", silent, "--yes", "-o", "json")
        #expect(failed.code == 2, "\(failed.errors)")
        let status = try fixture.status()
        #expect(status["reason"] == "gateFailed")
        #expect(status["message"]?.string?.contains("0.95") == true, "\(status.serialized)")
        #expect(try fixture.count(tag: "v3-silent") == 2)
    }

    /// On a cluster of its own each: Prometheus remembers one pod of a node, and its time before is short after a rollout.
    @Test(
        "A comparison passes a version whose nodes are as before, and halts one that ships nothing",
        .enabled(if: isEmbedded, "only an embedded cluster brings a Prometheus"), arguments: ["v2", "v3-silent"])
    func comparisonsJudge(tag: String) throws {
        let fixture = try ClusterFixture(nodes: 16)
        let gates =
            "gates: [{name: ships, interval: 1s, comparison: {worse: lower, baseline: 1m}, prometheus: {address: "
            + "\"\(fixture.prometheus)\", query: \"max by (node) (up{job='node-exporter'})\"}}]"
        let path = try fixture.plan(tag, soak: "2s", canary: gates)
        // Two of so few nodes would be too few to tell.
        let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(
            of: "take: 2", with: "take: 3")
        try Data(text.utf8).write(to: URL(filePath: path))
        let result = try fixture.sluice("run", "-f", path, "--yes")
        let status = try fixture.status()
        if tag == "v2" {
            #expect(result.code == 0, "\(result.errors)")
        } else {
            #expect(result.code == 2, "\(result.errors)")
            #expect(status["reason"] == "gateFailed")
            #expect(status["message"]?.string?.contains("% on 3 updated nodes against 11 others") == true)
            #expect(try fixture.count(tag: tag) == 3)
        }
    }
}
