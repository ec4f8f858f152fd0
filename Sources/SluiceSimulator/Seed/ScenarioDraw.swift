import SluiceCluster
import SluiceCore

extension Scenario {
    /// The run of a seed.
    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var fleetRandom = random.fork()
        var planRandom = random.fork()
        var faultRandom = random.fork()
        let kinds = FaultKind.drawn(&faultRandom)
        var fleet = FleetSpec.drawn(&fleetRandom, kinds)
        // Of its own, so that seeds keep the rest of their runs.
        var configRandom = SeededRandom(seed: ~seed)
        fleet.readsConfig = configRandom.chance(0.2)
        let plan = PlanDraw(fleet, planRandom.fork())
        self.init(
            name: "seed \(seed)", seed: seed, fleet: fleet, plan: plan.text, planning: plan.budget, kinds: kinds)
        var timetable = Timetable(fleet, kinds, length: plan.expectedLength, random: faultRandom)
        timetable.draw()
        windows = timetable.windows
        serverSkews = timetable.serverSkews
        acts = timetable.acts
        if fleet.readsConfig, configRandom.chance(0.5) {
            self.kinds.append(.configEdited)
            for number in 1...configRandom.int(1...3) {
                acts.append((configRandom.time(0...timetable.healedAt), .editConfig("edit \(number)")))
            }
        }
        acts.sort { $0.at < $1.at }
        deaths = timetable.deaths
        healedAt = timetable.healedAt
        // A window that was missed comes again the next day.
        limit = healedAt + (planning.windows.isEmpty ? 24 : 168) * 3_600_000
        latency = 1...planRandom.spread(2...80)
        grain = fleet.nodes.count < 16 ? 1 : planRandom.pick([1, 20, 100, 500]) ?? 1
        credential = planRandom.pick([.none, .none, .tokenFile, .plugin]) ?? .none
        if !kinds.contains(.tokenRotated) && credential != .none {
            grain = fleet.nodes.count < 16 ? 1 : planRandom.pick([1, 20, 100, 500]) ?? 1
            credential = planRandom.chance(0.5) ? .none : credential
        }
        resumes = planRandom.int(0...2)
        movesOn = planRandom.chance(0.2)
        if planRandom.chance(0.15) { absence = 60_000...3_600_000 }
    }
}

extension FaultKind {
    /// The kinds that are on for one seed: few at a time, so that none hides another.
    static func drawn(_ random: inout SeededRandom) -> [FaultKind] {
        let rare: Set<FaultKind> = [
            .templateChanged, .daemonSetDeleted, .daemonSetRecreated, .aborted, .creationRefused, .stuckTermination,
        ]
        let share = random.logUniform(0.06, 0.5)
        return allCases.filter { $0 != .configEdited && random.chance(rare.contains($0) ? share / 4 : share) }
    }
}

extension FleetSpec {
    static func drawn(_ random: inout SeededRandom, _ kinds: [FaultKind]) -> FleetSpec {
        let count = Int(random.logUniform(1, 300.99))
        let zones = random.int(1...4)
        let nodes = (0..<count).map { NodeSpec.drawn($0, zones: zones, &random) }
        var options = ClusterOptions(nodes: 0)
        options.seed = random.next()
        options.startDelay = random.spread(500...30_000)
        options.readyLag = options.startDelay / 4
        options.termination = random.spread(100...20_000)
        options.linger = kinds.contains(.lingering) ? random.spread(500...20_000) : random.time(0...500)
        options.jitter = random.unit() * 0.8
        options.controllerDelay = random.time(2...200)
        // Nobody looks at the status; each one written costs as much as a pod's whole life.
        options.statusInterval = 60_000
        options.historyLimit = random.pick([50, 500, 10_000]) ?? 500
        options.behaviours = behaviours(&random, kinds)
        return FleetSpec(
            nodes: nodes, options: options, strategy: random.chance(0.15) ? "RollingUpdate" : "OnDelete",
            minReadySeconds: random.chance(0.15) ? Int64(random.int(1...10)) : 0)
    }

    /// A pod that is Ready late: its container is started late, or runs for so long before its probe passes.
    private static func slow(_ seconds: Int) -> String { "\(seconds % 2 == 0 ? "slow" : "slow-ready")=\(seconds)" }

    private static func behaviours(_ random: inout SeededRandom, _ kinds: [FaultKind]) -> [BehaviourRule] {
        var clauses: [String] = []
        if kinds.contains(.badVersion) {
            let kind =
                random.pick([
                    "never-ready", "crash-loop", "image-pull-backoff", "ready-then-crash", "oom-killed", "flap",
                    "create-error", "crash-once", slow(random.int(5...200)),
                    "node-pressure=\(random.int(5...200))",
                ]) ?? "never-ready"
            clauses.append(kind + (random.pick(["", "@env=dev", "@env=prod", "@10%", "@50%"]) ?? ""))
        }
        if kinds.contains(.creationRefused) { clauses.append("refused" + (random.pick(["", "@20%"]) ?? "")) }
        var rules = clauses.isEmpty ? [] : [BehaviourRule(imagePart: ":v2", behaviour: clauses.joined(separator: ","))]
        var old: [String] = []
        if kinds.contains(.stuckTermination) { old.append("stuck-termination@5%") }
        if kinds.contains(.slowTermination) { old.append("slow-termination=\(random.int(5...120))@30%") }
        if !old.isEmpty { rules.append(BehaviourRule(imagePart: ":v1", behaviour: old.joined(separator: ","))) }
        return rules
    }
}

extension NodeSpec {
    static func drawn(_ number: Int, zones: Int, _ random: inout SeededRandom) -> NodeSpec {
        var labels = ["kubernetes.io/hostname": "node-\(number)"]
        // Some nodes lack labels, as in every grown cluster; the first has all, so that no selector is empty.
        if number == 0 || random.chance(0.95) {
            labels["topology.kubernetes.io/zone"] = "z\(number == 0 ? 0 : random.int(0...(zones - 1)))"
        }
        if number == 0 || random.chance(0.95) {
            labels["env"] = number == 0 ? "dev" : random.pick(["dev", "prod", "prod", "prod"]) ?? "prod"
        }
        let taint = number > 0 && random.chance(0.03) ? random.pick(["NoSchedule", "NoExecute"]) : nil
        return NodeSpec(name: "node-\(number)", labels: labels, taint: taint)
    }
}
