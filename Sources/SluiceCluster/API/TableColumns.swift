import SluiceCore

/// One column of a table for people.
struct Column: Sendable {
    var name: String
    var priority: Int64 = 0
    var type = "string"
    var format = ""
    /// What the API says about it.
    var about = ""

    /// The column as a table describes it.
    var definition: JSONValue {
        [
            "name": .string(name), "type": .string(type), "format": .string(format), "description": .string(about),
            "priority": .integer(priority),
        ]
    }

    static let named = Column(
        name: "Name", format: "name",
        about: "Name must be unique within a namespace. Is required when creating resources, "
            + "although some resources may allow a client to request the generation of an "
            + "appropriate name automatically. Name is primarily intended for creation idempotence "
            + "and configuration definition. Cannot be updated. More info: "
            + "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names")
    /// What the API says of both kinds of addresses.
    static let addresses =
        "List of addresses reachable to the node. Queried from cloud provider, if available. "
        + "More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: "
        + "This field is declared as mergeable, but the merge key is not sufficiently unique, "
        + "which can cause data corruption when it is merged. Callers should instead use a "
        + "full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should "
        + "assume that addresses can change during the lifetime of a Node. However, there are "
        + "some exceptions where this may not be possible, such as Pods that inherit a Node's "
        + "address in its own status or consumers of the downward API (status.hostIP)."
    static let age = Column(
        name: "Age",
        about: "CreationTimestamp is a timestamp representing the server time when this object was "
            + "created. It is not guaranteed to be set in happens-before order across separate "
            + "operations. Clients may not set this value. It is represented in RFC3339 form and is "
            + "in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: "
            + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata")
}

extension Column {
    /// The columns of a kind, as kubectl shows them; those with a priority in its wide form only.
    static func columns(of kind: ResourceKind) -> [Column] {
        switch kind.plural {
        case "pods": pods
        case "nodes": nodes
        case "daemonsets": daemonSets
        case "events": events
        case "namespaces": [named, Column(name: "Status"), age]
        case "configmaps": [named, Column(name: "Data"), age]
        case "secrets": [named, Column(name: "Type"), Column(name: "Data"), age]
        case "leases": [named, Column(name: "Holder"), age]
        case "controllerrevisions": [named, Column(name: "Controller"), Column(name: "Revision"), age]
        case "poddisruptionbudgets":
            [
                named, Column(name: "Min Available"), Column(name: "Max Unavailable"),
                Column(name: "Allowed Disruptions", type: "integer"), age,
            ]
        case "priorityclasses":
            [
                named, Column(name: "Value", type: "integer"), Column(name: "Global-Default", type: "boolean"), age,
                Column(name: "PreemptionPolicy"),
            ]
        default: [named, age]
        }
    }

    private static let daemonSets: [Column] =
        [named] + ["Desired", "Current", "Ready", "Up-to-date", "Available"].map { Column(name: $0, type: "integer") }
        + [
            Column(name: "Node Selector"), age, Column(name: "Containers", priority: 1),
            Column(name: "Images", priority: 1), Column(name: "Selector", priority: 1),
        ]

    private static let events = [
        Column(name: "Last Seen"), Column(name: "Type"), Column(name: "Reason"), Column(name: "Object"),
        Column(name: "Subobject", priority: 1), Column(name: "Source", priority: 1), Column(name: "Message"),
        Column(name: "First Seen", priority: 1), Column(name: "Count", priority: 1),
        Column(name: "Name", priority: 1, format: "name"),
    ]

    private static let pods: [Column] = [
        named,
        Column(
            name: "Ready",
            about: "The aggregate readiness state of this pod for accepting traffic."),
        Column(
            name: "Status",
            about: "The aggregate status of the containers in this pod."),
        Column(
            name: "Restarts",
            about: "The number of times the containers in this pod have been restarted and when the last "
                + "container in this pod has restarted."),
        age,
        Column(
            name: "IP", priority: 1,
            about: "podIP address allocated to the pod. Routable at least within the cluster. Empty if "
                + "not yet allocated."),
        Column(
            name: "Node", priority: 1,
            about: "NodeName indicates in which node this pod is scheduled. If empty, this pod is a "
                + "candidate for scheduling by the scheduler defined in schedulerName. Once this field "
                + "is set, the kubelet for this node becomes responsible for the lifecycle of this pod. "
                + "This field should not be used to express a desire for the pod to be scheduled on a "
                + "specific node. "
                + "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename"),
        Column(
            name: "Nominated Node", priority: 1,
            about: "nominatedNodeName is set only when this pod preempts other pods on the node, but it "
                + "cannot be scheduled right away as preemption victims receive their graceful "
                + "termination periods. This field does not guarantee that the pod will be scheduled on "
                + "this node. Scheduler may decide to place the pod elsewhere if other nodes become "
                + "available sooner. Scheduler may also decide to give the resources on this node to a "
                + "higher priority pod that is created after preemption. As a result, this field may be "
                + "different than PodSpec.nodeName when the pod is scheduled."),
        Column(
            name: "Readiness Gates", priority: 1,
            about: "If specified, all readiness gates will be evaluated for pod readiness. A pod is "
                + "ready when all its containers are ready AND all conditions specified in the "
                + "readiness gates have status equal to \"True\" More info: "
                + "https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates"),
    ]

    private static let nodes: [Column] = [
        named,
        Column(
            name: "Status",
            about: "The status of the node"),
        Column(
            name: "Roles",
            about: "The roles of the node"),
        age,
        Column(
            name: "Version",
            about: "Kubelet Version reported by the node."),
        Column(
            name: "Internal-IP", priority: 1,
            about: Column.addresses),
        Column(
            name: "External-IP", priority: 1,
            about: Column.addresses),
        Column(
            name: "OS-Image", priority: 1,
            about: "OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 "
                + "(wheezy))."),
        Column(
            name: "Kernel-Version", priority: 1,
            about: "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64)."),
        Column(
            name: "Container-Runtime", priority: 1,
            about: "ContainerRuntime Version reported by the node through runtime remote API (e.g. "
                + "containerd://1.4.2)."),
    ]
}
