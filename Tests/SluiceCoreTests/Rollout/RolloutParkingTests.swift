import SluiceCore
import Testing

@Suite("With `leak: park` the template before stands between batches")
struct RolloutParkingTests {
    private func scene(soak: Int64 = 600) -> RolloutScene {
        RolloutMachineTests.scene(soak: soak) { $0.leak = .park }
    }

    private func image(_ scene: RolloutScene) -> String { scene.daemonSet.template.images.first?.image ?? "" }

    @Test("It is put back once the new pods exist, and the target stands for each batch and at the end")
    func parks() {
        var scene = scene()
        scene.start()
        scene.run(until: 30_000)
        #expect(scene.stored.rollout.phase == .soaking)
        #expect(image(scene) == "c:1")
        #expect(!scene.leaseIsWanted, "in a soak the Lease is given back all the same")
        scene.crash()
        scene.run(until: 500_000)
        #expect(scene.stored.rollout.phase == .soaking, "a parked template is no foreign one")
        #expect(scene.stored.rollout.holds.allSatisfy { $0.kind == .soak })
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(image(scene) == "c:2")
        #expect(scene.deletesByNode.count == 20)
        #expect(scene.deletesByNode.values.allSatisfy { $0 == 1 }, "no pod came back on the version before")
        let moves = scene.journal.map(\.event).filter { $0 == .parked || $0 == .unparked }
        #expect(moves.first == .parked && moves.last == .unparked && moves.count % 2 == 0, "\(moves)")
    }

    @Test("An answer that comes after what the watch has shown does not take that back")
    func lateAnswer() {
        var scene = scene(soak: 60)
        scene.observationDelay = 1
        scene.start()
        scene.run(until: 1_000_000)
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
    }

    @Test("Who joins or is replaced in a soak gets the version before, and is updated later")
    func keepsOthersBack() throws {
        var scene = scene()
        scene.start()
        scene.run(until: 100_000)
        scene.after(0, .nodeJoined("n099"))
        let uid = try #require(scene.pods.values.first { $0.nodeName == "n015" }?.uid)
        scene.after(0, .podGone(uid))
        scene.run(until: 110_000)
        let others = scene.pods.values.filter { ["n015", "n099"].contains($0.nodeName) }
        #expect(others.map(\.revisionHash) == ["old", "old"])
        #expect(scene.stored.nodes["n099"]?.wave == 1)
        #expect(scene.stored.nodes.values.allSatisfy { !$0.isLeaked })
        scene.crash()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.stored.rollout.reason == nil)
        #expect(scene.pods.values.allSatisfy { $0.revisionHash == "new" })
        #expect(scene.pods.count == 21)
    }

    @Test("A canary whose pod is replaced after its wave has passed is updated once more before the end")
    func updatesAgain() throws {
        var scene = RolloutScene(
            seed: 1,
            waves: [
                (RolloutMachineTests.wave("canary"), [["n001"]]),
                (RolloutMachineTests.wave("some", soak: 600), [["n002"]]),
                (RolloutMachineTests.wave("rest"), [["n003", "n004"]]),
            ], budget: 1
        ) { $0.leak = .park }
        scene.start()
        scene.run(until: 60_000)
        #expect(scene.stored.rollout.waveIndex == 1)
        let uid = try #require(scene.pods.values.first { $0.nodeName == "n001" }?.uid)
        scene.after(0, .podGone(uid))
        scene.run(until: 100_000)
        #expect(scene.stored.nodes["n001"]?.status == .pending)
        #expect(scene.stored.nodes["n001"]?.reason == .otherRevision)
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.pods.values.allSatisfy { $0.revisionHash == "new" })
    }

    @Test("A drained pod of the target that is still going is not taken for the new one")
    func drainedPodLingers() throws {
        var scene = scene()
        scene.start()
        scene.run(until: 100_000)
        var drained = try #require(scene.pods.values.first { $0.nodeName == "n001" })
        drained.isTerminating = true
        scene.pods[drained.uid] = drained
        scene.addPod(on: "n001", hash: RolloutScene.oldHash, isReady: true)
        scene.send(scene.pods.values.filter { $0.nodeName == "n001" }.map(RolloutEvent.podChanged))
        scene.run(until: scene.now.monotonic + 10_000)
        scene.pods[drained.uid] = nil
        scene.send([.podGone(uid: drained.uid)])
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.deletesByNode["n001"] == 2, "the rollout's delete, and one more after the drain")
    }

    @Test(
        "A halt leaves the template before, so that the bad version goes no further, and `resume` goes on from there",
        arguments: [0, 3])
    func parksAtAHalt(conflicts: Int) {
        var scene = scene(soak: 0)
        scene.lives["n005"] = .crashLoop
        scene.stored.waves[1].failuresAllowed = 0
        scene.machine = RolloutMachine(state: scene.stored, plan: scene.plan, minReadySeconds: 0)
        scene.start()
        // The first node of the second wave fails two seconds after its pod is made, with the target's template in place.
        for time in stride(from: 10 as Milliseconds, to: 100_000, by: 10) {
            scene.run(until: time)
            if scene.stored.nodes["n005"]?.status == .replacing { break }
        }
        scene.patchRefusals = Array(repeating: .conflict, count: conflicts)
        scene.run()
        #expect(scene.stored.rollout.phase == .halted)
        #expect(scene.isFinished)
        #expect(image(scene) == "c:1")
        scene.isFinished = false
        scene.crash()
        scene.send([.operatorAsked(.skip(node: "n005", by: "ann", reason: "disk"))])
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(image(scene) == "c:2")
    }

    @Test("More leaked nodes than allowed halt the rollout, and whoever resumes goes on with them until one more leaks")
    func maxLeaked() throws {
        var scene = RolloutMachineTests.scene(soak: 600) { $0.maxLeaked = .count(1) }
        scene.start()
        scene.run(until: 100_000)
        for (node, phase) in [("n015", Phase.soaking), ("n016", .halted), ("n017", .halted)] {
            let uid = try #require(scene.pods.values.first { $0.nodeName == node }?.uid)
            scene.after(0, .podGone(uid))
            scene.run(until: scene.now.monotonic + 20_000)
            #expect(scene.stored.rollout.phase == phase, "\(node)")
            guard phase == .halted else { continue }
            #expect(scene.stored.rollout.reason == .leaksExceeded)
            #expect(scene.stored.rollout.message.contains("> maxLeaked (1): n015, n016"))
            scene.isFinished = false
            scene.crash()
            scene.send([.operatorAsked(.resume)])
            scene.run(until: scene.now.monotonic + 20_000)
            #expect(scene.stored.rollout.phase == .soaking)
        }
    }
}
