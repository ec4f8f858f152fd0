import Foundation
import SluiceCore
import SluiceDocuments
import Testing

/// Each file of `docs/rbac` is enough for its purpose, and nothing in it is too much.
@Suite("Rights", .enabled(if: !isEmbedded, "an embedded cluster grants everything to everybody"))
struct RightsTests {
    private static let moreOfPlan = "readiness: {timeout: 60s}"

    /// A plan that patches nothing, as with GitOps; the template and the strategy are there already.
    private func planWithoutPatch(_ fixture: ClusterFixture) throws -> String {
        try fixture.patchDaemonSet(
            [
                "spec": [
                    "updateStrategy": ["type": "OnDelete", "rollingUpdate": .null],
                    "template": [
                        "spec": ["containers": [["name": "node-exporter", "image": .string(TestCluster.image("v2"))]]]
                    ],
                ]
            ], strategic: true)
        return try fixture.plan(
            "v2", soak: "1s", more: Self.moreOfPlan + "\n  onStrategyChanged: halt", changesImage: false)
    }

    @Test(
        "A run needs every right of its file, names the missing one, and needs no other",
        arguments: ["run.yaml", "patch.yaml"])
    func runs(file: String) throws {
        let fixture = try ClusterFixture()
        let scene = try RightsScene(fixture, file: file)
        try scene.awaitRights()
        let patches = file == "patch.yaml"
        let plan = try patches ? fixture.plan("v2", soak: "1s", more: Self.moreOfPlan) : planWithoutPatch(fixture)
        let before = try fixture.daemonSet()["spec"]
        for grant in scene.grants {
            fixture.state = "\(fixture.folder)/\(UUID().uuidString).db"
            let result = try scene.without(grant) {
                try fixture.sluice("run", "-f", plan, "--yes", "--kubeconfig", scene.kubeconfig)
            }
            #expect(result.code == 1, "\(grant): \(result.errors)")
            #expect(grant.isNamed(in: result.errors), "\(grant): \(result.errors)")
        }
        #expect(try fixture.daemonSet()["spec"] == before)
        #expect(try fixture.count(tag: "v2") == 0)
        fixture.state = fixture.folder + "/final.db"
        let driver = try fixture.start("run", "-f", plan, "--yes", "-o", "json", "--kubeconfig", scene.kubeconfig)
        try driver.awaitOutput("\"event\":\"soakStarted\"")
        driver.send(SIGTERM)
        #expect(try driver.wait().code == 143)
        for grant in scene.grants where grant.verb == "watch" {
            let refused = try scene.without(grant) { try fixture.sluice("resume", "--kubeconfig", scene.kubeconfig) }
            #expect(refused.code == 1, "\(grant): \(refused.errors)")
            #expect(grant.isNamed(in: refused.errors), "\(grant): \(refused.errors)")
        }
        let resumed = try fixture.sluice("resume", "--kubeconfig", scene.kubeconfig)
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(try fixture.count(tag: "v2") == fixture.images().count)
        let report = try fixture.sluice(
            "report", "versions", "-n", fixture.namespace, "ds/node-exporter", "--max-stale", "0", "--kubeconfig",
            scene.kubeconfig)
        #expect(report.code == 0, "\(report.errors)")
    }

    @Test("Without the right to patch, a plan with images is refused")
    func doesNotPatch() throws {
        let fixture = try ClusterFixture()
        let scene = try RightsScene(fixture, file: "run.yaml")
        try scene.awaitRights()
        let before = try fixture.daemonSet()["spec"]
        let result = try fixture.sluice(
            "run", "-f", try fixture.plan("v2"), "--yes", "--kubeconfig", scene.kubeconfig)
        #expect(result.code == 1)
        #expect(result.errors.contains("the right to patch daemonsets.apps"), "\(result.errors)")
        #expect(try fixture.daemonSet()["spec"] == before)
        #expect(try fixture.count(tag: "v2") == 0)
    }

    @Test("Reading needs every right of its file, names the missing one, and needs no other")
    func reads() throws {
        let fixture = try ClusterFixture()
        let driver = try fixture.start("run", "-f", try fixture.plan("v2", soak: "10m"), "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"soakStarted\"")
        driver.send(SIGTERM)
        try driver.wait()
        fixture.state = fixture.folder + "/none.db"
        let scene = try RightsScene(fixture, file: "read.yaml")
        try scene.awaitRights()
        let access = ["-n", fixture.namespace, "--kubeconfig", scene.kubeconfig]
        let commands = [
            ["plan", "-f", try fixture.plan("v10")] + access, ["report", "versions", "ds/node-exporter"] + access,
            ["report", "versions"] + access, ["status", "ds/node-exporter"] + access,
        ]
        for command in commands {
            let result = try fixture.sluice(command)
            #expect(result.code == 0, "\(command): \(result.errors)")
        }
        for grant in scene.grants {
            let results = try scene.without(grant) { try commands.map { try fixture.sluice($0) } }
            #expect(results.contains { $0.code == 1 && grant.isNamed(in: $0.errors) }, "\(grant): \(results)")
        }
    }

    @Test("Who has no rights, and who is nobody, is told which and what to do")
    func isRefused() throws {
        let fixture = try ClusterFixture()
        let plan = try fixture.plan("v2")
        let scene = try RightsScene(fixture, file: nil)
        let stranger = try RightsScene.kubeconfig(fixture, token: "not-a-token")
        for command in ["plan", "run"] {
            let more = command == "run" ? ["--yes"] : []
            let powerless = try fixture.sluice([command, "-f", plan, "--kubeconfig", scene.kubeconfig] + more)
            #expect(powerless.code == 1)
            #expect(powerless.errors.contains("right to get \"daemonsets\""), "\(powerless.errors)")
            #expect(powerless.errors.contains("403") || powerless.errors.contains("forbidden"), "\(powerless.errors)")
            let unknown = try fixture.sluice([command, "-f", plan, "--kubeconfig", stranger] + more)
            #expect(unknown.code == 1)
            #expect(unknown.errors.contains("401"), "\(unknown.errors)")
            #expect(unknown.errors.contains("log in again or renew"), "\(unknown.errors)")
            #expect(unknown.errors.contains(stranger), "\(unknown.errors)")
            #expect(!unknown.errors.contains("not-a-token"))
        }
    }

    @Test("Without a look at kube-system, a DaemonSet that was made anew is not taken for the old one")
    func tellsAnotherDaemonSet() throws {
        let fixture = try ClusterFixture()
        let scene = try RightsScene(fixture, file: "patch.yaml")
        try scene.awaitRights()
        let driver = try fixture.start(
            "run", "-f", try fixture.plan("v2", soak: "10m"), "--yes", "-o", "json", "--kubeconfig", scene.kubeconfig)
        try driver.awaitOutput("\"event\":\"soakStarted\"")
        driver.send(SIGTERM)
        try driver.wait()
        let real = try #require(fixture.real)
        let uid = try fixture.daemonSet().at("metadata", "uid")?.string ?? "?"
        try real.kubectl(["-n", fixture.namespace, "delete", "ds/node-exporter", "--cascade=orphan"])
        try real.makeDaemonSet()
        let resumed = try fixture.sluice("resume", "--kubeconfig", scene.kubeconfig)
        #expect(resumed.code == 1, "\(resumed.errors)")
        #expect(resumed.errors.contains("another cluster, or it was deleted and made anew"), "\(resumed.errors)")
        #expect(resumed.errors.contains(uid), "\(resumed.errors)")
    }
}
