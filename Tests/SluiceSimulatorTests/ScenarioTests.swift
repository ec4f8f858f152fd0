import SluiceSimulator
import Testing

@Suite("The engine in virtual time, judged at every step")
struct ScenarioTests {
    @Test("Hard cases end as they must, and no judge objects", arguments: NamedScenario.all.map(\.name))
    func namedScenario(name: String) throws {
        let scenario = try #require(NamedScenario.all.first { $0.name == name })
        let run = scenario.run()
        for violation in run.violations {
            Issue.record("\(violation.judge) at \(violation.time) ms: \(violation.message)")
        }
    }

    @Test(
        "A small rollout survives a crash after any of its steps", arguments: CrashSweep.Place.allCases, [false, true])
    func crashSweep(place: CrashSweep.Place, powerFails: Bool) {
        let sweep = CrashSweep(place, powerFails: powerFails)
        #expect(sweep.crashes > 50)
        for (step, violation) in sweep.violations.prefix(5) {
            Issue.record("step \(step): \(violation.judge) at \(violation.time) ms: \(violation.message)")
        }
    }

    @Test("The same seed gives the same run, line by line")
    func isDeterministic() {
        for seed in [3, 7, 14] as [UInt64] {
            let (first, second) = (Trace(isOn: true), Trace(isOn: true))
            _ = SeedRun.run(seed: seed, trace: first)
            _ = SeedRun.run(seed: seed, trace: second)
            #expect(first.lines.count > 10)
            #expect(first.lines == second.lines)
        }
    }
}
