import Testing

@testable import SluiceCore

@Suite("What the plan wants done about a version that proved bad")
struct RolloutPolicyTests {
    /// The policies of plan, wave and gate, what goes wrong, and what must come of it.
    struct Case: Sendable {
        var plan = FailurePolicy.halt
        var wave: FailurePolicy?
        var gate: FailurePolicy?
        /// What the gate says; nil when nodes fail before it is asked.
        var reading: MetricReading?
        var phase = Phase.halted
        var isDue = false
        var isOfWave = false
    }

    static let bad = MetricReading.samples([0])
    static let cases = [
        Case(), Case(reading: bad), Case(plan: .abort, phase: .aborted), Case(plan: .rollbackAll, isDue: true),
        Case(plan: .rollbackAll, reading: bad, isDue: true),
        Case(plan: .abort, wave: .rollbackAll, isDue: true), Case(plan: .rollbackAll, wave: .halt),
        Case(plan: .rollbackAll, gate: .halt, reading: bad), Case(plan: .rollbackAll, gate: .halt, isDue: true),
        Case(wave: .abort, gate: .rollbackAll, reading: bad, isDue: true),
        Case(plan: .rollbackAll, reading: .noData), Case(plan: .rollbackAll, reading: .failed("no route")),
        Case(plan: .abort, reading: .noData, phase: .aborted),
        Case(plan: .rollbackAll, wave: .rollbackWave, isDue: true, isOfWave: true),
        Case(plan: .rollbackWave, reading: bad, isDue: true, isOfWave: true),
        Case(plan: .rollbackWave, reading: .noData),
    ]

    @Test(
        "The gate's policy before the wave's, the wave's before the plan's; doubt rolls nothing back", arguments: cases)
    func policies(row: Case) throws {
        let gate = Gate(
            name: "g", provider: .prometheus(PrometheusQuery(address: "http://p", query: "q")),
            criterion: .threshold(Gate.Condition(.greaterOrEqual, 0.9)), onFailure: row.gate)
        var scene = RolloutMachineTests.scene(soak: 600, gates: [gate]) {
            $0.onFailure = row.plan
            $0.waves[0].onFailure = row.wave
        }
        if row.reading == nil { for name in scene.lives.keys { scene.lives[name] = .crashLoop } }
        scene.reading = row.reading ?? .samples([1])
        scene.stored.rollout.previousRevision = RolloutScene.oldHash
        scene.crash()
        scene.run()
        #expect(scene.stored.rollout.phase == row.phase)
        let due = RollbackPlan.due(for: scene.stored, plan: scene.plan)
        #expect((due != nil) == row.isDue)
        #expect(due == nil || due == RollbackPlan.Due(wave: 0, isOfWave: row.isOfWave))
        #expect(scene.stored.rollout.message.contains("rolled back") == row.isDue)
    }

    @Test("What halts for another reason, or is over, is not rolled back")
    func otherHalts() {
        var scene = RolloutMachineTests.scene { $0.onFailure = .rollbackAll }
        scene.stored.rollout.previousRevision = RolloutScene.oldHash
        scene.crash()
        scene.send([.daemonSetObserved(nil)])
        #expect(scene.stored.rollout.reason == .daemonSetGone)
        #expect(RollbackPlan.due(for: scene.stored, plan: scene.plan) == nil)
    }
}
