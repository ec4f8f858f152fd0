import SluiceCluster
import SluiceCore

/// A plan file drawn for a fleet.
struct PlanDraw {
    private(set) var text: String
    private(set) var budget: Scenario.PlannedBudget
    private var waveCount = 0

    init(_ fleet: FleetSpec, _ random: inout SeededRandom) {
        let running = fleet.nodes.count { $0.taint == nil }
        var waves: [String] = []
        var soaks: [Milliseconds] = []
        func soak(_ random: inout SeededRandom) -> String {
            let time = random.chance(0.3) ? 0 : random.spread(5...3_600)
            soaks.append(time * 1_000)
            return "soak: \(time)s"
        }
        let take = random.int(1...max(1, min(5, running / 3)))
        let canary = random.pick([
            "selector: {matchLabels: {env: dev}}, take: \(take)", "nodes: [node-0]", "everything",
            "selector: {matchLabels: {env: dev}}, take: \(take), spreadOver: topology.kubernetes.io/zone",
        ])
        if let canary, canary != "everything" {
            waves.append("{name: canary, \(canary), \(soak(&random))\(Self.gates(&random))}")
        }
        if random.chance(0.4), running >= 8 {
            waves.append("{name: some, selector: {matchExpressions: [{key: kubernetes.io/hostname, operator: Exists}]}, take: 25%, \(soak(&random))}")
        }
        let sizes = random.pick(["", ", batches: [1, 3, 20%]", ", batches: [50%]", ", batches: [\(random.int(1...10))]"]) ?? ""
        let each = random.chance(0.15) ? ", forEach: topology.kubernetes.io/zone" : ""
        let failures = random.chance(0.3) ? ", failuresAllowed: \(random.int(0...3))" : ""
        waves.append("{name: rest, everythingElse: true\(each)\(sizes)\(failures), \(soak(&random))}")
        let count = random.int(1...max(1, min(20, running / 2)))
        let written: String
        var maxUnavailable = count
        switch random.int(0...2) {
        case 0:
            written = "\(count)"
        case 1:
            let percent = random.int(1...60)
            written = "\(percent)%"
            maxUnavailable = max(1, running * percent / 100)
        default:
            written = ""
            maxUnavailable = running < 20 ? 1 : min(50, running / 10)
        }
        let cap = random.chance(0.2) ? ", perLabel: [{key: topology.kubernetes.io/zone, maxUnavailable: 1}]" : ""
        let budgetLine = written.isEmpty
            ? "budget: {waitTimeout: \(random.int(2...60))m\(cap)}"
            : "budget: {maxUnavailable: \(written), waitTimeout: \(random.int(2...60))m\(cap)}"
        let minReady = random.chance(0.15) ? Int64(random.int(1...15)) : 0
        text = """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: simulated}
            spec:
              daemonSet: {name: node-exporter, namespace: monitoring}
              images: {node-exporter: "\(FleetSpec.newImage)"}
              \(budgetLine)
              readiness: {minReadySeconds: \(minReady), timeout: \(random.int(60...400))s, restartsAllowed: \(random.int(0...1))}
              deletion: \(random.chance(0.3) ? "evict" : "delete")
              onStrategyChanged: \(random.chance(0.2) ? "halt" : "reassert")
              onFailure: \(random.chance(0.2) ? "abort" : "halt")
              waves:
            \(waves.map { "    - \($0)" }.joined(separator: "\n"))

            """
        budget = Scenario.PlannedBudget(
            maxUnavailable: maxUnavailable, soaks: soaks, minReady: max(minReady, fleet.minReadySeconds) * 1_000,
            perZone: cap.isEmpty ? nil : 1)
        waveCount = waves.count
    }

    private static func gates(_ random: inout SeededRandom) -> String {
        guard random.chance(0.25) else { return "" }
        return ", gates: [{name: up, prometheus: {address: \"\(Wire.server)/prometheus\", query: 'up{job=\"node-exporter\","
            + "node=~\"{{nodes}}\"}'}, successCondition: \">= 1\", interval: \(random.int(5...60))s, "
            + "failureLimit: \(random.int(0...3)), inconclusiveLimit: 50, consecutiveErrorLimit: 50}]"
    }

    /// About how long the rollout takes when nothing goes wrong, in milliseconds.
    func expectedLength(_ fleet: FleetSpec) -> Milliseconds {
        let replacement = fleet.options.startDelay + fleet.options.termination + budget.minReady
        let rounds = Milliseconds(fleet.nodes.count / max(1, budget.maxUnavailable) + waveCount)
        return budget.soaks.reduce(0, +) + rounds * replacement
    }
}
