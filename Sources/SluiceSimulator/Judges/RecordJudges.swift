import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner
import SluiceStore

/// After every commit the stored rollout is the one in memory.
final class StoreJudge: Judge {
    let name = "store"
    private var turns = 0
    /// Of a large fleet only some turns are compared, or this judge would cost more than all else.
    private static let nodesForEach = 1

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        turns += 1
        guard turns % max(1, turn.state.nodes.count / Self.nodesForEach) == 0 else { return }
        compare(turn.state, process, world)
    }

    func driverEnded(_ outcome: DriverOutcome, by process: SimulatedProcess, in world: World) {
        guard case .ended(.stopped, let state) = outcome else { return }
        compare(state, process, world)
    }

    private func compare(_ state: RolloutState, _ process: SimulatedProcess, _ world: World) {
        do {
            guard let stored = try world.reader(of: process)?.load(state.rollout.id) else {
                return world.violated(name, "rollout \(state.rollout.id) is not in the database")
            }
            guard stored != state else { return }
            world.violated(name, "the database lags: \(Self.difference(stored, state))")
        } catch {
            world.violated(name, "the database cannot be read: \(error)")
        }
    }

    private static func difference(_ stored: RolloutState, _ state: RolloutState) -> String {
        for (name, record) in state.nodes.sorted(by: { $0.key < $1.key }) where stored.nodes[name] != record {
            return "node \(name) is \(stored.nodes[name].map { "\($0)" } ?? "missing"), should be \(record)"
        }
        if stored.rollout != state.rollout {
            return "the rollout's row: \(stored.rollout.phase), \(state.rollout.phase)"
        }
        if stored.waves != state.waves { return "a wave" }
        return stored.gates != state.gates ? "a gate" : "a node too many"
    }
}

/// The journal explains every delete, and loses no line that was told.
final class JournalJudge: Judge {
    let name = "journal"
    /// The lines told, by rollout.
    private var told: [String: [JournalLine]] = [:]
    private var announced: [String: Set<String>] = [:]

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        told[process.ledger, default: []] += turn.decision.journal
        for line in turn.decision.journal where line.event == .deleting {
            announced[process.machine?.name ?? "", default: []].insert(line.node ?? "")
        }
    }

    func podDeleted(_ record: PodDeleteRecord, by process: SimulatedProcess?, in world: World) {
        guard let process, record.startedTermination else { return }
        guard announced[process.machine?.name ?? ""]?.contains(record.node) != true else { return }
        world.violated(name, "the journal says nothing of the delete of \(record.pod) on \(record.node)")
    }

    func runEnded(_ run: FinishedRun, in world: World) {
        for rollout in run.rollouts { judge(rollout, told[rollout.state.rollout.id] ?? [], world) }
    }

    private func judge(_ rollout: FinishedRun.Rollout, _ lines: [JournalLine], _ world: World) {
        var rest = rollout.journal[...]
        for line in lines {
            guard let found = rest.firstIndex(of: line) else {
                return world.violated(
                    name, "a line is not in the journal any more: \(line.event.rawValue) \(line.message)")
            }
            rest = rest[(found + 1)...]
        }
    }
}

/// Requests that are open at once, and how many there are in a minute, stay within bounds whatever the server does.
final class TrafficJudge: Judge {
    let name = "traffic"
    /// 64 requests and three watches; the Lease's request waits for no room.
    private static let openLimit = 68
    /// Requests in one minute besides deletes, and besides the pages that a plan asks for.
    private static let minuteLimit = 150
    private var sent: [Int: [Milliseconds]] = [:]

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        let open = world.network.open(of: process)
        if open > Self.openLimit { world.violated(name, "\(open) requests are open at once") }
        if case .deletePod = purpose { return }
        if Wire.isPage(request) { return }
        var times = sent[process.number] ?? []
        times.append(world.time)
        if let old = times.firstIndex(where: { $0 > world.time - 60_000 }), old > 0 { times.removeFirst(old) }
        sent[process.number] = times
        guard times.count == Self.minuteLimit else { return }
        world.violated(name, "\(times.count) requests in a minute, the last: \(request.method.rawValue) \(request.url)")
    }
}
