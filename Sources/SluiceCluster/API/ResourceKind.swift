import SluiceCore

/// A kind of object that the API serves.
struct ResourceKind: Sendable, Hashable {
    var group: String
    var version: String
    var plural: String
    var kind: String
    var isNamespaced: Bool
    var shortNames: [String] = []

    /// `apps/v1`, or `v1` for the core group.
    var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    /// `daemonsets.apps`, or `pods` for the core group.
    var qualified: String { group.isEmpty ? plural : "\(plural).\(group)" }
    /// The beginning of the JSON text of a single object.
    var opening: String { "{\"kind\":\"\(kind)\",\"apiVersion\":\"\(apiVersion)\"," }

    /// The kind in whose form objects are stored.
    var stored: ResourceKind { self == .currentEvents ? .events : self }

    /// The `details` of a Status about an object.
    func details(_ name: String) -> JSONValue {
        var details: JSONValue = ["name": .string(name), "kind": .string(plural)]
        if !group.isEmpty { details["group"] = .string(group) }
        return details
    }
}

extension ResourceKind {
    static let pods = ResourceKind(
        group: "", version: "v1", plural: "pods", kind: "Pod", isNamespaced: true, shortNames: ["po"])
    static let nodes = ResourceKind(
        group: "", version: "v1", plural: "nodes", kind: "Node", isNamespaced: false, shortNames: ["no"])
    static let namespaces = ResourceKind(
        group: "", version: "v1", plural: "namespaces", kind: "Namespace", isNamespaced: false, shortNames: ["ns"])
    static let events = ResourceKind(
        group: "", version: "v1", plural: "events", kind: "Event", isNamespaced: true, shortNames: ["ev"])
    static let daemonSets = ResourceKind(
        group: "apps", version: "v1", plural: "daemonsets", kind: "DaemonSet", isNamespaced: true, shortNames: ["ds"])
    static let controllerRevisions = ResourceKind(
        group: "apps", version: "v1", plural: "controllerrevisions", kind: "ControllerRevision", isNamespaced: true)
    static let leases = ResourceKind(
        group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease", isNamespaced: true)
    static let disruptionBudgets = ResourceKind(
        group: "policy", version: "v1", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget",
        isNamespaced: true, shortNames: ["pdb"])
    static let priorityClasses = ResourceKind(
        group: "scheduling.k8s.io", version: "v1", plural: "priorityclasses", kind: "PriorityClass",
        isNamespaced: false, shortNames: ["pc"])

    static let configMaps = ResourceKind(
        group: "", version: "v1", plural: "configmaps", kind: "ConfigMap", isNamespaced: true, shortNames: ["cm"])
    /// Events in their newer form; stored they are in the older one.
    static let currentEvents = ResourceKind(
        group: "events.k8s.io", version: "v1", plural: "events", kind: "Event", isNamespaced: true,
        shortNames: ["ev"])
    /// Not stored: the kind that errors about a patch's options name.
    static let patchOptions = ResourceKind(
        group: "meta.k8s.io", version: "v1", plural: "patchoptions", kind: "PatchOptions", isNamespaced: false)

    /// Every kind that is served, in the order of discovery.
    static let all: [ResourceKind] = [
        .pods, .nodes, .namespaces, .events, .configMaps,
        ResourceKind(group: "", version: "v1", plural: "secrets", kind: "Secret", isNamespaced: true),
        ResourceKind(
            group: "", version: "v1", plural: "serviceaccounts", kind: "ServiceAccount", isNamespaced: true,
            shortNames: ["sa"]),
        ResourceKind(
            group: "", version: "v1", plural: "services", kind: "Service", isNamespaced: true, shortNames: ["svc"]),
        .daemonSets, .controllerRevisions, .leases, .disruptionBudgets, .priorityClasses,
        .currentEvents,
        ResourceKind(
            group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterroles", kind: "ClusterRole",
            isNamespaced: false),
        ResourceKind(
            group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterrolebindings",
            kind: "ClusterRoleBinding", isNamespaced: false),
        ResourceKind(
            group: "rbac.authorization.k8s.io", version: "v1", plural: "roles", kind: "Role", isNamespaced: true),
        ResourceKind(
            group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings", kind: "RoleBinding",
            isNamespaced: true),
    ]

    /// The groups besides the core group, in the order of discovery.
    static var groups: [String] {
        all.reduce(into: []) { if !$1.group.isEmpty, !$0.contains($1.group) { $0.append($1.group) } }
            + ["authentication.k8s.io", "authorization.k8s.io"]
    }
}
