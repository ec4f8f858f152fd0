import SluiceCore
import Testing

@Suite struct RolloutStatusTests {
    @Test func countsEveryNodeOnce() {
        let counts = Fixtures.status().nodes
        #expect(counts.total == 59, "the node that left is not counted")
        #expect(counts.updated + counts.pending + counts.inFlight + counts.deferred + counts.failed == counts.total)
        #expect([counts.updated, counts.inFlight, counts.deferred, counts.failed] == [11, 2, 1, 1])
        #expect(counts.leaked == 1)
        #expect(Fixtures.status().waves.map(\.nodes.total) == [3, 17, 39])
    }

    @Test(arguments: [
        (Phase.updating, true, RolloutStatus.Driver.live), (.soaking, false, .gone), (.halted, false, .none),
        (.completed, false, .none), (.aborted, false, .none), (.halted, true, .live),
    ])
    func knowsWhetherADriverIsMissed(phase: Phase, isDriven: Bool, expected: RolloutStatus.Driver) {
        #expect(Fixtures.status(Fixtures.state(phase: phase), isDriven: isDriven).driver == expected)
    }

    @Test func namesTheCommandThatHelps() {
        func next(_ state: RolloutState, isDriven: Bool = true) -> [String] {
            Fixtures.status(state, isDriven: isDriven).next.map(\.command)
        }
        #expect(next(Fixtures.state(), isDriven: false).first == "sluice resume node-exporter-3")
        #expect(next(Fixtures.state()).contains("sluice pause node-exporter-3"))
        var paused = Fixtures.state()
        paused.rollout.pauseReason = "lunch"
        #expect(next(paused).first == "sluice resume node-exporter-3")
        paused.rollout.holds.append(Hold(.annotation, "sluice/pause: on call"))
        #expect(next(paused).first == "kubectl annotate -n monitoring ds/node-exporter sluice/pause-")
        var waiting = Fixtures.state()
        waiting.rollout.holds.append(Hold(.approval, "wave zone-a waits for `sluice approve node-exporter-3`"))
        #expect(next(waiting).first == "sluice approve node-exporter-3")
        let gone = Fixtures.state(phase: .halted, reason: .daemonSetGone)
        #expect(!next(gone).contains { $0.hasPrefix("sluice resume") }, "it cannot go on")
        #expect(next(gone).contains("sluice abort node-exporter-3"))
        #expect(next(Fixtures.state(phase: .completed)).first?.hasPrefix("sluice report versions") == true)
    }

    @Test func numbersBatchesAndSoaks() {
        var state = Fixtures.state()
        state.waves[1].status = .soaking
        state.waves[1].batchIndex = 3
        state.waves[1].soakStartedAt = Fixtures.time(1_480)
        let waves = Fixtures.status(state).waves
        #expect(waves.map(\.batch) == [2, 4, 0])
        #expect(waves[1].soakEndsAt == Fixtures.time(1_540))
        #expect(waves[2].soakEndsAt == nil)
        #expect(Fixtures.status(state).wave == "zone-a")
        state.rollout.waveIndex = 3
        #expect(Fixtures.status(state).wave == nil)
    }

    @Test func exitCodesOfSignals() {
        #expect([2, 15, 1, 10].map { ExitCode(signal: $0)?.rawValue } == [130, 143, 129, nil])
    }
}
