extension LabelSelector {
    /// Reads a selector from an object's JSON; expressions with an unknown operator are left out, which the API server
    /// never lets through.
    public init(json: JSONValue) {
        let expressions = (json["matchExpressions"]?.array ?? []).compactMap { expression -> Requirement? in
            guard let key = expression["key"]?.string,
                let `operator` = expression["operator"]?.string.flatMap(Requirement.Operator.init(rawValue:))
            else { return nil }
            let values = (expression["values"]?.array ?? []).compactMap(\.string)
            return Requirement(key: key, operator: `operator`, values: values)
        }
        self.init(matchLabels: json["matchLabels"]?.strings ?? [:], matchExpressions: expressions)
    }
}

extension DaemonSet {
    /// Reads a DaemonSet from the API's JSON; nil when name, namespace, uid or template are missing.
    public init?(json: JSONValue) {
        let metadata = json["metadata"] ?? .null
        let spec = json["spec"] ?? .null
        guard let name = metadata["name"]?.string, let namespace = metadata["namespace"]?.string,
            let uid = metadata["uid"]?.string, let template = spec["template"]
        else { return nil }
        let rolling = spec.at("updateStrategy", "rollingUpdate", "maxUnavailable")
        self.init(
            namespace: namespace, name: name, uid: uid,
            resourceVersion: metadata["resourceVersion"]?.string ?? "",
            generation: metadata["generation"]?.integer ?? 0,
            observedGeneration: json.at("status", "observedGeneration")?.integer ?? 0,
            isBeingDeleted: metadata["deletionTimestamp"] != nil,
            selector: LabelSelector(json: spec["selector"] ?? .null),
            template: PodTemplate(json: template),
            updateStrategy: spec.at("updateStrategy", "type")?.string.flatMap(UpdateStrategy.init(rawValue:))
                ?? .rollingUpdate,
            rollingMaxUnavailable: rolling?.string ?? rolling?.integer.map { String($0) },
            minReadySeconds: spec["minReadySeconds"]?.integer ?? 0,
            revisionHistoryLimit: spec["revisionHistoryLimit"]?.integer ?? 10,
            annotations: metadata["annotations"]?.strings ?? [:],
            managers: (metadata["managedFields"]?.array ?? []).compactMap(FieldManager.init(json:))
        )
    }
}

extension DaemonSet.FieldManager {
    init?(json: JSONValue) {
        guard let name = json["manager"]?.string, json["subresource"] == nil else { return nil }
        let fields = json.at("fieldsV1", "f:spec")
        self.init(
            name: name, operation: json["operation"]?.string ?? "",
            time: json["time"]?.string.flatMap { Timestamp(rfc3339: $0) },
            ownsTemplate: fields?["f:template"] != nil, ownsUpdateStrategy: fields?["f:updateStrategy"] != nil
        )
    }
}

extension ControllerRevision {
    /// Reads a revision from the API's JSON; nil when name, uid, hash label or template are missing.
    ///
    /// The revision's data is a patch whose template carries `"$patch":"replace"`, which is no part of the template.
    public init?(json: JSONValue) {
        let metadata = json["metadata"] ?? .null
        guard let name = metadata["name"]?.string, let uid = metadata["uid"]?.string,
            let hash = metadata.at("labels", "controller-revision-hash")?.string,
            var template = json.at("data", "spec", "template")
        else { return nil }
        template["$patch"] = nil
        let owner = (metadata["ownerReferences"]?.array ?? []).first { $0["controller"]?.bool == true }
        self.init(
            name: name, uid: uid, ownerUID: owner?["uid"]?.string, hash: hash,
            revision: json["revision"]?.integer ?? 0,
            createdAt: metadata["creationTimestamp"]?.string.flatMap { Timestamp(rfc3339: $0) },
            template: PodTemplate(json: template)
        )
    }
}

extension LabelSelector {
    /// The selector as the API would show it; ``init(json:)`` gives it back.
    public var json: JSONValue {
        var json: JSONValue = [:]
        if !matchLabels.isEmpty { json["matchLabels"] = .object(matchLabels.mapValues(JSONValue.string)) }
        if !matchExpressions.isEmpty {
            json["matchExpressions"] = .array(
                matchExpressions.map {
                    [
                        "key": .string($0.key), "operator": .string($0.operator.rawValue),
                        "values": .array($0.values.map(JSONValue.string)),
                    ]
                })
        }
        return json
    }
}

extension DaemonSet {
    /// The DaemonSet as the API would show it, with nothing but what is read of one; ``init(json:)`` gives it back, but
    /// for who changed what.
    public var json: JSONValue {
        var strategy: JSONValue = ["type": .string(updateStrategy.rawValue)]
        if let rollingMaxUnavailable {
            let number = Int64(rollingMaxUnavailable).map(JSONValue.integer)
            strategy["rollingUpdate"] = ["maxUnavailable": number ?? .string(rollingMaxUnavailable)]
        }
        var metadata: JSONValue = [
            "name": .string(name), "namespace": .string(namespace), "uid": .string(uid),
            "generation": .integer(generation),
        ]
        if !resourceVersion.isEmpty { metadata["resourceVersion"] = .string(resourceVersion) }
        if !annotations.isEmpty { metadata["annotations"] = .object(annotations.mapValues(JSONValue.string)) }
        if isBeingDeleted { metadata["deletionTimestamp"] = .string(Timestamp(0).rfc3339) }
        return [
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata,
            "spec": [
                "selector": selector.json, "template": template.json, "updateStrategy": strategy,
                "minReadySeconds": .integer(minReadySeconds), "revisionHistoryLimit": .integer(revisionHistoryLimit),
            ],
            "status": ["observedGeneration": .integer(observedGeneration)],
        ]
    }
}

extension ControllerRevision {
    /// The revision as the API would show it, with nothing but what is read of one; ``init(json:)`` gives it back.
    ///
    /// - Parameter namespace: the DaemonSet's.
    public func json(namespace: String) -> JSONValue {
        var data = template.json
        data["$patch"] = "replace"
        var metadata: JSONValue = [
            "name": .string(name), "namespace": .string(namespace), "uid": .string(uid),
            "labels": ["controller-revision-hash": .string(hash)],
        ]
        if let createdAt { metadata["creationTimestamp"] = .string(createdAt.rfc3339) }
        if let ownerUID { metadata["ownerReferences"] = [["controller": true, "uid": .string(ownerUID)]] }
        return [
            "apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata,
            "data": ["spec": ["template": data]], "revision": .integer(revision),
        ]
    }
}
