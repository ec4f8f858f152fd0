import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner

/// No node of a wave is touched before the waves before it have settled and soaked for their whole time, by the judge's
/// own watch, nor after more nodes of one failed than it allows.
final class WaveJudge: Judge {
    let name = "wave"
    /// When each node first had a Ready pod of the new version, in milliseconds of the run. No way back soaks.
    private var availableAt: [String: Milliseconds] = [:]
    /// The nodes whose pod a driver of a rollout has deleted, by rollout: another one's rows know nothing of them.
    private var touched: [String: Set<String>] = [:]

    /// The nodes that failed at any time: one that recovers in a soak does not prolong it.
    private var failed: Set<String> = []

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        for line in turn.decision.journal where line.event == .failed { line.node.map { _ = failed.insert($0) } }
    }

    func podDeleted(_ record: PodDeleteRecord, by process: SimulatedProcess?, in world: World) {
        guard let process, record.startedTermination else { return }
        touched[process.ledger, default: []].insert(record.node)
    }

    func truthChanged(_ truth: Truth, in world: World) {
        guard case .pod(let pod) = truth, pod.image == FleetSpec.newImage, pod.readySince != nil,
            availableAt[pod.node] == nil
        else { return }
        availableAt[pod.node] = world.time
    }

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard case .deletePod(_, let uid) = purpose, let pod = process.seen.pods[uid],
            let state = process.state, let wave = state.nodes[pod.node]?.wave
        else { return }
        judgeFailures(state, pod.node, world)
        for earlier in state.waves.prefix(wave) {
            if earlier.status != .passed {
                world.violated(
                    name,
                    "\(pod.node) of wave \(state.waves[wave].name) is touched while wave \(earlier.name) is "
                        + earlier.status.rawValue)
            }
            judgeSoak(of: earlier, state, pod.node, process, world)
        }
    }

    private func judgeFailures(_ state: RolloutState, _ node: String, _ world: World) {
        for wave in state.waves {
            let failed = state.nodes.values.count { $0.wave == wave.index && $0.status == .failed }
            guard failed > wave.failuresAllowed else { continue }
            world.violated(
                name,
                "\(node) is touched although \(failed) nodes of wave \(wave.name) failed (allowed \(wave.failuresAllowed))"
            )
        }
    }

    private func judgeSoak(
        of wave: WaveRecord, _ state: RolloutState, _ node: String, _ process: SimulatedProcess, _ world: World
    ) {
        // A wall clock that jumps while no driver is alive shortens what the next one believes to have passed.
        guard !world.scenario.kinds.contains(.driverClock) else { return }
        let soaks = world.undertaking(of: process).planning.soaks
        let soak = soaks.indices.contains(wave.planIndex) ? soaks[wave.planIndex] : 0
        for member in state.nodes.values where member.wave == wave.index && member.status == .updated {
            guard let since = availableAt[member.node], world.time - since < soak, !member.isLeaked,
                touched[process.ledger]?.contains(member.node) == true
            else { continue }
            guard member.readinessLosses == 0, !failed.contains(member.node) else { continue }
            // In the last round deferred nodes of all waves are tried again side by side.
            if let passed = wave.passedAt, let deleted = member.deletedAt, deleted >= passed { continue }
            world.violated(
                name,
                "\(node) is touched \((world.time - since) / 1_000) s after \(member.node) of wave \(wave.name) became "
                    + "available; the wave soaks for \(soak / 1_000) s")
        }
    }
}

/// Nothing is deleted while a person, the strategy or the template stands against it, before a wave is approved that needs
/// it, outside the plan's windows, nor after the rollout has ended.
final class HoldJudge: Judge {
    let name = "hold"
    /// Since when the drivers of a machine are to hold or to have stopped, by the machine's name; a way back begins free.
    private var pausedSince: [String: Milliseconds] = [:]
    private var abortedSince: [String: Milliseconds] = [:]
    /// The waves that a person approved when their turn had come, by rollout.
    private var approved: [String: Set<String>] = [:]
    /// The rollout that a machine's drivers drove last, by the machine's name.
    private var driven: [String: String] = [:]

    func personAsked(_ request: OperatorRequest, on machine: Machine, in world: World) {
        switch request {
        case .pause: pausedSince[machine.name] = world.time
        case .resume: pausedSince[machine.name] = nil
        case .approve(let wave, _, _):
            for process in world.processes where process.machine === machine && !process.hasEnded {
                guard let state = process.state, [.preparing, .updating].contains(state.rollout.phase),
                    state.waves.first(where: { $0.status != .passed })?.name == wave
                else { continue }
                approved[process.ledger, default: []].insert(wave)
            }
        case .skip, .retry: break
        case .abort, .supersede: abortedSince[machine.name] = world.time
        }
    }

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        guard case .deletePod(let pod, let uid) = purpose else { return }
        judgeApproval(of: uid, process, world)
        judgeCalendar(pod, process, world)
        if let phase = process.state?.rollout.phase, [.halted, .completed, .aborted].contains(phase) {
            world.violated(name, "\(pod) is deleted although the rollout is \(phase.rawValue)")
        }
        if let daemonSet = process.seen.daemonSet {
            if daemonSet.annotations["sluice/pause"] != nil {
                world.violated(name, "\(pod) is deleted while the DaemonSet is annotated sluice/pause")
            }
            if daemonSet.strategy != "OnDelete" {
                world.violated(name, "\(pod) is deleted while the strategy is \(daemonSet.strategy)")
            }
            if daemonSet.image != world.undertaking(of: process).target {
                world.violated(name, "\(pod) is deleted while the template has \(daemonSet.image)")
            }
        }
        let machine = process.machine?.name ?? ""
        for (asked, since) in [("paused", pausedSince[machine]), ("aborted", abortedSince[machine])] {
            if let since, since < world.time { world.violated(name, "\(pod) is deleted although \(asked)") }
        }
    }

    /// How late what was decided in a window may leave, in milliseconds, and how far a clock may have been set meanwhile.
    private static let tolerance: Milliseconds = 20_000
    private static let clockTolerance: Milliseconds = 620_000

    /// People mean the clock of the machine.
    private func judgeCalendar(_ pod: String, _ process: SimulatedProcess, _ world: World) {
        let wall = world.wall.millisecondsSince1970 + (process.machine?.wallSkew ?? 0)
        let clockLies = world.scenario.kinds.contains(.driverClock)
        let tolerance = clockLies ? Self.clockTolerance : Self.tolerance
        guard !world.undertaking(of: process).planning.mayDelete(at: wall, give: tolerance) else { return }
        world.violated(name, "\(pod) is deleted at \(Timestamp(wall).rfc3339), outside every window or in a freeze")
    }

    /// A machine that takes over from a lost one may find waves begun that were approved there. A wave in which nothing is
    /// to be done has nothing to be approved.
    func driverBegins(with state: RolloutState, as process: SimulatedProcess, in world: World) {
        let machine = process.machine?.name ?? ""
        if driven[machine] != nil, driven[machine] != state.rollout.id {
            pausedSince[machine] = nil
            abortedSince[machine] = nil
        }
        driven[machine] = state.rollout.id
        let undertaking = world.undertaking(of: process)
        let known = approved.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        let begun = state.waves.filter { $0.status != .pending && known.contains($0.name) }
        let done = state.waves.filter { wave in
            state.nodes.values.filter { $0.wave == wave.index }.allSatisfy { record in
                record.status == .updated
                    && world.fleet.pods(on: record.node).contains { $0.image == undertaking.target }
            }
        }
        approved[process.ledger, default: []].formUnion((begun + done).map(\.name))
    }

    private func judgeApproval(of uid: String, _ process: SimulatedProcess, _ world: World) {
        let approvals = world.undertaking(of: process).planning.approvals
        guard !approvals.isEmpty, let node = process.seen.pods[uid]?.node,
            let state = process.state, let wave = state.nodes[node]?.wave,
            approvals.contains(state.waves[wave].planIndex),
            approved[process.ledger]?.contains(state.waves[wave].name) != true
        else { return }
        world.violated(name, "\(node) is touched, and nobody has approved wave \(state.waves[wave].name)")
    }
}
