import SluiceCore
import Testing

@Suite("A wave that needs an approval waits for it")
struct RolloutApprovalTests {
    private func scene() -> RolloutScene {
        RolloutMachineTests.scene {
            $0.waves[0].needsApproval = true
            $0.waves[1].needsApproval = true
        }
    }

    private func approve(_ wave: String, _ scene: inout RolloutScene) {
        scene.send([.operatorAsked(.approve(wave: wave, by: "ann", reason: "graphs are fine"))])
    }

    @Test("Nothing is deleted before it, the Lease is given back meanwhile, and a crash loses nothing")
    func waits() {
        var scene = scene()
        scene.start()
        scene.run(until: 500_000)
        #expect(scene.deletesByNode.isEmpty)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.approval])
        #expect(scene.stored.rollout.holds.first?.reason == "wave canary waits for `sluice approve r`")
        #expect(scene.stored.waves[0].startedAt == nil)
        #expect(scene.daemonSet.template == scene.stored.rollout.baseTemplate, "nothing is patched before it")
        #expect(!scene.leaseIsWanted)
        #expect(scene.wakeAt == nil)
        scene.advance(to: 600_000)
        scene.crash()
        #expect(scene.stored.rollout.holds.map(\.kind) == [.approval])
        approve("canary", &scene)
        #expect(scene.leaseIsWanted)
        scene.run(until: 900_000)
        #expect(scene.deletesByNode.keys.sorted() == ["n001", "n002"])
        #expect(scene.stored.waves[0].status == .passed)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.approval])
        approve("rest", &scene)
        let approved = scene.now.wall
        scene.run(until: scene.now.monotonic + 5_000)
        #expect((3...19).contains(scene.deletesByNode.count))
        scene.crash()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.stored.waves[1].approvedAt == approved)
        #expect(scene.stored.waves[1].approvedBy == "ann")
        let lines = scene.journal.filter { $0.event == .approved }
        #expect(lines.map(\.wave) == ["canary", "rest"])
        #expect(lines.last?.message == "by ann: graphs are fine")
    }

    @Test("A wave in which nothing was to be done needs one after all when a node of it has got another version since")
    func neededLater() throws {
        var scene = RolloutScene(
            seed: 1,
            waves: [
                (RolloutMachineTests.wave("canary", soak: 60), [["n001"]]),
                (RolloutMachineTests.wave("rest"), [["n002"]]),
            ],
            budget: 1
        ) { $0.waves[1].needsApproval = true }
        // As a plan has it that finds all nodes of the wave updated.
        scene.stored.waves[1].needsApproval = false
        scene.stored.nodes["n002"]?.status = .updated
        scene.machine = RolloutMachine(state: scene.stored, plan: scene.plan, minReadySeconds: 0)
        scene.start()
        scene.run(until: 500_000)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.approval])
        #expect(scene.deletesByNode["n002"] == nil)
        approve("rest", &scene)
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.deletesByNode["n002"] == 1)
    }

    @Test("It is for the wave that waits and for no other, whenever it comes")
    func namesItsWave() {
        var scene = scene()
        scene.start()
        scene.run(until: 20_000)
        approve("rest", &scene)
        #expect(scene.stored.waves[1].approvedAt == nil)
        #expect(scene.stored.waves[0].approvedAt == nil)
        approve("canary", &scene)
        scene.run(until: 200_000)
        approve("canary", &scene)
        scene.run(until: 400_000)
        #expect(scene.deletesByNode.count == 2)
        #expect(scene.journal.count { $0.event == .approved } == 1)
    }

    @Test("A week's wait for it is no wait for the budget")
    func isNoWaitForTheBudget() {
        var scene = RolloutMachineTests.scene {
            $0.waves[1].needsApproval = true
            $0.budget.waitTimeoutSeconds = 60
        }
        scene.start()
        scene.run(until: 60_000)
        #expect(scene.stored.waves[0].status == .passed)
        for node in ["n005", "n006", "n007"] {
            let uid = scene.pods.values.first { $0.nodeName == node }?.uid ?? ""
            scene.pods[uid]?.isReady = false
            if let pod = scene.pods[uid] { scene.send([.podChanged(pod)]) }
        }
        scene.advance(to: 604_800_000)
        scene.send([.wakeReached])
        #expect(scene.stored.rollout.phase == .updating)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.approval])
    }
}
