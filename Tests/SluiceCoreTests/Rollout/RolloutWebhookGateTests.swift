import SluiceCore
import Testing

@Suite("A webhook that judges")
struct RolloutWebhookGateTests {
    private static func scene(count: Int? = nil, interval: Int64 = 10, soak: Int64 = 60) -> RolloutScene {
        let gate = Gate(
            name: "smoke",
            provider: .webhook(NotificationDestination(name: "smoke", address: .text("http://s"), events: [])),
            criterion: .consent, intervalSeconds: interval, count: count)
        var scene = RolloutMachineTests.scene(soak: soak) { $0.gates = [gate] }
        scene.reading = .answer(isYes: true, "it says yes (HTTP 200)")
        return scene
    }

    @Test("A yes passes, a no fails with its sentence, and no answer is an error and not a no")
    func answers() {
        for (reading, reason) in [
            (MetricReading.answer(isYes: true, "it says yes (HTTP 204)"), nil),
            (.answer(isYes: false, "it says no (HTTP 409)"), Reason.gateFailed),
            (.failed("it cannot say (HTTP 503)"), .gateError), (.samples([1]), .gateError), (.noData, .gateNoData),
        ] {
            var scene = Self.scene()
            scene.reading = reading
            scene.start()
            scene.run()
            #expect(scene.violations == [])
            #expect(scene.stored.rollout.reason == reason)
            #expect(scene.stored.rollout.phase == (reason == nil ? .completed : .halted))
            if case .answer(_, let sentence) = reading { #expect(scene.stored.gates[0].message.contains(sentence)) }
        }
    }

    @Test(
        "Each measurement is a question of its own about the updated nodes, and one that nobody counted is asked again")
    func questions() throws {
        var scene = Self.scene()
        scene.start()
        for time in stride(from: 0 as Milliseconds, to: 60_000, by: 1) where scene.questions.count < 2 {
            scene.run(until: time)
        }
        let asked = try #require(scene.questions.last)
        #expect(asked.key != scene.questions[0].key)
        #expect(asked.body["nodes"] == ["n001", "n002"] && asked.body["pods"]?.array?.count == 2)
        #expect(asked.body["event"] == "gate" && asked.body["gate"] == "smoke" && asked.body["measurement"] == 2)
        #expect(asked.body["batch"] == JSONValue.null, "a soak is about all batches")
        // Its answer is on its way when the driver dies.
        scene.timers = []
        scene.crash()
        scene.run(until: scene.now.monotonic + 9_000)
        #expect(scene.questions.count == 3)
        #expect(scene.questions[2] == asked)
    }

    @Test("The time of a soak in which nobody asked is added to it")
    func unwatched() {
        var scene = Self.scene(soak: 600)
        scene.start()
        scene.run(until: 100_000)
        scene.timers = []
        scene.advance(to: 1_000_000)
        scene.crash()
        scene.run(until: 1_400_000)
        #expect(scene.stored.waves[0].status == .soaking)
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
    }
}
