import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner

/// While nothing happens a driver costs next to nothing: in a soak, in a pause and before an approval the three watches,
/// which are set up again about every five minutes, and before the end of a soak the Lease with a fresh list; while it waits
/// with the Lease, its renewal every ten seconds besides; and one look a minute at the configuration. Nothing is written to
/// the disk, but what a gate measured.
final class IdleJudge: Judge {
    let name = "idle"
    /// The time over which requests and commits are counted, in milliseconds.
    private static let window: Milliseconds = 600_000
    /// How long it takes until what happened last is over, in milliseconds: a watch that fell silent is noticed within
    /// ninety seconds, the wait after failures can have grown to thirty.
    private static let aftermath: Milliseconds = 180_000
    /// How many requests in one window, without the Lease and with it.
    private static let requestsWithoutLease = 25
    private static let requestsWithLease = 80
    /// How many looks at ConfigMaps and Secrets: one a minute.
    private static let looks = 12
    /// How many commits in one window: a fresh list before the end of a soak is seen to be lost and regained.
    private static let commits = 20
    /// How long before the end of a soak the Lease may be taken, in milliseconds.
    private static let lead: Milliseconds = 60_000

    private struct Watch {
        var startedAt: Milliseconds
        var requests: [Milliseconds] = []
        var looks: [Milliseconds] = []
        var commits: [Milliseconds] = []
        var needsLease = false
        /// When the Lease is taken again for the end of a soak, in milliseconds of wall time; later gates may be waited for.
        var takesLeaseAt = Int64.max
    }

    private var watches: [Int: Watch] = [:]
    /// When something happened last that a driver may have to act upon.
    private var happenedAt: Milliseconds = 0
    private var nextAct = 0

    private func happened(at time: Milliseconds) { happenedAt = max(happenedAt, time) }

    func truthChanged(_ truth: Truth, in world: World) {
        if case .lease = truth { return }
        happened(at: world.time)
    }

    func personAsked(_ request: OperatorRequest, on machine: Machine, in world: World) { happened(at: world.time) }

    func requestLeaves(
        _ request: HTTPRequest, _ purpose: Wire.Purpose, by process: SimulatedProcess, in world: World
    ) {
        switch purpose {
        case .deletePod, .patchDaemonSet, .change: happened(at: world.time)
        case .readLease, .writeLease, .list, .watch: note(\.requests, process, world)
        case .read:
            if !Wire.isPage(request) { note(Wire.isConfig(request) ? \.looks : \.requests, process, world) }
        case .message: break
        case .question:
            if !request.url.contains("/prometheus") { note(\.requests, process, world) }
        }
    }

    func turnTaken(_ turn: RolloutTurn, by process: SimulatedProcess, in world: World) {
        let isStep =
            turn.steps.contains { $0.phase != $0.next } || turn.decision.changes.waves.contains { $0.status == .passed }
            || turn.decision.journal.contains { $0.event == .gateRetried }
        if turn.steps.count > 1 || isStep || turn.state.rollout.phase == .preparing { happened(at: world.time) }
        guard !turn.decision.changes.nodes.isEmpty || turn.decision.changes.rollout != nil || isStep else {
            return noteCommit(turn, process, world)
        }
        let wave = turn.state.waves.first { $0.index == turn.state.rollout.waveIndex }
        let soakStart = wave?.soakStartedAt?.millisecondsSince1970
        watches[process.number, default: Watch(startedAt: world.time)].takesLeaseAt =
            soakStart.map { $0 + (wave?.soakSeconds ?? 0) * 1_000 - Self.lead } ?? .max
        let needed = Self.mayDelete(turn.state, process)
        if watches[process.number, default: Watch(startedAt: world.time)].needsLease != needed {
            watches[process.number]?.needsLease = needed
            happened(at: world.time)
        }
        noteCommit(turn, process, world)
    }

    /// Whether a delete may be near: not while a person holds the rollout, nor in a soak in which no node is open.
    private static func mayDelete(_ state: RolloutState, _ process: SimulatedProcess) -> Bool {
        if state.rollout.pauseReason != nil || process.seen.daemonSet?.annotations["sluice/pause"] != nil {
            return false
        }
        if state.rollout.holds.contains(where: { [.window, .freeze].contains($0.kind) }) { return false }
        guard state.rollout.phase == .soaking else { return !waitsForPerson(state) }
        return state.nodes.values.contains {
            ($0.wave ?? .max) <= state.rollout.waveIndex && [.pending, .deleting, .replacing].contains($0.status)
        }
    }

    /// Whether the first wave that has not passed is one that nobody has approved.
    private static func waitsForPerson(_ state: RolloutState) -> Bool {
        guard state.rollout.phase == .updating, let wave = state.waves.first(where: { $0.status != .passed }) else {
            return false
        }
        return wave.status == .pending && wave.needsApproval && wave.approvedAt == nil
    }

    private func noteCommit(_ turn: RolloutTurn, _ process: SimulatedProcess, _ world: World) {
        let isMeasured = turn.steps.contains { $0.events.contains { $0.fact == .measured } }
        let changes = turn.decision.changes
        let isEmpty = changes == RowChanges() && turn.decision.journal.isEmpty
        if !isEmpty, !isMeasured { note(\.commits, process, world) }
    }

    private func note(_ path: WritableKeyPath<Watch, [Milliseconds]>, _ process: SimulatedProcess, _ world: World) {
        var watch = watches.removeValue(forKey: process.number) ?? Watch(startedAt: world.time)
        let from = max(quietSince(world), watch.startedAt + Self.aftermath, world.time - Self.window)
        watch[keyPath: path].removeAll { $0 < from }
        if from < world.time { watch[keyPath: path].append(world.time) }
        let times = watch[keyPath: path]
        let clockLies = world.scenario.kinds.contains(.driverClock)
        let needsLease = watch.needsLease || clockLies || world.wall.millisecondsSince1970 >= watch.takesLeaseAt
        watches[process.number] = watch
        guard !times.isEmpty else { return }
        let (what, allowed) =
            switch path {
            case \Watch.commits: ("commits", Self.commits)
            case \Watch.looks: ("looks at the configuration", Self.looks)
            default:
                needsLease
                    ? ("requests with the Lease", Self.requestsWithLease)
                    : ("requests without the Lease", Self.requestsWithoutLease)
            }
        world.tally.peak("idle: \(what) in ten minutes", times.count)
        guard times.count > allowed else { return }
        watches[process.number]?[keyPath: path] = []
        world.violated(
            name,
            "\(times.count) \(what) in \((world.time - times[0]) / 1_000) s in which nothing happened (allowed "
                + "\(allowed) in ten minutes)")
    }

    /// From when on what happened last is over.
    private func quietSince(_ world: World) -> Milliseconds {
        let acts = world.scenario.acts
        while nextAct < acts.count, acts[nextAct].at <= world.time {
            happened(at: acts[nextAct].at + acts[nextAct].act.duration)
            nextAct += 1
        }
        let faults = world.scenario.windows.lazy.filter { $0.from <= world.time }.map { min($0.to, world.time) }.max()
        return max(happenedAt, faults ?? 0) + Self.aftermath
    }
}

extension Act {
    /// How long it takes until it is over, in milliseconds; 0 for what is over at once or is ended by another act.
    fileprivate var duration: Milliseconds {
        switch self {
        case .suspend(_, let duration), .restartServer(let duration): duration
        default: 0
        }
    }
}
