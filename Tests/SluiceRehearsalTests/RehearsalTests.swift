import SluiceCluster
import SluiceCore
import Testing

@testable import SluiceRehearsal

@Suite("A rehearsal")
struct RehearsalTests {
    @Test("A good version completes as the plan estimates, within the budget, in every zone")
    func good() throws {
        let rehearsal = try RehearsalScene.rehearsal(RehearsalScene.fleet())
        let waves = rehearsal.script.waves
        let prepared = rehearsal.prepared()
        for seed in 1...10 {
            let run = prepared.run(seed: UInt64(seed))
            #expect(run.phase == .completed && run.stale == 0)
            #expect(run.reached == waves.eligibleNodes.count)
            #expect(run.peakBlind <= waves.maxUnavailable && run.peakBlind >= 3)
            #expect(run.peakBlindByZone.allSatisfy { $0 <= 3 })
            #expect(run.peakBlindByZone.reduce(0, +) >= run.peakBlind)
            #expect(run.leaks == 0)
            let estimate = Double(waves.estimate.seconds)
            #expect(abs(Double(run.duration) / 1_000 - estimate) < estimate * 0.25)
        }
    }

    @Test("The same seed gives the same decisions, another one gives others; time alone costs nothing")
    func determinism() throws {
        let rehearsal = try RehearsalScene.rehearsal(
            RehearsalScene.fleet(nodes: 20), plan: RehearsalScene.planText(budget: "2", soak: "7d"), churn: 2)
        #expect(rehearsal.prepared().run(seed: 4) == rehearsal.prepared().run(seed: 4))
        #expect(rehearsal.prepared().run(seed: 4).duration != rehearsal.prepared().run(seed: 5).duration)
        #expect(rehearsal.prepared().run(seed: 4).duration > 7 * 86_400_000)
        func decisions(_ seed: UInt64) -> [CoreDepthDecision] {
            rehearsal.script.decisions(
                in: RehearsalScene.cluster(rehearsal, seed: seed), seed: seed,
                options: .init(listsAgain: true, churnPercentPerDay: 2))
        }
        let first = decisions(1)
        #expect(first == decisions(1) && first != decisions(2))
        #expect(first.count { if case .delete = $0.what { true } else { false } } >= 15)
        var world = CoreDepthWorld(
            rehearsal.script, cluster: RehearsalScene.cluster(rehearsal, seed: 1), seed: 1,
            options: .init(turnInterval: 20))
        world.run()
        #expect(world.turns < 1_000, "a week of soak is a few turns, not one a second")
    }

    @Test("A crash loop stops in the first batch of the canary; what only a gate sees needs one")
    func blastRadius() throws {
        let fleet = try RehearsalScene.fleet()
        let rehearsal = try RehearsalScene.rehearsal(fleet)
        let gated = try RehearsalScene.rehearsal(fleet, plan: RehearsalScene.planText(gates: RehearsalScene.upGate))
        #expect(gated.script.gates.rows.map(\.isModelled) == [true])
        for kind in [BadVersion.Kind.crashLoop, .neverReady, .imagePullBackOff, .createError, .refused, .slow] {
            let run = rehearsal.prepared(BadVersion(kind)).run(seed: 1)
            #expect(run.phase == .halted && run.wave == "canary" && run.reason == .failuresExceeded, "\(kind)")
            #expect(run.reached == 1, "\(kind)")
        }
        for kind in [BadVersion.Kind.silent, .absent] {
            let unseen = rehearsal.prepared(BadVersion(kind)).run(seed: 1)
            #expect(unseen.phase == .completed && unseen.reached == rehearsal.script.waves.eligibleNodes.count)
            let seen = gated.prepared(BadVersion(kind)).run(seed: 1)
            #expect(seen.phase == .halted && seen.wave == "canary" && seen.reached == 3)
            #expect(seen.reason == (kind == .silent ? .gateFailed : .gateNoData))
        }
        #expect(gated.prepared().run(seed: 1).phase == .completed)
    }

    @Test("A query that the model cannot answer is named and stops nothing")
    func unknownGate() throws {
        for (query, reason) in [
            ("rate(shipped_total[5m])", "does not understand"), ("sum(shipped{node=~\"{{nodes}}\"})", "no such series"),
            ("sum(up{node=~\"{{nodes}}\"}) ", "answers 20"),
        ] {
            let gates = RehearsalScene.upGate.replacing(
                "avg(avg_over_time(up{instance=~\"{{instances}}\"}[2m]))", with: query
            ).replacing(">= 0.95", with: "< 0.5")
            let rehearsal = try RehearsalScene.rehearsal(
                RehearsalScene.fleet(), plan: RehearsalScene.planText(gates: gates))
            let row = try #require(rehearsal.script.gates.rows.first)
            #expect(!row.isModelled && row.reason.contains(reason), "\(row)")
            #expect(rehearsal.prepared().run(seed: 1).phase == .completed)
        }
    }

    @Test("Churn leaks what its rate says, and joined nodes are among it")
    func churn() throws {
        let rehearsal = try RehearsalScene.rehearsal(
            RehearsalScene.fleet(), plan: RehearsalScene.planText(soak: "1d"), churn: 20)
        let prepared = rehearsal.prepared()
        let leaks = (1...20).map { prepared.run(seed: UInt64($0)).leaks }
        let mean = Double(leaks.reduce(0, +)) / 20
        // 20 % of 60 nodes in a day is 12; a node that goes twice leaks once, one outside the placement never.
        #expect(mean > 7 && mean < 14, "\(mean)")
    }

    @Test("Von Neumann's comparisons draw an exponential distribution")
    func exponential() {
        var chance = Chance(seed: 3, purpose: 2)
        let drawn = (0..<20_000).map { _ in chance.exponential() }
        #expect(abs(drawn.reduce(0, +) / 20_000 - 1) < 0.03)
        #expect(abs(Double(drawn.count { $0 > 1 }) / 20_000 - 0.3679) < 0.015)
        #expect(abs(Double(drawn.count { $0 > 3 }) / 20_000 - 0.0498) < 0.008)
    }
}
