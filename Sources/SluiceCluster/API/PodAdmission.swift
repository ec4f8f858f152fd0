import SluiceCore

extension Cluster {
    /// What is missing for a pod; nil when nothing is.
    func lack(of spec: JSONValue) -> String? {
        guard let named = spec["priorityClassName"]?.string, store.object(.priorityClasses, "", named) == nil else {
            return nil
        }
        return "no PriorityClass with name \(named) was found"
    }

    /// What a pod violates of the standard that a namespace enforces; nil when nothing.
    func violation(of spec: JSONValue, in namespace: String) -> String? {
        let labels = store.object(.namespaces, "", namespace)?.labels ?? [:]
        guard let level = labels[PodSecurity.label].flatMap(PodSecurity.init(rawValue:)) else { return nil }
        let violations = level.violations(of: spec)
        guard !violations.isEmpty else { return nil }
        let version = labels["\(PodSecurity.label)-version"] ?? "latest"
        return "violates PodSecurity \"\(level.rawValue):\(version)\": \(violations.joined(separator: ", "))"
    }

    /// Pods come from DaemonSets alone; a trial without effect shows whether the API would take one, and what it would
    /// make of it.
    func tryPod(_ pod: JSONValue, _ target: Target) throws(Failure) -> JSONValue {
        let name = pod.at("metadata", "name")?.string ?? ""
        // What comes first in the admission does not know the name yet that is generated.
        let given = pod.at("metadata", "generateName")?.string ?? name
        let spec = pod["spec"] ?? [:]
        let behaviour = pod.at("metadata", "annotations", behaviourAnnotation)?.string ?? ""
        let namespace = pod.at("metadata", "namespace")?.string ?? ""
        let isRefused = BehaviourClause.read(behaviour).contains { $0.name == .refused }
        if isRefused { throw .forbidden(.pods, name, Self.securityRefusal) }
        if target["dryRun"] != "All" {
            throw .forbidden(.pods, given, "the embedded cluster's pods come from DaemonSets alone")
        }
        if let lack = lack(of: spec) { throw .forbidden(.pods, given, lack) }
        let causes = PodRules.causes(spec, at: "spec")
        if !causes.isEmpty { throw .invalid(.pods, name, causes) }
        if let violation = violation(of: spec, in: namespace) { throw .forbidden(.pods, name, violation) }
        var result = pod
        let named = spec["priorityClassName"]?.string ?? ""
        let priority = store.object(.priorityClasses, "", named)?.value?["value"]?.integer ?? 0
        result["metadata"]?["generation"] = 1
        result["spec"] = PodPattern.completed(DaemonSetDefaults.podSpec(spec), priority: priority)
        result["status"] = [
            "phase": "Pending", "qosClass": .string(PodPattern.qosClass(spec["containers"]?.array ?? [])),
        ]
        return result
    }

    /// What the admission of PodSecurity says about a pod with the behaviour `refused`.
    static var securityRefusal: String { "violates PodSecurity \"restricted:latest\": hostPath volumes" }
}

/// What every pod must obey.
enum PodRules {
    /// What is wrong with a pod's spec, at a path.
    static func causes(_ spec: JSONValue, at path: String) -> [Failure.Cause] {
        let containers = spec["containers"]?.array ?? []
        if containers.isEmpty { return [.required("\(path).containers")] }
        var seen: Set<String> = []
        var causes: [Failure.Cause] = []
        for (index, container) in containers.enumerated() {
            let place = "\(path).containers[\(index)]"
            let name = container["name"]?.string ?? ""
            if name.isEmpty {
                causes.append(.required("\(place).name"))
            } else if !seen.insert(name).inserted {
                causes.append(
                    Failure.Cause(
                        field: "\(place).name", reason: "FieldValueDuplicate",
                        message: "Duplicate value: \(JSONValue.string(name).serialized)"))
            }
            if container["image"]?.string?.isEmpty ?? true { causes.append(.required("\(place).image")) }
        }
        return causes
    }
}
