import SluiceCore
import Testing

@Suite("Gates that read the pods themselves")
struct RolloutScrapeTests {
    private static let lower = Gate.Criterion.comparison(
        Comparison(worse: .lower, tolerance: 0.5, baselineSeconds: 300))
    private static let positive = Gate.Criterion.threshold(Gate.Condition(.greater, 0))

    private static func scene(
        _ criterion: Gate.Criterion, _ page: @escaping (_ isNew: Bool, Moment) -> PodScrape.Reading
    ) -> RolloutScene {
        let gate = Gate(
            name: "flow", provider: .scrape(MetricsScrape(port: 9100, metric: "sent_total")), criterion: criterion)
        var scene = RolloutMachineTests.scene(soak: 600, gates: [gate])
        let old = Set(scene.pods.keys)
        scene.page = { target, time in page(!old.contains(target.podUID), time) }
        return scene
    }

    /// A counter that the old version and the new one move at so many a second.
    private static func counter(_ old: Double, _ new: Double) -> (Bool, Moment) -> PodScrape.Reading {
        { isNew, time in .value((isNew ? new : old) * Double(time.monotonic) / 1_000, .counter) }
    }

    private static func times(of event: JournalEvent, in scene: RolloutScene) -> [Milliseconds] {
        let start = 1_700_000_000_000 as Milliseconds
        return scene.journal.filter { $0.event == event }.map { $0.time.millisecondsSince1970 - start }
    }

    @Test("A comparison samples the level before the wave, which waits for it, and then judges")
    func compares() throws {
        for (rate, phase) in [(100.0, Phase.completed), (25, .halted)] {
            var scene = Self.scene(Self.lower, Self.counter(100, rate))
            scene.start()
            scene.run(until: 200_000)
            #expect(scene.deletesByNode.isEmpty && scene.stored.waves[0].status == .pending)
            let hold = try #require(scene.stored.rollout.holds.first { $0.kind == .baseline })
            #expect(hold.reason == "gate flow: 3 min of 5 min of its baseline sampled")
            scene.run()
            #expect(scene.violations == [] && scene.stored.rollout.phase == phase, "\(scene.stored.rollout.message)")
            let began = try #require(Self.times(of: .deleting, in: scene).first)
            #expect((300_000..<331_000).contains(began))
            guard phase == .halted else { continue }
            #expect(scene.stored.rollout.reason == .gateFailed && scene.deletesByNode.count == 2)
            #expect(scene.stored.rollout.message.contains("% on 2 updated nodes against 18 others"))
        }
    }

    @Test("A baseline survives its driver; one from before a long gap is sampled anew")
    func survives() throws {
        for (gap, most) in [(60_000, 340_000), (600_000, 1_100_000)] as [(Milliseconds, Milliseconds)] {
            var scene = Self.scene(Self.lower, Self.counter(100, 100))
            scene.start()
            scene.run(until: 150_000)
            scene.timers = []
            scene.advance(to: 150_000 + gap)
            scene.crash()
            scene.run()
            #expect(scene.violations == [] && scene.stored.rollout.phase == .completed)
            let began = try #require(Self.times(of: .deleting, in: scene).first)
            #expect(((gap == 60_000 ? 300_000 : 1_000_000)...most + 60_000).contains(began))
        }
    }

    @Test("A series that the new version lacks is a finding, not missing data")
    func vanished() {
        var scene = Self.scene(Self.lower) { isNew, time in isNew ? .noData : Self.counter(100, 100)(isNew, time) }
        scene.start()
        scene.run()
        #expect(scene.stored.rollout.reason == .gateFailed)
        #expect(scene.stored.rollout.message.contains("vanished with the update"))
    }

    @Test("Without a level before it there is nothing to compare with, and nothing is deleted")
    func noBaseline() {
        let rows: [(PodScrape.Reading, Reason)] = [(.noData, .gateNoData), (.failed("no route"), .gateError)]
        for (reading, reason) in rows {
            var scene = Self.scene(Self.lower) { _, _ in reading }
            scene.start()
            scene.run()
            #expect(scene.stored.rollout.phase == .halted && scene.stored.rollout.reason == reason)
            #expect(scene.deletesByNode.isEmpty && scene.stored.rollout.message.contains("before the wave"))
        }
    }

    @Test("A threshold asks every updated pod; what has no number never passes")
    func threshold() {
        let rows: [(String, (Bool, Moment) -> PodScrape.Reading, Reason?, String)] = [
            ("a rate", Self.counter(0, 5), nil, ""),
            (
                "a rate of nothing", Self.counter(0, 0), .gateFailed,
                "0.0 on n001 is not > 0.0 (2 of 2 pods: n001, n002)"
            ),
            ("a value", { _, _ in .value(1, .gauge) }, nil, ""),
            ("a bad value", { _, _ in .value(-1, .gauge) }, .gateFailed, "-1.0 on n001 is not > 0.0"),
            ("no series", { _, _ in .noData }, .gateNoData, "nothing of n001, n002 has the series"),
            ("an error", { _, _ in .failed("no route") }, .gateError, "2 of 2 updated pods, node n001: no route"),
        ]
        for (name, page, reason, message) in rows {
            var scene = Self.scene(Self.positive, page)
            scene.start()
            scene.run()
            #expect(scene.violations == [] && scene.stored.rollout.reason == reason, "\(name)")
            #expect(reason == nil || scene.stored.rollout.message.contains(message), "\(scene.stored.rollout.message)")
            #expect(scene.deletesByNode.count == (reason == nil ? 20 : 2))
        }
    }

    @Test("One pod among several that cannot be read keeps the gate from passing")
    func onePod() {
        var scene = Self.scene(Self.positive) { _, _ in .value(1, .gauge) }
        scene.page = { target, _ in target.node == "n002" ? .failed("no route") : .value(1, .gauge) }
        scene.start()
        scene.run()
        #expect(scene.stored.rollout.reason == .gateError)
        #expect(scene.stored.rollout.message.contains("1 of 2 updated pods, node n002: no route"))
    }

    @Test("A counter's reset is no negative rate")
    func reset() {
        var scene = Self.scene(Self.positive) { _, time in .value(Double(time.monotonic % 100_000), .counter) }
        scene.start()
        scene.run()
        #expect(scene.stored.rollout.phase == .completed, "\(scene.stored.rollout.message)")
    }

    @Test("A soak that nobody watched is watched afterwards for what it lacks; a counter of the same pod carries over")
    func unwatched() throws {
        for (page, isProlonged) in [({ _, _ in .value(1, .gauge) }, true), (Self.counter(0, 5), false)]
            as [((Bool, Moment) -> PodScrape.Reading, Bool)]
        {
            var scene = Self.scene(Self.positive, page)
            scene.start()
            scene.run(until: 100_000)
            #expect(scene.stored.rollout.phase == .soaking)
            scene.timers = []
            scene.advance(to: 400_000)
            scene.crash()
            scene.run()
            #expect(scene.stored.rollout.phase == .completed, "\(scene.stored.rollout.message)")
            let began = try #require(Self.times(of: .soakStarted, in: scene).first)
            let passed = try #require(Self.times(of: .wavePassed, in: scene).first)
            let expected = isProlonged ? (870_000...960_000) : (600_000...640_000) as ClosedRange<Milliseconds>
            #expect(expected.contains(passed - began), "\(passed - began)")
        }
    }

    @Test("Of a large fleet a comparison reads some nodes, evenly chosen")
    func readsSome() {
        var asked: Set<String> = []
        var scene = RolloutScene(
            seed: 1,
            waves: [
                (RolloutMachineTests.wave("canary", gates: []), [RolloutMachineTests.names(1...150)]),
                (RolloutMachineTests.wave("rest"), [RolloutMachineTests.names(151...500)]),
            ], budget: 50
        ) {
            $0.waves[0].gates = [
                Gate(
                    name: "flow", provider: .scrape(MetricsScrape(port: 9100, metric: "x")), criterion: Self.lower)
            ]
        }
        scene.page = { target, time in
            asked.insert(target.node)
            return .value(1, .gauge)
        }
        scene.start()
        scene.run(until: 60_000)
        #expect(asked.count == 150 && asked.filter { $0 <= "n150" }.count == 100)
        #expect(asked.contains { $0 > "n480" } && asked.contains { (..."n160").contains($0) && $0 > "n150" })
    }
}
