/// The fields of `report versions -o json`.
enum VersionField: String, DocumentField {
    case daemonSet, updateRevision, updateRevisionSince, revisions, nodes, notEligible, totals

    var meaning: String {
        switch self {
        case .daemonSet: "The DaemonSet as `namespace/name`."
        case .updateRevision: "The hash of the current template's revision; null until the controller has recorded it."
        case .updateRevisionSince: "From when the current template has been the one to run; null when nobody knows."
        case .revisions: "The revisions: the update revision first, then the latest first."
        case .nodes: "The nodes that run the DaemonSet's pod or should, sorted by name."
        case .notEligible: "The nodes where the DaemonSet does not run, sorted by name."
        case .totals: "The nodes in numbers."
        }
    }
}

enum RevisionField: String, DocumentField {
    case revision, images, nodes, isUpdateRevision, number, createdAt

    var meaning: String {
        switch self {
        case .revision: "The label `controller-revision-hash`; null for pods that carry none."
        case .images: "The images by container; empty when nobody remembers them."
        case .nodes: "The number of nodes that run it."
        case .isUpdateRevision: "Whether it is the revision of the current template."
        case .number: "The controller's number, which is no identity; null when the cluster has forgotten the revision."
        case .createdAt: "When the cluster first saw it; null when it has forgotten the revision."
        }
    }
}

enum VersionNodeField: String, DocumentField {
    case node, pod, revision, images, stale, runningSince, staleSince, reason

    var meaning: String {
        switch self {
        case .node: "The node."
        case .pod: "The pod's name; null when there is none."
        case .revision: "The pod's revision; null without a pod."
        case .images: "The pod's images, by container."
        case .stale: "Whether its pod is of another revision than the update revision."
        case .runningSince: "When the pod was created; null without a pod."
        case .staleSince: "From when the node should have run the update revision; null when not stale or unknown."
        case .reason: "Why the node is stale or without a pod, in one sentence; null for a node that is neither."
        }
    }
}

enum NotEligibleField: String, DocumentField {
    case node, reason

    var meaning: String {
        switch self {
        case .node: "The node."
        case .reason: "Why the DaemonSet does not run there, in one sentence."
        }
    }
}

enum VersionTotalField: String, DocumentField {
    case nodes, updated, stale, missing

    var meaning: String {
        switch self {
        case .nodes: "Nodes that run the pod or should: the sum of the other three."
        case .updated: "Nodes with a pod of the update revision."
        case .stale: "Nodes with a pod of another revision."
        case .missing: "Nodes that should have a pod and have none."
        }
    }
}
