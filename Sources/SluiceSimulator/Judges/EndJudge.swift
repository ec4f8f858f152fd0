import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner

/// Whatever is said at the end is true: a completed rollout has updated every node or names those it has not, and one
/// that stopped did so for a reason that there was.
final class EndJudge: Judge {
    let name = "end"

    func driverEnded(_ outcome: DriverOutcome, by process: SimulatedProcess, in world: World) {
        guard case .ended(.stopped, let state) = outcome, state.rollout.phase != .halted, !state.rollout.phase.isFinal
        else { return }
        world.violated(name, "\(process.name) stopped driving while the rollout is \(state.rollout.phase.rawValue)")
    }

    func runEnded(_ run: FinishedRun, in world: World) {
        guard let state = run.state else { return }
        switch state.rollout.phase {
        case .completed: judgeCompletion(state, world)
        case .halted, .aborted: judgeReason(state.rollout, world)
        case .preparing, .updating, .soaking: break
        }
    }

    private func judgeCompletion(_ state: RolloutState, _ world: World) {
        guard world.fleet.daemonSet != nil else { return }
        let target = world.undertaking(of: state.rollout.id).target
        for (node, truth) in world.fleet.nodes.sorted(by: { $0.key < $1.key }) {
            guard truth.runs else { continue }
            let isNew = world.fleet.pods(on: node).contains { $0.image == target }
            let record = state.nodes[node]
            let isNamed = [.deferred, .skipped, .failed, .left].contains(record?.status)
            if !isNew, !isNamed, !mayHaveChangedSince(world), !isCrossed(world) {
                world.violated(
                    name,
                    "completed, and \(node) runs \(world.fleet.pods(on: node).map(\.image)); the rollout says "
                        + (record.map { "\($0.status.rawValue)" } ?? "nothing"))
            }
        }
        let isStale = state.nodes.values.contains { [.deferred, .skipped, .failed, .pending].contains($0.status) }
        if isStale != (state.rollout.reason == .deferredNodes) {
            world.violated(name, "completed with reason \(state.rollout.reason?.rawValue ?? "none"), stale: \(isStale)")
        }
    }

    /// After its end the rollout watches no more: what others did then is not its matter.
    private func mayHaveChangedSince(_ world: World) -> Bool {
        let kinds = world.scenario.kinds
        return [
            .templateChanged, .templateReverted, .daemonSetDeleted, .daemonSetRecreated, .nodeJoins, .tainted,
            .podDeleted, .podEvicted, .podFailed, .drained, .nodeFallsSilent, .strategyFlipped, .creationRefused,
        ].contains { kinds.contains($0) }
    }

    /// What must have gone wrong for a rollout to stop for a reason.
    private static let causes: [Reason: Set<FaultKind>] = [
        .failuresExceeded: [
            .badVersion, .creationRefused, .stuckTermination, .slowTermination, .slowController, .nodeFallsSilent,
            .podFailed, .podDeleted, .podEvicted, .drained, .tainted, .lingering, .templateReverted, .strategyFlipped,
            // Unseen while the watch is silent; its nodes get no pods any more.
            .daemonSetDeleted, .daemonSetRecreated,
        ],
        .templateChanged: [.templateChanged, .templateReverted],
        .daemonSetGone: [.daemonSetDeleted, .daemonSetRecreated],
        .daemonSetReplaced: [.daemonSetRecreated],
        .strategyChanged: [.strategyFlipped],
        .configChanged: [.configEdited],
        .operatorRequest: [.aborted],
    ]

    /// A driver that puts the version before back changes the template under one that brings the new one.
    private func isCrossed(_ world: World) -> Bool {
        world.scenario.kinds.contains(.otherDriver)
            && (world.scenario.planning.onFailure.rollsBack || world.scenario.planning.parks)
    }

    private func judgeReason(_ rollout: RolloutRecord, _ world: World) {
        guard let reason = rollout.reason else {
            return world.violated(name, "\(rollout.phase.rawValue) without a reason")
        }
        guard let causes = Self.causes[reason], causes.isDisjoint(with: world.scenario.kinds),
            reason != .templateChanged || !isCrossed(world)
        else { return }
        world.violated(
            name,
            "\(rollout.phase.rawValue) for \(reason.rawValue), and nothing of that kind happened: \(rollout.message)")
    }
}
