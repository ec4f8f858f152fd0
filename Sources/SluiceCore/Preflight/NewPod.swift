/// The pod that the DaemonSet controller would make for a node, to be created in a dry run.
///
/// Made as the controller makes it: bound to its node by affinity, with the tolerations that it adds, and owned by the
/// DaemonSet, because admission looks at all of these. (kubernetes/pkg/controller/daemon/util, `CreatePodTemplate` and
/// `ReplaceDaemonSetPodNodeNameNodeAffinity`)
public struct NewPod: Sendable, Hashable {
    /// The node.
    public var node: String
    /// The object to create.
    public var json: JSONValue

    /// Stands for the hash of a revision that the cluster has never seen.
    private static let unknownRevision = "preflight"

    init(of daemonSet: DaemonSet, template: PodTemplate, revision: String?, node: String) {
        self.node = node
        var metadata = template.json["metadata"] ?? .object([:])
        var labels = metadata["labels"] ?? .object([:])
        labels["controller-revision-hash"] = .string(revision ?? Self.unknownRevision)
        labels["pod-template-generation"] = .string(String(daemonSet.generation))
        metadata["labels"] = labels
        metadata["name"] = nil
        metadata["generateName"] = .string(daemonSet.name + "-")
        metadata["namespace"] = .string(daemonSet.namespace)
        metadata["ownerReferences"] = [
            [
                "apiVersion": "apps/v1", "kind": "DaemonSet", "name": .string(daemonSet.name),
                "uid": .string(daemonSet.uid), "controller": true,
            ]
        ]
        json = [
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata,
            "spec": Self.spec(template, node: node),
        ]
    }

    private static func spec(_ template: PodTemplate, node: String) -> JSONValue {
        var spec = template.json["spec"] ?? .object([:])
        let term: JSONValue = [
            "matchFields": [["key": "metadata.name", "operator": "In", "values": [.string(node)]]]
        ]
        var affinity = spec["affinity"] ?? .object([:])
        var nodeAffinity = affinity["nodeAffinity"] ?? .object([:])
        nodeAffinity["requiredDuringSchedulingIgnoredDuringExecution"] = ["nodeSelectorTerms": [term]]
        affinity["nodeAffinity"] = nodeAffinity
        spec["affinity"] = affinity
        let added = Eligibility.added(hostNetwork: template.usesHostNetwork).map { toleration -> JSONValue in
            [
                "key": .string(toleration.key), "operator": .string(toleration.operator),
                "effect": .string(toleration.effect),
            ]
        }
        let own = (spec["tolerations"]?.array ?? []).filter { own in
            !added.contains { $0["key"] == own["key"] && $0["effect"] == own["effect"] }
        }
        spec["tolerations"] = .array(own + added)
        return spec
    }
}

extension PodTemplate {
    /// What its containers ask for and are limited to, in order: what a quota counts.
    var resources: [JSONValue] {
        let spec = json["spec"] ?? .null
        let containers = (spec["initContainers"]?.array ?? []) + (spec["containers"]?.array ?? [])
        return containers.map { $0["resources"] ?? .null } + [spec["overhead"] ?? .null, spec["resources"] ?? .null]
    }

    /// What decides on which nodes its pods run.
    var placement: [JSONValue] {
        let spec = json["spec"] ?? .null
        return ["nodeSelector", "nodeName", "affinity", "tolerations", "hostNetwork"].map { spec[$0] ?? .null }
    }
}
