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
    /// The nodes that lost or may have lost a pod to the drivers of one machine, with that pod's uid, by machine: what
    /// the drivers of another one did is not in their database.
    private var touchedBy: [String: [String: String]] = [:]

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard case .deletePod(_, let uid) = purpose, let pod = process.seen.pods[uid],
            process.seen.daemonSet != nil, let budget = process.state?.rollout.maxUnavailable
        else { return }
        let machine = process.machine?.name ?? ""
        let touched = touchedBy[machine] ?? [:]
        var counts = Counts()
        var zoneCounts = Counts()
        let zone = process.seen.nodes[pod.node]?.labels[Self.zoneKey] ?? ""
        for (name, node) in process.seen.nodes where name != pod.node {
            let standing = Standing(
                pods: process.seen.pods(on: name), node: node, ordered: ordered,
                isTouched: touched[name] != nil, readyBy: readyBy(world))
            counts.add(standing)
            if node.labels[Self.zoneKey] ?? "" == zone { zoneCounts.add(standing) }
        }
        let isHealthy = ordered.contains(uid) ? false : Standing.isAvailable(pod, readyBy: readyBy(world))
        let isRepeated = ordered.contains(uid)
        ordered.insert(uid)
        touchedBy[machine, default: [:]][pod.node] = uid
        guard !isRepeated else { return }
        judge(counts, isHealthy, budget, pod, "", world)
        if let cap = world.scenario.planning.perZone {
            judge(zoneCounts, isHealthy, cap, pod, " in zone \(zone)", world)
        }
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
            pods: [PodTruth], node: NodeTruth, ordered: Set<String>,
            isTouched: Bool, readyBy: Milliseconds
        ) {
            let isAvailable = pods.contains { !ordered.contains($0.uid) && Self.isAvailable($0, readyBy: readyBy) }
            let belongs = node.runs || !pods.isEmpty && node.stays
            isBlind = belongs && !isAvailable && (node.isReady || isTouched)
            isOurs = isTouched && !isAvailable && belongs
        }

        static func isAvailable(_ pod: PodTruth, readyBy: Milliseconds) -> Bool {
            guard let since = pod.readySince, !pod.isTerminating, !pod.isTerminal else { return false }
            return since.millisecondsSince1970 <= readyBy
        }
    }
}
