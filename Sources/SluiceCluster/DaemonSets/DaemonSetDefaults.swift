import SluiceCore

/// What the API server fills in where a DaemonSet says nothing.
enum DaemonSetDefaults {
    /// The annotation that counts a DaemonSet's templates.
    static let templateGeneration = "deprecated.daemonset.template.generation"

    static func applied(to daemonSet: JSONValue) -> JSONValue {
        var spec = daemonSet["spec"] ?? [:]
        spec.fill("revisionHistoryLimit", 10)
        spec.fill("updateStrategy", ["type": "RollingUpdate"])
        if spec.at("updateStrategy", "type") == "RollingUpdate" {
            spec["updateStrategy"]?.fill("rollingUpdate", [:])
            spec["updateStrategy"]?["rollingUpdate"]?.fill("maxUnavailable", 1)
            spec["updateStrategy"]?["rollingUpdate"]?.fill("maxSurge", 0)
        }
        if spec["minReadySeconds"] == 0 { spec["minReadySeconds"] = nil }
        spec["template"] = template(spec["template"] ?? [:])
        var result = daemonSet
        result["spec"] = spec
        if result["status"] == nil {
            result["status"] = [
                "currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0,
            ]
        }
        return result
    }

    /// The object with its generations counted: up by one when the spec changed.
    static func counted(_ daemonSet: JSONValue, before: JSONValue?) -> JSONValue {
        var result = daemonSet
        var generation = before?.at("metadata", "generation")?.integer ?? 0
        let key = templateGeneration
        var templates = before?.at("metadata", "annotations", key)?.string.flatMap(Int64.init) ?? 0
        if before?["spec"] != daemonSet["spec"] { generation &+= 1 }
        if before?.at("spec", "template") != daemonSet.at("spec", "template") { templates &+= 1 }
        result["metadata"]?["generation"] = .integer(generation)
        if result.at("metadata", "annotations") == nil { result["metadata"]?["annotations"] = [:] }
        result["metadata"]?["annotations"]?[key] = .string(String(templates))
        return result
    }

    private static func template(_ template: JSONValue) -> JSONValue {
        var result = template
        result["metadata"]?["creationTimestamp"] = nil
        result["spec"] = podSpec(template["spec"] ?? [:])
        return result
    }

    /// A pod's spec with what it does not say.
    static func podSpec(_ given: JSONValue) -> JSONValue {
        var spec = given
        spec.fill("restartPolicy", "Always")
        spec.fill("terminationGracePeriodSeconds", 30)
        spec.fill("dnsPolicy", "ClusterFirst")
        spec.fill("schedulerName", "default-scheduler")
        spec.fill("securityContext", [:])
        for flag in ["hostNetwork", "hostPID", "hostIPC"] where spec[flag] == false { spec[flag] = nil }
        if let account = spec["serviceAccountName"] { spec.fill("serviceAccount", account) }
        let sharesPorts = spec["hostNetwork"] == true
        for list in ["containers", "initContainers"] {
            guard let containers = spec[list]?.array else { continue }
            spec[list] = .array(containers.map { container($0, sharesPorts: sharesPorts) })
        }
        if let volumes = spec["volumes"]?.array {
            spec["volumes"] = .array(volumes.map(volume))
        }
        return spec
    }

    private static func volume(_ volume: JSONValue) -> JSONValue {
        var result = volume
        result["hostPath"]?.fill("type", "")
        for kind in ["configMap", "secret"] { result[kind]?.fill("defaultMode", 420) }
        return result
    }

    private static func container(_ container: JSONValue, sharesPorts: Bool) -> JSONValue {
        var result = container
        let image = container["image"]?.string ?? ""
        let tag = (image.split(separator: "/").last ?? "").split(separator: ":").dropFirst().last
        let moves = !image.contains("@") && (tag == nil || tag == "latest")
        result.fill("imagePullPolicy", moves ? "Always" : "IfNotPresent")
        result.fill("terminationMessagePath", "/dev/termination-log")
        result.fill("terminationMessagePolicy", "File")
        result.fill("resources", [:])
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            result[probe]?.fill("timeoutSeconds", 1)
            result[probe]?.fill("periodSeconds", 10)
            result[probe]?.fill("successThreshold", 1)
            result[probe]?.fill("failureThreshold", 3)
            result[probe]?["httpGet"]?.fill("scheme", "HTTP")
            if result.at(probe, "initialDelaySeconds") == 0 { result[probe]?["initialDelaySeconds"] = nil }
        }
        if let ports = container["ports"]?.array {
            result["ports"] = .array(
                ports.map { port in
                    var filled = port
                    filled.fill("protocol", "TCP")
                    if sharesPorts, let number = port["containerPort"] { filled.fill("hostPort", number) }
                    return filled
                })
        }
        return result
    }
}

extension JSONValue {
    /// Sets a member that is absent.
    mutating func fill(_ key: String, _ value: JSONValue) {
        if self[key] == nil { self[key] = value }
    }
}

/// What a DaemonSet must obey.
enum DaemonSetRules {
    static func check(_ daemonSet: JSONValue, before: JSONValue?, name: String) throws(Failure) {
        var causes: [Failure.Cause] = []
        if let cause = NameRule.cause(name) { causes.append(cause) }
        let spec = daemonSet["spec"] ?? [:]
        let selector = spec["selector"] ?? [:]
        if let old = before?.at("spec", "selector"), old != selector {
            causes.append(.invalid("spec.selector", selector, "field is immutable"))
        }
        let labels = spec.at("template", "metadata", "labels")
        let requirements = Selection.requirements(selector)
        if requirements.isEmpty || !requirements.allSatisfy({ $0.matches(labels?.strings ?? [:]) }) {
            causes.append(
                .invalid(
                    "spec.template.metadata.labels", labels ?? [:], "`selector` does not match template `labels`"))
        }
        causes += PodRules.causes(spec.at("template", "spec") ?? [:], at: "spec.template.spec")
        if let type = spec.at("updateStrategy", "type")?.string, type != "RollingUpdate", type != "OnDelete" {
            causes.append(
                Failure.Cause(
                    field: "spec.updateStrategy", reason: "FieldValueNotSupported",
                    message: "Unsupported value: {\"Type\":\"\(type)\",\"RollingUpdate\":null}: supported values: "
                        + "\"RollingUpdate\", \"OnDelete\""))
        }
        if !causes.isEmpty { throw .invalid(.daemonSets, name, causes) }
    }

}

/// What the name of an object must obey.
enum NameRule {
    /// What is wrong with a name; nil when nothing is.
    static func cause(_ name: String) -> Failure.Cause? {
        guard !isName(name) else { return nil }
        let rule =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
            + "must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
            + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
        return .invalid("metadata.name", .string(name), rule)
    }

    private static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty && part.first != "-" && part.last != "-"
                && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        }
    }
}
