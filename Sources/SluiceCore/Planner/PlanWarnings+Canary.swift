/// What the first wave cannot show.
extension PlanWarnings {
    /// Labels by whose values nodes differ in ways that a version can be bad at: architecture, system, zone, and the pools of
    /// GKE, EKS, AKS and Karpenter. (kubernetes.io, "Well-Known Labels"; the providers' own documents)
    private static let telling = [
        "kubernetes.io/arch", "kubernetes.io/os", "topology.kubernetes.io/zone", "cloud.google.com/gke-nodepool",
        "eks.amazonaws.com/nodegroup", "kubernetes.azure.com/agentpool", "karpenter.sh/nodepool",
    ]

    /// Values of such a label that no node of the first wave has: what is bad only there is first seen later.
    var unseenByCanary: [String] {
        guard let first = slicing.waves.first, slicing.waves.contains(where: { $0.planIndex != first.planIndex }) else {
            return []
        }
        let canary = slicing.waves.filter { $0.planIndex == first.planIndex }
        let seen = Set(canary.flatMap { $0.nodes + $0.observed })
        return Self.telling.compactMap { unseen(key: $0, by: seen, wave: plan.waves[first.planIndex].name) }
    }

    private func unseen(key: String, by seen: Set<String>, wave: String) -> String? {
        var counts: [String: Int] = [:]
        var isSeen: Set<String> = []
        for index in survey.eligible {
            guard let value = survey.nodes[index].labels[key] else { continue }
            counts[value, default: 0] += 1
            if seen.contains(survey.nodes[index].name) { isSeen.insert(value) }
        }
        let missing = counts.filter { !isSeen.contains($0.key) }.sorted { $0.key < $1.key }
        guard !missing.isEmpty else { return nil }
        let values = missing.map { "\($0.key) (\(PlanText.count($0.value, "node")))" }
        return
            "wave \(wave) has no node of \(key) \(PlanText.list(values)): a version that is bad only there is first seen "
            + "in a later wave"
    }
}
