import SluiceCore
import Testing

@Suite("The machine carries a rollout from the first wave to its end")
struct RolloutMachineTests {
    static func names(_ range: ClosedRange<Int>) -> [String] {
        range.map { "n" + String(repeating: "0", count: 3 - String($0).count) + String($0) }
    }

    static func wave(_ name: String, soak: Int64 = 0, take: Amount? = nil, gates: [Gate] = []) -> Wave {
        Wave(
            name: name, members: name == "rest" ? .everythingElse : .selector(LabelSelector()), take: take,
            soakSeconds: soak, gates: gates)
    }

    static func scene(
        seed: UInt64 = 1, soak: Int64 = 0, budget: Int = 2, gates: [Gate] = [],
        plan: (inout RolloutPlan) -> Void = { _ in }
    ) -> RolloutScene {
        RolloutScene(
            seed: seed,
            waves: [
                (wave("canary", soak: soak, take: .count(2), gates: gates), [names(1...2)]),
                (wave("rest"), [names(3...8), names(9...20)]),
            ], budget: budget, plan: plan)
    }

    @Test("A healthy version reaches every node, each deleted once")
    func healthy() {
        var scene = Self.scene()
        scene.start()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.stored.rollout.reason == nil)
        #expect(scene.deletesByNode.values.allSatisfy { $0 == 1 })
        #expect(scene.deletesByNode.count == 20)
    }

    @Test("A bad version stops in the canary wave", arguments: [RolloutScene.Life.neverReady, .crashLoop, .noPod])
    func badVersion(life: RolloutScene.Life) {
        var scene = Self.scene()
        for name in scene.lives.keys { scene.lives[name] = life }
        scene.start()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .halted)
        #expect(scene.stored.rollout.reason == .failuresExceeded)
        #expect(scene.deletesByNode.count <= 2)
    }

    @Test("A new pod that loses its readiness in the soak is told of each time, and fails its node the third time")
    func losesReadiness() throws {
        var scene = Self.scene(soak: 600)
        scene.start()
        scene.run(until: 100_000)
        #expect(scene.stored.rollout.phase == .soaking)
        let uid = try #require(scene.pods.values.first { $0.nodeName == "n001" }?.uid)
        for time in 1...3 {
            for isReady in [false, true] {
                scene.pods[uid]?.isReady = isReady
                if let pod = scene.pods[uid] { scene.send([.podChanged(pod)]) }
                guard !isReady, time < 3 else { continue }
                let line = scene.journal.last { $0.event == .unready }
                #expect(line?.node == "n001")
                #expect(line?.message == "its new pod lost its readiness (\(time) of 2 times allowed)")
            }
        }
        #expect(scene.journal.count { $0.event == .unready } == 2)
        #expect(scene.stored.nodes["n001"]?.reason == .unstable)
        #expect(scene.stored.rollout.phase == .halted)
    }

    @Test("A soak holds the next wave back for its whole length, a crash in between included")
    func soakSurvivesCrash() throws {
        var scene = Self.scene(soak: 600)
        scene.start()
        scene.run(until: 300_000)
        #expect(scene.stored.rollout.phase == .soaking)
        scene.advance(to: 350_000)
        scene.crash()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        let wave = scene.stored.waves[0]
        let began = try #require(wave.soakStartedAt), passed = try #require(wave.passedAt)
        let seconds = (passed.millisecondsSince1970 - began.millisecondsSince1970) / 1_000
        #expect((600...605).contains(seconds))
    }

    @Test(
        "A gate passes, fails, lacks data or cannot be measured: four ends",
        arguments: [
            (MetricReading.samples([1]), Phase.completed, nil), (.samples([0.5]), .halted, .gateFailed),
            (.noData, .halted, .gateNoData), (.failed("no route"), .halted, .gateError),
        ] as [(MetricReading, Phase, Reason?)])
    func gates(reading: MetricReading, phase: Phase, reason: Reason?) {
        let gate = Gate(
            name: "up", provider: .prometheus(PrometheusQuery(address: "http://p", query: "up{node=~\"{{nodes}}\"}")),
            criterion: .threshold(Gate.Condition(.greaterOrEqual, 0.9)), intervalSeconds: 10)
        var scene = Self.scene(soak: 60, gates: [gate])
        scene.reading = reading
        scene.start()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == phase)
        #expect(scene.stored.rollout.reason == reason)
        #expect(scene.deletesByNode.count == (phase == .completed ? 20 : 2))
    }

    @Test("A pause stops deletes, what is under way settles, and resume goes on")
    func pause() {
        var scene = Self.scene()
        scene.start()
        scene.run(until: 8_000)
        scene.send([.operatorAsked(.pause(reason: "lunch"))])
        let before = scene.deletesByNode.count
        scene.run(until: 200_000)
        #expect(scene.deletesByNode.count == before)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.paused])
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
    }

    @Test("The annotation pauses within one event")
    func annotation() {
        var scene = Self.scene()
        scene.start()
        scene.run(until: 8_000)
        scene.daemonSet.annotations[RolloutMachine.pauseAnnotation] = "pager"
        let before = scene.deletesByNode.count
        scene.send([.daemonSetObserved(scene.daemonSet)])
        scene.run(until: 200_000)
        #expect(scene.deletesByNode.count == before)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.annotation])
    }

    @Test("Abort is final, and nothing is deleted after it")
    func abort() {
        var scene = Self.scene()
        scene.start()
        scene.run(until: 8_000)
        scene.send([.operatorAsked(.abort(reason: "no"))])
        let before = scene.deletesByNode.count
        scene.isFinished = false
        scene.send([.wakeReached])
        #expect(scene.deletesByNode.count == before)
        #expect(scene.stored.rollout.phase == .aborted)
    }

    @Test("A node that was NotReady before is deferred, does not hold the budget, and is named at the end")
    func notReadyBefore() {
        var scene = Self.scene(budget: 1)
        for name in ["n004", "n005"] {
            scene.nodes[name]?.ready = .unknown
            scene.notReadyBefore.insert(name)
        }
        scene.start()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.stored.rollout.reason == .deferredNodes)
        #expect(scene.stored.nodes["n004"]?.status == .deferred)
        #expect(scene.deletesByNode["n004"] == nil)
    }

    @Test("A broken old pod goes first, even when it uses up the whole budget itself")
    func brokenOldPodFirst() {
        var scene = Self.scene(budget: 1)
        let uid = scene.pods.values.first { $0.nodeName == "n002" }?.uid ?? ""
        scene.pods[uid]?.isReady = false
        scene.start()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.journal.first { $0.event == .deleting }?.node == "n002")
    }

    @Test("A node without a pod elsewhere holds a budget of one, is named, and halts the rollout in the end")
    func budgetIsHeld() {
        var scene = Self.scene(budget: 1) { $0.budget.waitTimeoutSeconds = 300 }
        let uid = scene.pods.values.first { $0.nodeName == "n015" }?.uid ?? ""
        scene.pods[uid]?.isReady = false
        scene.start()
        scene.run(until: 60_000)
        #expect(scene.stored.rollout.holds.first { $0.kind == .budget }?.reason.contains("n015") == true)
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .halted)
        #expect(scene.stored.rollout.reason == .budgetWaitExceeded)
        #expect(scene.deletesByNode.isEmpty)
    }

    @Test("A node that turns NotReady after our delete is evidence; a Node object that goes away has left")
    func nodesAfterOurDelete() {
        var scene = Self.scene(soak: 600)
        scene.start()
        scene.run(until: 100_000)
        scene.nodes["n001"] = nil
        scene.send([.nodeGone(name: "n001")])
        #expect(scene.stored.rollout.phase != .halted)
        scene.run(until: 300_000)
        #expect(scene.stored.nodes.values.filter { $0.wave == 0 && $0.status == .updated }.count == 2)
        guard var node = scene.nodes["n002"] else { return }
        node.ready = .unknown
        scene.send([.nodeChanged(node)])
        #expect(scene.stored.rollout.phase == .halted)
        #expect(scene.stored.nodes["n002"]?.reason == .nodeNotReady)
    }

    @Test("A template that nobody knows halts; the old one put back only holds")
    func foreignTemplate() {
        var scene = Self.scene(soak: 600)
        scene.start()
        scene.run(until: 100_000)
        let target = scene.daemonSet.template
        scene.daemonSet.template = scene.stored.rollout.baseTemplate
        scene.send([.daemonSetObserved(scene.daemonSet)])
        #expect(scene.stored.rollout.holds.contains { $0.kind == .template })
        scene.daemonSet.template = target
        scene.send([.daemonSetObserved(scene.daemonSet)])
        #expect(!scene.stored.rollout.holds.contains { $0.kind == .template })
        scene.daemonSet.template = target.replacing(images: [ContainerImage(container: "c", image: "c:3")]).template
        scene.send([.daemonSetObserved(scene.daemonSet)])
        #expect(scene.stored.rollout.reason == .templateChanged)
    }

    @Test("A foreign strategy is set back to OnDelete at once, also in a pause")
    func strategy() {
        var scene = Self.scene(soak: 600)
        scene.start()
        scene.run(until: 100_000)
        scene.send([.operatorAsked(.pause(reason: "lunch"))])
        scene.daemonSet.updateStrategy = .rollingUpdate
        scene.send([.daemonSetObserved(scene.daemonSet)])
        scene.run(until: 101_000)
        #expect(scene.daemonSet.updateStrategy == .onDelete)
        #expect(scene.journal.contains { $0.event == .strategyChanged })
    }

    @Test("A DaemonSet that is gone, or another one under its name, halts", arguments: [true, false])
    func daemonSetGone(isGone: Bool) {
        var scene = Self.scene(soak: 600)
        scene.start()
        scene.run(until: 100_000)
        scene.daemonSet.uid = "another"
        scene.send([.daemonSetObserved(isGone ? nil : scene.daemonSet)])
        #expect(scene.stored.rollout.reason == (isGone ? .daemonSetGone : .daemonSetReplaced))
    }

    /// Nodes that go and come, watches that break, a Lease that is lost.
    private func disturb(_ scene: inout RolloutScene, count: Int, with generator: inout SeededGenerator) {
        for number in 0..<Int.random(in: 0...4, using: &generator) {
            let when = Milliseconds.random(in: 1_000...40_000, using: &generator)
            let victim = Self.names(1...count).randomElement(using: &generator) ?? "n001"
            let action: RolloutScene.Action =
                [
                    .nodeGone(victim), .nodeJoined("joined-\(number)"), .viewLost, .leaseLost,
                ].randomElement(using: &generator) ?? .viewLost
            scene.after(when, action)
        }
    }

    @Test("Random worlds, refusals and crashes: no rule is ever broken, and every rollout ends", arguments: 0..<400)
    func randomWorlds(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed) &* 7_919)
        let count = Int.random(in: 3...40, using: &generator)
        let canary = Int.random(in: 1...2, using: &generator)
        let budget = Int.random(in: 1...max(1, count / 3), using: &generator)
        let split = Int.random(in: canary + 1...count, using: &generator)
        var scene = RolloutScene(
            seed: UInt64(seed),
            waves: [
                (
                    Self.wave("canary", soak: Int64.random(in: 0...60, using: &generator), take: .count(canary)),
                    [Self.names(1...canary)]
                ),
                (
                    Self.wave("rest"),
                    [Self.names(canary + 1...split), split < count ? Self.names(split + 1...count) : []]
                ),
            ], budget: budget
        ) { $0.readiness.minReadySeconds = Int64.random(in: 0...2, using: &generator) }
        for name in scene.lives.keys.sorted() where generator.chance(4) {
            scene.lives[name] = [.neverReady, .crashLoop, .noPod].randomElement(using: &generator) ?? .normal
        }
        for name in scene.nodes.keys.sorted() where generator.chance(4) {
            scene.nodes[name]?.ready = .false
            scene.notReadyBefore.insert(name)
        }
        scene.answer = { generator in
            guard generator.chance(15) else { return nil }
            return [
                .gone, .notSent(reason: "x"), .throttled(after: 700, reason: "x"), .uncertain(reason: "x"),
                .disruptionBudget(reason: "x"),
            ].dropFirst().randomElement(using: &generator)
        }
        disturb(&scene, count: count, with: &generator)
        scene.start()
        var moments = (0..<5).map { _ in Milliseconds.random(in: 1_500...120_000, using: &generator) }.sorted()
        while !scene.isFinished, scene.violations.isEmpty, let crash = moments.first {
            moments.removeFirst()
            scene.run(until: crash)
            if !scene.isFinished {
                scene.advance(to: max(crash, scene.now.monotonic))
                scene.crash()
            }
        }
        scene.run()
        #expect(scene.violations == [])
        let phase = scene.stored.rollout.phase
        #expect(phase == .completed || phase == .halted, "\(phase) \(scene.stored.rollout.holds)")
        #expect(phase != .halted || scene.stored.rollout.reason != nil)
    }
}
