import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner

/// No wave whose gates compare what the pods themselves say is begun before its pods' pages were asked for as long as the
/// plan's baseline lasts: a page has no past.
final class BaselineJudge: Judge {
    let name = "baseline"
    /// When a node's page was asked for, by rollout, since its last wave passed.
    private var reads: [String: [String: [Milliseconds]]] = [:]
    /// The waves that drivers have begun, by rollout.
    private var begun: [String: Set<Int>] = [:]

    /// A wave that the Lease's checkpoint says was begun elsewhere had its baseline there.
    func driverBegins(with state: RolloutState, as process: SimulatedProcess, in world: World) {
        let waves = state.waves.filter { $0.status != .pending }.map(\.index)
        begun[process.ledger, default: []].formUnion(waves)
    }

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        let machine = process.ledger
        if turn.decision.changes.waves.contains(where: { $0.status == .passed }) { reads[machine] = nil }
    }

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        let machine = process.ledger
        if let node = Self.node(whosePageIsAsked: request, process) {
            reads[machine, default: [:]][node, default: []].append(world.time)
        }
        guard case .deletePod(_, let uid) = purpose, let node = process.seen.pods[uid]?.node,
            let state = process.state, let index = state.nodes[node]?.wave, state.waves.indices.contains(index),
            // Whoever gets another try at the end is compared with nothing any more, and whoever fills the last round up,
            // because it joined or takes another one's place, was not there to be sampled.
            state.waves[index].status != .passed, (state.nodes[node]?.batch ?? 0) < state.waves[index].batchCount,
            let baseline = world.undertaking(of: process).planning.baselines[state.waves[index].planIndex],
            begun[machine, default: []].insert(index).inserted
        else { return }
        let times = reads[machine]?[node] ?? []
        guard times.count < 2 || world.time - (times.first ?? world.time) < baseline else { return }
        world.violated(
            name,
            "\(node) is the first of wave \(state.waves[index].name) and its page was asked for \(times.count) times "
                + "before, since \((world.time - (times.first ?? world.time)) / 1_000) s; the baseline is "
                + "\(baseline / 1_000) s")
    }

    private static func node(whosePageIsAsked request: HTTPRequest, _ process: SimulatedProcess) -> String? {
        let steps = request.url.split(separator: "/")
        guard steps.contains("proxy"), let place = steps.first(where: { $0.hasPrefix("http:") && $0 != "http:" })
        else { return nil }
        let pod = place.split(separator: ":").dropFirst().first.map(String.init)
        return process.seen.pods.values.first { $0.name == pod }?.node
    }
}
