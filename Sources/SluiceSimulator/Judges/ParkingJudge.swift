import SluiceCluster
import SluiceCore
import SluiceRunner

/// With `leak: park` the template before stands while nothing is being replaced, and the target's when the rollout is complete.
/// Judged in runs in which nothing hides the cluster from the drivers or refuses what they ask for.
final class ParkingJudge: Judge {
    let name = "parking"
    /// From when nothing has been under way in a soak, by rollout.
    private var settledAt: [String: Milliseconds] = [:]
    private var isBlinding: Bool?
    /// The longest time that a driver needs to put a template back, in milliseconds.
    private static let tolerance: Milliseconds = 60_000

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        guard world.undertaking(of: process).planning.parks, !isBlinding(world.scenario) else { return }
        let machine = process.ledger
        let state = turn.state
        let isOpen = state.nodes.values.contains { record in
            record.status == .deleting || record.status == .replacing
                || record.status == .pending && record.wave.map { $0 <= state.rollout.waveIndex } ?? false
        }
        guard state.rollout.phase == .soaking, !isOpen else {
            settledAt[machine] = nil
            return
        }
        let since = settledAt[machine] ?? world.time
        settledAt[machine] = since
        guard world.time - since > Self.tolerance, world.fleet.daemonSet?.image == FleetSpec.newImage else { return }
        settledAt[machine] = world.time
        let seconds = (world.time - since) / 1_000
        world.violated(name, "nothing has been replaced for \(seconds) s, and the target's template stands")
    }

    func runEnded(_ run: FinishedRun, in world: World) {
        guard let rollout = run.state?.rollout, world.undertaking(of: rollout.id).planning.parks,
            !isBlinding(world.scenario), let daemonSet = world.fleet.daemonSet
        else { return }
        switch rollout.phase {
        case .completed where daemonSet.image != FleetSpec.newImage:
            world.violated(name, "the rollout is complete, and the template has \(daemonSet.image)")
        case .halted where daemonSet.image == FleetSpec.newImage:
            world.violated(name, "the rollout has halted, and the target's template stands")
        default: break
        }
    }

    private static let blinding: Set<FaultKind> = [
        .tokenRotated, .streamsEnd, .streamsBreak, .streamsFallSilent, .serverRestarts, .suspended, .diskFull,
        .diskErrors, .driverClock, .otherDriver, .serverClock, .strategyFlipped, .templateReverted, .templateChanged,
        .daemonSetDeleted, .daemonSetRecreated, .killed, .powerCut, .slowController, .aborted,
    ]

    private func isBlinding(_ scenario: Scenario) -> Bool {
        if isBlinding == nil {
            let kinds = scenario.kinds + scenario.acts.compactMap(\.act.kind)
            isBlinding = kinds.contains { $0.isByRequest || Self.blinding.contains($0) }
        }
        return isBlinding ?? false
    }
}
