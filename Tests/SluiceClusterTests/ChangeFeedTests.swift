import SluiceCluster
import SluiceCore
import SluiceDocuments
import Testing

/// The cluster as values says what the cluster as text says.
@Suite("Changes as values")
struct ChangeFeedTests {
    private static let behaviours = [
        "normal", "slow=3", "never-ready", "crash-loop", "crash-once", "image-pull-backoff", "ready-then-crash=4",
        "oom-killed", "flap", "create-error", "slow-termination=9", "stuck-termination", "refused",
    ]

    /// What a watch of a kind has said, read from its lines.
    private static func read<Noun>(
        _ lines: [JSONValue], _ noun: (JSONValue) -> Noun?
    ) -> [(type: String, noun: Noun)] {
        lines.compactMap { line in
            guard let type = line["type"]?.string, type != "BOOKMARK" else { return nil }
            return line["object"].flatMap(noun).map { (type, $0) }
        }
    }

    @Test("Pods and nodes are followed without text as a watch shows them", arguments: behaviours)
    func likeAWatch(behaviour: String) throws {
        var test = try TestCluster(ClusterOptions(nodes: 5, linger: 100, seed: 7))
        let version = test.version
        test.cluster.recordTruth(tellsAll: false)
        let pods = try test.watch("\(TestCluster.pods)?watch=1&resourceVersion=\(version)")
        let nodes = try test.watch("/api/v1/nodes?watch=1&resourceVersion=\(version)")
        let patch: JSONValue = [
            "spec": [
                "updateStrategy": ["type": "OnDelete", "rollingUpdate": .null],
                "template": ["metadata": ["annotations": ["cluster.sluice/behaviour": .string(behaviour)]]],
            ]
        ]
        try test.call("PATCH", TestCluster.daemonSet, patch, type: TestCluster.merge)
        for pod in try test.items(TestCluster.pods).compactMap(Pod.init(json:)) {
            try test.call("DELETE", "\(TestCluster.pods)/\(pod.name)")
        }
        test.wait(20)
        try test.call(
            "PATCH", "/api/v1/nodes/node-0002", ["metadata": ["annotations": ["cluster.sluice/dead": "true"]]],
            type: TestCluster.merge)
        test.wait(60)
        try test.call(
            "PATCH", "/api/v1/nodes/node-0002", ["metadata": ["annotations": ["cluster.sluice/dead": .null]]],
            type: TestCluster.merge)
        test.wait(400)

        let podLines = Self.read(try test.events(pods), Pod.init(json:))
        let nodeLines = Self.read(try test.events(nodes), Node.init(json:))
        let followed = test.cluster.takeTruth().map(\.truth)
        let followedPods = followed.compactMap { change -> (type: Bool, noun: Pod)? in
            switch change {
            case .pod(let pod): (false, pod.noun)
            case .podGone(let pod): (true, pod.noun)
            default: nil
            }
        }
        #expect(podLines.count >= 10)
        #expect(followedPods.map(\.noun) == podLines.map(\.noun))
        #expect(followedPods.map(\.type) == podLines.map { $0.type == "DELETED" })
        let followedNodes = followed.compactMap { if case .node(let node) = $0 { node.noun } else { nil } }
        #expect(followedNodes == nodeLines.map(\.noun) && followedNodes.count >= 2)
    }

    @Test("Without Events and status counts the pods do the same at the same times")
    func sameAtCoreDetail() throws {
        struct Seen: Equatable {
            var time: Timestamp
            var pod: Pod
            var isGone: Bool
        }
        func changes(_ detail: ClusterOptions.Detail) throws -> [Seen] {
            var test = try TestCluster(ClusterOptions(nodes: 6, seed: 3, detail: detail))
            test.cluster.recordTruth(tellsAll: false)
            let fleet = test.cluster.fleet(namespace: "monitoring", daemonSet: "node-exporter")
            for pod in fleet?.pods ?? [] {
                let isDone = test.cluster.deletePod(uid: pod.uid, at: test.now)
                #expect(isDone)
                test.wait(0.7)
            }
            test.wait(60)
            return test.cluster.takeTruth().compactMap { change in
                switch change.truth {
                case .pod(let pod): Seen(time: change.time, pod: pod.noun, isGone: false)
                case .podGone(let pod): Seen(time: change.time, pod: pod.noun, isGone: true)
                default: nil
                }
            }
        }
        let core = try changes(.core)
        #expect(core.count > 30)
        #expect(try core == changes(.full))
    }
}
