extension Node {
    /// Reads a node from the API's JSON; nil when name or uid are missing.
    public init?(json: JSONValue) {
        let metadata = json["metadata"] ?? .null
        guard let name = metadata["name"]?.string, let uid = metadata["uid"]?.string else { return nil }
        let conditions = json.at("status", "conditions")?.array ?? []
        let ready = conditions.first { $0["type"] == "Ready" }
        self.init(
            name: name, uid: uid, labels: metadata["labels"]?.strings ?? [:],
            taints: (json.at("spec", "taints")?.array ?? []).map {
                Taint(
                    key: $0["key"]?.string ?? "", value: $0["value"]?.string ?? "", effect: $0["effect"]?.string ?? "")
            },
            isUnschedulable: json.at("spec", "unschedulable")?.bool ?? false,
            ready: ready?["status"]?.string.flatMap(ConditionStatus.init(rawValue:)) ?? .unknown,
            readyReason: ready?["reason"]?.string ?? "",
            readyChangedAt: ready?["lastTransitionTime"]?.string.flatMap { Timestamp(rfc3339: $0) },
            pressures: conditions.compactMap {
                NodePressure(
                    condition: $0["type"]?.string ?? "", status: $0["status"]?.string ?? "",
                    since: $0["lastTransitionTime"]?.string.flatMap { Timestamp(rfc3339: $0) })
            },
            isBeingDeleted: metadata["deletionTimestamp"] != nil,
            createdAt: metadata["creationTimestamp"]?.string.flatMap { Timestamp(rfc3339: $0) })
    }

    /// The node as the API would show it, with nothing but what is read of one; ``init(json:)`` gives it back.
    public var json: JSONValue {
        var metadata: JSONValue = ["name": .string(name), "uid": .string(uid)]
        if !labels.isEmpty { metadata["labels"] = .object(labels.mapValues(JSONValue.string)) }
        if let createdAt { metadata["creationTimestamp"] = .string(createdAt.rfc3339) }
        if isBeingDeleted { metadata["deletionTimestamp"] = .string(Timestamp(0).rfc3339) }
        var spec: JSONValue = [:]
        if !taints.isEmpty { spec["taints"] = .array(taints.map(\.json)) }
        if isUnschedulable { spec["unschedulable"] = true }
        var condition: JSONValue = ["type": "Ready", "status": .string(ready.rawValue)]
        if !readyReason.isEmpty { condition["reason"] = .string(readyReason) }
        if let readyChangedAt { condition["lastTransitionTime"] = .string(readyChangedAt.rfc3339) }
        return [
            "apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec,
            "status": ["conditions": .array([condition] + pressures.map(\.json))],
        ]
    }
}

extension NodePressure {
    fileprivate var json: JSONValue {
        var json: JSONValue = ["type": .string(kind.rawValue), "status": .string(ConditionStatus.true.rawValue)]
        if let since { json["lastTransitionTime"] = .string(since.rfc3339) }
        return json
    }
}

extension Taint {
    fileprivate var json: JSONValue {
        var json: JSONValue = ["key": .string(key), "effect": .string(effect)]
        if !value.isEmpty { json["value"] = .string(value) }
        return json
    }
}
