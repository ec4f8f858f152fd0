import SluiceCore
import Testing

@Suite("What becomes of a node after its pod was deleted is evidence; what it was before is none")
struct RolloutNodeTests {
    /// A scene whose canary soaks, and the time of the delete of one of its two nodes.
    private static func soaking() throws -> (scene: RolloutScene, deletedAt: Milliseconds) {
        var scene = RolloutMachineTests.scene(soak: 600)
        scene.start()
        scene.run(until: 100_000)
        let deletedAt = try #require(scene.stored.nodes["n001"]?.deletedAt)
        return (scene, deletedAt.millisecondsSince1970)
    }

    private static func press(_ scene: inout RolloutScene, _ name: String, _ pressures: [NodePressure]) {
        guard var node = scene.nodes[name] else { return }
        node.pressures = pressures
        scene.nodes[name] = node
        scene.send([.nodeChanged(node)])
    }

    @Test(
        "A pressure that came after the delete fails the node; an older one, and one of unknown age, does not",
        arguments: NodePressure.Kind.allCases)
    func pressure(kind: NodePressure.Kind) throws {
        var (scene, deletedAt) = try Self.soaking()
        for since in [nil, Timestamp(deletedAt), Timestamp(deletedAt - 60_000)] {
            Self.press(&scene, "n001", [NodePressure(kind, since: since)])
            #expect(scene.stored.rollout.phase == .soaking)
        }
        let since = Timestamp((deletedAt / 1_000 + 1) * 1_000)
        Self.press(&scene, "n001", [NodePressure(kind, since: since)])
        #expect(scene.stored.nodes["n001"]?.reason == .nodePressure)
        #expect(
            scene.stored.nodes["n001"]?.message
                == "node n001 has been in \(kind.rawValue) since \(since.rfc3339), after its pod was deleted")
        #expect(scene.stored.rollout.reason == .failuresExceeded)
        #expect(scene.stored.rollout.message.contains("1 of 2 updated nodes failed, 0 of 18 untouched ones are"))
    }

    @Test("A pressure that was seen before the delete is none after it, whatever the kubelet's clock says")
    func pressureBefore() throws {
        var scene = RolloutMachineTests.scene(soak: 600)
        let ahead = Timestamp(scene.now.wall.millisecondsSince1970 + 3_600_000)
        scene.nodes["n001"]?.pressures = [NodePressure(.disk, since: ahead)]
        scene.start()
        scene.run(until: 100_000)
        scene.crash()
        #expect(scene.stored.rollout.phase == .soaking)
        #expect(scene.stored.nodes["n001"]?.pressuresBefore == [.disk])
        Self.press(&scene, "n001", [NodePressure(.disk, since: ahead), NodePressure(.memory, since: ahead)])
        #expect(scene.stored.nodes["n001"]?.reason == .nodePressure)
        #expect(scene.stored.nodes["n001"]?.message.contains("MemoryPressure") == true)
    }

    @Test(
        "A container that ended on the kubelet's signal, and has a liveness probe, restarted for that probe",
        arguments: [
            (137, "Error", true, true), (143, "Error", true, true), (1, "Error", true, false),
            (137, "Error", false, false),
        ])
    func liveness(exitCode: Int, reason: String, hasProbe: Bool, isTold: Bool) throws {
        var scene = RolloutMachineTests.scene(soak: 600)
        var container: JSONValue = ["name": "c", "image": "c:1"]
        if hasProbe { container["livenessProbe"] = ["periodSeconds": 5] }
        let base = PodTemplate(json: ["spec": ["containers": [container]]])
        scene.daemonSet.template = base
        scene.revisions[0].template = base
        scene.stored.rollout.baseTemplate = base
        let images = [ContainerImage(container: "c", image: "c:2")]
        scene.stored.rollout.targetTemplate = base.replacing(images: images).template
        scene.machine = RolloutMachine(state: scene.stored, plan: scene.plan, minReadySeconds: 0)
        scene.start()
        scene.run(until: 100_000)
        var pod = try #require(scene.pods.values.first { $0.nodeName == "n001" })
        let end = ContainerStatus.Termination(reason: reason, exitCode: exitCode)
        pod.containers = [ContainerStatus(name: "c", isReady: true, restartCount: 1, lastTermination: end)]
        scene.send([.podChanged(pod)])
        let words = ", as when the kubelet ends a container whose liveness probe failed"
        #expect(
            scene.stored.nodes["n001"]?.message
                == "container c of pod \(pod.name) restarted once (0 allowed), last exit \(reason) (\(exitCode))"
                + (isTold ? words : ""))
    }

    @Test("Where untouched nodes come under pressure alike, the halt says that it may not be the version")
    func pressureEverywhere() throws {
        var (scene, deletedAt) = try Self.soaking()
        let old = [NodePressure(.memory, since: Timestamp(deletedAt - 86_400_000))]
        let new = [NodePressure(.memory, since: Timestamp(deletedAt + 5_000))]
        for name in RolloutMachineTests.names(3...12) { Self.press(&scene, name, new) }
        for name in RolloutMachineTests.names(13...20) { Self.press(&scene, name, old) }
        Self.press(&scene, "n002", new)
        #expect(scene.stored.rollout.message.contains("10 of 18 untouched ones are in trouble"))
        #expect(scene.stored.rollout.message.contains("the trouble may have another cause than the version"))
    }
}
