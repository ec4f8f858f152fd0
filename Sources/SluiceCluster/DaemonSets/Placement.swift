import SluiceCore

/// The two questions that the DaemonSet controller asks about a node: should a pod run there, and may one that is there
/// stay. Taints with NoSchedule matter for the first only; resources, cordons and PreferNoSchedule for neither.
struct Placement: Sendable {
    private let nodeName: String?
    private let nodeSelector: [String: String]
    private let terms: [NodeSelectorTerm]?
    private let tolerations: [Toleration]

    init(template: PodTemplate) {
        nodeName = template.nodeName
        nodeSelector = template.nodeSelector
        terms = template.requiredNodeAffinity
        tolerations = template.tolerations + Self.added(hostNetwork: template.usesHostNetwork)
    }

    /// The tolerations that the controller adds to every pod.
    static func added(hostNetwork: Bool) -> [Toleration] {
        let evictions = ["not-ready", "unreachable"].map { ($0, "NoExecute") }
        let pressures = ["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"].map { ($0, "NoSchedule") }
        let network = hostNetwork ? [("network-unavailable", "NoSchedule")] : []
        return (evictions + pressures + network).map {
            Toleration(key: "node.kubernetes.io/\($0.0)", operator: "Exists", effect: $0.1)
        }
    }

    func runs(on name: String, _ node: NodeFacts) -> Bool {
        fits(name, node) && !node.taints.contains { isObstacle($0, ["NoSchedule", "NoExecute"]) }
    }

    func stays(on name: String, _ node: NodeFacts) -> Bool {
        fits(name, node) && !node.taints.contains { isObstacle($0, ["NoExecute"]) }
    }

    private func isObstacle(_ taint: Taint, _ effects: [String]) -> Bool {
        effects.contains(taint.effect) && !tolerations.contains { Self.tolerates($0, taint) }
    }

    private static func tolerates(_ toleration: Toleration, _ taint: Taint) -> Bool {
        if !toleration.effect.isEmpty, toleration.effect != taint.effect { return false }
        if !toleration.key.isEmpty, toleration.key != taint.key { return false }
        switch toleration.operator {
        case "Exists": return true
        case "", "Equal": return !toleration.key.isEmpty && toleration.value == taint.value
        default: return false
        }
    }

    private func fits(_ name: String, _ node: NodeFacts) -> Bool {
        if let nodeName, nodeName != name { return false }
        for (key, value) in nodeSelector where node.labels[key] != value { return false }
        guard let terms else { return true }
        return terms.contains { term in
            let isEmpty = term.matchExpressions.isEmpty && term.matchFields.isEmpty
            return !isEmpty
                && term.matchExpressions.allSatisfy { Self.holds($0, for: node.labels[$0.key]) }
                && term.matchFields.allSatisfy { Self.holds($0, for: $0.key == "metadata.name" ? name : nil) }
        }
    }

    private static func holds(_ requirement: NodeSelectorTerm.Requirement, for value: String?) -> Bool {
        switch requirement.operator {
        case "In": return value.map(requirement.values.contains) ?? false
        case "NotIn": return !(value.map(requirement.values.contains) ?? false)
        case "Exists": return value != nil
        case "DoesNotExist": return value == nil
        case "Gt", "Lt":
            guard let have = value.flatMap({ Int64($0) }), let bound = requirement.values.first.flatMap({ Int64($0) })
            else { return false }
            return requirement.operator == "Gt" ? have > bound : have < bound
        default: return false
        }
    }
}
