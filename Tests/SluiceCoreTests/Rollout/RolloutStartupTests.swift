import SluiceCore
import Testing

@Suite("A new pod's start is compared with the start of the pod before it on the same node")
struct RolloutStartupTests {
    /// A scene in which the new pod of `n001` runs and is not Ready, and that pod. The old ones took `before` seconds.
    private static func starting(
        before: Int64, readiness: Readiness = Readiness(), change: (inout RolloutScene) -> Void = { _ in }
    ) throws -> (scene: RolloutScene, pod: Pod) {
        var scene = RolloutMachineTests.scene(soak: 600) { $0.readiness = readiness }
        for uid in scene.pods.keys {
            scene.pods[uid]?.containers[0].runningSince = Timestamp(1_600_000_000_000)
            scene.pods[uid]?.readyChangedAt = Timestamp(1_600_000_000_000 + before * 1_000)
        }
        for name in RolloutMachineTests.names(1...2) { scene.lives[name] = .neverReady }
        change(&scene)
        scene.start()
        scene.run(until: 60_000)
        var pod = try #require(scene.pods.values.first { $0.nodeName == "n001" })
        pod.readyChangedAt = Timestamp(1_700_000_000_000)
        pod.containers[0].runningSince = Timestamp(1_700_000_003_000)
        scene.pods[pod.uid] = pod
        scene.send([.podChanged(pod)])
        return (scene, pod)
    }

    /// The pod, Ready so many seconds after its container's start.
    private static func ready(_ pod: Pod, after seconds: Int64) -> Pod {
        var pod = pod
        pod.isReady = true
        pod.containers[0].isReady = true
        pod.readyChangedAt = Timestamp(1_700_000_003_000 + seconds * 1_000)
        return pod
    }

    @Test(
        "Four times as long and half a minute longer is slow, less of either is not",
        arguments: [
            (before: 3, after: 95, isSlow: true), (before: 0, after: 30, isSlow: true),
            (before: 3, after: 32, isSlow: false), (before: 30, after: 119, isSlow: false),
            (before: 30, after: 120, isSlow: true),
        ] as [(Int64, Int64, Bool)])
    func rule(before: Int64, after: Int64, isSlow: Bool) throws {
        var (scene, pod) = try Self.starting(before: before)
        // The pod before is gone, and so is the driver that saw it.
        scene.crash()
        scene.send([.podChanged(Self.ready(pod, after: after))])
        #expect((scene.stored.nodes["n001"]?.reason == .slowStart) == isSlow)
        #expect((scene.stored.nodes["n001"]?.status == .failed) == isSlow)
        guard isSlow else { return }
        #expect(
            scene.stored.nodes["n001"]?.message
                == "pod \(pod.name) was Ready \(after) s after its containers' start, the pod before it on this node after "
                + "\(before) s: at least 4 times as long (startupFactor) and 30 s longer")
        scene.pods[pod.uid] = Self.ready(pod, after: after)
        scene.send([.operatorAsked(.resume)])
        #expect(scene.stored.nodes["n001"]?.status == .updated, "who resumes has seen it")
    }

    @Test("What nobody watched, what restarted and what was Ready before is no start")
    func unseen() throws {
        var (listed, pod) = try Self.starting(before: 3)
        listed.pods[pod.uid] = Self.ready(pod, after: 95)
        listed.start()
        #expect(listed.stored.nodes["n001"]?.status == .updated)

        var (restarted, other) = try Self.starting(before: 3, readiness: Readiness(restartsAllowed: 1))
        other = Self.ready(other, after: 95)
        other.containers[0].restartCount = 1
        restarted.send([.podChanged(other)])
        #expect(restarted.stored.nodes["n001"]?.reason != .slowStart)

        var (lost, again) = try Self.starting(before: 3)
        again = Self.ready(again, after: 5)
        again.isReady = false
        lost.send([.podChanged(again), .podChanged(Self.ready(again, after: 95))])
        #expect(lost.stored.nodes["n001"]?.status == .updated)
    }

    @Test("Other probes, a node that was not Ready meanwhile, and a factor of 0 leave nothing to compare")
    func notComparable() throws {
        var (off, pod) = try Self.starting(before: 3, readiness: Readiness(startupFactor: 0))
        off.send([.podChanged(Self.ready(pod, after: 95))])
        #expect(off.stored.nodes["n001"]?.status == .updated)

        var (probed, second) = try Self.starting(before: 3) { scene in
            let probe: JSONValue = ["name": "c", "readinessProbe": ["initialDelaySeconds": 90]]
            scene.revisions[0].template = PodTemplate(json: ["spec": ["containers": [probe]]])
        }
        #expect(probed.stored.nodes["n001"]?.startupBefore == nil)
        probed.send([.podChanged(Self.ready(second, after: 95))])
        #expect(probed.stored.nodes["n001"]?.status == .updated)

        var (silent, third) = try Self.starting(before: 3)
        var node = try #require(silent.nodes["n001"])
        node.readyChangedAt = Timestamp(1_700_000_060_000)
        silent.send([.nodeChanged(node), .podChanged(Self.ready(third, after: 95))])
        #expect(silent.stored.nodes["n001"]?.status == .updated)
    }
}
