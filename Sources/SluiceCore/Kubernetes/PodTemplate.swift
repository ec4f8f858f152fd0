/// A pod template: the JSON as the API server has it, and the parts that decide placement and pace.
public struct PodTemplate: Sendable, Hashable {
    /// The template as the API server has it, nulls removed. Equality of templates is equality of this value.
    public var json: JSONValue

    /// Wraps a template's JSON.
    public init(json: JSONValue) {
        self.json = json.withoutNulls
    }

    private var spec: JSONValue { json["spec"] ?? .object([:]) }

    /// `spec.nodeSelector`.
    public var nodeSelector: [String: String] { spec["nodeSelector"]?.strings ?? [:] }

    /// `spec.nodeName`: a template pinned to one node by name; nil normally.
    public var nodeName: String? { spec["nodeName"]?.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// `spec.hostNetwork`.
    public var usesHostNetwork: Bool { spec["hostNetwork"]?.bool ?? false }

    /// `spec.tolerations`, without those that the DaemonSet controller adds.
    public var tolerations: [Toleration] {
        (spec["tolerations"]?.array ?? []).map { toleration in
            Toleration(
                key: toleration["key"]?.string ?? "",
                operator: toleration["operator"]?.string ?? "Equal",
                value: toleration["value"]?.string ?? "",
                effect: toleration["effect"]?.string ?? ""
            )
        }
    }

    /// The terms of `spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`; nil when there is no
    /// required node affinity. Terms are alternatives; an empty list or an empty term matches nothing.
    public var requiredNodeAffinity: [NodeSelectorTerm]? {
        let required = spec.at("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
        guard let required else { return nil }
        return (required["nodeSelectorTerms"]?.array ?? []).map(NodeSelectorTerm.init(json:))
    }

    /// The grace period of a deleted pod in seconds (`spec.terminationGracePeriodSeconds`, 30 when absent).
    public var terminationGracePeriodSeconds: Int64 { spec["terminationGracePeriodSeconds"]?.integer ?? 30 }

    /// The images by container, init containers left out, sorted by container name.
    public var images: [ContainerImage] {
        (spec["containers"]?.array ?? []).compactMap { container in
            guard let name = container["name"]?.string else { return nil }
            return ContainerImage(container: name, image: container["image"]?.string ?? "")
        }.sorted { $0.container < $1.container }
    }

    /// Whether any container has a readiness probe. Without one a pod is Ready as soon as it runs.
    public var hasReadinessProbe: Bool {
        (spec["containers"]?.array ?? []).contains { $0["readinessProbe"] != nil }
    }

    /// The names of the containers that have a liveness probe.
    var livenessProbed: Set<String> {
        let probed = (spec["containers"]?.array ?? []).filter { $0["livenessProbe"] != nil }
        return Set(probed.compactMap { $0["name"]?.string })
    }

    /// What decides when a pod becomes Ready: each container's probes, and the readiness gates.
    var readinessRules: JSONValue {
        let containers = (spec["containers"]?.array ?? []).map { container -> JSONValue in
            var rules: JSONValue = [:]
            for key in ["name", "startupProbe", "readinessProbe"] { rules[key] = container[key] }
            return rules
        }
        return [.array(containers), spec["readinessGates"] ?? .null]
    }

    /// The longest time between two tries of a startup or readiness probe, in seconds; 0 without any.
    var longestProbePeriodSeconds: Int64 {
        let probes = (spec["containers"]?.array ?? []).flatMap { [$0["startupProbe"], $0["readinessProbe"]] }
        return probes.compactMap(\.self).map { $0["periodSeconds"]?.integer ?? 10 }.max() ?? 0
    }

    /// How long a healthy pod may need, by its own probes, before it is Ready: for each container the larger of the
    /// startup probe's and the readiness probe's `initialDelaySeconds + periodSeconds × failureThreshold`; the largest
    /// of all containers, in seconds.
    public var probeDelaySeconds: Int64 {
        func delay(_ probe: JSONValue?) -> Int64 {
            guard let probe else { return 0 }
            let period = probe["periodSeconds"]?.integer ?? 10
            let threshold = probe["failureThreshold"]?.integer ?? 3
            return (probe["initialDelaySeconds"]?.integer ?? 0) + period * threshold
        }
        return (spec["containers"]?.array ?? []).map { container in
            delay(container["startupProbe"]) + delay(container["readinessProbe"])
        }.max() ?? 0
    }

    /// This template with other images; names of containers that the template does not have are returned as well.
    public func replacing(images: [ContainerImage]) -> (template: PodTemplate, unknownContainers: [String]) {
        let known = Set(self.images.map(\.container))
        var result = json
        var spec = self.spec
        let containers = (spec["containers"]?.array ?? []).map { container -> JSONValue in
            guard let image = images.first(where: { $0.container == container["name"]?.string }) else {
                return container
            }
            var changed = container
            changed["image"] = .string(image.image)
            return changed
        }
        spec["containers"] = .array(containers)
        result["spec"] = spec
        return (PodTemplate(json: result), images.map(\.container).filter { !known.contains($0) }.sorted())
    }
}

/// One alternative of a required node affinity: all of its expressions must hold.
public struct NodeSelectorTerm: Sendable, Hashable {
    /// One expression on a label or a field of a node.
    public struct Requirement: Sendable, Hashable {
        /// The label's key, or the field (`metadata.name`).
        public var key: String
        /// `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`.
        public var `operator`: String
        /// The values.
        public var values: [String]

        /// One expression.
        public init(key: String, operator: String, values: [String]) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }
    }

    /// Expressions on labels.
    public var matchExpressions: [Requirement]
    /// Expressions on fields; the API knows only `metadata.name`.
    public var matchFields: [Requirement]

    /// One alternative.
    public init(matchExpressions: [Requirement] = [], matchFields: [Requirement] = []) {
        self.matchExpressions = matchExpressions
        self.matchFields = matchFields
    }

    init(json: JSONValue) {
        func requirements(_ key: String) -> [Requirement] {
            (json[key]?.array ?? []).map { requirement in
                Requirement(
                    key: requirement["key"]?.string ?? "",
                    operator: requirement["operator"]?.string ?? "",
                    values: (requirement["values"]?.array ?? []).compactMap(\.string)
                )
            }
        }
        self.init(matchExpressions: requirements("matchExpressions"), matchFields: requirements("matchFields"))
    }
}
