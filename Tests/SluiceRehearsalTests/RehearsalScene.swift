import SluiceCluster
import SluiceCore
import SluiceDocuments

@testable import SluiceRehearsal

/// A rehearsal on the embedded cluster's own fleet.
enum RehearsalScene {
    static let start = Timestamp(1_795_000_000_000)

    /// The fleet of an embedded cluster that runs node_exporter.
    static func fleet(nodes: Int = 60) throws -> FleetFacts {
        var cluster = Cluster(
            options: ClusterOptions(nodes: nodes, seed: 9),
            start: Timestamp(start.millisecondsSince1970 - 600_000))
        try cluster.apply(DefaultManifest.objects, at: cluster.time)
        cluster.advance(to: start)
        guard let fleet = cluster.fleet(namespace: "monitoring", daemonSet: "node-exporter") else {
            throw NoFleet()
        }
        return fleet
    }

    struct NoFleet: Error {}

    /// The bytes of a plan.
    static func planText(budget: String = "10%", gates: String = "", soak: String = "5m") -> [UInt8] {
        Array(
            """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: rehearsed}
            spec:
              daemonSet: {name: node-exporter, namespace: monitoring}
              images: {node-exporter: "quay.io/prometheus/node-exporter:v1.9.1"}
              budget:
                maxUnavailable: \(budget)
                perLabel: [{key: topology.kubernetes.io/zone, maxUnavailable: 3}]
              readiness: {minReadySeconds: 5, timeout: 2m}
            \(gates)
              waves:
                - {name: canary, selector: {matchLabels: {env: dev}}, take: 3, soak: \(soak), batches: [1]}
                - {name: rest, everythingElse: true, batches: [5, 50%]}

            """.utf8)
    }

    static let upGate = """
          gates:
            - name: up
              prometheus: {address: "http://p:9090", query: 'avg(avg_over_time(up{instance=~"{{instances}}"}[2m]))'}
              successCondition: ">= 0.95"
              interval: 30s
        """

    /// A cluster in the state of a rehearsal's fleet.
    static func cluster(_ rehearsal: Rehearsal, seed: UInt64) -> Cluster {
        let assumed = rehearsal.assumptions
        return Cluster(
            options: ClusterOptions(
                nodes: 0, startDelay: assumed.startSeconds * 1_000, termination: assumed.stopSeconds * 1_000,
                jitter: assumed.jitter, seed: seed, detail: .core),
            start: start, fleet: rehearsal.script.facts)
    }

    static func rehearsal(
        _ facts: FleetFacts, plan text: [UInt8] = planText(), churn: Double = 0, at time: Timestamp = start
    ) throws -> Rehearsal {
        let plan = try PlanReader.read(try YAMLReader.read(text)).get()
        return try Rehearsal(plan: plan, planText: text, facts: facts, at: time) { pace in
            RehearsalReport.Assumptions(
                startSeconds: pace.startSeconds, startBasis: pace.startBasis, stopSeconds: pace.stopSeconds,
                churnPercentPerDay: churn)
        }
    }
}
