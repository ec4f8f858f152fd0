import SluiceCluster
import SluiceCore
import SluiceDocuments

/// A cluster in virtual time, with a hand to ask it.
struct TestCluster {
    static let birth = Timestamp(1_795_000_000_000)
    static let pods = "/api/v1/namespaces/monitoring/pods"
    static let daemonSets = "/apis/apps/v1/namespaces/monitoring/daemonsets"
    static let daemonSet = daemonSets + "/node-exporter"
    static let merge = "application/merge-patch+json"
    static let strategic = "application/strategic-merge-patch+json"

    var cluster: Cluster
    var now = birth
    /// The resource version after the latest call that was awaited.
    var version: Int { cluster.resourceVersion }

    init(_ options: ClusterOptions = ClusterOptions(nodes: 8), daemonSet: JSONValue? = nil) throws {
        cluster = Cluster(options: options, start: Self.birth)
        try cluster.apply([try daemonSet ?? Self.recordedDaemonSet()], at: now)
        wait(10)
    }

    init(_ options: ClusterOptions, nodes: [JSONValue]) throws {
        cluster = Cluster(options: options, start: Self.birth)
        for node in nodes { try call("POST", "/api/v1/nodes", node) }
        wait(1)
    }

    /// The recorded DaemonSet `node-exporter` as its author wrote it.
    static func recordedDaemonSet() throws -> JSONValue {
        var object = try JSONReader.read(Recording("daemonset-get").response)
        object["status"] = nil
        object["metadata"] = [
            "name": "node-exporter", "namespace": "monitoring",
            "labels": object.at("metadata", "labels") ?? [:],
        ]
        return object
    }

    mutating func wait(_ seconds: Double) {
        now = Timestamp(now.millisecondsSince1970 + Milliseconds(seconds * 1_000))
        cluster.advance(to: now)
    }

    mutating func send(
        _ method: String, _ target: String, headers: [String: String] = [:], body: String = ""
    ) -> ClusterResponse {
        cluster.handle(
            ClusterRequest(method: method, target: target, headers: headers, body: Array(body.utf8)), at: now)
    }

    /// Sends a request that is answered whole.
    @discardableResult
    mutating func call(
        _ method: String, _ target: String, _ body: JSONValue? = nil, type: String = "application/json"
    ) throws -> (status: Int, value: JSONValue) {
        let response = send(
            method, target, headers: ["content-type": type, "user-agent": "tester/1"], body: body?.serialized ?? "")
        guard case .answer(let answer) = response else { return (200, .null) }
        return (answer.status, answer.contentType == "application/json" ? try JSONReader.read(answer.body) : .null)
    }

    mutating func watch(_ target: String, headers: [String: String] = [:]) throws -> Int {
        guard case .watch(let id) = send("GET", target, headers: headers) else {
            throw Unexpected(what: "no watch for \(target)")
        }
        return id
    }

    mutating func events(_ watch: Int) throws -> [JSONValue] {
        try cluster.takeOutput(of: watch).lines.map { try JSONReader.read($0) }
    }

    mutating func items(_ target: String) throws -> [JSONValue] {
        try call("GET", target).value["items"]?.array ?? []
    }

    /// The pods on a node, oldest first.
    mutating func pods(on node: String) throws -> [JSONValue] {
        try items("\(Self.pods)?fieldSelector=spec.nodeName%3D\(node)")
    }

    mutating func patchTemplate(annotations: JSONValue = [:], image: String, strategy: String = "OnDelete") throws {
        try call(
            "PATCH", Self.daemonSet,
            [
                "spec": [
                    "updateStrategy": ["type": .string(strategy)],
                    "template": [
                        "metadata": ["annotations": annotations],
                        "spec": ["containers": [["name": "node-exporter", "image": .string(image)]]],
                    ],
                ]
            ], type: Self.strategic)
    }

    /// Deletes the pods on a node and gives what comes after a while in their place.
    mutating func replace(on node: String, seconds: Double) throws -> JSONValue {
        guard let pod = try replaceLast(on: node, seconds: seconds) else { throw Unexpected(what: "no pod on \(node)") }
        return pod
    }

    /// As ``replace(on:seconds:)``, but nothing may come.
    mutating func replaceLast(on node: String, seconds: Double) throws -> JSONValue? {
        for pod in try pods(on: node) {
            try call("DELETE", "\(Self.pods)/\(pod.at("metadata", "name")?.string ?? "")")
        }
        wait(seconds)
        return try pods(on: node).last
    }
}

struct Unexpected: Error {
    var what: String
}

extension JSONValue {
    /// The status of a condition.
    func condition(_ type: String) -> String? {
        at("status", "conditions")?.array?.first { $0["type"] == .string(type) }?["status"]?.string
    }

    /// The first container's status.
    var container: JSONValue { at("status", "containerStatuses")?.array?.first ?? [:] }

    /// The member `metadata.resourceVersion`.
    var version: JSONValue { at("metadata", "resourceVersion") ?? "" }

    /// The member `metadata.name`.
    var named: String { at("metadata", "name")?.string ?? "" }
}
