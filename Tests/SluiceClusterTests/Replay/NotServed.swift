/// The recordings that the embedded cluster does not answer as the real server did, each with the reason.
enum NotServed {
    private static let noRights = "everybody may do everything: there is no RBAC"
    private static let otherKinds = "names kinds that are not served; the entries of those that are agree"
    private static let noLimits = "there is no limit on requests"
    private static let noEtcd = "there is no etcd that could fail"
    private static let noResources = "resources are not counted: every pod fits its node"

    static let reasons = [
        "anonymous-forbidden": "requests without credentials pass, as kubectl sends no token over plain HTTP",
        "discovery-api-aggregated": otherKinds,
        "discovery-apis": otherKinds,
        "discovery-apis-aggregated": otherKinds,
        "discovery-apps-v1": otherKinds,
        "discovery-core-v1": otherKinds,
        "daemonset-delete-greedy": noResources,
        "etcd-down-list-rv0": noEtcd,
        "etcd-down-patch": noEtcd,
        "etcd-down-readyz": noEtcd,
        "events-list-pod": "the page was cut in the order of generated names",
        "forbidden-daemonset": noRights,
        "forbidden-delete": noRights,
        "forbidden-list": noRights,
        "forbidden-roller-namespace": noRights,
        "forbidden-watch": noRights,
        "node-not-ready":
            "the recorded cluster ran without the controller that taints a silent node; this one taints it",
        "nodes-metadata-list-protobuf": "answers are JSON: protobuf is read where kubectl sends it, and not written",
        "pods-list-protobuf": "answers are JSON: protobuf is read where kubectl sends it, and not written",
        "pods-list-gzip-large": "answers are not compressed",
        "pod-ready-then-crash": "has no last state after two restarts; a kubelet reports one, and so does this cluster",
        "pod-tolerations-effective": "pods get no volume with the service account's token",
        "pod-unschedulable": noResources,
        "readyz-verbose": "lists parts of an API server that are not there",
        "selfsubjectreview": "names the user of the recorded server",
        "ssar-denied": noRights,
        "ssrr-nobody": noRights,
        "ssrr-roller": noRights,
        "too-many-requests-apf": noLimits,
        "too-many-requests-apf-delete": noLimits,
        "too-many-requests-apf-openapi": noLimits,
        "too-many-requests-inflight": noLimits,
        "watch-pods-metadata":
            "the new pod came between the last two lines of the old one; here it comes before both or after both",
    ]

    /// Recordings that are no exchanges, with the suite that compares them.
    static let comparedElsewhere = ["eligibility-table": "PlacementTests"]

    /// The generated end of `docs/embedded-cluster.md`.
    static func markdown(served: Int) -> String {
        var text = """
            \(served) recorded exchanges are answered field by field as the real server answered them. These \
            \(reasons.count) are not:

            | recording | why not |
            |---|---|

            """
        for (name, reason) in reasons.sorted(by: { $0.key < $1.key }) { text += "| `\(name)` | \(reason) |\n" }
        return text
    }
}
