/// Whether a node runs a DaemonSet's pod, as the DaemonSet controller decides it.
///
/// The controller asks two questions: should the node *run* a pod, and should a pod that runs there *continue* to. A node
/// that was tainted NoSchedule after its pod started keeps the pod, and gets none back after a delete. Resources are not
/// looked at. (kubernetes/pkg/controller/daemon, `NodeShouldRunDaemonPod`; tried against a real controller)
public struct Eligibility: Sendable {
    /// The answer to one of the controller's questions.
    public enum Verdict: Sendable, Hashable {
        case yes
        /// The reason as half a sentence, such as "its taint dedicated=batch:NoSchedule is not tolerated".
        case no(reason: String)

        /// Whether the answer is yes.
        public var isYes: Bool { self == .yes }
    }

    private let nodeSelector: [(key: String, value: String)]
    private let nodeName: String?
    private let affinity: [NodeSelectorTerm]?
    private let tolerations: [Toleration]

    /// Prepares the questions for a template.
    public init(template: PodTemplate) {
        nodeSelector = template.nodeSelector.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        nodeName = template.nodeName
        affinity = template.requiredNodeAffinity
        tolerations = template.tolerations + Self.added(hostNetwork: template.usesHostNetwork)
    }

    /// The tolerations that the controller adds to every pod. Not-ready and unreachable are tolerated as NoExecute only,
    /// so a node that carries them as NoSchedule gets no new pod. (kubernetes.io, "DaemonSet", Taints and tolerations)
    static func added(hostNetwork: Bool) -> [Toleration] {
        let noExecute = ["not-ready", "unreachable"]
        let noSchedule = ["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"]
        return noExecute.map { toleration($0, "NoExecute") } + noSchedule.map { toleration($0, "NoSchedule") }
            + (hostNetwork ? [toleration("network-unavailable", "NoSchedule")] : [])
    }

    private static func toleration(_ name: String, _ effect: String) -> Toleration {
        Toleration(key: "node.kubernetes.io/\(name)", operator: "Exists", effect: effect)
    }

    /// Whether the node gets a pod when it has none.
    public func shouldRun(on node: Node) -> Verdict {
        if let reason = mismatch(node) { return .no(reason: reason) }
        return untolerated(node, effects: ["NoSchedule", "NoExecute"])
    }

    /// Whether a pod that runs on the node may stay.
    public func shouldContinue(on node: Node) -> Verdict {
        if let reason = mismatch(node) { return .no(reason: reason) }
        return untolerated(node, effects: ["NoExecute"])
    }

    private func mismatch(_ node: Node) -> String? {
        if let nodeName, nodeName != node.name { return "the template is pinned to node \(nodeName)" }
        for (key, value) in nodeSelector where node.labels[key] != value {
            return "its label \(key) is not \(value) (nodeSelector)"
        }
        if let affinity, !affinity.contains(where: { Self.matches($0, node) }) {
            return "no term of the required node affinity matches it"
        }
        return nil
    }

    private func untolerated(_ node: Node, effects: [String]) -> Verdict {
        for taint in node.taints where effects.contains(taint.effect) {
            if tolerations.contains(where: { Self.tolerates($0, taint) }) { continue }
            let value = taint.value.isEmpty ? "" : "=\(taint.value)"
            return .no(reason: "its taint \(taint.key)\(value):\(taint.effect) is not tolerated")
        }
        return .yes
    }

    /// (kubernetes/component-helpers, `ToleratesTaint`)
    private static func tolerates(_ toleration: Toleration, _ taint: Taint) -> Bool {
        if !toleration.effect.isEmpty && toleration.effect != taint.effect { return false }
        if !toleration.key.isEmpty && toleration.key != taint.key { return false }
        switch toleration.operator {
        case "Exists": return true
        case "", "Equal": return !toleration.key.isEmpty && toleration.value == taint.value
        case "Lt", "Gt":
            guard let wanted = Int64(toleration.value), let actual = Int64(taint.value) else { return false }
            return toleration.operator == "Lt" ? actual < wanted : actual > wanted
        default: return false
        }
    }

    /// A term without any expression matches nothing.
    private static func matches(_ term: NodeSelectorTerm, _ node: Node) -> Bool {
        if term.matchExpressions.isEmpty && term.matchFields.isEmpty { return false }
        return term.matchExpressions.allSatisfy { matches($0, node.labels[$0.key]) }
            && term.matchFields.allSatisfy { $0.key == "metadata.name" && matches($0, node.name) }
    }

    private static func matches(_ requirement: NodeSelectorTerm.Requirement, _ value: String?) -> Bool {
        switch requirement.operator {
        case "In": return value.map(requirement.values.contains) ?? false
        case "NotIn": return value.map { !requirement.values.contains($0) } ?? true
        case "Exists": return value != nil
        case "DoesNotExist": return value == nil
        case "Gt", "Lt":
            guard let actual = value.flatMap({ Int64($0) }), requirement.values.count == 1,
                let bound = Int64(requirement.values[0])
            else { return false }
            return requirement.operator == "Gt" ? actual > bound : actual < bound
        default: return false
        }
    }
}
