/// Where every node stands before a rollout: what planning decides upon.
///
/// Nodes are meant by their index in ``nodes``, which is sorted by name, so that nothing depends on the order in which
/// the facts came.
struct FleetSurvey: Sendable {
    /// Where one node stands.
    enum Standing: Sendable, Equatable {
        /// The DaemonSet does not run there; the reason as half a sentence.
        case notEligible(String)
        /// Its pod has the target revision.
        case done(isReady: Bool)
        /// It has to wait; the reason in one sentence.
        case deferred(Reason, String)
        /// It can be updated.
        case pending
    }

    /// What the own pods of one node say together.
    struct PodFacts: Sendable, Equatable {
        /// A pod that is not going and has not ended.
        var hasLivePod = false
        /// Such a pod of another revision than the target.
        var hasOldPod = false
        /// Such a pod that is Ready.
        var hasReadyPod = false
        /// A pod that is not going and has the target revision.
        var hasTargetPod = false
        /// A Ready pod that is not going and has the target revision.
        var hasReadyTargetPod = false
        /// When the youngest pod that is not going was made.
        var createdAt: Timestamp?
    }

    let nodes: [Node]
    let standings: [Standing]
    let pods: [PodFacts]
    let placementChanges: [WavePlan.PlacementChange]
    /// The nodes that run the pod or should, by index, in order of their names.
    let eligible: [Int]
    /// The names of pods that the selector matches and that something else owns, sorted.
    let foreignPods: [String]

    init(facts: FleetFacts, target: RolloutTarget) {
        let nodes = facts.nodes.sorted { $0.name < $1.name }
        let (pods, foreignPods) = Self.gather(facts: facts, nodes: nodes, target: target.revision)
        let new = Eligibility(template: target.template)
        let old = target.previous.placesLike(target.template) ? nil : Eligibility(template: target.previous)
        var standings: [Standing] = []
        standings.reserveCapacity(nodes.count)
        var changes: [WavePlan.PlacementChange] = []
        for (node, facts) in zip(nodes, pods) {
            let standing = Self.standing(of: node, pods: facts, under: new)
            standings.append(standing)
            if let old, let change = Self.change(on: node, pods: facts, from: old, to: standing) {
                changes.append(change)
            }
        }
        self.nodes = nodes
        self.pods = pods
        self.standings = standings
        self.foreignPods = foreignPods
        placementChanges = changes
        eligible = standings.indices.filter { standings[$0].isEligible }
    }

    private static func gather(
        facts: FleetFacts, nodes: [Node], target: String?
    ) -> (pods: [PodFacts], foreign: [String]) {
        var indexByName: [String: Int] = [:]
        indexByName.reserveCapacity(nodes.count)
        for (index, node) in nodes.enumerated() { indexByName[node.name] = index }
        var pods = Array(repeating: PodFacts(), count: nodes.count)
        var foreign: [String] = []
        for pod in facts.pods {
            guard pod.ownerUID == facts.daemonSet.uid else {
                if facts.daemonSet.selector.matches(pod.labels) { foreign.append(pod.name) }
                continue
            }
            guard !pod.isTerminating, let index = pod.nodeName.flatMap({ indexByName[$0] }) else { continue }
            pods[index].createdAt = max(pods[index].createdAt ?? Timestamp(0), pod.createdAt ?? Timestamp(0))
            let isLive = pod.phase != .failed && pod.phase != .succeeded
            let isTarget = target != nil && pod.revisionHash == target
            pods[index].hasLivePod = pods[index].hasLivePod || isLive
            pods[index].hasOldPod = pods[index].hasOldPod || isLive && !isTarget
            pods[index].hasReadyPod = pods[index].hasReadyPod || isLive && pod.isReady
            pods[index].hasTargetPod = pods[index].hasTargetPod || isTarget
            pods[index].hasReadyTargetPod = pods[index].hasReadyTargetPod || isTarget && isLive && pod.isReady
        }
        return (pods, foreign.sorted())
    }

    private static func standing(of node: Node, pods: PodFacts, under eligibility: Eligibility) -> Standing {
        var returns: Eligibility.Verdict = eligibility.shouldRun(on: node)
        if case .no(let reason) = returns {
            guard pods.hasLivePod else { return .notEligible(reason) }
            if case .no(let reason) = eligibility.shouldContinue(on: node) { return .notEligible(reason) }
            returns = .no(reason: reason)
        }
        if pods.hasTargetPod { return .done(isReady: pods.hasReadyTargetPod) }
        if node.isBeingDeleted { return .deferred(.nodeBeingDeleted, "the node is being deleted") }
        if node.ready != .true {
            let why = node.readyReason.isEmpty ? "" : " (\(node.readyReason))"
            return .deferred(.nodeNotReady, "the node is not Ready\(why)")
        }
        if case .no(let reason) = returns {
            return .deferred(.wouldNotReturn, "the node would not get its pod back after a delete: \(reason)")
        }
        return .pending
    }

    private static func change(
        on node: Node, pods: PodFacts, from old: Eligibility, to standing: Standing
    ) -> WavePlan.PlacementChange? {
        let before = old.shouldRun(on: node)
        let hadPod = before.isYes || (pods.hasOldPod && old.shouldContinue(on: node).isYes)
        switch (hadPod, standing) {
        case (true, .notEligible(let reason)):
            return WavePlan.PlacementChange(
                node: node.name, gains: false, reason: "loses its pod at once: under the new template \(reason)")
        case (false, .done), (false, .deferred), (false, .pending):
            guard case .no(let reason) = before else { return nil }
            return WavePlan.PlacementChange(
                node: node.name, gains: true, reason: "gains a pod at once: under the old template \(reason)")
        case (true, .done), (true, .deferred), (true, .pending), (false, .notEligible): return nil
        }
    }
}

extension FleetSurvey.Standing {
    /// Whether the node runs the DaemonSet's pod or should.
    var isEligible: Bool {
        if case .notEligible = self { false } else { true }
    }

    /// Whether the node's pod has the target revision.
    var isDone: Bool {
        if case .done = self { true } else { false }
    }

    /// Whether the node has to wait.
    var isDeferred: Bool {
        if case .deferred = self { true } else { false }
    }
}

extension PodTemplate {
    /// Whether this template puts pods on the same nodes as another one, whatever the nodes.
    func placesLike(_ other: PodTemplate) -> Bool {
        nodeSelector == other.nodeSelector && nodeName == other.nodeName
            && requiredNodeAffinity == other.requiredNodeAffinity && tolerations == other.tolerations
            && usesHostNetwork == other.usesHostNetwork
    }
}
