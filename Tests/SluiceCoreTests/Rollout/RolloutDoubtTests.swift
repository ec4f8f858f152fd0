import SluiceCore
import Testing

@Suite("A gate in doubt may begin its wave's soak anew, so many times")
struct RolloutDoubtTests {
    private static func gate(_ name: String = "up", at time: Gate.Time = .soak, retries: Int = 2) -> Gate {
        Gate(
            name: name,
            provider: .prometheus(PrometheusQuery(address: "http://p", query: "up{node=~\"{{nodes}}\"}")),
            criterion: .threshold(Gate.Condition(.greaterOrEqual, 1)), at: time, intervalSeconds: 10,
            inconclusiveLimit: 1, onNoData: .retry(retries))
    }

    private static func scene(_ gates: [Gate], soak: Int64 = 300) -> RolloutScene {
        RolloutMachineTests.scene(soak: soak) { $0.gates = gates }
    }

    /// Lets time pass until a gate was retried so often.
    private static func run(_ scene: inout RolloutScene, untilRetries count: Int) {
        while scene.journal.count(where: { $0.event == .gateRetried }) < count, scene.now.monotonic < 1_000_000 {
            scene.run(until: scene.now.monotonic + 1_000)
            scene.advance(to: scene.now.monotonic + 1_000)
        }
    }

    @Test("Data that come back are watched for a whole soak, and a driver that dies counts on")
    func soakBeginsAnew() throws {
        var scene = Self.scene([Self.gate()])
        scene.reading = .noData
        scene.start()
        Self.run(&scene, untilRetries: 1)
        #expect(scene.stored.gates.first?.retries == 1)
        #expect(
            scene.stored.rollout.holds.first { $0.kind == .gate }?.reason
                == "gate up, retry 1: no data (1), inconclusiveLimit (1)")
        #expect(
            scene.journal.last { $0.event == .gateRetried }?.message
                == "gate up: no data (2), inconclusiveLimit (1): exceeded; retry 1 of 2: the soak begins anew")
        scene.crash()
        Self.run(&scene, untilRetries: 2)
        let began = try #require(scene.stored.waves[0].soakStartedAt)
        #expect(scene.journal.last { $0.event == .gateRetried }?.time == began)
        scene.reading = .samples([1])
        scene.run()
        let passed = try #require(scene.stored.waves[0].passedAt)
        #expect((300...305).contains((passed.millisecondsSince1970 - began.millisecondsSince1970) / 1_000))
        #expect(scene.stored.rollout.phase == .completed)
    }

    @Test("Then it halts, and who resumes has as many tries again", arguments: [Gate.Time.soak, .batch])
    func halts(at time: Gate.Time) {
        var scene = Self.scene([Self.gate(at: time)])
        scene.reading = .noData
        scene.start()
        scene.run()
        #expect(scene.stored.rollout.reason == .gateNoData)
        #expect(scene.stored.rollout.message.hasSuffix("(retries: 2 of 2)"))
        #expect(scene.journal.count { $0.event == .gateRetried } == 2)
        // Two measurements each, and none of the later batches.
        #expect(scene.journal.count { $0.event == .measured } == 6)
        #expect(scene.deletesByNode.count == 2)
        scene.isFinished = false
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.journal.count { $0.event == .gateRetried } == 4)
        #expect(scene.violations == [])
    }

    @Test("A webhook that is asked again after a batch gets another question", arguments: [Gate.Time.soak, .batch])
    func asksAnew(at time: Gate.Time) {
        var gate = Self.gate(at: time)
        gate.provider = .webhook(NotificationDestination(name: "up", address: .text("http://s"), events: []))
        gate.criterion = .consent
        var scene = Self.scene([gate])
        scene.reading = .noData
        scene.start()
        scene.run()
        #expect(scene.questions.count == 6)
        #expect(Set(scene.questions.map(\.key)).count == 6)
    }

    @Test("Every gate of the soak is measured anew, and an answer to an earlier question does not count")
    func othersAreVoid() throws {
        var other = Self.gate("other")
        other.count = 1
        var scene = Self.scene([Self.gate(), other])
        scene.start()
        scene.run(until: 20_000)
        #expect(scene.stored.gates.first { $0.gate == "other" && $0.wave == 0 }?.verdict == .passed)
        let wave = scene.stored.rollout.waveIndex
        for _ in 0..<2 { scene.send([.measured(wave: wave, gate: "up", .noData)]) }
        #expect(scene.journal.contains { $0.event == .gateRetried })
        #expect(scene.stored.gates.first { $0.gate == "other" && $0.wave == 0 }?.verdict == .running)
        let asked = scene.journal.count { $0.event == .measured }
        // Both were asked for at once in the turn of the new beginning; another retry makes the other's answer void.
        for _ in 0..<2 { scene.send([.measured(wave: wave, gate: "up", .noData)]) }
        #expect(scene.journal.count { $0.event == .gateRetried } == 2)
        scene.send([.measured(wave: wave, gate: "other", .samples([0]))])
        #expect(scene.stored.gates.first { $0.gate == "other" && $0.wave == 0 }?.measurements == 0)
        #expect(scene.journal.count { $0.event == .measured } == asked + 2)
    }
}
