public import SluiceCore

/// What a client asks of the cluster, as calls instead of requests: the same rules, without text.
extension Cluster {
    /// The time up to which the cluster has gone on.
    public var time: Timestamp { now }

    /// Deletes a pod with its uid as the precondition, after letting time pass until then.
    ///
    /// - Returns: false when there is no pod with that uid.
    public mutating func deletePod(uid: String, at time: Timestamp) -> Bool {
        advance(to: time)
        guard pods[uid] != nil else { return false }
        deletePod(uid: uid, grace: nil)
        return true
    }

    /// Removes a Node object and, as the garbage collector does, its pods.
    public mutating func removeNode(_ name: String, at time: Timestamp) {
        advance(to: time)
        guard let node = store.object(.nodes, "", name) else { return }
        erase(.nodes, node)
    }

    /// Adds a node; one that is there already stays as it is.
    public mutating func addNode(_ node: Node, at time: Timestamp) {
        advance(to: time)
        guard store.object(.nodes, "", node.name) == nil else { return }
        let object = StoredObject(node: node, version: store.nextVersion)
        publish(.nodes, store.put(.nodes, object))
        nodeChanged(object)
    }

    /// Patches a DaemonSet as the API does, after letting time pass until then.
    ///
    /// - Parameter body: a strategic merge patch.
    /// - Returns: the DaemonSet as it was stored, or the status code and message of the refusal.
    public mutating func patchDaemonSet(
        namespace: String, name: String, body: JSONValue, at time: Timestamp
    ) -> Result<DaemonSet, PatchFailure> {
        let request = ClusterRequest(
            method: "PATCH", target: "/apis/apps/v1/namespaces/\(namespace)/daemonsets/\(name)",
            headers: ["content-type": "application/strategic-merge-patch+json", "user-agent": "sluice"],
            body: Array(body.serialized.utf8))
        guard case .answer(let answer) = handle(request, at: time) else {
            return .failure(PatchFailure(status: 500, message: "no answer"))
        }
        guard answer.status == 200, let daemonSet = daemonSet(namespace: namespace, name: name) else {
            return .failure(PatchFailure(status: answer.status, message: answer.body))
        }
        return .success(daemonSet)
    }

    /// Why a patch was refused.
    public struct PatchFailure: Error, Sendable {
        /// The HTTP status code.
        public var status: Int
        /// The API server's words.
        public var message: String
    }

    /// A DaemonSet as it is now; nil when there is none.
    public func daemonSet(namespace: String, name: String) -> DaemonSet? {
        store.object(.daemonSets, namespace, name)?.value.flatMap(DaemonSet.init(json:))
    }

    /// The revisions that a DaemonSet owns.
    public func controllerRevisions(of daemonSet: DaemonSet) -> [ControllerRevision] {
        guard let state = daemonSets[daemonSet.uid] else { return [] }
        return revisions(of: state).compactMap { $0.value.flatMap(ControllerRevision.init(json:)) }
    }

    /// Everything that planning starts from; nil when there is no such DaemonSet.
    public func fleet(namespace: String, daemonSet name: String) -> FleetFacts? {
        guard let daemonSet = daemonSet(namespace: namespace, name: name) else { return nil }
        let selected = pods.all.filter { $0.namespace == namespace && daemonSet.selector.matches($0.labels) }
        return FleetFacts(
            daemonSet: daemonSet, nodes: store.objects(.nodes).compactMap(\.node), pods: selected.map(\.noun),
            revisions: controllerRevisions(of: daemonSet))
    }

    /// Why the controller could not create a pod of a DaemonSet last, and when; nil when it always could.
    public func lastCreationRefusal(ofDaemonSet uid: String) -> (reason: String, time: Timestamp)? {
        daemonSets[uid]?.refusal
    }
}
