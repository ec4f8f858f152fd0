import SluiceCluster
import SluiceCore
import SluiceDocuments
import SluiceRehearsal

/// Rollouts of one fleet under one plan: the product's planner, machine and gates, in virtual time.
struct Trial {
    /// How one rollout ended.
    struct Result: Sendable {
        var phase: Phase
        var reason: Reason?
        var message: String
        /// The wave in which it stood at its end.
        var wave: Int
        /// The first wave with a node on which the version is bad; nil when there is none.
        var firstAffected: Int?
        /// How many nodes got a bad pod.
        var reached: Int
        /// In milliseconds.
        var duration: Milliseconds
        /// Whether the comparison of ranks objects to the canary; nil when the canary did not come so far.
        var ranksObject: Bool?

        /// Stopped by evidence against the version: nodes or a gate failed, or the series that a gate asks for are gone.
        var isCaught: Bool {
            phase == .halted && [.gateFailed, .failuresExceeded, .gateNoData].contains(reason)
        }
        /// Stopped because nobody could tell.
        var isInDoubt: Bool { phase == .halted && !isCaught }
        /// Stopped no later than in the first wave that could show it.
        var isInTime: Bool { isCaught && firstAffected.map { wave <= $0 } ?? false }
    }

    static let image = "quay.io/prometheus/node-exporter:judged"

    let fleet: Fleet
    private let script: CoreDepthScript
    private let waveOf: [String: Int]

    init(_ fleet: Fleet, preset: Preset, canary: Int) throws {
        self.fleet = fleet
        let text = Array(
            """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: judged}
            spec:
              daemonSet: {name: node-exporter, namespace: monitoring}
              images: {node-exporter: "\(Self.image)"}
              budget: {maxUnavailable: 10%}
              readiness: {minReadySeconds: 10, timeout: 2m}
              waves:
                - name: canary
                  selector: {matchExpressions: [{key: env, operator: Exists}]}
                  take: \(canary)
                  spreadOver: topology.kubernetes.io/zone
                  soak: 20m
                - name: tenth
                  selector: {matchExpressions: [{key: env, operator: Exists}]}
                  take: 10%
                  spreadOver: topology.kubernetes.io/zone
                  soak: 20m
                - {name: rest, everythingElse: true, batches: [10%], soak: 20m}

            """.utf8)
        guard case .success(var plan) = PlanReader.read(try YAMLReader.read(text)) else { throw Fleet.NoFleet() }
        plan.gates = preset.gates
        script = try CoreDepthScript(
            plan: plan, planText: text, facts: fleet.facts, cluster: fleet.cluster(behaviour: "", seed: 0))
        var waveOf: [String: Int] = [:]
        for (index, wave) in script.waves.waves.enumerated() {
            for node in wave.batches.joined() { waveOf[node] = index }
        }
        self.waveOf = waveOf
    }

    /// One rollout.
    func run(_ kind: Kind?, _ magnitude: Kind.Magnitude?, seed: UInt64, scrapes: Scrapes) -> Result {
        let behaviour = magnitude?.behaviour ?? ""
        var world = CoreDepthWorld(
            script, cluster: fleet.cluster(behaviour: behaviour, seed: seed), seed: seed,
            options: .init(turnInterval: 100))
        var oracle = Oracle(scrapes, fleet, kind: kind, magnitude: magnitude)
        world.oracle = oracle
        world.run()
        let outcome = world.outcome
        let bad = fleet.members.filter { kind?.affects($0) ?? false && isBad(behaviour, on: $0) }
        let state = world.machine.state
        let reached = bad.filter { member in
            guard let record = state.nodes[member.name] else { return false }
            return record.podUID != nil || record.status == .updated || record.status == .failed
        }
        return Result(
            phase: outcome.phase, reason: outcome.reason, message: outcome.message, wave: state.rollout.waveIndex,
            firstAffected: bad.compactMap { waveOf[$0.name] }.min(), reached: reached.count, duration: outcome.duration,
            ranksObject: ranksObject(state, &oracle))
    }

    /// Whether a behaviour that comes on a share of the nodes comes on this one.
    func isBad(_ behaviour: String, on member: Fleet.Member) -> Bool {
        guard let share = behaviour.split(separator: "@").last, share.hasSuffix("%"), behaviour.contains("@") else {
            return true
        }
        return BehaviourRule.isDrawn(node: member.name, percent: Double(share.dropLast()) ?? 100)
    }

    /// What a comparison of ranks says at the end of the canary's soak.
    private func ranksObject(_ state: RolloutState, _ oracle: inout Oracle) -> Bool? {
        guard let soaks = state.waves.first?.soakStartedAt else { return nil }
        let end = Timestamp(soaks.millisecondsSince1970 + 20 * 60_000)
        let canary = Set(fleet.members.indices.filter { waveOf[fleet.members[$0].name] == 0 })
        let times = (7...20).map { Timestamp(soaks.millisecondsSince1970 + Int64($0) * 60_000) }.filter { $0 <= end }
        return [(Telemetry.Signal.sent, true, true), (.cpu, false, true), (.memory, false, true)].contains { rule in
            func levels(_ isCanary: Bool) -> [Double] {
                fleet.members.indices.filter { canary.contains($0) == isCanary }.flatMap { index in
                    times.compactMap { time in
                        oracle.level(rule.0, of: index, startedAt: isCanary ? soaks : nil, at: time)
                    }
                }
            }
            return RankTest(levels(true), against: levels(false)).objects(toLower: rule.1, toHigher: rule.2)
        }
    }
}
