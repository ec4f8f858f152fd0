import SluiceCluster
import SluiceCore
import SluiceRunner

/// A rollout that halted because nodes failed or a gate did, and whose plan wants it rolled back, is rolled back, whoever
/// died on the way: to the version that most nodes ran before, under at most twice its budget, and in the end no node that
/// it touched runs the new one. With `rollbackWave` none but the failed wave's nodes are touched before a person has
/// approved it.
final class RollbackJudge: Judge {
    let name = "rollback"
    /// The image that most nodes without the new one ran when a rollout was first taken up, by rollout.
    private var before: [String: String] = [:]
    /// The nodes whose pod was sent into termination for a rollout, by rollout.
    private var touched: [String: Set<String>] = [:]
    /// The rollouts of which a person has approved a wave.
    private var approved: Set<String> = []
    /// What hides the cluster from the drivers, changes what is to be put back, or gives the way back up.
    private static let blinding: Set<FaultKind> = [
        .tokenRotated, .serverRestarts, .suspended, .diskFull, .diskErrors, .driverClock, .otherDriver, .serverClock,
        .strategyFlipped, .templateReverted, .templateChanged, .daemonSetDeleted, .daemonSetRecreated, .aborted,
    ]

    func driverBegins(with state: RolloutState, as process: SimulatedProcess, in world: World) {
        let id = state.rollout.id
        guard before[id] == nil else { return }
        let old = world.fleet.pods.values.filter { $0.image != FleetSpec.newImage }
        let images = Dictionary(grouping: old, by: \.image)
        before[id] = images.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }?.key ?? ""
        let undertaking = world.undertaking(of: process)
        guard let undone = undertaking.undone else { return }
        let most = max(1, min(2 * undone.rollout.maxUnavailable, undone.nodes.values.count { $0.status != .left } / 2))
        if state.rollout.maxUnavailable > most {
            world.violated(name, "the way back may take \(state.rollout.maxUnavailable) nodes at once, at most \(most)")
        }
        if let image = before[undone.rollout.id], image != undertaking.target, !Self.isBlind(world.scenario) {
            world.violated(name, "the way back brings \(undertaking.target), and \(image) ran before")
        }
    }

    func personAsked(_ request: OperatorRequest, on machine: Machine, in world: World) {
        guard case .approve = request else { return }
        for process in world.processes where process.machine === machine && !process.hasEnded {
            process.rollout.map { _ = approved.insert($0) }
        }
    }

    func podDeleted(_ record: PodDeleteRecord, by process: SimulatedProcess?, in world: World) {
        guard let process, let id = process.rollout, record.startedTermination else { return }
        touched[id, default: []].insert(record.node)
        guard let undone = world.undertaking(of: process).undone, world.scenario.planning.onFailure == .rollbackWave,
            !approved.contains(id)
        else { return }
        let failed = undone.nodes.values.filter { $0.status == .failed }.map(\.wave) + [undone.rollout.waveIndex]
        guard !failed.contains(undone.nodes[record.node]?.wave) else { return }
        world.violated(
            name, "\(record.node) is put back, is not of the wave that failed, and nobody has approved that")
    }

    func runEnded(_ run: FinishedRun, in world: World) {
        guard world.scenario.planning.onFailure.rollsBack, !Self.isBlind(world.scenario), let newest = run.state,
            let daemonSet = world.fleet.daemonSet
        else { return }
        let undone = world.undertaking(of: newest.rollout.id).undone ?? newest
        guard let image = before[undone.rollout.id], !image.isEmpty, Self.isBad(undone.rollout) else { return }
        if daemonSet.image != image {
            world.violated(name, "\(undone.rollout.id) proved bad, and in the end the template has \(daemonSet.image)")
        }
        // A way back keeps its budget too, and pods that never end may use it up.
        let isUsedUp = newest.rollout.reason == .budgetWaitExceeded && newest.rollout.id != undone.rollout.id
        if isUsedUp, world.scenario.kinds.contains(.stuckTermination) { return }
        for node in (touched[undone.rollout.id] ?? []).sorted() where world.fleet.nodes[node]?.runs == true {
            let isNamed = [.deferred, .failed, .skipped, .left].contains(newest.nodes[node]?.status)
            let pods = world.fleet.pods(on: node).filter { $0.image == FleetSpec.newImage && !$0.isTerminating }
            guard !pods.isEmpty, newest.rollout.id == undone.rollout.id || !isNamed else { continue }
            world.violated(
                name,
                "\(undone.rollout.id) proved bad, and in the end \(node), which it touched, runs \(FleetSpec.newImage); "
                    + "\(newest.rollout.id) is \(newest.rollout.phase.rawValue)")
        }
    }

    /// Whether a rollout stands, or gave way, for what its version did.
    private static func isBad(_ rollout: RolloutRecord) -> Bool {
        switch rollout.reason {
        case .failuresExceeded, .gateFailed: rollout.phase == .halted
        case .superseded: true
        default: false
        }
    }

    private static func isBlind(_ scenario: Scenario) -> Bool {
        let kinds = scenario.kinds + scenario.acts.compactMap(\.act.kind)
        // Another machine's database knows nothing of the rollout that is to be rolled back.
        return scenario.movesOn || kinds.contains { $0.isByRequest || blinding.contains($0) }
    }
}
