import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner
import Testing

@Suite("A driver looks at the ConfigMaps and Secrets that the template reads")
struct ConfigDriverTests {
    private static let namespace = "/api/v1/namespaces/monitoring/"
    private static let hidden = "aHVudGVyMg=="

    private static func send(_ method: String, _ path: String, _ body: JSONValue, to outside: ClusterOutside) {
        let isPatch = method == "PATCH"
        _ = outside.cluster.handle(
            ClusterRequest(
                method: method, target: namespace + path,
                headers: [
                    "content-type": isPatch ? "application/strategic-merge-patch+json" : "application/json",
                    "user-agent": "kubectl-edit/v1.36",
                ], body: Array(body.serialized.utf8)), at: outside.now.wall)
    }

    /// A DaemonSet whose pods read a ConfigMap and a Secret.
    private static func scene(_ policy: ConfigPolicy) throws -> DriverScene {
        try DriverScene(soak: 300, more: "onConfigChanged: \(policy.rawValue)") { outside in
            let objects = ["configmaps": "ConfigMap", "secrets": "Secret"].sorted { $0.key < $1.key }
            for (plural, kind) in objects {
                send(
                    "POST", plural,
                    [
                        "apiVersion": "v1", "kind": .string(kind), "metadata": ["name": "site"],
                        "data": ["key": .string(hidden)],
                    ], to: outside)
            }
            let group = "/apis/apps/v1/namespaces/monitoring/daemonsets/node-exporter"
            let volumes: JSONValue = [
                ["name": "c", "configMap": ["name": "site"]], ["name": "s", "secret": ["secretName": "site"]],
            ]
            let spec: JSONValue = [
                "template": ["spec": ["volumes": volumes]],
                "updateStrategy": ["type": "OnDelete", "rollingUpdate": .null],
            ]
            _ = outside.cluster.handle(
                ClusterRequest(
                    method: "PATCH", target: group,
                    headers: ["content-type": "application/strategic-merge-patch+json"],
                    body: Array(JSONValue.object(["spec": spec]).serialized.utf8)),
                at: outside.now.wall)
            outside.cluster.advance(to: outside.now.wall)
        }
    }

    private static func looks(_ scene: DriverScene) -> [ClusterOutside.Sent] {
        scene.outside.sent.filter { $0.request.url.contains("/configmaps/") || $0.request.url.contains("/secrets/") }
    }

    @Test("An edit in the soak halts it and names who did it; only metadata are asked for; a person goes on")
    func halts() throws {
        let scene = try Self.scene(.halt)
        scene.outside.at(150_000) {
            Self.send("PATCH", "configmaps/site", ["data": ["key": "other"]], to: scene.outside)
        }
        #expect(scene.run() == .stopped)
        var stored = try scene.stored()
        #expect(stored.rollout.reason == .configChanged && scene.deleteTimes.count == 2)
        #expect(stored.rollout.message.hasPrefix("ConfigMap site changed: resourceVersion "))
        #expect(stored.rollout.message.contains("last written by kubectl-edit (Update) at 20"))
        let accepted = Set(Self.looks(scene).flatMap { $0.request.headers.filter { $0.name == "Accept" }.map(\.value) })
        #expect(accepted == ["application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"])
        #expect(try scene.runAgain() == .stopped)
        stored = try scene.stored()
        #expect(stored.rollout.phase == .completed)
        #expect(stored.configs.values.allSatisfy { $0.standing == .present && !$0.resourceVersion.isEmpty })
    }

    @Test("What may not be read holds nothing up and is said once, and no more is asked than with the right")
    func forbidden() throws {
        let scene = try Self.scene(.warn)
        let body =
            #"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"no","code":403}"#
        scene.outside.fate = { $0.request.url.contains("/secrets/") ? .answer(403, body) : .pass }
        try scene.expectCleanEnd(of: scene.run())
        #expect(scene.times(of: .configUnseen).count == 1)
        #expect(Self.looks(scene).count <= 14, "before the patch, each wave and the end, and twice in the soak")
        #expect(try scene.stored().configs[ConfigObject(.secret, "site")]?.standing == .unreadable)
    }

    @Test(
        "A look that is cut off is made again, and a rollout that halts on a change waits for it; another one does not")
    func cut() throws {
        let careless = try Self.scene(.warn)
        careless.outside.fate = { $0.request.url.contains("/configmaps/") ? .answer(500) : .pass }
        try careless.expectCleanEnd(of: careless.run())

        let scene = try Self.scene(.halt)
        scene.outside.fate = { sent in
            sent.request.url.contains("/configmaps/") && sent.time < 60_000 ? .answer(503) : .pass
        }
        try scene.expectCleanEnd(of: scene.run())
        #expect(scene.deleteTimes.first ?? 0 >= 60_000)
    }
}
