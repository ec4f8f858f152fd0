import SluiceCluster
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Bad collectors reach the states that are documented")
struct BehaviourTests {
    /// A cluster whose pod on node-0003 was replaced by one that behaves as said, and time has passed since.
    static func cluster(
        _ behaviour: String, seconds: Double, probe: Bool = true
    ) throws -> (cluster: TestCluster, pod: JSONValue) {
        var daemonSet = try TestCluster.recordedDaemonSet()
        if !probe, var container = daemonSet.at("spec", "template", "spec", "containers")?.array?.first {
            container["readinessProbe"] = nil
            daemonSet["spec"]?["template"]?["spec"]?["containers"] = [container]
        }
        var cluster = try TestCluster(ClusterOptions(nodes: 8, jitter: 0), daemonSet: daemonSet)
        try cluster.patchTemplate(
            annotations: ["cluster.sluice/behaviour": .string(behaviour)], image: "quay.io/acme/agent:v2")
        cluster.wait(1)
        let pod = try cluster.replace(on: "node-0003", seconds: seconds)
        return (cluster, pod)
    }

    /// What of a pod's status tells the behaviour.
    static func signs(_ pod: JSONValue) -> String {
        let state = pod.container["state"]?.object?.first
        let reason = state?.value["reason"]?.string.map { " \($0)" } ?? ""
        let last = pod.container.at("lastState", "terminated", "reason")?.string.map { ", last \($0)" } ?? ""
        let phase = pod.at("status", "phase")?.string ?? ""
        return "\(phase), \(state?.key ?? "no state")\(reason)\(last), ready \(pod.condition("Ready") ?? "?"), started "
            + "\(pod.container["started"] == true)"
    }

    @Test(
        "As the recorded pods of the same behaviour look",
        arguments: [
            ("crash-loop", "pod-crash-loop", 20.0), ("never-ready", "pod-never-ready", 60),
            ("image-pull-backoff", "pod-image-pull-backoff", 8), ("create-error", "pod-create-error", 60),
            ("oom-killed=5", "pod-oom-killed", 26.6), ("slow=600", "pod-container-creating", 60),
        ])
    func recorded(behaviour: String, recording: String, seconds: Double) throws {
        let pod = try Self.cluster(behaviour, seconds: seconds).pod
        let recorded = try JSONReader.read(Recording(recording).response)
        #expect(Self.signs(pod) == Self.signs(recorded))
        let ours = pod.container.object?.keys.sorted()
        #expect(ours == recorded.container.object?.keys.sorted())
    }

    @Test(
        "Over time",
        arguments: [
            ("normal", 2.9, "False", 0), ("normal", 3.1, "True", 0), ("slow=10", 10.9, "False", 0),
            ("slow=10", 11.1, "True", 0), ("ready-then-crash=20", 20, "True", 0),
            ("ready-then-crash=20", 24, "False", 1),
            ("crash-once=5", 8.05, "False", 0), ("crash-once=5", 60, "True", 1), ("flap=5", 7, "True", 0),
            ("flap=5", 9, "False", 0), ("flap=5", 14, "True", 0), ("crash-loop", 300, "False", 5),
            ("silent", 5, "True", 0), ("slow-termination=9", 5, "True", 0),
        ])
    func overTime(behaviour: String, seconds: Double, ready: String, restarts: Int64) throws {
        let pod = try Self.cluster(behaviour, seconds: seconds).pod
        #expect(pod.condition("Ready") == ready)
        #expect(pod.container["restartCount"] == .integer(restarts))
    }

    @Test("Without a readiness probe a running container is a Ready one")
    func withoutProbe() throws {
        let pod = try Self.cluster("crash-loop", seconds: 3.2, probe: false).pod
        #expect(pod.condition("Ready") == "True")
    }

    @Test("Slow and stuck terminations")
    func terminations() throws {
        for (behaviour, seconds, remains) in [
            ("slow-termination=9", 8.0, true), ("slow-termination=9", 10, false), ("stuck-termination", 3_600, true),
        ] {
            var (cluster, pod) = try Self.cluster(behaviour, seconds: 5)
            try cluster.call("DELETE", "\(TestCluster.pods)/\(pod.named)")
            cluster.wait(seconds)
            #expect((try cluster.call("GET", "\(TestCluster.pods)/\(pod.named)").status == 200) == remains)
        }
    }

    @Test(
        "Only on the nodes that are said",
        arguments: [
            ("crash-loop@env=staging", ["node-0005"]), ("never-ready@node-000[x],crash-loop@node-0003", ["node-0003"]),
            ("never-ready@node-*2", ["node-0002"]), ("never-ready@0%", []),
        ])
    func scopes(behaviour: String, broken: [String]) throws {
        var cluster = try TestCluster()
        try cluster.patchTemplate(
            annotations: ["cluster.sluice/behaviour": .string(behaviour)], image: "quay.io/acme/agent:v2")
        cluster.wait(1)
        for pod in try cluster.items(TestCluster.pods) {
            try cluster.call("DELETE", "\(TestCluster.pods)/\(pod.named)")
        }
        cluster.wait(20)
        let found = try cluster.items(TestCluster.pods).filter { $0.condition("Ready") != "True" }
        #expect(found.compactMap { $0.at("spec", "nodeName")?.string }.sorted() == broken)
    }

    @Test("By the image's tag and by an option")
    func byImage() throws {
        var tagged = try TestCluster()
        try tagged.patchTemplate(image: "quay.io/acme/agent:v1.9.0-image-pull-backoff")
        tagged.wait(1)
        #expect(
            try tagged.replace(on: "node-0003", seconds: 8).container.at("state", "waiting", "reason")
                == "ImagePullBackOff")
        let rule = BehaviourRule(imagePart: "agent:v3", behaviour: "never-ready")
        var ruled = try TestCluster(ClusterOptions(nodes: 8, behaviours: [rule]))
        try ruled.patchTemplate(image: "quay.io/acme/agent:v3")
        ruled.wait(1)
        #expect(try ruled.replace(on: "node-0003", seconds: 60).condition("Ready") == "False")
    }

    @Test("A behaviour that nobody knows is told, not ignored")
    func unknown() throws {
        #expect(throws: BehaviourError.self) { try BehaviourRule(parsing: "agent:v2=crash-lop") }
        #expect(throws: BehaviourError.self) { try BehaviourRule(parsing: "agent") }
        #expect(
            try BehaviourRule(parsing: "agent:v2=slow=3@env=dev")
                == BehaviourRule(imagePart: "agent:v2", behaviour: "slow=3@env=dev"))
        var cluster = try TestCluster()
        try cluster.patchTemplate(
            annotations: ["cluster.sluice/behaviour": "crash-lop@env=dev"], image: "quay.io/acme/agent:v2")
        cluster.wait(1)
        let events = try cluster.items("/api/v1/namespaces/monitoring/events?fieldSelector=reason%3DUnknownBehaviour")
        #expect(events.first?["message"]?.string?.hasPrefix("crash-lop@env=dev: known are normal") == true)
    }

    @Test("A refused creation leaves no pod, but an event")
    func refused() throws {
        var cluster = try TestCluster()
        try cluster.patchTemplate(
            annotations: ["cluster.sluice/behaviour": "refused@node-0003"], image: "quay.io/acme/agent:v2")
        cluster.wait(1)
        for pod in try cluster.pods(on: "node-0003") { try cluster.call("DELETE", "\(TestCluster.pods)/\(pod.named)") }
        cluster.wait(60)
        #expect(try cluster.pods(on: "node-0003").isEmpty)
        let events = try cluster.items(
            "/api/v1/namespaces/monitoring/events?fieldSelector=reason%3DFailedCreate")
        #expect(events.map { $0["reason"] } == ["FailedCreate"])
        #expect((events.first?["count"]?.integer ?? 0) > 3)
        let trial: JSONValue = [
            "kind": "Pod", "apiVersion": "v1",
            "metadata": ["generateName": "x-", "annotations": ["cluster.sluice/behaviour": "refused"]],
        ]
        #expect(try cluster.call("POST", "\(TestCluster.pods)?dryRun=All", trial).status == 403)
    }
}
