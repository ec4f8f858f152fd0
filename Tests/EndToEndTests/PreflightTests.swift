import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite("The cluster is asked before anything is touched")
struct PreflightTests {
    private static let enforce = "pod-security.kubernetes.io/enforce"

    /// A plan and a template that uses the host's network, which the baseline standard forbids.
    private func scene() throws -> (fixture: ClusterFixture, plan: String) {
        let fixture = try ClusterFixture()
        // Under OnDelete, so that the change by itself moves no pod.
        try fixture.patchDaemonSet(
            [
                "spec": [
                    "updateStrategy": ["type": "OnDelete", "rollingUpdate": .null],
                    "template": ["spec": ["hostNetwork": true]],
                ]
            ], strategic: true)
        return (fixture, try fixture.plan("v2", soak: "4s", more: "readiness: {timeout: 90s}"))
    }

    @Test("A pod that PodSecurity would refuse is named by plan and run, and nothing is touched")
    func refusedPod() throws {
        let (fixture, plan) = try scene()
        let accepted = try fixture.sluice("plan", "-f", plan, "-o", "json")
        #expect(accepted.code == 0, "\(accepted.errors)")
        let checks = try JSONReader.read(accepted.output)["preflight"]?.array ?? []
        #expect(checks.allSatisfy { $0["outcome"] == "passed" }, "\(checks)")
        #expect(Set(checks.compactMap { $0["check"]?.string }) == ["right", "podCreation", "patch"])

        try fixture.labelNamespace(Self.enforce, "baseline")
        let before = (try fixture.daemonSet()["spec"], try fixture.images())
        for command in [["plan", "-f", plan], ["run", "-f", plan, "--yes"]] {
            let refused = try fixture.sluice(command)
            #expect(refused.code == 1)
            #expect(refused.errors.contains("violates PodSecurity"), "\(refused.errors)")
            #expect(refused.errors.contains("would get no successor"), "\(refused.errors)")
            #expect(refused.output.contains("REFUSED"), "\(refused.output)")
        }
        #expect(try fixture.daemonSet()["spec"] == before.0)
        #expect(try fixture.images() == before.1)
    }

    @Test(
        "A secret that nobody can read is named by plan, and stops run before anything is touched; with it the rest goes on"
    )
    func missingSecret() throws {
        let fixture = try ClusterFixture()
        let url = "\(fixture.folder)/url"
        let plan = try fixture.plan("v2", more: "notifications: [{name: oncall, urlFrom: {file: \(url)}}]")
        let before = (try fixture.daemonSet()["spec"], try fixture.images())
        let planned = try fixture.sluice("plan", "-f", plan, "-o", "json")
        #expect(planned.code == 0)
        let checks = try JSONReader.read(planned.output)["preflight"]?.array ?? []
        #expect(checks.filter { $0["outcome"] == "refused" }.map { $0["check"]?.string } == ["secret"])
        let refused = try fixture.sluice("run", "-f", plan, "--yes")
        #expect(refused.code == 1)
        #expect(refused.errors.contains("notification oncall: the URL cannot be read"), "\(refused.errors)")
        #expect(try fixture.daemonSet()["spec"] == before.0)
        #expect(try fixture.images() == before.1)

        // Nobody listens there, which the rollout does not care about, and status tells.
        try Data("http://127.0.0.1:1/hook".utf8).write(to: URL(filePath: url))
        let done = try fixture.sluice("run", "-f", plan, "--yes")
        #expect(done.code == 0, "\(done.errors)")
        let status = try fixture.sluice("status").output
        #expect(status.contains("oncall, completed: waits for the next try"), "\(status)")
        #expect(!status.contains("127.0.0.1:1/hook"), "the URL is a secret")
    }

    @Test(
        "A creation that is refused in the middle fails its node with the controller's words",
        .enabled(if: !isEmbedded, "it takes more than half a minute; the machine's own tests cover it"))
    func refusedInTheMiddle() throws {
        let (fixture, plan) = try scene()
        let driver = try fixture.start("run", "-f", plan, "--yes", "-o", "json")
        try driver.awaitOutput("\"event\":\"soakStarted\"")
        try fixture.labelNamespace(Self.enforce, "baseline")
        try driver.awaitOutput("\"event\":\"failed\"")
        driver.send(SIGTERM)
        let output = try driver.wait().output
        let failed = try output.split(separator: "\n").map { try JSONReader.read(String($0)) }
            .first { $0["event"] == "failed" }
        #expect(failed?["reason"] == "noPod")
        #expect(failed?["message"]?.string?.contains("cannot be created: pods") == true, "\(failed?.serialized ?? "")")
        #expect(failed?["message"]?.string?.contains("violates PodSecurity") == true, "\(failed?.serialized ?? "")")
    }
}
