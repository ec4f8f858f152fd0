public import SluiceCluster
public import SluiceCore

/// What all runs of a rollout have in common: the fleet, the plan on it, and how its gates are answered.
public struct CoreDepthScript: Sendable {
    /// The fleet as planning saw it.
    public let facts: FleetFacts
    /// What the plan file says.
    public let plan: RolloutPlan
    /// What it means on the fleet.
    public let waves: WavePlan
    /// How the plan's gates are answered.
    public let gates: GateModel
    /// The zones of the eligible nodes, sorted; an empty name stands for nodes without one.
    public let zones: [Zone]
    private let planText: [UInt8]
    let coverage: Coverage

    /// A zone with its size.
    public struct Zone: Sendable, Hashable {
        /// The label's value; empty for nodes without it.
        public var name: String
        /// The number of eligible nodes in it.
        public var nodes: Int
    }

    /// Plans the rollout.
    ///
    /// - Parameters:
    ///   - plan: what the plan file says.
    ///   - planText: the plan file's bytes.
    ///   - facts: the fleet.
    ///   - cluster: a cluster in the fleet's state, which is asked what it understands of the gates.
    ///   - options: what a person has agreed to.
    /// - Throws: every problem at once; nothing can be planned then.
    public init(
        plan: RolloutPlan, planText: [UInt8], facts: FleetFacts, cluster: Cluster,
        options: PlanningOptions = PlanningOptions()
    ) throws(PlanningFailure) {
        self.facts = facts
        self.plan = plan
        self.planText = planText
        waves = try WavePlanner.plan(plan, planText: planText, facts: facts, options: options)
        gates = GateModel(plan: plan, waves: waves, facts: facts, cluster: cluster)
        let eligible = Set(waves.eligibleNodes)
        var counts: [String: Int] = [:]
        for node in facts.nodes {
            counts[Coverage.zone(of: node), default: 0] += eligible.contains(node.name) ? 1 : 0
        }
        zones = counts.sorted { $0.key < $1.key }.map { Zone(name: $0.key, nodes: $0.value) }
        coverage = Coverage(fleet: facts, zoneNames: zones.map(\.name), eligible: eligible)
    }

    /// The rollout before its first turn.
    func state(at time: Timestamp) -> RolloutState {
        waves.makeState(id: "rehearsal", clusterUID: "", planText: planText, facts: facts, at: time)
    }

    /// Every decision of one run, in order, with its time.
    ///
    /// - Parameters:
    ///   - cluster: where; in the state in which the rollout was planned.
    ///   - seed: draws the churn, if the options ask for any; the cluster draws from its own.
    ///   - options: how machine and cluster are connected.
    public func decisions(
        in cluster: Cluster, seed: UInt64, options: CoreDepthWorld.Options
    ) -> [CoreDepthDecision] {
        var kept = options
        kept.keepsDecisions = true
        var world = CoreDepthWorld(self, cluster: cluster, seed: seed, options: kept)
        world.run()
        return world.decisions
    }
}
