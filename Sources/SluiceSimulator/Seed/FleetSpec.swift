import SluiceCluster
import SluiceCore

/// One node as a run begins with it, or as it joins.
struct NodeSpec: Sendable, Equatable {
    var name: String
    var labels: [String: String]
    /// `NoSchedule` or `NoExecute`, which the DaemonSet does not tolerate; nil for no taint.
    var taint: String?

    func json(at time: Timestamp) -> JSONValue {
        var spec: JSONValue = [:]
        if let taint { spec["taints"] = [["key": "maintenance", "value": "yes", "effect": .string(taint)]] }
        let heard = JSONValue.string(time.rfc3339)
        return [
            "apiVersion": "v1", "kind": "Node",
            "metadata": ["name": .string(name), "labels": .object(labels.mapValues(JSONValue.string))],
            "spec": spec,
            "status": [
                "conditions": [
                    [
                        "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is ready",
                        "lastHeartbeatTime": heard, "lastTransitionTime": heard,
                    ]
                ],
                "addresses": [["type": "InternalIP", "address": "10.0.0.1"]],
            ],
        ]
    }
}

/// The cluster with which a run begins.
struct FleetSpec: Sendable {
    static let oldImage = "registry/node-exporter:v1"
    static let newImage = "registry/node-exporter:v2"
    static let foreignImage = "registry/node-exporter:v3"

    /// The ConfigMap that the pods read.
    static let configMap = "collector"

    var nodes: [NodeSpec]
    var options: ClusterOptions
    var strategy = "OnDelete"
    var minReadySeconds: Int64 = 0
    /// Whether the pods read a ConfigMap.
    var readsConfig = false

    /// The longest time from the delete of a good pod to the next one's Ready while nothing interferes, in seconds.
    var slowestReplacement: Int {
        let longest = Double(options.startDelay + options.termination) * (1 + options.jitter)
        return Int(longest + Double(options.linger + 2_000)) / 1_000 + Int(minReadySeconds) + 15
    }

    var daemonSet: JSONValue {
        var pod: JSONValue = [
            "containers": [
                [
                    "name": "node-exporter", "image": .string(Self.oldImage),
                    "readinessProbe": ["httpGet": ["path": "/", "port": 9100]],
                ]
            ]
        ]
        if readsConfig { pod["volumes"] = [["name": "config", "configMap": ["name": .string(Self.configMap)]]] }
        return [
            "apiVersion": "apps/v1", "kind": "DaemonSet",
            "metadata": ["name": "node-exporter", "namespace": "monitoring"],
            "spec": [
                "selector": ["matchLabels": ["app": "node-exporter"]], "updateStrategy": ["type": .string(strategy)],
                "minReadySeconds": .integer(minReadySeconds),
                "template": ["metadata": ["labels": ["app": "node-exporter"]], "spec": pod],
            ],
        ]
    }

    private static let config: JSONValue = [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": .string(configMap), "namespace": "monitoring"], "data": ["collector.yaml": "a"],
    ]

    /// How long before the run the cluster was made, in milliseconds: its pods have settled by then.
    private static let age: Milliseconds = 3_600_000

    func makeCluster(at time: Timestamp) throws -> Cluster {
        let birth = Timestamp(time.millisecondsSince1970 - Self.age)
        var cluster = Cluster(options: options, start: birth)
        cluster.add(nodes: nodes.map { $0.json(at: birth) }, at: birth)
        if readsConfig { try cluster.apply([Self.config], at: birth) }
        try cluster.apply([daemonSet], at: birth)
        cluster.advance(to: time)
        return cluster
    }
}
