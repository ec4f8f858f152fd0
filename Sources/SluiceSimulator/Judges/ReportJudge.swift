import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner

/// What `report versions` and `status` say is so: read with the code of the commands, and compared with the cluster as it
/// is.
final class ReportJudge: Judge {
    let name = "report"
    /// The image of the template, and when each image came for the first time, in milliseconds of true wall time; 0 for what
    /// was there from the beginning.
    private var image = FleetSpec.oldImage
    private var firstAt: [String: Milliseconds] = [FleetSpec.oldImage: 0]
    /// When each node first had a Ready pod of an image, in milliseconds of true wall time.
    private var availableAt: [String: [String: Milliseconds]] = [:]
    /// The ways back that have begun, by the rollout's name, for several machines may be on one.
    private var waysBack: [String: WayBack] = [:]

    /// When each node first had a Ready pod of the image that a rollout puts back, from its beginning on.
    private struct WayBack {
        var image: String
        var availableAt: [String: Milliseconds]
    }
    /// The images of which the cluster holds a revision. A template that was taken back before the controller saw it left
    /// none, and nobody can know of it.
    private var remembered: Set<String> = []
    private var looks = 0
    /// How often one run's reports are read before its end, and of how large a fleet at most.
    private static let looksInBetween = 2
    private static let fleetInBetween = 20
    /// The API writes whole seconds.
    private static let grain: Milliseconds = 1_000

    func truthChanged(_ truth: Truth, in world: World) {
        switch truth {
        case .daemonSet(let found) where found.image != image:
            image = found.image
            firstAt[image] = firstAt[image] ?? world.wall.millisecondsSince1970
        case .pod(let pod) where pod.readySince != nil: note(pod, world)
        default: break
        }
    }

    private func note(_ pod: PodTruth, _ world: World) {
        let now = world.wall.millisecondsSince1970
        if availableAt[pod.image]?[pod.node] == nil { availableAt[pod.image, default: [:]][pod.node] = now }
        for (id, back) in waysBack where back.image == pod.image && back.availableAt[pod.node] == nil {
            waysBack[id]?.availableAt[pod.node] = now
        }
    }

    func driverBegins(with state: RolloutState, as process: SimulatedProcess, in world: World) {
        let undertaking = world.undertaking(of: process)
        guard undertaking.undone != nil, waysBack[state.rollout.id] == nil else { return }
        // Those that the plan found updated count from the plan on.
        let planned = min(world.wall, state.rollout.createdAt).millisecondsSince1970
        let updated = world.fleet.pods.values.filter { $0.image == undertaking.target && $0.readySince != nil }
        waysBack[state.rollout.id] = WayBack(
            image: undertaking.target,
            availableAt: Dictionary(updated.map { ($0.node, planned) }, uniquingKeysWith: { $1 }))
    }

    func driverEnded(_ outcome: DriverOutcome, by process: SimulatedProcess, in world: World) {
        guard case .ended(_, let state) = outcome else { return }
        judgeStatus(state, world)
        guard world.fleet.nodes.count <= Self.fleetInBetween, looks < Self.looksInBetween else { return }
        looks += 1
        judgeVersions(state, world)
    }

    func runEnded(_ run: FinishedRun, in world: World) {
        if let state = run.state { judgeStatus(state, world) }
        judgeVersions(run.state, world)
    }

    private func object(_ what: String, _ world: World) { world.violated(name, what) }

    // MARK: report versions

    private struct Counts {
        var nodes = 0
        var updated = 0
        var stale = 0
        var missing = 0
    }

    private func judgeVersions(_ state: RolloutState?, _ world: World) {
        let client = KubernetesClient(
            access: ClusterAccess(server: Wire.server, credential: .none), outside: DirectOutside(world),
            userAgent: "sluice/judge")
        do {
            let facts = try ClusterReader.facts(client, namespace: "monitoring", daemonSet: "node-exporter")
            guard let facts, let truth = world.fleet.daemonSet else { return }
            let report = VersionReport(fleet: facts, knowledge: VersionReport.Knowledge(rollout: state))
            remembered = Set(facts.revisions.flatMap { $0.template.images.map(\.image) })
            judge(report, truth, world)
        } catch {
            object("the reports cannot be read: \(error)", world)
        }
    }

    private func judge(_ report: VersionReport, _ daemonSet: DaemonSetTruth, _ world: World) {
        var counts = Counts()
        for row in report.nodes {
            let pods = world.fleet.pods(on: row.node)
            let staying = pods.filter { !$0.isTerminating }
            let told = (staying.isEmpty ? pods : staying).first { $0.name == row.pod }
            counts.nodes += 1
            if row.pod == nil {
                counts.missing += 1
                // A pod that is not bound to its node yet is on none.
                if pods.contains(where: { $0.readySince != nil }) {
                    object("\(row.node) is said to have no pod, and has \(pods[0].name)", world)
                }
                continue
            }
            guard let told else {
                object("\(row.node) is said to run \(row.pod ?? ""), and runs \(pods.map(\.name))", world)
                continue
            }
            let isStale = report.updateRevision == nil || told.image != daemonSet.image
            if isStale { counts.stale += 1 } else { counts.updated += 1 }
            if row.revision != told.hash || row.isStale != isStale {
                object(
                    "\(row.node) is said to run \(row.revision ?? "nothing"), stale: \(row.isStale); it runs \(told.hash) "
                        + "with \(told.image), the template has \(daemonSet.image)", world)
            }
            if row.isStale, row.reason.isEmpty { object("\(row.node) is stale without a reason", world) }
            judgeSince(row.staleSince, "\(row.node) is stale", world)
        }
        judgeSince(report.updateRevisionSince, "the template is the one to run", world)
        judgeSums(report, counts, world)
    }

    /// A time before which the template cannot have become the one to run. An older one that was put back meanwhile, or the
    /// second write of one manager, leaves nothing in the cluster by which anybody could know more.
    private var imageSince: Milliseconds? {
        guard let first = firstAt[image] else { return nil }
        return firstAt.filter { remembered.contains($0.key) && $0.key != image && $0.value > first }.values.min()
            ?? first
    }

    private func judgeSince(_ since: Timestamp?, _ what: String, _ world: World) {
        guard let since = since?.millisecondsSince1970 else { return }
        if let imageSince, since + Self.grain <= imageSince {
            object(
                "\(what) since \(Timestamp(since).rfc3339), it cannot before \(Timestamp(imageSince).rfc3339)", world)
        }
        if since > world.wall.millisecondsSince1970 {
            object("\(what) since \(Timestamp(since).rfc3339), which is still to come", world)
        }
    }

    private func judgeSums(_ report: VersionReport, _ counts: Counts, _ world: World) {
        let told = report.totals
        if [told.nodes, told.updated, told.stale, told.missing]
            != [counts.nodes, counts.updated, counts.stale, counts.missing]
        {
            object("the totals are \(told), counted \(counts)", world)
        }
        let named = Set(report.nodes.map(\.node)).union(report.notEligible.map(\.node))
        if named != Set(world.fleet.nodes.keys) {
            let missing = named.symmetricDifference(world.fleet.nodes.keys).sorted()
            object("the report and the cluster differ in the nodes \(missing)", world)
        }
        for uncovered in report.notEligible where world.fleet.nodes[uncovered.node]?.runs == true {
            object("\(uncovered.node) is said not to run the DaemonSet, and would", world)
        }
        let rows = report.revisions.reduce(0) { $0 + $1.nodeCount }
        if rows != counts.updated + counts.stale { object("the revisions count \(rows) nodes", world) }
    }

    // MARK: status

    private func judgeStatus(_ state: RolloutState, _ world: World) {
        let status = RolloutStatus(state: state, isDriven: false, now: world.wall)
        let told = status.nodes
        var counted = [0, 0, 0, 0, 0, 0, 0]
        for record in state.nodes.values {
            switch record.status {
            case .updated: counted[0] += 1
            case .pending: counted[1] += 1
            case .deleting, .replacing: counted[2] += 1
            case .deferred: counted[3] += 1
            case .failed: counted[4] += 1
            case .skipped: counted[5] += 1
            case .left: continue
            }
            counted[6] += 1
        }
        let saidOf = [told.updated, told.pending, told.inFlight, told.deferred, told.failed, told.skipped, told.total]
        if counted != saidOf {
            object("status counts \(told), the rollout has \(counted)", world)
        }
        let isStopped = state.rollout.phase == .halted || state.rollout.phase.isFinal
        if status.phase != state.rollout.phase || (status.driver == .none) != isStopped {
            object("status says \(status.phase.rawValue), driver \(status.driver)", world)
        }
        judgeUpdated(state, status, world)
    }

    /// No node counts as updated, and no rollout as finished, before it was.
    private func judgeUpdated(_ state: RolloutState, _ status: RolloutStatus, _ world: World) {
        guard !world.scenario.kinds.contains(.driverClock) else { return }
        let id = state.rollout.id
        let availableAt = waysBack[id]?.availableAt ?? availableAt[world.undertaking(of: id).target] ?? [:]
        for record in state.nodes.values.sorted(by: { $0.node < $1.node }) where record.status == .updated {
            guard let updatedAt = record.updatedAt?.millisecondsSince1970 else { continue }
            guard let since = availableAt[record.node] else {
                object("\(record.node) counts as updated and never had a Ready pod of the target", world)
                continue
            }
            if updatedAt < since {
                object("\(record.node) counts as updated \(since - updatedAt) ms before it was", world)
            }
            if let finished = status.finishedAt?.millisecondsSince1970, finished < since {
                object("the rollout counts as finished \(since - finished) ms before \(record.node) was updated", world)
            }
        }
    }
}
