import SluiceCluster
import SluiceCore

/// What goes wrong when, drawn for one seed: each fault with a probability and for a minimum time.
struct Timetable {
    private let fleet: FleetSpec
    private let kinds: [FaultKind]
    /// The time over which faults are spread, in milliseconds.
    private let length: Milliseconds
    private var random: SeededRandom
    private(set) var windows: [FaultWindow] = []
    private(set) var acts: [(at: Milliseconds, act: Act)] = []
    private(set) var deaths: [Death] = []
    private(set) var serverSkews: [(from: Milliseconds, skew: Milliseconds)] = []
    private(set) var healedAt: Milliseconds = 0
    private var joined = 0

    init(_ fleet: FleetSpec, _ kinds: [FaultKind], length: Milliseconds, random: SeededRandom) {
        self.fleet = fleet
        self.kinds = kinds
        self.length = max(length, 60_000) + 60_000
        self.random = random
    }

    mutating func draw() {
        for kind in kinds {
            if kind.isByRequest { drawWindows(kind) } else { drawActs(kind) }
        }
        healedAt = max(length, windows.map(\.to).max() ?? 0, acts.map(\.at).max() ?? 0) + 1_000
    }

    /// Between none and some occasions, over the whole run.
    private mutating func occasions(_ most: Int) -> [Milliseconds] {
        (0..<random.int(1...most)).map { _ in random.time(0...length) }
    }

    private mutating func drawWindows(_ kind: FaultKind) {
        for from in occasions(3) {
            let to = from + random.spread(2_000...600_000)
            let share: Double = kind == .fragments ? 0.5 : random.pick([0.05, 0.3, 0.3, 1.0]) ?? 0.3
            windows.append(FaultWindow(kind: kind, from: from, to: to, share: share))
        }
    }

    private mutating func node() -> String { random.pick(fleet.nodes)?.name ?? "node-0" }

    /// Something that is over after a while.
    private mutating func passing(
        at time: Milliseconds, _ begin: Act, _ end: Act, for range: ClosedRange<Milliseconds> = 3_000...1_200_000
    ) {
        acts.append((time, begin))
        acts.append((time + random.spread(range), end))
    }

    private mutating func drawActs(_ kind: FaultKind) {
        switch kind {
        case .nodeFallsSilent, .nodeLeaves, .nodeJoins, .cordoned, .drained, .tainted, .relabelled, .podDeleted,
            .podEvicted, .podFailed:
            for time in occasions(max(2, fleet.nodes.count / 10)) { drawNodeAct(kind, at: time) }
        case .suspended, .killed, .powerCut, .otherDriver, .diskFull, .diskErrors, .driverClock:
            drawMachineActs(kind)
        default: drawClusterActs(kind)
        }
    }

    private mutating func drawNodeAct(_ kind: FaultKind, at time: Milliseconds) {
        let node = node()
        switch kind {
        case .nodeFallsSilent: passing(at: time, .setAlive(node: node, false), .setAlive(node: node, true))
        case .nodeLeaves: acts.append((time, .removeNode(node)))
        case .nodeJoins:
            joined += 1
            var spec = NodeSpec.drawn(1, zones: 2, &random)
            spec.name = "joined-\(joined)"
            acts.append((time, .addNode(spec)))
        case .cordoned: passing(at: time, .setCordoned(node: node, true), .setCordoned(node: node, false))
        case .drained:
            passing(at: time, .setCordoned(node: node, true), .setCordoned(node: node, false))
            acts.append((time + 1_000, .drain(node: node)))
        case .tainted:
            let effect = random.pick(["NoSchedule", "NoExecute"]) ?? "NoSchedule"
            passing(at: time, .setTaint(node: node, effect: effect), .setTaint(node: node, effect: nil))
        case .relabelled:
            acts.append((time, .relabel(node: node, key: "env", value: random.pick(["dev", "prod"]) ?? "dev")))
        case .podEvicted: acts.append((time, .evictPod(node: node)))
        case .podFailed: acts.append((time, .failPod(node: node)))
        default: acts.append((time, .deletePod(node: node)))
        }
    }

    private mutating func drawClusterActs(_ kind: FaultKind) {
        for time in occasions(2) {
            switch kind {
            case .tokenRotated: acts.append((time, .rotateToken))
            case .streamsEnd: acts.append((time, .endStreams))
            case .streamsBreak: acts.append((time, random.chance(0.5) ? .breakStreams : .breakStreamsInMidLine))
            case .streamsFallSilent: acts.append((time, .silenceStreams))
            case .serverRestarts: acts.append((time, .restartServer(downFor: random.spread(500...300_000))))
            case .serverClock:
                serverSkews.append((time, random.time(-300_000...300_000)))
                serverSkews.sort { $0.from < $1.from }
            case .slowController:
                let usual = fleet.options.controllerDelay
                passing(at: time, .setControllerDelay(random.spread(2_000...60_000)), .setControllerDelay(usual))
            case .templateChanged: acts.append((time, .setImage(FleetSpec.foreignImage)))
            case .templateReverted:
                passing(at: time, .setImage(FleetSpec.oldImage), .setImage(FleetSpec.newImage), for: 1_000...300_000)
            case .strategyFlipped: acts.append((time, .setStrategy("RollingUpdate")))
            case .daemonSetDeleted: acts.append((time, .deleteDaemonSet))
            case .daemonSetRecreated: acts.append((time, .recreateDaemonSet))
            case .disruptionBudget:
                passing(
                    at: time, .setDisruptionBudget(minAvailable: random.int(0...fleet.nodes.count)),
                    .setDisruptionBudget(minAvailable: nil))
            case .paused: passing(at: time, .ask(.pause(reason: "lunch")), .ask(.resume))
            case .skipped:
                let node = node()
                passing(
                    at: time, .ask(.skip(node: node, by: "ann", reason: "its disk is dead")),
                    .ask(.retry(node: node, by: "ann", reason: "it has a new disk")))
            case .annotated: passing(at: time, .annotate(reason: "incident"), .annotate(reason: nil))
            case .aborted: acts.append((time, .ask(.abort(reason: "enough"))))
            default: break
            }
        }
    }

    private mutating func drawDiskError(at time: Milliseconds) {
        // A disk that cannot be read is no passing trouble, for SQLite then gives the connection up.
        let operation = random.pick([SimulatedDisk.Operation.write, .sync, .truncate]) ?? .write
        let failure = random.pick(SimulatedDisk.Failure.allCases) ?? .inputOutput
        acts.append((time, .failDisk(machine: 0, operation, failure, times: UInt64(random.int(1...3)))))
    }

    private mutating func drawMachineActs(_ kind: FaultKind) {
        switch kind {
        case .killed, .powerCut:
            let crash: Crash = kind == .killed ? .kill : .powerCut
            for _ in 0..<random.int(1...4) {
                let step = random.logUniform(1, 3_000)
                deaths.append(
                    Death(point: random.chance(0.5) ? .beat(Int(step)) : .diskChange(UInt64(step)), crash: crash))
            }
            deaths = random.permuted(deaths)
        case .suspended:
            for time in occasions(2) {
                acts.append((time, .suspend(machine: 0, for: random.spread(1_000...1_800_000))))
            }
        case .otherDriver: acts.append((random.time(0...length), .startOtherDriver))
        case .diskFull:
            for time in occasions(2) {
                passing(
                    at: time, .setDiskFull(machine: 0, true), .setDiskFull(machine: 0, false), for: 500...300_000)
            }
        case .diskErrors:
            for time in occasions(3) { drawDiskError(at: time) }
        default:
            for time in occasions(2) {
                passing(
                    at: time, .setWallSkew(machine: 0, random.time(-300_000...300_000)), .setWallSkew(machine: 0, 0))
            }
        }
    }
}
