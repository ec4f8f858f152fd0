import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner

/// A pod that lost its readiness during a soak, or was replaced, does not pass as one that stood all the while: by the time
/// its wave passes, its node has been looked at anew, whether or not anybody was alive to see it happen.
final class UnwatchedJudge: Judge {
    let name = "unwatched"
    /// A node and the image that pods on it have.
    private struct Place: Hashable {
        var node: String
        var image: String

        init(_ pod: PodTruth) { (node, image) = (pod.node, pod.image) }

        init(_ node: String, _ image: String) { (self.node, self.image) = (node, image) }
    }

    /// The uid of the Ready pod of an image on a node.
    private var ready: [Place: String] = [:]
    /// When a node last lost such a pod, in milliseconds of the run.
    private var lostAt: [Place: Milliseconds] = [:]
    /// When a node was last written down as updated, by rollout.
    private var updatedAt: [String: [String: Milliseconds]] = [:]
    /// How many losses were written down for each node, by rollout.
    private var losses: [String: [String: Int]] = [:]
    /// The longest time that news may need to a driver that watches, in milliseconds.
    private static let tolerance: Milliseconds = 120_000

    func truthChanged(_ truth: Truth, in world: World) {
        switch truth {
        case .pod(let pod) where pod.readySince != nil && !pod.isTerminating: ready[Place(pod)] = pod.uid
        case .pod(let pod), .podGone(let pod):
            guard ready[Place(pod)] == pod.uid else { return }
            ready[Place(pod)] = nil
            lostAt[Place(pod)] = world.time
        default: break
        }
    }

    /// A driver that dies right after it has written a loss down tells nobody; the next one finds it in the database.
    func driverBegins(with state: RolloutState, as process: SimulatedProcess, in world: World) {
        let machine = process.ledger
        for record in state.nodes.values where record.status == .updated {
            guard record.readinessLosses > losses[machine]?[record.node] ?? 0 else { continue }
            losses[machine, default: [:]][record.node] = record.readinessLosses
            updatedAt[machine, default: [:]][record.node] = world.time
        }
    }

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        let machine = process.ledger
        for record in turn.decision.changes.nodes where record.status == .updated {
            losses[machine, default: [:]][record.node] = record.readinessLosses
            updatedAt[machine, default: [:]][record.node] = world.time
        }
        // Of turns that a full disk kept from being written down one by one only the lines are all told.
        for line in turn.decision.journal where line.event == .updated {
            line.node.map { updatedAt[machine, default: [:]][$0] = world.time }
        }
        for wave in turn.decision.changes.waves where wave.status == .passed {
            judge(wave, turn.state, updatedAt[machine] ?? [:], process, world)
        }
    }

    private func judge(
        _ wave: WaveRecord, _ state: RolloutState, _ updatedAt: [String: Milliseconds], _ process: SimulatedProcess,
        _ world: World
    ) {
        let target = world.undertaking(of: process).target
        for record in state.nodes.values where record.wave == wave.index && record.status == .updated {
            guard let updated = updatedAt[record.node], let lost = lostAt[Place(record.node, target)],
                lost > updated, world.time - lost > Self.tolerance
            else { continue }
            world.violated(
                name,
                "wave \(wave.name) passed, and nobody has noticed that \(record.node) lost its pod "
                    + "\((world.time - lost) / 1_000) s before")
        }
    }
}
