import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner

/// A node that got the target version while its turn was still to come, and from nobody here, is marked as leaked: it
/// proves nothing about its wave.
final class LeakJudge: Judge {
    let name = "leak"
    /// The nodes whose pod was ordered away by drivers of a rollout, or whose turn was over before, by rollout.
    private var ordered: [String: Set<String>] = [:]
    /// The drives whose first turn has been taken.
    private var known: Set<Int> = []

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard case .deletePod(_, let uid) = purpose, let pod = process.seen.pods[uid] else { return }
        ordered[process.ledger, default: []].insert(pod.node)
    }

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        let machine = process.ledger
        if known.insert(process.drive).inserted {
            // A plan counts nodes that have the target already, and a driver may have died between an order and its sending.
            for record in turn.state.nodes.values
            where ![.pending, .deferred, .left].contains(record.status)
                && (record.status != .skipped || record.podUID != nil)
            {
                ordered[machine, default: []].insert(record.node)
            }
        }
        for record in turn.decision.changes.nodes where record.status == .deleting {
            // Its turn has come. Somebody else may be quicker than an order that waits for a token.
            ordered[machine, default: []].insert(record.node)
        }
        for record in turn.decision.changes.nodes where [.replacing, .updated].contains(record.status) {
            guard !record.isLeaked, ordered[machine]?.contains(record.node) != true else { continue }
            world.violated(
                name,
                "\(record.node) is \(record.status.rawValue) and not marked as leaked, and nobody here deleted its pod")
        }
    }
}

/// A node comes to count as updated only when its driver has seen a Ready pod of the target version on it, and it is not
/// said to have lost it while the driver sees it there.
final class UpdateJudge: Judge {
    let name = "updated"
    /// The nodes that count as updated, by rollout.
    private var updated: [String: Set<String>] = [:]
    private var known: Set<Int> = []

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        let machine = process.ledger
        if known.insert(process.drive).inserted {
            updated[machine] = Set(turn.state.nodes.values.filter { $0.status == .updated }.map(\.node))
        }
        for record in turn.decision.changes.nodes {
            guard record.status == .updated else {
                if updated[machine]?.remove(record.node) != nil { judgeLoss(record, turn, process, world) }
                continue
            }
            guard updated[machine, default: []].insert(record.node).inserted else { continue }
            let target = world.undertaking(of: process).target
            let isReady = process.seen.pods(on: record.node).contains {
                $0.image == target && $0.readySince != nil && !$0.isTerminating
            }
            guard !isReady else { continue }
            world.violated(name, "\(record.node) counts as updated, and no Ready pod of the target was seen on it")
        }
    }
}

extension UpdateJudge {
    private func judgeLoss(_ record: NodeRecord, _ turn: RolloutTurn, _ process: SimulatedProcess, _ world: World) {
        guard record.status == .replacing, record.reason == .unstable, turn.steps.count == 1,
            world.scenario.planning.minReady == 0
        else { return }
        let target = world.undertaking(of: process).target
        let isReady = process.seen.pods(on: record.node).contains {
            $0.image == target && $0.readySince != nil && !$0.isTerminating && !$0.isTerminal
        }
        guard isReady else { return }
        world.violated(name, "\(record.node) is said to have lost its Ready pod, and it was seen on it")
    }
}

/// A soak lasts no longer than the plan says: who goes on in the middle of one does not begin it anew. Judged in runs in
/// which nothing hides the cluster from the drivers, for what nobody watched does not count.
final class SoakJudge: Judge {
    let name = "soak"

    private struct Watch {
        var wave: Int
        /// From when the wave could have passed after its soak: it began, or a node of it was done after all.
        var startedAt: Milliseconds
        var settledAt: Milliseconds
        /// Whether a node of it was not done yet after the last turn.
        var isOpen = true
    }

    private var watches: [String: Watch] = [:]
    private var beganAt: [Int: Milliseconds] = [:]
    private var isBlinding: Bool?
    /// The longest time that a driver needs to see the cluster and decide, in milliseconds.
    private static let tolerance: Milliseconds = 30_000
    /// What takes sight, disk or clock from a driver for a while.
    private static let blinding: Set<FaultKind> = [
        .tokenRotated, .streamsEnd, .streamsBreak, .streamsFallSilent, .serverRestarts, .suspended, .diskFull,
        .diskErrors, .driverClock, .otherDriver, .serverClock, .strategyFlipped, .templateReverted,
    ]

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        guard !isBlinding(world.scenario) else { return }
        let machine = process.ledger
        let began = beganAt[process.drive] ?? world.time
        beganAt[process.drive] = began
        if let watch = watches[machine] { judge(watch, turn.state, began, process, world) }
        watches[machine] = watched(turn.state, watches[machine], world.time)
    }

    private func isBlinding(_ scenario: Scenario) -> Bool {
        if isBlinding == nil {
            let kinds = scenario.kinds + scenario.acts.compactMap(\.act.kind)
            isBlinding = kinds.contains { $0.isByRequest || Self.blinding.contains($0) }
        }
        return isBlinding ?? false
    }

    private func watched(_ state: RolloutState, _ earlier: Watch?, _ now: Milliseconds) -> Watch? {
        let index = state.rollout.waveIndex
        guard state.waves.indices.contains(index), state.waves[index].soakStartedAt != nil else { return nil }
        var watch = Watch(wave: index, startedAt: now, settledAt: now)
        if let earlier, earlier.wave == index { watch = earlier }
        let isOpen = state.nodes.values.contains {
            $0.wave == index && [.pending, .deleting, .replacing].contains($0.status)
        }
        watch.isOpen = isOpen || state.rollout.phase != .soaking
        if watch.isOpen { watch.settledAt = now }
        return watch
    }

    private func judge(
        _ watch: Watch, _ state: RolloutState, _ began: Milliseconds, _ process: SimulatedProcess, _ world: World
    ) {
        let wave = state.waves[watch.wave]
        // Between two turns nobody moves: what was open after the last one was open until now.
        guard !watch.isOpen, state.gates.allSatisfy({ $0.wave != watch.wave }), wave.soakStartedAt != nil,
            state.rollout.phase == .soaking || wave.status == .passed
        else { return }
        let soaks = world.undertaking(of: process).planning.soaks
        let soak = soaks.indices.contains(wave.planIndex) ? soaks[wave.planIndex] : 0
        let due = max(watch.startedAt + soak, watch.settledAt, began) + Self.tolerance
        guard world.time > due else { return }
        world.violated(
            name,
            "wave \(wave.name) \(wave.status == .passed ? "passed" : "soaks still") \((world.time - due) / 1_000) s after "
                + "the end of its soak")
    }
}
