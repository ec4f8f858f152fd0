import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner

/// When a delete leaves, the nodes without an available pod, as far as its driver could know, and those whose delete is on
/// its way, are fewer than the budget.
final class BudgetJudge: Judge {
    let name = "budget"
    /// The pods whose delete has left and was neither refused nor lost.
    private var ordered: Set<String> = []
    /// Those among them whose last order met an old token: they are on their way until their driver gives them up.
    private var unsent: Set<String> = []
    /// The nodes that lost or may have lost a pod to the drivers of one rollout, with that pod's uid, by rollout: what
    /// the drivers of another one did is not in its rows.
    private var touchedBy: [String: [String: String]] = [:]

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard case .deletePod(_, let uid) = purpose, let pod = process.seen.pods[uid],
            let owner = process.seen.daemonSet?.uid, let budget = process.state?.rollout.maxUnavailable
        else { return }
        let machine = process.ledger
        let touched = touchedBy[machine] ?? [:]
        var counts = Counts()
        var zoneCounts = Counts()
        let cap = world.scenario.planning.perZone
        let zone = process.seen.nodes[pod.node]?.labels[Self.zoneKey] ?? ""
        let readyBy = readyBy(world)
        for name in candidates(process.seen, readyBy, world) where name != pod.node {
            // Whoever leaves a node out does not want to wait for it.
            guard let node = process.seen.nodes[name], process.state?.nodes[name]?.status != .skipped else { continue }
            let standing = Standing(
                pods: process.seen.podsByNode[name] ?? [], of: owner, node: node, ordered: ordered,
                isTouched: touched[name] != nil, isLeaked: process.state?.nodes[name]?.isLeaked ?? false,
                readyBy: readyBy)
            counts.add(standing)
            if cap != nil, node.labels[Self.zoneKey] ?? "" == zone { zoneCounts.add(standing) }
        }
        let isHealthy = !ordered.contains(uid) && Standing.isAvailable(pod, readyBy: readyBy)
        let isRepeated = ordered.contains(uid)
        ordered.insert(uid)
        unsent.remove(uid)
        touchedBy[machine, default: [:]][pod.node] = uid
        guard !isRepeated else { return }
        judge(counts, isHealthy, budget, pod, "", world)
        if let cap {
            judge(zoneCounts, isHealthy, cap, pod, " in zone \(zone)", world)
        }
    }

    /// The nodes that may be without an available pod: no others need a closer look.
    private func candidates(_ seen: SeenFleet, _ readyBy: Milliseconds, _ world: World) -> Set<String> {
        guard readyBy == world.wall.millisecondsSince1970 else { return Set(seen.nodes.keys) }
        return seen.uncovered.union(ordered.compactMap { seen.pods[$0]?.node })
    }

    private static let zoneKey = "topology.kubernetes.io/zone"

    private func judge(
        _ counts: Counts, _ isHealthy: Bool, _ budget: Int, _ pod: PodTruth, _ place: String, _ world: World
    ) {
        let used = isHealthy ? counts.blind : counts.ours
        guard used >= budget else { return }
        world.violated(
            name,
            "a delete left for \(isHealthy ? "healthy" : "broken") pod \(pod.name) on \(pod.node) while \(used) other "
                + "nodes\(place) were without an available pod (budget \(budget))")
    }

    /// A pod that became Ready by this time counts as available, in milliseconds of true wall time.
    private func readyBy(_ world: World) -> Milliseconds {
        let clocksLie = world.scenario.kinds.contains(.serverClock)
        // The API writes whole seconds.
        let wait = clocksLie ? 0 : max(0, world.scenario.planning.minReady - 1_000)
        return world.wall.millisecondsSince1970 - wait
    }

    func podDeleted(_ record: PodDeleteRecord, by process: SimulatedProcess?, in world: World) {
        guard process != nil, !record.startedTermination, record.status >= 400, record.status != 404 else { return }
        forget(record.uid)
    }

    func requestLost(_ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World) {
        guard case .deletePod(_, let uid) = purpose else { return }
        forget(uid)
    }

    func tokenRefused(_ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World) {
        if case .deletePod(_, let uid) = purpose { unsent.insert(uid) }
    }

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        guard !unsent.isEmpty else { return }
        for event in turn.steps.flatMap(\.events) {
            if case .deleteRefused(let uid, _) = event, unsent.remove(uid) != nil { forget(uid) }
        }
    }

    private func forget(_ uid: String) {
        ordered.remove(uid)
        for (machine, touched) in touchedBy {
            touchedBy[machine] = touched.filter { $0.value != uid }
        }
    }

    private struct Counts {
        var blind = 0
        var ours = 0

        mutating func add(_ standing: Standing) {
            if standing.isBlind { blind += 1 }
            if standing.isOurs { ours += 1 }
        }
    }

    /// What one node adds to the counts.
    private struct Standing {
        var isBlind: Bool
        var isOurs: Bool

        init(
            pods: [PodTruth], of owner: String, node: NodeTruth, ordered: Set<String>,
            isTouched: Bool, isLeaked: Bool, readyBy: Milliseconds
        ) {
            var isEmpty = true
            var isAvailable = false
            for pod in pods where pod.owner == owner {
                isEmpty = false
                isAvailable = isAvailable || Self.isAvailable(pod, readyBy: readyBy) && !ordered.contains(pod.uid)
            }
            let belongs = node.runs || !isEmpty && node.stays
            isBlind = belongs && !isAvailable && (node.isReady || isTouched)
            // What somebody else has replaced since is not ours any more.
            isOurs = isTouched && !isLeaked && !isAvailable && belongs
        }

        static func isAvailable(_ pod: PodTruth, readyBy: Milliseconds) -> Bool {
            guard let since = pod.readySince, !pod.isTerminating, !pod.isTerminal else { return false }
            return since.millisecondsSince1970 <= readyBy
        }
    }
}
