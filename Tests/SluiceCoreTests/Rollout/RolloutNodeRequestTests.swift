import SluiceCore
import Testing

@Suite("A person leaves a node out, or gives it another try")
struct RolloutNodeRequestTests {
    /// A rollout that has halted, for the pod of one node of its second wave crashed.
    private func halted(budget: Int = 1) -> RolloutScene {
        var scene = RolloutMachineTests.scene(budget: budget) { $0.waves[1].failuresAllowed = .count(0) }
        scene.lives["n005"] = .crashLoop
        scene.start()
        scene.run()
        #expect(scene.stored.rollout.phase == .halted)
        #expect(scene.stored.nodes["n005"]?.status == .failed)
        scene.isFinished = false
        return scene
    }

    private func skip(_ node: String, _ scene: inout RolloutScene) {
        scene.send([.operatorAsked(.skip(node: node, by: "ann", reason: "its disk is dead"))])
    }

    private func retry(_ node: String, _ scene: inout RolloutScene) {
        scene.retried.insert(node)
        scene.send([.operatorAsked(.retry(node: node, by: "ann", reason: "it was the network"))])
    }

    @Test("A failed node that is left out neither fails the rollout again nor uses up a budget of one")
    func skipsFailed() {
        var scene = halted()
        skip("n005", &scene)
        #expect(scene.stored.rollout.phase == .halted, "to go on is another question")
        scene.crash()
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.stored.rollout.reason == .deferredNodes)
        #expect(scene.stored.rollout.message.contains("n005"))
        #expect(scene.stored.nodes["n005"]?.message == "by ann: its disk is dead")
        #expect(scene.deletesByNode.count == 20)
        #expect(scene.deletesByNode["n005"] == 1)
    }

    @Test("A node whose turn has not come keeps its pod, and one that is replaced meanwhile is not waited for")
    func skipsOthers() {
        var scene = RolloutMachineTests.scene()
        scene.lives["n004"] = .neverReady
        scene.start()
        skip("n020", &scene)
        scene.run(until: 15_000)
        #expect(scene.stored.nodes["n004"]?.status == .replacing)
        skip("n004", &scene)
        scene.crash()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.deletesByNode["n020"] == nil)
        #expect(scene.stored.nodes.values.filter { $0.status == .skipped }.map(\.node).sorted() == ["n004", "n020"])
        #expect(scene.now.monotonic < 120_000, "nobody waits for what is left out")
    }

    @Test("A sample is filled up for what is left out of it, and a canary without any node proves nothing")
    func skipsCanary() {
        for isSample in [true, false] {
            var scene = RolloutMachineTests.scene(soak: 60) { if !isSample { $0.waves[0].take = nil } }
            skip("n001", &scene)
            skip("n002", &scene)
            scene.start()
            scene.run(until: 60_000)
            #expect(scene.deletesByNode.count == (isSample ? 2 : 0))
            #expect(scene.stored.rollout.phase == (isSample ? .soaking : .halted))
            #expect(scene.stored.rollout.reason == (isSample ? nil : .nothingObserved))
        }
    }

    @Test("Another try replaces the bad pod once, also when the driver dies before its delete has left")
    func retries() {
        var scene = halted()
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.stored.rollout.phase == .halted, "a pod that has restarted stays bad")
        scene.isFinished = false
        scene.lives["n005"] = .normal
        retry("n005", &scene)
        #expect(scene.stored.nodes["n005"]?.status == .pending)
        scene.answer = { _ in .uncertain(reason: "cut") }
        scene.send([.operatorAsked(.resume)])
        scene.crash()
        scene.answer = { _ in nil }
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.stored.rollout.reason == nil)
        #expect(scene.deletesByNode["n005"] == 2)
        #expect(scene.deletesByNode.count == 20)
    }

    @Test("A pod that has become good meanwhile is not replaced, and a node that was left out can come back")
    func retriesGood() throws {
        var scene = halted()
        skip("n005", &scene)
        let uid = try #require(scene.pods.values.first { $0.nodeName == "n005" }?.uid)
        scene.pods[uid]?.containers = [ContainerStatus(name: "c", isReady: true)]
        scene.pods[uid]?.isReady = true
        scene.pods[uid]?.readyChangedAt = scene.now.wall
        scene.crash()
        retry("n005", &scene)
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.stored.rollout.reason == nil)
        #expect(scene.deletesByNode["n005"] == 1)
    }

    @Test("A canary that gets another try during the soak is watched for as long as any other")
    func soaksAnew() throws {
        var scene = RolloutMachineTests.scene(soak: 600) { $0.waves[0].failuresAllowed = .count(1) }
        scene.lives["n001"] = .crashLoop
        scene.start()
        scene.run(until: 500_000)
        #expect(scene.stored.rollout.phase == .soaking)
        scene.lives["n001"] = .normal
        scene.advance(to: 500_000)
        retry("n001", &scene)
        scene.crash()
        scene.run(until: 1_000_000)
        #expect(scene.stored.nodes["n001"]?.status == .updated)
        #expect(scene.stored.rollout.phase == .soaking)
        let began = try #require(scene.stored.waves[0].soakStartedAt)
        let updated = try #require(scene.stored.nodes["n001"]?.updatedAt)
        #expect(began >= updated)
    }

    @Test("What is updated, unknown or over is not touched by either")
    func refuses() {
        var scene = RolloutMachineTests.scene()
        scene.start()
        scene.run()
        let before = scene.stored
        for node in ["n001", "nobody"] {
            skip(node, &scene)
            retry(node, &scene)
        }
        #expect(scene.stored == before)
    }
}
