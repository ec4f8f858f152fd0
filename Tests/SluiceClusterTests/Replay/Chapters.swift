import SluiceCluster
import SluiceCore

/// The recordings that the cluster serves, in the order in which they were made.
extension Chapter {
    static let all = [
        reading, watching, unauthorized, deleting, evicting, patching, writing, refusing, expiring,
        failing, cordoning, leasing,
        tolerating,
    ]

    private static let reading = Chapter(
        // With this seed the first two and the first five pods by name are on nodes like the recorded ones.
        name: "Reading", options: ClusterOptions(nodes: 0, linger: 0, jitter: 0, seed: 77_604),
        steps: [
            "version", "anonymous-version", "readyz", "livez", "discovery-api", "nodes-list", "nodes-list-page-1",
            "nodes-list-page-2", "nodes-list-page-3", "nodes-list-rv0", "nodes-list-selector", "nodes-metadata-list",
            "nodes-table", "node-get", "nodes-list-bad-selector", "nodes-list-bad-field-selector", "not-acceptable",
            "pods-list", "pods-list-by-node", "pods-list-cbor", "pods-list-gzip", "pods-list-pages", "pods-table",
            "pod-get", "daemonset-get", "daemonset-list", "daemonset-metadata", "daemonset-scale-404",
            "controllerrevisions-list",
        ])

    private static let watching = Chapter(
        name: "Watching",
        steps: [
            .watch("watch-pods-delete-recreate", ["pod-delete"]),
            .wait(5), "watch-list-initial-events", "watch-daemonset-no-rv",
        ])

    private static let unauthorized = Chapter(
        name: "A wrong token", options: ClusterOptions(nodes: 0, jitter: 0, token: "another"), steps: ["unauthorized"])

    private static let deleting = Chapter(
        name: "Deleting pods",
        steps: [
            "pod-delete-dryrun", "pod-delete-wrong-uid", "pod-delete-stale-rv", "pod-delete-precondition-ok",
            "pod-delete-again", .wait(5), "pod-delete-gone", "pod-delete-grace-0", .wait(5),
            "pods-deletecollection-dryrun",
        ])

    private static let evicting = Chapter(
        name: "Evicting pods",
        steps: [
            "pdb-none", "pod-evict-dryrun", "pod-evict-wrong-uid", "pod-evict-ok", .wait(5), "pdb-create", .wait(1),
            "pdb-get", "pod-evict-pdb-percent", "pdb-delete", budget("node-exporter", 8), .wait(1), "pdb-get-integer",
            "pod-evict-blocked", "pod-delete-ignores-pdb", budget("another", 1), .wait(1), "pod-evict-two-pdbs",
        ])

    private static let patching = Chapter(
        name: "Patching a DaemonSet", options: ClusterOptions(nodes: 0, termination: 10_000, linger: 0, jitter: 0),
        steps: [
            "daemonset-patch-dryrun", "daemonset-patch-smp", .wait(1), "daemonset-get-after-patch",
            "controllerrevisions-list-two", "daemonset-patch-smp-noop", "daemonset-patch-json-test-fails",
            "daemonset-patch-json", .wait(1), "daemonset-patch-merge-annotation", "daemonset-patch-bad-type",
            "daemonset-patch-stale-rv", "daemonset-patch-wrong-uid", "daemonset-put-stale-rv",
            "daemonset-patch-invalid", "daemonset-patch-selector", "daemonset-apply-no-manager",
            "daemonset-apply-conflict", "daemonset-apply-force", .wait(1), "daemonset-patch-unknown-field",
            "daemonset-patch-unknown-field-strict",
            .act("the image put back") { stage in
                let containers: JSONValue = [
                    ["name": "node-exporter", "image": "quay.io/prometheus/node-exporter:v1.8.2"]
                ]
                try stage.cluster.call(
                    "PATCH", TestCluster.daemonSet + "?fieldManager=roller",
                    ["spec": ["template": ["spec": ["containers": containers]]]], type: TestCluster.strategic)
            }, .wait(1), "daemonset-get-after-revert", "controllerrevisions-list-after-revert", "wrong-type",
            "event-create-core", "event-create-events-v1", "events-list-daemonset",
            delete(podOf: "node-exporter-4nqlb"), .wait(1), "pod-stuck-terminating", "daemonset-get-one-terminating",
            .wait(8),
            .watch(
                "watch-pod-failed-replaced",
                [
                    .act("a node evicts its pod") { stage in
                        let path = try stage.adapted("\(TestCluster.pods)/node-exporter-xpr6h/status")
                        let status: JSONValue = [
                            "phase": "Failed", "reason": "Evicted",
                            "message": "The node was low on resource: memory.",
                        ]
                        try stage.cluster.call("PATCH", path, ["status": status], type: TestCluster.merge)
                    }
                ]),
        ])

    private static let writing = Chapter(
        name: "Writing other objects",
        steps: [
            "event-create-events-v1-invalid",
            "event-create-wrong-namespace", "configmap-create", "configmap-too-large", "create-in-missing-namespace",
            .act("a namespace") { stage in
                try stage.cluster.call(
                    "POST", "/api/v1/namespaces?fieldManager=roller", ["metadata": ["name": "going"]])
                try stage.cluster.call("POST", "/api/v1/namespaces/going/configmaps", ["metadata": ["name": "x"]])
            },
            "namespace-delete", "create-in-terminating-namespace",
        ])

    private static let refusing = Chapter(
        name: "Refusing",
        steps: [
            "malformed-json", "empty-body", "wrong-kind", "unsupported-media-type", "method-not-allowed",
            "method-not-allowed-status", "not-found-pod", "not-found-daemonset", "not-found-path", "not-found-group",
            "not-found-namespace-list", "invalid-daemonset", "ssar-allowed", "ssrr-admin",
        ])

    private static let expiring = Chapter(
        name: "Expiring",
        steps: [
            "nodes-list-page-1", .act("compaction") { $0.cluster.cluster.compact() },
            touch("node-0002"), "nodes-list-continue-expired", "nodes-list-continue-inconsistent",
            "list-exact-rv-expired", "continue-garbage", "list-future-rv", "watch-future-rv", "watch-too-old",
            "watch-bad-rv",
        ])

    private static let failing = Chapter(
        name: "Failing pods",
        options: ClusterOptions(
            nodes: 0, linger: 0, jitter: 0,
            behaviours: [
                BehaviourRule(
                    imagePart: "acme/agent:v2.0.1",
                    behaviour: "crash-loop@node-0002,image-pull-backoff@node-0003,oom-killed=3@node-0004,"
                        + "never-ready@node-0005,create-error@node-0006,slow=600@node-0007,"
                        + "ready-then-crash=8@node-0008")
            ]),
        steps: [
            .act("a bad DaemonSet") { try $0.create(Stage.author("daemonset-degraded"), manager: "roller") },
            .wait(22), "pod-crash-loop", "pod-image-pull-backoff", "pod-oom-killed", "pod-never-ready",
            "pod-create-error", "pod-container-creating", "pod-normal", "daemonset-degraded", .wait(13),
            "daemonset-delete-bad",
        ])

    private static let cordoning = Chapter(
        name: "Cordoning a node",
        steps: [
            "node-cordon", "node-cordoned",
        ])

    private static let leasing = Chapter(
        name: "Leases",
        steps: [
            "lease-get-404", "lease-create", "lease-create-conflict", "lease-update", "lease-update-conflict",
            "lease-update-bad-time", "lease-update-no-micro", "lease-update-noop", "lease-patch-guarded", "lease-get",
            "lease-delete",
        ])

    private static let tolerating = Chapter(
        name: "Tolerations",
        steps: [
            .act("a DaemonSet in another namespace") { stage in
                try stage.cluster.call("POST", "/api/v1/namespaces", ["metadata": ["name": "t"]])
                var daemonSet = try Stage.author("daemonset-tolerations-template")
                daemonSet["metadata"]?["namespace"] = "t"
                try stage.create(daemonSet, manager: "kubectl-client-side-apply")
            }, .wait(5), "daemonset-tolerations-template",
        ])
}

/// What happened between the recordings.
extension Chapter {
    private static func delete(podOf recorded: String) -> Step {
        .act("a delete") { stage in
            try stage.cluster.call("DELETE", try stage.adapted("\(TestCluster.pods)/\(recorded)"))
        }
    }

    private static func budget(_ name: String, _ available: Int64) -> Step {
        .act("a budget") { stage in
            let selector: JSONValue = ["matchLabels": ["app.kubernetes.io/name": "node-exporter"]]
            try stage.cluster.call(
                "POST", "/apis/policy/v1/namespaces/monitoring/poddisruptionbudgets?fieldManager=roller",
                [
                    "metadata": ["name": .string(name)],
                    "spec": ["minAvailable": .integer(available), "selector": selector],
                ])
        }
    }

    private static func touch(_ node: String) -> Step {
        .act("a write") { stage in
            try stage.cluster.call(
                "PATCH", "/api/v1/nodes/\(node)", ["metadata": ["labels": ["touched": "yes"]]], type: TestCluster.merge)
        }
    }
}
