import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner

/// What a driver keeps in memory is bounded by the fleet, and what waits for it by what happened.
final class MemoryJudge: Judge {
    let name = "memory"
    private var turns: [Int: Int] = [:]
    /// The nodes that there were at any time.
    private var nodes: Set<String> = []
    /// The most nodes and the most pods that there were at once: what a driver has seen was there at one time.
    private var nodesAtOnce = 0
    private var podsAtOnce = 0
    /// How many turns pass between two counts.
    private static let interval = 20
    /// What is there whatever the fleet: the machine's own, and requests with their timers.
    private static let own = 20
    private static let requests = 100
    /// The longest unfinished lines of the three watches in bytes: no object here is longer.
    private static let bytes = 3 * 64 << 10
    /// Arrivals that wait for a process that runs.
    private static let arrivals = 400

    func truthChanged(_ truth: Truth, in world: World) {
        switch truth {
        case .node(let node):
            nodes.insert(node.name)
            nodesAtOnce = max(nodesAtOnce, world.fleet.nodes.count)
        case .pod: podsAtOnce = max(podsAtOnce, world.fleet.pods.count)
        case .nodeGone, .podGone, .daemonSet, .daemonSetGone, .lease: break
        }
    }

    func driverBegins(with state: RolloutState, as process: SimulatedProcess, in world: World) {
        nodes.formUnion(world.fleet.nodes.keys)
        nodesAtOnce = max(nodesAtOnce, world.fleet.nodes.count)
        podsAtOnce = max(podsAtOnce, world.fleet.pods.count)
    }

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        let number = turns[process.number, default: 0] + 1
        turns[process.number] = number
        guard number % Self.interval == 0, let driver = process.driver else { return }
        count(driver, process, world)
    }

    private func count(_ driver: RolloutDriver, _ process: SimulatedProcess, _ world: World) {
        for (part, count) in driver.footprint.sorted(by: { $0.key < $1.key }) {
            world.tally.peak("memory: \(part)", count)
            let allowed = bound(of: part)
            guard count > allowed else { continue }
            world.violated(name, "\(process.name) keeps \(count) \(part), allowed \(allowed)")
        }
        world.tally.peak("memory: mailbox", process.mailbox.count)
        guard process.mailbox.count > podsAtOnce + Self.arrivals else { return }
        world.violated(name, "\(process.mailbox.count) arrivals wait for \(process.name)")
    }

    private func bound(of part: String) -> Int {
        switch part {
        case "nodes": nodesAtOnce
        case "pods": podsAtOnce
        case "watches: bytes": Self.bytes
        case "watches: objects": nodesAtOnce + podsAtOnce + 1
        case _ where part.hasPrefix("client: "): nodes.count + Self.requests
        default: nodes.count + Self.own
        }
    }
}
