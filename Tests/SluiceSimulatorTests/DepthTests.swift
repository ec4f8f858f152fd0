import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRehearsal
import SluiceRunner
import Testing

@testable import SluiceSimulator

/// A rehearsal runs at core depth, the proof at full depth, over bytes, client, driver and database. Both must decide the
/// same, or neither says anything about the other.
@Suite("Full depth and core depth")
struct DepthTests {
    /// One decision, as far as its order matters: pods become ready when their lives say, not when somebody decides.
    private struct Step: Hashable, CustomStringConvertible {
        var event: JournalEvent
        var wave: String
        var node: String
        var message: String

        init?(_ line: JournalLine) {
            let decisions: Set<JournalEvent> = [
                .waveStarted, .batchStarted, .deleting, .soakStarted, .gatePassed, .wavePassed, .halted, .aborted,
                .completed,
            ]
            guard decisions.contains(line.event) else { return nil }
            event = line.event
            wave = line.wave ?? ""
            node = line.node ?? ""
            message = line.event == .batchStarted ? line.message : ""
        }

        var description: String { "\(event.rawValue) \(wave) \(node) \(message)" }
    }

    /// Notes what the drivers of a run decide.
    private final class Recorder: Judge {
        let name = "recorder"
        var steps: [Step] = []

        func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
            steps += turn.decision.journal.compactMap(Step.init)
        }
    }

    @Test("Two hundred runs without faults take the same decisions in the same order at both depths")
    func depthsAgree() throws {
        var decided = 0
        for seed in 1...200 as ClosedRange<UInt64> {
            let scenario = Self.scenario(seed)
            let full = try Self.atFullDepth(scenario)
            let core = try Self.atCoreDepth(scenario)
            #expect(full == core, "seed \(seed), plan:\n\(scenario.plan)")
            decided += full.count
        }
        #expect(decided > 2_000)
    }

    /// A small fleet and a plan for it, of which nothing goes wrong.
    private static func scenario(_ seed: UInt64) -> Scenario {
        var random = SeededRandom(seed: seed)
        var fleet = FleetSpec.drawn(&random, [])
        fleet.nodes = Array(fleet.nodes.prefix(1 + Int(seed % 8)))
        let plan = PlanDraw(fleet, random.fork())
        // A soak is all looks at a cluster in which nothing happens.
        let text = plan.text.replacing(/soak: (\d+)s/) { "soak: \((Int($0.1) ?? 0) % 120)s" }
        var scenario = Scenario(name: "seed \(seed)", seed: seed, fleet: fleet, plan: text, planning: plan.budget)
        scenario.latency = 5...5
        return scenario
    }

    private static func atFullDepth(_ scenario: Scenario) throws -> [Step] {
        let world = try World(scenario, trace: Trace(isOn: false))
        let recorder = Recorder()
        world.judges = [recorder]
        _ = Hand(world).run()
        return recorder.steps
    }

    private static func atCoreDepth(_ scenario: Scenario) throws -> [Step] {
        let cluster = try scenario.fleet.makeCluster(at: World.epoch)
        let facts = try #require(cluster.fleet(namespace: "monitoring", daemonSet: "node-exporter"))
        let text = Array(scenario.plan.utf8)
        let script = try CoreDepthScript(
            plan: try PlanLoader.load(text, file: "plan"), planText: text, facts: facts, cluster: cluster,
            options: PlanningOptions(allowWholeFleet: true, acceptPlacementChange: true))
        let decisions = script.decisions(in: cluster, seed: scenario.seed, options: .init(listsAgain: true))
        return decisions.compactMap { decision in
            guard case .journal(let line) = decision.what else { return nil }
            return Step(line)
        }
    }
}
