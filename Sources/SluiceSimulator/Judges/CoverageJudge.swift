import SluiceCore
import SluiceRunner

/// Nothing happens that the table of what can happen calls impossible. It counts the moves of nodes on the way.
final class CoverageJudge: Judge {
    let name = "coverage"
    /// Where the nodes stood after the last turn of a drive, by its number.
    private var stood: [Int: [String: NodeStatus]] = [:]

    func driverBegins(with state: RolloutState, as process: SimulatedProcess, in world: World) {
        stood[process.drive] = state.nodes.mapValues(\.status)
    }

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        for step in turn.steps {
            for event in step.events {
                report("a fact that cannot be", Coverage.whyImpossible(event.fact, in: step.phase), world) {
                    TransitionCounts.pair(step.phase, event.fact)
                }
            }
            if step.phase != step.next {
                report("a move that cannot be", Coverage.whyImpossible(from: step.phase, to: step.next), world) {
                    TransitionCounts.move(step.phase, step.next)
                }
            }
        }
        noteNodes(turn, process, world)
    }

    private func noteNodes(_ turn: RolloutTurn, _ process: SimulatedProcess, _ world: World) {
        // Of turns that were written down as one nobody knows how the nodes moved in each.
        guard turn.steps.count == 1, var before = stood.removeValue(forKey: process.drive) else {
            stood[process.drive] = turn.state.nodes.mapValues(\.status)
            return
        }
        for record in turn.decision.changes.nodes {
            let from = before.updateValue(record.status, forKey: record.node)
            guard from != record.status else { continue }
            world.tally.transitions.note(record, from: from)
            report("a move that cannot be", whyImpossible(from, record.status, process, world), world) {
                "\(record.node) \(TransitionCounts.move(from, record.status))"
            }
        }
        stood[process.drive] = before
    }

    private func whyImpossible(
        _ from: NodeStatus?, _ next: NodeStatus, _ process: SimulatedProcess, _ world: World
    ) -> String? {
        Coverage.whyImpossible(from: from, to: next, parks: world.undertaking(of: process).planning.parks)
    }

    private func report(_ what: String, _ why: String?, _ world: World, _ which: () -> String) {
        guard let why else { return }
        world.violated(name, "\(what): \(which()), for \(why)")
    }
}
