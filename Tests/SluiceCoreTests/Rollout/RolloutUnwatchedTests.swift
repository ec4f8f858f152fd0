import SluiceCore
import Testing

@Suite("What nobody watched is not passed")
struct RolloutUnwatchedTests {
    @Test("A soak whose end nobody saw does not pass on the word of a watch that is there again, but on a fresh list")
    func regained() throws {
        var scene = RolloutMachineTests.scene(soak: 60)
        scene.start()
        scene.run(until: 30_000)
        #expect(scene.stored.rollout.phase == .soaking)
        scene.advance(to: 30_000)
        scene.send([.observationLost(.pods, reason: "cut")])
        let lost = try #require(scene.pods.values.first { $0.nodeName == "n001" }?.uid)
        scene.pods[lost] = nil
        scene.addPod(on: "n001", hash: RolloutScene.newHash, isReady: false)
        scene.advance(to: 60_000)
        scene.send([.observationRegained(.pods)])
        for time in stride(from: 60_000 as Milliseconds, to: 200_000, by: 10_000) {
            scene.advance(to: max(time, scene.now.monotonic))
            scene.run(until: time)
        }
        #expect(scene.stored.waves[0].status != .passed)
        #expect(scene.stored.nodes["n001"]?.readinessLosses == 1)
    }

    /// Two nodes that soak, with a gate that has been measured for a while; then nobody is alive for 300 s.
    private static func scene() -> RolloutScene {
        let gate = Gate(
            name: "g", provider: .prometheus(PrometheusQuery(address: "http://p", query: "q")),
            criterion: .threshold(Gate.Condition(.greaterOrEqual, 0.9)))
        var scene = RolloutMachineTests.scene(soak: 600, gates: [gate])
        scene.start()
        scene.run(until: 100_000)
        #expect(scene.stored.rollout.phase == .soaking)
        scene.timers = []
        scene.advance(to: 400_000)
        return scene
    }

    private static func replacePod(on node: String, in scene: inout RolloutScene) throws {
        let old = try #require(scene.pods.values.first { $0.nodeName == node })
        scene.pods[old.uid] = nil
        scene.addPod(on: node, hash: RolloutScene.newHash, isReady: true)
        let uid = "pod-\(scene.podCount)"
        scene.pods[uid]?.readyChangedAt = Timestamp(scene.now.wall.millisecondsSince1970 - 100_000)
    }

    private static func losses(_ scene: RolloutScene, _ node: String) -> Int? {
        scene.stored.nodes[node]?.readinessLosses
    }

    @Test("A pod that was replaced meanwhile lost its readiness; one that stood did not")
    func replacedPod() throws {
        var scene = Self.scene()
        try Self.replacePod(on: "n001", in: &scene)
        scene.crash()
        scene.run(until: 401_000)
        #expect(Self.losses(scene, "n001") == 1 && Self.losses(scene, "n002") == 0)
        let line = try #require(scene.journal.last { $0.event == .unready })
        #expect(line.node == "n001" && line.message.contains("has been Ready again since"))
        #expect(scene.stored.nodes["n001"]?.status == .updated)
        for time in [450_000, 480_000] as [Milliseconds] {
            scene.advance(to: time)
            try Self.replacePod(on: "n001", in: &scene)
            scene.crash()
            scene.run(until: time + 1_000)
        }
        #expect(scene.stored.rollout.phase == .halted)
        #expect(scene.stored.nodes["n001"]?.reason == .unstable)
    }

    @Test("A time in which no gate was measured is asked for afterwards, point by point")
    func missedTime() throws {
        var scene = Self.scene()
        let before = try #require(scene.stored.gates.first)
        scene.crash()
        scene.run(until: 401_000)
        let after = try #require(scene.stored.gates.first)
        let range = try #require(scene.ranges.only)
        #expect(range.stepSeconds == 30 && after.verdict == .running)
        let last = try #require(before.measuredAt).millisecondsSince1970
        #expect((30_000..<60_000).contains(range.start.millisecondsSince1970 - last))
        #expect(after.measurements - before.measurements == range.pointCount)
        scene.run()
        #expect(scene.stored.rollout.phase == .completed && scene.ranges.count == 1)
    }

    @Test("What was bad, or is not known, in the meantime stops the rollout, whatever it is like now")
    func badMeanwhile() {
        for (value, reason) in [(0.1, Reason.gateFailed), (nil, .gateNoData)] as [(Double?, Reason)] {
            var scene = Self.scene()
            let wall = scene.now.wall.millisecondsSince1970
            scene.history = { range in
                let series = RolloutScene.series(over: range) { time in
                    (wall - 200_000..<wall - 60_000).contains(time.millisecondsSince1970) ? value : 1
                }
                return .series([series])
            }
            scene.crash()
            scene.run(until: 401_000)
            #expect(scene.stored.rollout.phase == .halted && scene.stored.rollout.reason == reason)
            #expect(scene.stored.rollout.message.contains("in which nobody measured"))
        }
    }

    @Test("A server that cannot be asked is asked again about the same time")
    func askedAgain() {
        var scene = Self.scene()
        scene.history = { _ in .failed("no route") }
        scene.crash()
        scene.run(until: 401_000)
        #expect(scene.stored.gates.first?.verdict == .running && scene.stored.gates.first?.consecutiveErrors == 1)
        scene.history = { _ in nil }
        scene.run(until: 460_000)
        #expect(scene.ranges.count == 2 && scene.stored.gates.first?.consecutiveErrors == 0)
        let started = scene.ranges.map(\.start.millisecondsSince1970)
        #expect(started.allSatisfy { abs($0 - started[0]) < 30_000 })
    }

    @Test("Who resumes a halted rollout has looked: it is judged from now on")
    func resumedHalt() {
        var scene = Self.scene()
        scene.reading = .samples([0.1])
        scene.crash()
        scene.run(until: 401_000)
        #expect(scene.stored.rollout.reason == .gateFailed)
        scene.advance(to: 500_000)
        scene.reading = .samples([1])
        scene.ranges = []
        scene.isFinished = false
        scene.send([.operatorAsked(.resume)])
        scene.run()
        #expect(scene.stored.rollout.phase == .completed && scene.ranges.isEmpty)
    }
}

extension RolloutScene {
    /// A series with a value at each point of a time; nil leaves the point out.
    static func series(over range: QueryRange, _ value: (Timestamp) -> Double?) -> MetricSeries {
        let times = stride(
            from: range.start.millisecondsSince1970, through: range.end.millisecondsSince1970,
            by: Int(range.stepSeconds) * 1_000)
        return MetricSeries(
            labels: [:],
            points: times.compactMap { time in
                value(Timestamp(time)).map { MetricSeries.Point(time: Timestamp(time), value: $0) }
            })
    }
}

extension Array {
    fileprivate var only: Element? { count == 1 ? self[0] : nil }
}
