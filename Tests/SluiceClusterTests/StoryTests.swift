import SluiceCluster
import SluiceCore
import Testing

@Suite("What happens to pods and revisions")
struct StoryTests {
    /// An event without what differs from run to run.
    static func outline(_ event: JSONValue) -> String {
        let object = event["object"] ?? [:]
        let conditions = (object.at("status", "conditions")?.array ?? []).map {
            "\($0["type"]?.string ?? "")=\($0["status"]?.string ?? "")\($0["reason"].map { " \($0.string ?? "")" } ?? "")"
        }
        let state = object.container["state"]?.object?.keys.sorted().joined() ?? "-"
        let grace = object.at("metadata", "deletionGracePeriodSeconds")?.integer.map { "grace \($0)" } ?? "living"
        return [
            event["type"]?.string ?? "", object.at("status", "phase")?.string ?? "", grace,
            object.at("spec", "nodeName") == nil ? "unbound" : "bound", state, conditions.joined(separator: ","),
            "generation \(object.at("metadata", "generation")?.integer ?? 0)",
        ].joined(separator: " | ")
    }

    @Test("A replaced pod tells the recorded story")
    func replacement() throws {
        var cluster = try TestCluster(ClusterOptions(nodes: 8, linger: 0))
        let pod = try #require(try cluster.pods(on: "node-0003").first)
        let watch = try cluster.watch("\(TestCluster.pods)?watch=1&resourceVersion=\(cluster.version)")
        try cluster.call("DELETE", "\(TestCluster.pods)/\(pod.named)")
        cluster.wait(10)
        let recorded = try Recording("watch-pods-delete-recreate").events().filter { $0["type"] != "BOOKMARK" }
        #expect(try cluster.events(watch).map(Self.outline) == recorded.map(Self.outline))
    }

    @Test("The new pod stands beside the old one while that lingers")
    func overlap() throws {
        var cluster = try TestCluster()
        let pod = try #require(try cluster.pods(on: "node-0003").first)
        let watch = try cluster.watch("\(TestCluster.pods)?watch=1&resourceVersion=\(cluster.version)")
        try cluster.call("DELETE", "\(TestCluster.pods)/\(pod.named)")
        cluster.wait(10)
        let events = try cluster.events(watch)
        let added = try #require(events.firstIndex { $0["type"] == "ADDED" })
        let deleted = try #require(events.firstIndex { $0["type"] == "DELETED" })
        #expect(added < deleted)
    }

    @Test("A pod that Failed by itself comes back on the current template")
    func failedPod() throws {
        var cluster = try TestCluster()
        try cluster.patchTemplate(image: "quay.io/prometheus/node-exporter:v1.9.0")
        cluster.wait(5)
        let pod = try #require(try cluster.pods(on: "node-0002").first)
        #expect(pod.container["image"] == "quay.io/prometheus/node-exporter:v1.8.2")
        try cluster.call(
            "PATCH", "\(TestCluster.pods)/\(pod.named)/status", ["status": ["phase": "Failed", "reason": "Evicted"]],
            type: TestCluster.merge)
        cluster.wait(5)
        let pods = try cluster.pods(on: "node-0002")
        #expect(pods.map { $0.container["image"] } == ["quay.io/prometheus/node-exporter:v1.9.0"])
        #expect(pods.first?.condition("Ready") == "True")
    }

    @Test("Under OnDelete a new template moves no pod, and the status says so")
    func onDelete() throws {
        var cluster = try TestCluster()
        let before = try cluster.items(TestCluster.pods).map(\.named)
        try cluster.patchTemplate(image: "quay.io/prometheus/node-exporter:v1.9.0")
        let patched = try cluster.call("GET", TestCluster.daemonSet).value
        #expect(patched.at("status", "observedGeneration") == 1)
        #expect(patched.at("metadata", "generation") == 2)
        cluster.wait(20)
        #expect(try cluster.items(TestCluster.pods).map(\.named) == before)
        let status = try cluster.call("GET", TestCluster.daemonSet).value["status"] ?? [:]
        #expect(status["observedGeneration"] == 2)
        #expect(status["updatedNumberScheduled"] == nil)
        #expect(status["numberAvailable"] == 8)
    }

    @Test("A template put back renumbers its old revision and keeps the hash")
    func revert() throws {
        var cluster = try TestCluster()
        func revisions() throws -> [String: Int64] {
            let items = try cluster.items("/apis/apps/v1/namespaces/monitoring/controllerrevisions")
            return Dictionary(
                uniqueKeysWithValues: items.map {
                    (
                        $0.at("metadata", "labels", "controller-revision-hash")?.string ?? "",
                        $0["revision"]?.integer ?? 0
                    )
                })
        }
        let first = try #require(try revisions().keys.first)
        try cluster.patchTemplate(image: "quay.io/prometheus/node-exporter:v1.9.0")
        cluster.wait(1)
        #expect(try revisions()[first] == 1)
        #expect(try revisions().values.sorted() == [1, 2])
        try cluster.patchTemplate(image: "quay.io/prometheus/node-exporter:v1.8.2")
        cluster.wait(1)
        #expect(try revisions()[first] == 3)
        #expect(try revisions().values.sorted() == [2, 3])
        let objects = try cluster.items("/apis/apps/v1/namespaces/monitoring/controllerrevisions")
        #expect(objects.allSatisfy { $0.at("data", "spec", "template", "$patch") == "replace" })
    }

    @Test("The history limit forgets revisions that no pod has")
    func historyLimit() throws {
        var daemonSet = try TestCluster.recordedDaemonSet()
        daemonSet["spec"]?["revisionHistoryLimit"] = 1
        var cluster = try TestCluster(ClusterOptions(nodes: 8), daemonSet: daemonSet)
        for version in 1...4 {
            try cluster.patchTemplate(image: "quay.io/prometheus/node-exporter:v2.\(version)")
            cluster.wait(1)
        }
        let left = try cluster.items("/apis/apps/v1/namespaces/monitoring/controllerrevisions")
        #expect(left.compactMap { $0["revision"]?.integer }.sorted() == [1, 5])
    }

    @Test("RollingUpdate keeps within maxUnavailable and ends")
    func rollingUpdate() throws {
        var cluster = try TestCluster()
        let budget: JSONValue = ["spec": ["updateStrategy": ["rollingUpdate": ["maxUnavailable": 2]]]]
        try cluster.patchTemplate(image: "quay.io/prometheus/node-exporter:v1.9.0", strategy: "RollingUpdate")
        try cluster.call("PATCH", TestCluster.daemonSet, budget, type: TestCluster.merge)
        var fewest = 8
        for _ in 0..<400 {
            cluster.wait(0.1)
            let ready = try cluster.items(TestCluster.pods).filter {
                $0.condition("Ready") == "True" && $0.at("metadata", "deletionTimestamp") == nil
            }
            fewest = min(fewest, ready.count)
        }
        #expect(fewest == 6)
        let images = Set(try cluster.items(TestCluster.pods).map { $0.container["image"] })
        #expect(images == ["quay.io/prometheus/node-exporter:v1.9.0"])
    }

    @Test("A silent node freezes its pods, and they go on when it is back")
    func deadNode() throws {
        var cluster = try TestCluster()
        let node = "/api/v1/nodes/node-0005"
        try cluster.call(
            "PATCH", node, ["metadata": ["annotations": ["cluster.sluice/dead": "true"]]], type: TestCluster.merge)
        cluster.wait(1)
        let silent = try cluster.call("GET", node).value
        #expect(silent.condition("Ready") == "Unknown")
        let taints = (silent.at("spec", "taints")?.array ?? []).compactMap { $0["effect"]?.string }
        #expect(taints == ["NoSchedule", "NoExecute"])
        let pod = try #require(try cluster.pods(on: "node-0005").first)
        #expect(pod.condition("Ready") == "False")
        try cluster.call("DELETE", "\(TestCluster.pods)/\(pod.named)")
        cluster.wait(600)
        #expect(try cluster.pods(on: "node-0005").map(\.named) == [pod.named])
        try cluster.call(
            "PATCH", node, ["metadata": ["annotations": ["cluster.sluice/dead": .null]]], type: TestCluster.merge)
        cluster.wait(10)
        let healed = try cluster.call("GET", node).value
        #expect(healed.condition("Ready") == "True")
        #expect(healed.at("spec", "taints") == nil)
        let pods = try cluster.pods(on: "node-0005")
        #expect(pods.count == 1 && pods.first?.named != pod.named && pods.first?.condition("Ready") == "True")
    }

    @Test("Without its DaemonSet the pods go")
    func deletedDaemonSet() throws {
        var cluster = try TestCluster()
        #expect(try cluster.call("DELETE", TestCluster.daemonSet).status == 200)
        cluster.wait(10)
        #expect(try cluster.items(TestCluster.pods).isEmpty)
        #expect(try cluster.items("/apis/apps/v1/namespaces/monitoring/controllerrevisions").isEmpty)
    }

    @Test("Drawn delays are those that pods take")
    func schedule() throws {
        let options = ClusterOptions(nodes: 8, seed: 7)
        var cluster = try TestCluster(options)
        for node in ["node-0002", "node-0003", "node-0004"] {
            let pod = try #require(try cluster.pods(on: node).first)
            try cluster.call("DELETE", "\(TestCluster.pods)/\(pod.named)")
            let expected = options.replacementTime(node: node, attempt: 0)
            cluster.wait(Double(expected - 1) / 1_000)
            #expect(try cluster.pods(on: node).last?.condition("Ready") == "False")
            cluster.wait(0.001)
            #expect(try cluster.pods(on: node).last?.condition("Ready") == "True")
            cluster.wait(5)
        }
    }
}
