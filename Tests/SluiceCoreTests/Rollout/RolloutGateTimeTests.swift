import SluiceCore
import Testing

@Suite("When a gate is measured, and whether it counts")
struct RolloutGateTimeTests {
    private static func gate(_ time: Gate.Time, dryRun: Bool = false, delay: Int64 = 0) -> Gate {
        Gate(
            name: "up",
            provider: .prometheus(PrometheusQuery(address: "http://p", query: "up{node=~\"{{nodes}}\"}")),
            criterion: .threshold(Gate.Condition(.greaterOrEqual, 1)), at: time, isDryRun: dryRun,
            intervalSeconds: 10, initialDelaySeconds: delay)
    }

    private func scene(_ gate: Gate, soak: Int64 = 300) -> RolloutScene {
        RolloutMachineTests.scene(soak: soak) { $0.gates = [gate] }
    }

    @Test("After each batch: the next one waits for it, and a driver that dies measures anew")
    func afterEachBatch() {
        var scene = scene(Self.gate(.batch, delay: 60), soak: 0)
        scene.start()
        scene.run(until: 30_000)
        #expect(scene.deletesByNode.count == 2)
        #expect(scene.stored.rollout.phase == .updating)
        #expect(scene.stored.rollout.holds.map(\.kind) == [.gate])
        scene.advance(to: 30_000)
        scene.crash()
        scene.run(until: 80_000)
        #expect(scene.deletesByNode.count == 2, "the delay begins anew: nobody watched")
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.journal.filter { $0.event == .gatePassed }.map(\.wave) == ["canary", "rest", "rest"])
    }

    @Test("A wave that was taken over without its gates is measured, and does not wait for ever")
    func takenOver() {
        var scene = scene(Self.gate(.batch))
        scene.start()
        scene.run(until: 60_000)
        #expect(scene.stored.rollout.phase == .soaking)
        scene.stored.gates = []
        scene.stored.rollout.phase = .updating
        scene.crash()
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.journal.filter { $0.event == .gatePassed }.count == 4)
    }

    @Test("A batch that proves bad keeps the next one from beginning")
    func stopsTheNextBatch() {
        var scene = scene(Self.gate(.batch), soak: 0)
        scene.start()
        scene.run(until: 11_000)
        while scene.deletesByNode.count < 3, scene.now.monotonic < 60_000 {
            scene.run(until: scene.now.monotonic + 1_000)
        }
        scene.reading = .samples([0])
        scene.run()
        #expect(scene.stored.rollout.reason == .gateFailed)
        #expect(scene.deletesByNode.count == 8, "the canary and the first batch of six")
    }

    @Test("At the end: once, when the soak is over, and before that not at all")
    func atTheEnd() {
        var scene = scene(Self.gate(.end))
        scene.start()
        scene.reading = .samples([0])
        scene.run(until: 250_000)
        #expect(scene.stored.gates.allSatisfy { $0.measurements == 0 })
        scene.reading = .samples([1])
        for time in stride(from: 250_000 as Milliseconds, to: 400_000, by: 100) {
            scene.run(until: time)
            if scene.stored.waves[0].status == .passed { break }
        }
        #expect(scene.stored.waves[0].status == .passed)
        #expect(scene.stored.gates.first?.measurements == 1)
        scene.reading = .samples([0])
        scene.run()
        #expect(scene.stored.rollout.reason == .gateFailed)
    }

    @Test("A dry run waits for its verdict, tells it, and goes on whatever it is", arguments: Gate.Time.allCases)
    func dryRun(time: Gate.Time) {
        for reading in [MetricReading.samples([0]), .noData, .failed("no route"), .samples([1])] {
            var scene = scene(Self.gate(time, dryRun: true), soak: 200)
            scene.reading = reading
            scene.start()
            scene.run()
            #expect(scene.violations == [])
            #expect(scene.stored.rollout.phase == .completed)
            let expected: JournalEvent = reading == .samples([1]) ? .gatePassed : .gateWarned
            let told = scene.journal.filter { [.gatePassed, .gateWarned].contains($0.event) }
            #expect(told.allSatisfy { $0.event == expected && $0.message.hasPrefix("dry run: gate up: ") })
            #expect(told.count == (time == .batch ? 3 : 2), "\(time) \(reading)")
        }
    }
}
