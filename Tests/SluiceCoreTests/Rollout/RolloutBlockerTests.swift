import SluiceCore
import Testing

@Suite("Blockers keep a rollout from going on while they are there")
struct RolloutBlockerTests {
    private func scene(_ policy: Blocker.Policy = .hold, soak: Int64 = 0) -> RolloutScene {
        RolloutMachineTests.scene(soak: soak) {
            $0.blockers = [
                Blocker(
                    name: "paging",
                    subject: .alerts(Blocker.AlertQuestion(server: .prometheus, address: "http://p")), policy: policy)
            ]
        }
    }

    @Test("Nothing is deleted or patched while one is there or cannot be looked for, and the Lease is given back")
    func holds() {
        for reading in [BlockerReading.present("alert fires: NodeDown"), .failed("no route")] {
            var scene = scene()
            scene.blockerReading = reading
            scene.start()
            scene.run(until: 600_000)
            #expect(scene.deletesByNode.isEmpty)
            #expect(scene.daemonSet.template == scene.stored.rollout.baseTemplate)
            #expect(scene.stored.rollout.holds.map(\.kind) == [.blocker])
            #expect(scene.leaseIsWanted == (reading == .failed("no route")))
            scene.advance(to: 600_000)
            scene.crash()
            #expect(scene.deletesByNode.isEmpty)
            scene.blockerReading = .absent
            scene.run()
            #expect(scene.violations == [])
            #expect(scene.stored.rollout.phase == .completed)
            #expect(scene.journal.contains { $0.event == .held && $0.message.contains("paging: ") })
        }
    }

    @Test("It is looked for anew before every batch, and what came before counts no more")
    func beforeEachBatch() {
        var scene = scene()
        scene.start()
        scene.run(until: 4_000)
        #expect(scene.deletesByNode.count == 2)
        // The look of a moment ago is younger than the interval, and says nothing about the next wave.
        scene.blockerReading = .present("alert fires: NodeDown")
        scene.run(until: 100_000)
        #expect(scene.stored.waves[0].status == .passed)
        #expect(scene.deletesByNode.count == 2)
        #expect(scene.stored.rollout.holds.map(\.reason) == ["paging: alert fires: NodeDown"])
        scene.blockerReading = .absent
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
    }

    @Test("What was found before counts no more from the moment a new batch is near, not only once the answer is there")
    func awaited() {
        var scene = scene()
        scene.start()
        var limit = scene.now.monotonic
        while scene.stored.waves[0].status != .passed, limit < 100_000 {
            limit += 1
            scene.run(until: limit)
        }
        scene.send([.wakeReached])
        #expect(scene.deletesByNode.count == 2)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.observation])
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
    }

    @Test("In a soak, where no delete is near, nobody looks for one, and `status` names none")
    func quietSoak() {
        var scene = scene(soak: 600)
        scene.start()
        scene.run(until: 60_000)
        scene.blockerReading = .present("alert fires: NodeDown")
        scene.run(until: 300_000)
        #expect(scene.stored.rollout.phase == .soaking)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.soak])
        #expect(!scene.leaseIsWanted)
        scene.run(until: 900_000)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.blocker])
        #expect(scene.deletesByNode.count == 2)
    }

    @Test("With `policy: halt` it stops a soak, and a person can go on when it is gone")
    func halts() {
        var scene = scene(.halt, soak: 600)
        scene.blockerReading = .present("alert fires: NodeDown")
        scene.start()
        scene.run(until: 60_000)
        #expect(scene.stored.rollout.phase == .preparing, "before the first wave it only holds")
        scene.blockerReading = .absent
        scene.run(until: 200_000)
        #expect(scene.stored.rollout.phase == .soaking)
        scene.blockerReading = .present("alert fires: NodeDown")
        scene.run()
        #expect(scene.stored.rollout.reason == .blocked)
        #expect(scene.stored.rollout.message == "blocker paging: alert fires: NodeDown")
        scene.isFinished = false
        scene.blockerReading = .absent
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
    }

    @Test("A webhook is asked the same for as long as the batch is the same, and another question for the next one")
    func question() {
        var scene = scene()
        scene.blockerReading = .present("it says no (HTTP 403)")
        scene.start()
        let first = scene.stored.batchQuestion
        #expect(first.body["wave"] == "canary" && first.body["batch"] == 1)
        #expect(first.body["images"] == ["c": "c:2"])
        scene.run(until: 100_000)
        #expect(scene.stored.batchQuestion == first)
        scene.blockerReading = .absent
        scene.run(until: 139_000)
        #expect(scene.stored.batchQuestion.key != first.key)
    }

    @Test("A pod on a node keeps that node waiting and no other")
    func ofNode() {
        var scene = scene()
        scene.blockerReading = .onNodes(["n004": "pod backup/restic-1 runs there"])
        scene.start()
        scene.run(until: 200_000)
        #expect(scene.deletesByNode["n004"] == nil)
        #expect(scene.deletesByNode.count == 7, "the canary, and the others of the first batch")
        #expect(scene.stored.rollout.holds.map(\.reason) == ["node n004: paging: pod backup/restic-1 runs there"])
        scene.blockerReading = .onNodes([:])
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.deletesByNode.count == 20)
    }
}
