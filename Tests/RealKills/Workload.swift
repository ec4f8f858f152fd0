import SluiceClients
import SluiceCore

/// The nodes and the DaemonSet that the rollouts are about.
struct Workload {
    static let namespace = "sluice-kills"
    static let daemonSet = "collector"

    let nodes: Int
    let budget: Int

    /// The image of the rollout with a number; 0 is the one before the first.
    static func image(_ rollout: Int) -> String { "example.com/collector:v1.0.\(rollout)" }

    /// Makes the nodes, the namespace and the DaemonSet.
    func create(_ loop: EventLoop) throws {
        try create(
            "/api/v1/namespaces", "namespaces",
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(Self.namespace)]], loop)
        for number in 1...nodes { try create("/api/v1/nodes", "nodes", node(number), loop) }
        try create(
            "/apis/apps/v1/namespaces/\(Self.namespace)/daemonsets", "daemonsets", Self.manifest, loop)
    }

    private func create(_ path: String, _ resource: String, _ object: JSONValue, _ loop: EventLoop) throws {
        let name = object.at("metadata", "name")?.string
        _ = try loop.client.perform(
            APIRequest(.post, path, body: object, subject: .init(verb: "create", resource: resource, name: name)))
    }

    private func node(_ number: Int) -> JSONValue {
        let name = "node-" + String(repeating: "0", count: max(0, 3 - "\(number)".count)) + "\(number)"
        let capacity: JSONValue = ["cpu": "8", "memory": "32Gi", "pods": "110"]
        return [
            "apiVersion": "v1", "kind": "Node",
            "metadata": [
                "name": .string(name),
                "labels": [
                    "kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux",
                    "topology.kubernetes.io/zone": .string("zone-\(number % 3 + 1)"),
                    "env": number % 10 == 0 ? "dev" : "prod",
                ],
            ],
            "status": [
                "capacity": capacity, "allocatable": capacity,
                "conditions": [["type": "Ready", "status": "True", "reason": "KubeletReady"]],
            ],
        ]
    }

    private static var manifest: JSONValue {
        let labels: JSONValue = ["app": .string(daemonSet)]
        return [
            "apiVersion": "apps/v1", "kind": "DaemonSet",
            "metadata": ["name": .string(daemonSet), "namespace": .string(namespace)],
            "spec": [
                "updateStrategy": ["type": "OnDelete"], "selector": ["matchLabels": labels],
                "template": [
                    "metadata": ["labels": labels],
                    "spec": [
                        "automountServiceAccountToken": false,
                        "containers": [["name": "main", "image": .string(image(0))]],
                    ],
                ],
            ],
        ]
    }

    /// The plan of the rollout with a number: a canary wave with a soak, then batches.
    func plan(_ rollout: Int) -> String {
        """
        apiVersion: sluice/v1
        kind: RolloutPlan
        metadata: {name: kills-\(rollout)}
        spec:
          daemonSet: {name: \(Self.daemonSet), namespace: \(Self.namespace)}
          images: {main: "\(Self.image(rollout))"}
          budget: {maxUnavailable: \(budget)}
          waves:
            - {name: canary, selector: {matchLabels: {env: dev}}, take: 2, soak: 2s}
            - {name: rest, everythingElse: true, batches: [10, 100%]}

        """
    }
}
