import Foundation
import SluiceCore
import SluiceDocuments
import Testing

/// A rollout of a DaemonSet on ten nodes through a proxy that misbehaves, judged by the cluster's own record of deletes.
final class FaultScene {
    /// What the plan allows: nodes without an available pod.
    static let budget = 3

    let fixture: ClusterFixture
    let proxy: FaultProxy
    private let audit: String
    private let eligible: Int

    /// - Parameter user: the user of the kubeconfig, as YAML; the cluster lets everybody in.
    init(user: String = "{}") throws {
        let audit = FileManager.default.temporaryDirectory.appending(path: "sluice-audit-\(UUID().uuidString)").path
        self.audit = audit
        fixture = try ClusterFixture(cluster: ["--audit", audit])
        let port = try #require(fixture.server.split(separator: ":").last.flatMap { UInt16($0) })
        proxy = try FaultProxy(upstream: port)
        eligible = try fixture.images().count
        let text = """
            apiVersion: v1
            kind: Config
            current-context: c
            clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(proxy.port)"}}]
            contexts: [{name: c, context: {cluster: c, user: u}}]
            users: [{name: u, user: \(user)}]

            """
        try Data(text.utf8).write(to: URL(filePath: kubeconfig))
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: audit)
        } catch {
            Issue.record("\(audit) is left over: \(error)")
        }
    }

    private var kubeconfig: String { fixture.folder + "/through-proxy" }

    /// Starts a driver whose requests go through the proxy and may take a second.
    func run(soak: String = "0s", more: String = "") throws -> SluiceProcess {
        try fixture.start(
            "run", "-f", try fixture.plan("v2", soak: soak, more: more), "--yes", "-o", "json", "--kubeconfig",
            kubeconfig, "--request-timeout", "1s")
    }

    /// Waits until `status` shows a hold of a kind that says something, and since when it stands.
    func awaitHold(_ kind: String, saying text: String, location: SourceLocation = #_sourceLocation) throws {
        try eventually("status shows the hold \(kind) with \(text)", location: location) {
            let status = try fixture.sluice("status", "-o", "json")
            guard status.code == 0 else { return false }
            let holds = try JSONReader.read(status.output)["holds"]?.array ?? []
            return holds.contains { hold in
                hold["kind"]?.string == kind && hold["reason"]?.string?.contains(text) == true
                    && hold["since"]?.string != nil
            }
        }
    }

    /// Waits for the end, and judges: every pod replaced once, the budget kept at every delete.
    func expectCleanEnd(of driver: SluiceProcess, location: SourceLocation = #_sourceLocation) throws {
        let result: SluiceProcess.Result
        do {
            result = try driver.wait(location: location)
        } catch {
            Issue.record("it waits: \(try fixture.sluice("status").output) \(driver.output)", sourceLocation: location)
            throw error
        }
        #expect(result.code == 0, "\(result.errors) \(result.output.suffix(3_000))", sourceLocation: location)
        #expect(try fixture.count(tag: "v2") == eligible, sourceLocation: location)
        let started = try deletes().filter { $0["startedTermination"] == true }
        let nodes = started.compactMap { $0["node"]?.string }
        #expect(nodes.count == eligible, "each node loses one pod: \(nodes)", sourceLocation: location)
        #expect(Set(nodes).count == nodes.count, "a node lost two pods: \(nodes)", sourceLocation: location)
        for delete in started {
            let blind = delete["blindNodes"]?.integer ?? .max
            #expect(blind < Self.budget, "over the budget: \(delete.serialized)", sourceLocation: location)
        }
    }

    /// The requests to delete a pod that reached the cluster.
    func deletes() throws -> [JSONValue] {
        let text = String(decoding: FileManager.default.contents(atPath: audit) ?? Data(), as: UTF8.self)
        return try text.split(separator: "\n").map { try JSONReader.read(String($0)) }
    }
}
