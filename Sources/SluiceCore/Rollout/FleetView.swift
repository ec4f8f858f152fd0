/// What has been seen of the cluster since the driver started: nodes, pods, and since when each pod is Ready.
///
/// Memory, not state: after a restart it is filled from a fresh list. Pods are keyed by uid, because an old and a new
/// pod stand side by side on a node while it is updated.
struct FleetView: Sendable {
    /// A pod with what was observed of it.
    struct ObservedPod: Sendable {
        var pod: Pod
        /// The monotonic time from which the pod has been Ready without a break; nil while it is not Ready.
        var readySince: Milliseconds?
        /// The monotonic time from which its image could not be pulled; nil while it can.
        var pullErrorSince: Milliseconds?
        /// How long it took from its containers' start to Ready, in seconds; nil when nobody watched it.
        var startupSeconds: Int64?
        /// Whether it is Ready and stays. One that is not takes nothing away when it is deleted. A young one does: whether
        /// it is so young, only the server's clock may say.
        var isReady: Bool { readySince != nil && !pod.isTerminating }
    }

    private(set) var nodes: [String: Node] = [:]
    /// The DaemonSet's own pods on each node, in order of appearance.
    private var podsByNode: [String: [ObservedPod]] = [:]
    /// The node of each of these pods, by the pod's uid.
    private var nodesByPod: [String: String] = [:]
    private let daemonSetUID: String
    private let minReadyMilliseconds: Milliseconds

    init(daemonSetUID: String, minReadySeconds: Int64) {
        self.daemonSetUID = daemonSetUID
        self.minReadyMilliseconds = minReadySeconds * 1_000
    }

    /// The DaemonSet's own pods on a node.
    func ownPods(on node: String) -> [ObservedPod] { podsByNode[node] ?? [] }

    /// One of the DaemonSet's own pods; nil when it is not known.
    func ownPod(uid: String) -> ObservedPod? {
        nodesByPod[uid].flatMap { podsByNode[$0]?.first { $0.pod.uid == uid } }
    }

    /// How many of the DaemonSet's own pods are known.
    var podCount: Int { nodesByPod.count }

    /// How many nodes are known to have one.
    var nodesWithPods: Int { podsByNode.count }

    /// Whether a pod counts as available: Ready for long enough and not on its way out.
    ///
    /// A terminating pod on a dead node still says Ready, and the DaemonSet's status still counts it.
    func isAvailable(_ observed: ObservedPod, at now: Milliseconds) -> Bool {
        guard !observed.pod.isTerminating, let readySince = observed.readySince else { return false }
        return now - readySince >= minReadyMilliseconds
    }

    /// When a Ready pod will count as available; nil when it is not Ready or is going.
    func availableAt(_ observed: ObservedPod) -> Milliseconds? {
        guard !observed.pod.isTerminating, let readySince = observed.readySince else { return nil }
        return readySince + minReadyMilliseconds
    }

    // MARK: Facts

    /// Takes over a list of all nodes.
    ///
    /// - Returns: the names whose node appeared, changed or went.
    mutating func replaceNodes(_ listed: [Node]) -> [String] {
        var touched: [String] = []
        var remaining = nodes
        for node in listed {
            if remaining.removeValue(forKey: node.name) != node { touched.append(node.name) }
            nodes[node.name] = node
        }
        for name in remaining.keys { nodes[name] = nil }
        return touched + remaining.keys.sorted()
    }

    mutating func setNode(_ node: Node) {
        nodes[node.name] = node
    }

    mutating func removeNode(_ name: String) {
        nodes[name] = nil
    }

    /// Takes over a list of all pods.
    ///
    /// - Returns: the names of the nodes whose pods changed.
    mutating func replacePods(_ listed: [Pod], serverTime: Timestamp?, now: Milliseconds) -> [String] {
        var touched: [String] = []
        let listedUIDs = Set(listed.map(\.uid))
        for uid in nodesByPod.keys.filter({ !listedUIDs.contains($0) }).sorted() {
            if let node = removePod(uid: uid) { touched.append(node) }
        }
        for pod in listed {
            if let node = setPod(pod, now: now, serverTime: serverTime, isListed: true) { touched.append(node) }
        }
        return touched
    }

    /// Takes over one pod as it is now. Pods that the DaemonSet does not own are not looked at.
    ///
    /// - Parameter serverTime: the API server's clock when the pod comes from a list. A pod met there for the first time
    ///   is credited with its Ready age by that clock, since nobody watched it become Ready.
    /// - Parameter isListed: whether it comes from a list, so that what happened since it was seen last is not known.
    /// - Returns: the name of the pod's node, nil when the pod is not the DaemonSet's or has no node.
    mutating func setPod(
        _ pod: Pod, now: Milliseconds, serverTime: Timestamp? = nil, isListed: Bool = false
    ) -> String? {
        guard pod.ownerUID == daemonSetUID, let node = pod.nodeName else { return nil }
        let isNew = podsByNode[node, default: []].take(pod, now: now, serverTime: serverTime, isListed: isListed)
        if isNew { nodesByPod[pod.uid] = node }
        return node
    }

    /// Forgets a pod.
    ///
    /// - Returns: the name of the node it was on, nil when it was not known.
    mutating func removePod(uid: String) -> String? {
        guard let node = nodesByPod.removeValue(forKey: uid) else { return nil }
        podsByNode[node]?.removeAll { $0.pod.uid == uid }
        if podsByNode[node]?.isEmpty == true { podsByNode[node] = nil }
        return node
    }
}

extension [FleetView.ObservedPod] {
    /// Takes over one pod of a node as it is now. By index, so that no pod is copied to be looked at.
    ///
    /// - Returns: whether it is met for the first time.
    fileprivate mutating func take(_ pod: Pod, now: Milliseconds, serverTime: Timestamp?, isListed: Bool) -> Bool {
        let known = indices.first { self[$0].pod.uid == pod.uid }
        let index = known ?? endIndex
        if known == nil { append(Element(pod: pod)) }
        if !pod.isReady || pod.phase != .running {
            self[index].readySince = nil
        } else if self[index].readySince == nil || self[index].pod.readyChangedAt != pod.readyChangedAt {
            let age = serverTime.flatMap { time in
                pod.readyChangedAt.map { Swift.max(0, time.millisecondsSince1970 - $0.millisecondsSince1970) }
            }
            self[index].readySince = now - (age ?? 0)
        }
        let pullFails = pod.containers.contains { PodTrouble.isPullError($0.waiting?.reason ?? "") }
        self[index].pullErrorSince = pullFails ? (self[index].pullErrorSince ?? now) : nil
        if known != nil, !isListed, let seconds = StartupTime.watched(from: self[index].pod, to: pod) {
            self[index].startupSeconds = seconds
        }
        self[index].pod = pod
        return known == nil
    }
}
