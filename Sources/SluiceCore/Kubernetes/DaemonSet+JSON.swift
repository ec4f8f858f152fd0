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
