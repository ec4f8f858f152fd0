extension Cluster {
    /// The pod that a request would delete or evict, as it stands before the request: for an audit.
    public struct Victim: Sendable {
        /// The pod's uid.
        public var uid: String
        /// Its node.
        public var node: String
        /// Whether it was being deleted already.
        public var isTerminating: Bool
        /// How many nodes have an available pod of the pod's DaemonSet: Ready, and not being deleted.
        public var availableNodes: Int
    }

    /// Whom a request is about to delete or evict; nil when it is no such request, or there is no such pod.
    public func victim(of request: ClusterRequest) -> Victim? {
        let path = Target(request.target).segments
        guard path.count >= 6, path[0] == "api", path[2] == "namespaces", path[4] == "pods",
            request.method == "DELETE" || path.last == "eviction",
            let object = store.object(.pods, path[3], path[5]), let pod = pods[object.uid]
        else { return nil }
        let available = pods.all.filter { $0.owner == pod.owner && $0.deletion == nil && $0.status.ready.isTrue }
        return Victim(
            uid: pod.uid, node: pod.node, isTerminating: pod.deletion != nil,
            availableNodes: Set(available.map(\.node)).count)
    }
}
