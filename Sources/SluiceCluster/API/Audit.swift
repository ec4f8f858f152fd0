public import SluiceCore

/// One request to delete or evict a pod, as the API server saw it.
public struct PodDeleteRecord: Sendable, Equatable {
    /// When it came.
    public var time: Timestamp
    /// The pod's name, with its namespace.
    public var pod: String
    /// The uid of the pod that had the name; empty when there was none.
    public var uid: String
    /// The node of that pod; empty when there was none.
    public var node: String
    /// The status code of the answer.
    public var status: Int
    /// Whether the request began the pod's end; false for a refused or a repeated one.
    public var startedTermination: Bool
    /// How many nodes that should run the pod were without an available one just before; nodes whose pod is being
    /// deleted count. 0 for a pod of no DaemonSet.
    public var blindNodes: Int

    /// The record as one line of JSON, without the line's end.
    public var line: String {
        let value: JSONValue = [
            "time": .string(time.rfc3339), "pod": .string(pod), "uid": .string(uid), "node": .string(node),
            "status": .integer(Int64(status)), "startedTermination": .bool(startedTermination),
            "blindNodes": .integer(Int64(blindNodes)),
        ]
        return value.serialized
    }
}

extension Cluster {
    /// What a request is about to delete; nil when it deletes no pod. Fill in the answer with
    /// ``concluded(_:with:)``.
    func deleteRecord(of request: ClusterRequest) -> PodDeleteRecord? {
        let path = Target(request.target).segments
        guard path.count >= 6, path[0] == "api", path[2] == "namespaces", path[4] == "pods" else { return nil }
        switch (request.method, path.dropFirst(6).first) {
        case ("DELETE", nil), ("POST", "eviction"): break
        default: return nil
        }
        let found = store.object(.pods, path[3], path[5]).flatMap { pods[$0.uid] }
        return PodDeleteRecord(
            time: now, pod: "\(path[3])/\(path[5])", uid: found?.uid ?? "", node: found?.node ?? "", status: 0,
            startedTermination: found?.deletion == nil && found != nil,
            blindNodes: countsBlindNodes ? found?.owner.map(blindNodes) ?? 0 : 0)
    }

    /// The record with what came of the request.
    func concluded(_ record: PodDeleteRecord, with status: Int) -> PodDeleteRecord {
        var record = record
        record.status = status
        // A pod that is gone, or is being deleted now, was not before: only this request can have done it.
        let isEnding = pods[record.uid].map { $0.deletion != nil } ?? true
        record.startedTermination = record.startedTermination && isEnding
        return record
    }

    /// The nodes that should run a DaemonSet's pod and have no available one.
    private func blindNodes(of uid: String) -> Int {
        guard let daemonSet = daemonSets[uid] else { return 0 }
        return daemonSet.wantedNodes.count { node in
            !pods.on(node: node, daemonSet: uid).contains { $0.deletion == nil && isAvailable($0, daemonSet) }
        }
    }
}
