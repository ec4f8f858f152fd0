public import SluiceCore

/// A change of the cluster as a value, for whoever follows it without reading text.
public struct ClusterChange: Sendable {
    /// What has changed.
    public enum What: Sendable {
        /// A pod appeared or changed.
        case pod(Pod)
        /// A pod is gone; as it was last.
        case podGone(Pod)
        /// A node appeared or changed.
        case node(Node)
        /// A node is gone.
        case nodeGone(name: String)
        /// A DaemonSet appeared or changed.
        case daemonSet(DaemonSet)
        /// A DaemonSet is gone.
        case daemonSetGone(uid: String)
    }

    /// When.
    public var time: Timestamp
    /// What.
    public var what: What
}

extension ClusterChange {
    init?(_ kind: ResourceKind, _ change: Change, at time: Timestamp) {
        let object = change.after
        let isGone = change.kind == .deleted
        switch kind {
        case .pods:
            guard let pod = object.pod?.noun else { return nil }
            self.init(time: time, what: isGone ? .podGone(pod) : .pod(pod))
        case .nodes where isGone: self.init(time: time, what: .nodeGone(name: object.name))
        case .nodes:
            guard let node = object.node else { return nil }
            self.init(time: time, what: .node(node))
        case .daemonSets where isGone: self.init(time: time, what: .daemonSetGone(uid: object.uid))
        case .daemonSets:
            guard let daemonSet = object.value.flatMap(DaemonSet.init(json:)) else { return nil }
            self.init(time: time, what: .daemonSet(daemonSet))
        default: return nil
        }
    }
}

extension Cluster {
    /// Lets those who follow the changes know of a pod where nobody reads text.
    mutating func publishNoun(of pod: PodRecord, isGone: Bool) {
        store.countUp()
        changes?.append(ClusterChange(time: now, what: isGone ? .podGone(pod.noun) : .pod(pod.noun)))
    }

    /// From now on keeps every change of pods, nodes and DaemonSets until it is taken with ``takeChanges()``.
    public mutating func followChanges() {
        if changes == nil { changes = [] }
    }

    /// The changes since the last call, in their order.
    public mutating func takeChanges() -> [ClusterChange] {
        guard let taken = changes, !taken.isEmpty else { return [] }
        changes = []
        return taken
    }
}
