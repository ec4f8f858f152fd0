import SluiceCore
import Testing

@Suite("What waits goes on at the right time, and no time counts against it that it did not have")
struct RolloutWaitingTests {
    @Test("A pause before the patch does not use up the controller's time")
    func pauseWhilePreparing() {
        var scene = RolloutMachineTests.scene()
        scene.stored.rollout.pauseReason = "lunch"
        scene.crash()
        scene.run(until: 50_000)
        scene.advance(to: 600_000)
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
    }

    @Test("The revisions are asked again the moment the controller has acted upon the patch")
    func controllerActsLater() {
        var scene = RolloutMachineTests.scene()
        scene.start()
        let recorded = scene.revisions.removeLast()
        scene.run(until: scene.now.monotonic + 100)
        scene.send([.daemonSetObserved(scene.daemonSet)])
        scene.run(until: scene.now.monotonic + 100)
        #expect(scene.stored.rollout.phase == .preparing)
        scene.revisions.append(recorded)
        scene.daemonSet.observedGeneration = scene.daemonSet.generation
        scene.send([.daemonSetObserved(scene.daemonSet)])
        scene.run(until: scene.now.monotonic + 100)
        #expect(scene.stored.rollout.phase == .updating)
    }

    @Test("A halt before the patch is taken up with the patch, also when the target's revision stands already")
    func haltWhilePreparing() {
        var scene = RolloutMachineTests.scene()
        scene.revisions.append(
            ControllerRevision(
                name: "ds-new", uid: "r2", ownerUID: "ds-uid", hash: RolloutScene.newHash, revision: 2,
                createdAt: Timestamp(1_650_000_000_000), template: scene.stored.rollout.targetTemplate))
        scene.stored.rollout.phase = .halted
        scene.stored.rollout.reason = .patchRefused
        scene.stored.rollout.updateRevision = RolloutScene.newHash
        scene.crash()
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
    }

    @Test("A resume that arrives together with the halt takes the halt back whole")
    func resumeMeetsHalt() {
        var scene = RolloutMachineTests.scene(soak: 600)
        scene.start()
        scene.run(until: 100_000)
        var gone = scene.daemonSet
        gone.uid = "another"
        scene.send([
            .daemonSetObserved(gone), .operatorAsked(.resume), .daemonSetObserved(scene.daemonSet),
        ])
        #expect(scene.stored.rollout.phase == .soaking)
        #expect(!scene.isFinished)
    }

    @Test("A night's pause is no wait for the budget")
    func pauseWhileBudgetIsHeld() {
        var scene = RolloutMachineTests.scene(budget: 1) { $0.budget.waitTimeoutSeconds = 300 }
        let uid = scene.pods.values.first { $0.nodeName == "n015" }?.uid ?? ""
        scene.pods[uid]?.isReady = false
        scene.start()
        scene.run(until: 60_000)
        scene.send([.operatorAsked(.pause(reason: "night"))])
        scene.run(until: 2_000_000)
        #expect(scene.stored.rollout.phase == .updating)
        scene.advance(to: 2_000_000)
        scene.send([.operatorAsked(.resume)])
        #expect(scene.stored.rollout.phase == .updating)
    }

    @Test("A soak does not halt over a budget that nobody waits for any more")
    func budgetWaitEndsWithItsNode() {
        var scene = RolloutMachineTests.scene(soak: 3_000, budget: 1) {
            $0.budget.waitTimeoutSeconds = 300
            $0.waves[0].take = nil
        }
        scene.start()
        Self.runToFirstDelete(&scene)
        let uid = scene.pods.values.first { $0.nodeName == "n015" }?.uid ?? ""
        scene.pods[uid]?.isReady = false
        if let pod = scene.pods[uid] { scene.send([.podChanged(pod)]) }
        scene.run(until: 60_000)
        let waiting = scene.stored.nodes.values.filter { $0.wave == 0 && $0.status == .pending }.map(\.node)
        #expect(waiting.count == 1)
        for name in waiting + RolloutMachineTests.names(3...20).filter({ $0 != "n015" }) {
            scene.nodes[name] = nil
            scene.send([.nodeGone(name: name)])
        }
        #expect(scene.stored.rollout.phase == .soaking)
        scene.run(until: 1_000_000)
        #expect(scene.stored.rollout.phase == .soaking)
    }

    static func runToFirstDelete(_ scene: inout RolloutScene) {
        for limit in stride(from: Milliseconds(1_000), to: 10_000, by: 20) where scene.deletesByNode.isEmpty {
            scene.run(until: limit)
        }
    }

    @Test("The time in which pods could not be seen is no evidence against them")
    func lostWatch() {
        var scene = RolloutMachineTests.scene()
        scene.start()
        Self.runToFirstDelete(&scene)
        #expect(scene.stored.nodes.values.contains { $0.status == .replacing || $0.status == .deleting })
        scene.send([.observationLost(.pods, reason: "no route")])
        scene.timers = []
        scene.advance(to: 5_000_000)
        scene.send([.wakeReached])
        #expect(!scene.stored.nodes.values.contains { $0.status == .failed })
        scene.send([.observationRegained(.pods)])
        #expect(!scene.stored.nodes.values.contains { $0.status == .failed })
        scene.run()
        #expect(scene.stored.rollout.reason == .failuresExceeded)
    }

    @Test("The time in which the cluster could not be seen does not count towards a soak")
    func unseenSoak() throws {
        var scene = RolloutMachineTests.scene(soak: 600)
        scene.start()
        scene.run(until: 300_000)
        #expect(scene.stored.rollout.phase == .soaking)
        let began = try #require(scene.stored.waves[0].soakStartedAt)
        scene.advance(to: 300_000)
        scene.send([.observationLost(.pods, reason: "no route")])
        scene.timers = []
        scene.advance(to: 5_000_000)
        scene.send([.wakeReached])
        #expect(scene.stored.waves[0].status == .soaking)
        scene.send([.observationRegained(.pods)])
        #expect(scene.stored.waves[0].status == .soaking)
        scene.run()
        let passed = try #require(scene.stored.waves[0].passedAt)
        let seconds = (passed.millisecondsSince1970 - began.millisecondsSince1970) / 1_000
        #expect((5_300...5_305).contains(seconds), "600 s of watching, 4,700 s of blindness")
    }

    @Test("A soak gives the Lease back, and takes it again half a minute before its end though nothing arrives")
    func leaseDuringSoak() {
        var scene = RolloutMachineTests.scene(soak: 120)
        scene.start()
        scene.run(until: 60_000)
        let started = scene.stored.waves[0].soakStartedAt?.millisecondsSince1970 ?? 0
        let end = scene.now.monotonic - scene.now.wall.millisecondsSince1970 + started + 120_000
        scene.run(until: end - 31_000)
        #expect(scene.stored.rollout.phase == .soaking)
        #expect(!scene.leaseIsWanted)
        scene.run(until: end - 29_000)
        #expect(scene.stored.rollout.phase == .soaking)
        #expect(scene.leaseIsWanted)
    }

    @Test("A soak that the Lease's checkpoint knows of is not begun again")
    func adoptedSoak() {
        var scene = RolloutMachineTests.scene(soak: 600)
        scene.start()
        scene.run(until: 300_000)
        scene.advance(to: 400_000)
        let checkpoint = RolloutCheckpoint(
            state: scene.stored, plan: RolloutCheckpoint.digest(ofPlan: scene.stored.rollout.planText))
        let began = checkpoint.soakStartedAt
        #expect(began != nil)
        var lost = scene.stored
        lost.rollout.phase = .preparing
        lost.rollout.updateRevision = nil
        lost.waves[0].status = .pending
        lost.waves[0].soakStartedAt = nil
        lost.waves[0].batchIndex = 0
        let isAdopted = lost.adopt(checkpoint, at: scene.now.wall)
        #expect(isAdopted)
        scene.stored = lost
        scene.crash()
        scene.run(until: 450_000)
        #expect(scene.stored.rollout.phase == .soaking)
        #expect(scene.stored.waves[0].soakStartedAt == began)
    }

    @Test("A pod on its way out that still says Ready holds the budget")
    func terminatingIsNotAvailable() {
        var scene = RolloutMachineTests.scene(budget: 1)
        let uid = scene.pods.values.first { $0.nodeName == "n015" }?.uid ?? ""
        scene.pods[uid]?.isTerminating = true
        scene.start()
        scene.run(until: 60_000)
        #expect(scene.deletesByNode.isEmpty)
    }

    @Test("A node that got the target outside its wave is written down as leaked")
    func leak() {
        var scene = RolloutMachineTests.scene(soak: 600)
        scene.start()
        scene.run(until: 100_000)
        let uid = scene.pods.values.first { $0.nodeName == "n015" }?.uid ?? ""
        scene.pods[uid] = nil
        scene.send([.podGone(uid: uid)])
        scene.addPod(on: "n015", hash: RolloutScene.newHash, isReady: true)
        if let pod = scene.pods["pod-\(scene.podCount)"] { scene.send([.podChanged(pod)]) }
        #expect(scene.stored.nodes["n015"]?.isLeaked == true)
        scene.run()
        #expect(scene.deletesByNode["n015"] == nil)
    }

    @Test("A pod that cannot be created fails its node after half a minute, with the reason of the event")
    func refusedCreation() {
        var scene = RolloutMachineTests.scene()
        for node in scene.nodes.keys { scene.lives[node] = .noPod }
        scene.creationRefusal = "violates PodSecurity"
        scene.start()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.reason == .failuresExceeded)
        #expect(scene.stored.rollout.message.contains("cannot be created: violates PodSecurity"))
        #expect(scene.now.monotonic < 60_000)
    }

    @Test("A creation that is refused for some seconds, as while a webhook restarts, fails nobody")
    func refusedForAWhile() throws {
        var scene = RolloutMachineTests.scene()
        for node in scene.nodes.keys { scene.lives[node] = .noPod }
        scene.creationRefusal = "webhook is down"
        scene.start()
        scene.run(until: 20_000)
        let waiting = try #require(scene.stored.nodes.values.first { $0.status == .replacing }?.node)
        for node in scene.nodes.keys { scene.lives[node] = .normal }
        for node in scene.stored.nodes.values where node.status == .replacing { scene.after(1, .newPod(node.node)) }
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.stored.nodes[waiting]?.status == .updated)
    }
}
