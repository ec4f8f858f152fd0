import SluiceCluster
import SluiceCore

/// The fleet that everything is tried on: an embedded cluster's nodes with zones, architectures and pools, all Ready.
struct Fleet: Sendable {
    /// A node that runs the collector.
    struct Member: Sendable {
        var name: String
        var labels: [String: String]
        var zone: String { labels["topology.kubernetes.io/zone"] ?? "" }
    }

    let facts: FleetFacts
    let members: [Member]

    /// When the collectors were started, and when the rollouts begin: an afternoon.
    static let born = Timestamp(1_795_000_000_000)
    static let start = Timestamp(born.millisecondsSince1970 + 3 * 86_400_000)

    init(nodes: Int) throws {
        var cluster = Cluster(options: ClusterOptions(nodes: nodes, seed: 9), start: Self.born)
        try cluster.apply(DefaultManifest.objects, at: cluster.time)
        cluster.advance(to: Timestamp(Self.born.millisecondsSince1970 + 600_000))
        guard let facts = cluster.fleet(namespace: "monitoring", daemonSet: "node-exporter") else { throw NoFleet() }
        self.facts = facts
        let running = Set(facts.pods.compactMap(\.nodeName))
        members = facts.nodes.filter { running.contains($0.name) }.map { Member(name: $0.name, labels: $0.labels) }
            .sorted { $0.name < $1.name }
    }

    struct NoFleet: Error {}

    /// A cluster in this state, in which pods of the new version live in a way of their own.
    func cluster(behaviour: String, seed: UInt64) -> Cluster {
        let options = ClusterOptions(
            nodes: 0, jitter: 0.2, seed: seed, historyLimit: 1, detail: .core,
            behaviours: [BehaviourRule(imagePart: Trial.image, behaviour: behaviour.isEmpty ? "normal" : behaviour)])
        return Cluster(options: options, start: Self.start, fleet: facts)
    }
}
