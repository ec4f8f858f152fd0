extension Pod {
    /// Reads a pod from the API's JSON; nil when name, namespace or uid are missing.
    public init?(json: JSONValue) {
        let metadata = json["metadata"] ?? .null
        guard let name = metadata["name"]?.string, let namespace = metadata["namespace"]?.string,
            let uid = metadata["uid"]?.string
        else { return nil }
        let status = json["status"] ?? .null
        let conditions = status["conditions"]?.array ?? []
        let ready = conditions.first { $0["type"] == "Ready" }
        let scheduled = conditions.first { $0["type"] == "PodScheduled" && $0["status"] == "False" }
        let owner = (metadata["ownerReferences"]?.array ?? []).last { $0["controller"]?.bool == true }
        let bound = json.at("spec", "nodeName")?.string.flatMap { $0.isEmpty ? nil : $0 }
        let labels = metadata["labels"]?.strings ?? [:]
        self.init(
            name: name, namespace: namespace, uid: uid, nodeName: bound ?? Self.intendedNode(json),
            isScheduled: bound != nil, ownerUID: owner?["uid"]?.string,
            revisionHash: labels["controller-revision-hash"],
            labels: labels,
            phase: status["phase"].map { $0.string.flatMap(Phase.init(rawValue:)) ?? .unknown } ?? .pending,
            createdAt: metadata["creationTimestamp"]?.string.flatMap { Timestamp(rfc3339: $0) },
            isTerminating: metadata["deletionTimestamp"] != nil, isReady: ready?["status"] == "True",
            readyChangedAt: ready?["lastTransitionTime"]?.string.flatMap { Timestamp(rfc3339: $0) },
            unschedulableMessage: scheduled.map { $0["message"]?.string ?? "" },
            reason: status["reason"]?.string ?? "", message: status["message"]?.string ?? "",
            podIP: status["podIP"]?.string ?? "",
            containers: (status["initContainerStatuses"]?.array ?? []).map { ContainerStatus(json: $0, isInit: true) }
                + (status["containerStatuses"]?.array ?? []).map { ContainerStatus(json: $0, isInit: false) },
            images: (json.at("spec", "containers")?.array ?? []).map {
                ContainerImage(container: $0["name"]?.string ?? "", image: $0["image"]?.string ?? "")
            }.sorted { $0.container < $1.container })
    }

    /// The node by whose name the DaemonSet controller pins a pod before the scheduler binds it.
    private static func intendedNode(_ json: JSONValue) -> String? {
        let terms = json.at(
            "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
        let fields = (terms?.array ?? []).flatMap { $0["matchFields"]?.array ?? [] }
        let pin = fields.first {
            $0["key"] == "metadata.name" && $0["operator"] == "In" && $0["values"]?.array?.count == 1
        }
        return pin?["values"]?.array?.first?.string
    }

    /// The pod as the API would show it, with nothing but what is read of one; ``init(json:)`` gives it back.
    public var json: JSONValue {
        ["apiVersion": "v1", "kind": "Pod", "metadata": metadataJSON, "spec": specJSON, "status": statusJSON]
    }

    private var metadataJSON: JSONValue {
        var metadata: JSONValue = [
            "name": .string(name), "namespace": .string(namespace), "uid": .string(uid),
            "labels": .object(labels.mapValues(JSONValue.string)),
        ]
        if let createdAt { metadata["creationTimestamp"] = .string(createdAt.rfc3339) }
        if isTerminating { metadata["deletionTimestamp"] = .string(Timestamp(0).rfc3339) }
        if let ownerUID { metadata["ownerReferences"] = [["controller": true, "uid": .string(ownerUID)]] }
        return metadata
    }

    private var specJSON: JSONValue {
        var spec: JSONValue = [
            "containers": .array(images.map { ["name": .string($0.container), "image": .string($0.image)] })
        ]
        guard let nodeName else { return spec }
        guard !isScheduled else {
            spec["nodeName"] = .string(nodeName)
            return spec
        }
        let pin: JSONValue = ["key": "metadata.name", "operator": "In", "values": [.string(nodeName)]]
        spec["affinity"] = [
            "nodeAffinity": [
                "requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": [["matchFields": [pin]]]]
            ]
        ]
        return spec
    }

    private var statusJSON: JSONValue {
        var ready: JSONValue = ["type": "Ready", "status": isReady ? "True" : "False"]
        if let readyChangedAt { ready["lastTransitionTime"] = .string(readyChangedAt.rfc3339) }
        var conditions = [ready]
        if let unschedulableMessage {
            conditions.append(["type": "PodScheduled", "status": "False", "message": .string(unschedulableMessage)])
        }
        var status: JSONValue = ["phase": .string(phase.rawValue), "conditions": .array(conditions)]
        if !reason.isEmpty { status["reason"] = .string(reason) }
        if !message.isEmpty { status["message"] = .string(message) }
        if !podIP.isEmpty { status["podIP"] = .string(podIP) }
        for (key, wanted) in [("initContainerStatuses", true), ("containerStatuses", false)] {
            let statuses = containers.filter { $0.isInit == wanted }
            if !statuses.isEmpty { status[key] = .array(statuses.map(\.json)) }
        }
        return status
    }
}

extension ContainerStatus {
    fileprivate init(json: JSONValue, isInit: Bool) {
        func text(_ value: JSONValue?, _ key: String) -> String { value?[key]?.string ?? "" }
        func end(_ value: JSONValue?) -> Termination? {
            value.map {
                Termination(
                    reason: text($0, "reason"), exitCode: Int($0["exitCode"]?.integer ?? 0),
                    message: text($0, "message"))
            }
        }
        self.init(
            name: text(json, "name"), isInit: isInit, isReady: json["ready"]?.bool ?? false,
            restartCount: Int(json["restartCount"]?.integer ?? 0),
            runningSince: json.at("state", "running", "startedAt")?.string.flatMap { Timestamp(rfc3339: $0) },
            waiting: json.at("state", "waiting").map {
                Waiting(reason: text($0, "reason"), message: text($0, "message"))
            },
            terminated: end(json.at("state", "terminated")), lastTermination: end(json.at("lastState", "terminated")),
            imageID: text(json, "imageID"))
    }

    fileprivate var json: JSONValue {
        func end(_ termination: Termination) -> JSONValue {
            [
                "terminated": [
                    "reason": .string(termination.reason), "exitCode": .integer(Int64(termination.exitCode)),
                    "message": .string(termination.message),
                ]
            ]
        }
        var json: JSONValue = [
            "name": .string(name), "ready": .bool(isReady), "restartCount": .integer(Int64(restartCount)),
        ]
        if let runningSince {
            json["state"] = ["running": ["startedAt": .string(runningSince.rfc3339)]]
        } else if let waiting {
            json["state"] = [
                "waiting": ["reason": .string(waiting.reason), "message": .string(waiting.message)]
            ]
        } else if let terminated {
            json["state"] = end(terminated)
        }
        if let lastTermination { json["lastState"] = end(lastTermination) }
        if !imageID.isEmpty { json["imageID"] = .string(imageID) }
        return json
    }
}
