import Foundation
import SluiceClients
import SluiceCore
import SluiceDocuments
import Testing

/// The kubeconfig of a real cluster to run against; nil for an embedded one for each test.
let realKubeconfig: String? = ProcessInfo.processInfo.environment["SLUICE_E2E_KUBECONFIG"].flatMap {
    $0.isEmpty ? nil : $0
}
/// Whether tests run on embedded clusters, where nodes die and pods misbehave on request.
let isEmbedded = realKubeconfig == nil

/// A cluster with a DaemonSet of a test's own, a database, and `sluice` to act on them. All of it goes with its owner.
final class ClusterFixture {
    let folder: String
    let binary: String
    let namespace: String
    let kubeconfig: String
    var state: String
    /// The address of the embedded cluster's Prometheus; empty for a real cluster.
    private(set) var prometheus = ""
    /// The address of the embedded cluster; empty for a real one.
    private(set) var server = ""
    private var process: SluiceProcess?
    private let outside = try? SystemOutside()

    static let daemonSet = "node-exporter"

    /// - Parameter arguments: more of `sluice cluster`, for an embedded one.
    init(nodes: Int = 12, cluster arguments: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-e2e-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        binary = try Binary.path()
        state = folder + "/state.db"
        if let realKubeconfig {
            kubeconfig = realKubeconfig
            namespace = "sluice-e2e-\(UUID().uuidString.prefix(8).lowercased())"
            try prepareRealCluster()
        } else {
            kubeconfig = folder + "/kubeconfig"
            namespace = "monitoring"
            try startCluster(nodes: nodes, arguments)
        }
    }

    deinit {
        process?.send(SIGTERM)
        process = nil
        if !isEmbedded {
            do {
                try kubectl(["delete", "namespace", namespace, "--wait=false"])
            } catch {
                Issue.record("namespace \(namespace) is left over: \(error)")
            }
        }
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            Issue.record("\(folder) is left over: \(error)")
        }
    }

    // MARK: sluice

    var environment: [String: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder,
            "KUBECONFIG": kubeconfig, "SLUICE_STATE": state, "NO_COLOR": "1", "USER": "tester",
        ]
    }

    func start(_ arguments: String...) throws -> SluiceProcess {
        try SluiceProcess(binary, arguments, environment: environment, folder: folder)
    }

    func sluice(_ arguments: String..., location: SourceLocation = #_sourceLocation) throws -> SluiceProcess.Result {
        try SluiceProcess(binary, arguments, environment: environment, folder: folder).wait(location: location)
    }

    /// The rollout's status.
    func status() throws -> JSONValue { try JSONReader.read(try sluice("status", "-o", "json").output) }

    /// Writes a plan file: a canary of two nodes, and the rest.
    func plan(_ tag: String, soak: String = "0s", more: String = "", canary: String = "") throws -> String {
        let path = "\(folder)/\(tag).yaml"
        let text = """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: end-to-end}
            spec:
              daemonSet: {name: \(Self.daemonSet), namespace: \(namespace)}
              images: {node-exporter: "quay.io/prometheus/node-exporter:\(tag)"}
              budget: {maxUnavailable: 3}
              \(more)
              waves:
                - name: canary
                  selector: {matchLabels: {kubernetes.io/os: linux}}
                  take: 2
                  soak: \(soak)
                  \(canary)
                - {name: rest, everythingElse: true, batches: [2, 50%]}

            """
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    // MARK: The cluster, past sluice

    func daemonSet() throws -> JSONValue {
        try get("/apis/apps/v1/namespaces/\(namespace)/daemonsets/\(Self.daemonSet)")
    }

    func patchDaemonSet(_ change: JSONValue, strategic: Bool = false) throws {
        let path = "/apis/apps/v1/namespaces/\(namespace)/daemonsets/\(Self.daemonSet)"
        let type = strategic ? "strategic" : "merge"
        if isEmbedded {
            _ = try call(.patch, path, change, type: "application/\(type)-\(strategic ? "merge-" : "")patch+json")
        } else {
            try kubectl(
                ["-n", namespace, "patch", "ds", Self.daemonSet, "--type", type, "-p", change.serialized])
        }
    }

    /// Silences a node's kubelet, and waits until the node is not Ready.
    func killNode(_ name: String) throws {
        let change: JSONValue = ["metadata": ["annotations": ["cluster.sluice/dead": "true"]]]
        _ = try call(.patch, "/api/v1/nodes/\(name)", change, type: "application/merge-patch+json")
        try eventually("\(name) is not Ready") {
            let conditions = try get("/api/v1/nodes/\(name)").at("status", "conditions")?.array ?? []
            return conditions.contains { $0["type"] == "Ready" && $0["status"] != "True" }
        }
    }

    /// The image of every pod of the DaemonSet that is not on its way out, by node.
    func images() throws -> [String: String] {
        let list = try get("/api/v1/namespaces/\(namespace)/pods")
        var images: [String: String] = [:]
        for pod in list["items"]?.array ?? [] where pod.at("metadata", "deletionTimestamp") == nil {
            guard let node = pod.at("spec", "nodeName")?.string else { continue }
            images[node] = pod.at("spec", "containers")?.array?.first?["image"]?.string
        }
        return images
    }

    /// How many nodes run an image with this tag.
    func count(tag: String) throws -> Int { try images().values.count { $0.hasSuffix(":\(tag)") } }

    func get(_ path: String) throws -> JSONValue {
        isEmbedded ? try call(.get, path, nil, type: "") : try JSONReader.read(try kubectl(["get", "--raw", path]))
    }

    private func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue?, type: String
    ) throws -> JSONValue {
        let outside = try #require(outside)
        let headers = type.isEmpty ? [] : [(name: "Content-Type", value: type)]
        let request = HTTPRequest(
            method: method, url: server + path, headers: headers, body: Array((body?.serialized ?? "").utf8))
        let id = outside.start(.http(request))
        var status = 0
        while true {
            for arrival in outside.poll(until: nil) {
                switch arrival {
                case .head(id, let head): status = head.status
                case .finished(id, let result):
                    let answer = try result.get()
                    try #require(status < 300, "\(path): \(String(decoding: answer, as: UTF8.self))")
                    return try JSONReader.read(answer)
                default: continue
                }
            }
        }
    }

    @discardableResult
    private func kubectl(_ arguments: [String]) throws -> String {
        let result = try SluiceProcess(
            "/usr/bin/env", ["kubectl"] + arguments, environment: environment, folder: folder
        ).wait()
        try #require(result.code == 0, "kubectl \(arguments): \(result.errors)")
        return result.output
    }

    // MARK: Making

    private func startCluster(nodes: Int, _ more: [String]) throws {
        let arguments = [
            "cluster", "--nodes", "\(nodes)", "--start-delay", "100ms", "--ready-lag", "20ms", "--termination", "40ms",
            "--kubeconfig", kubeconfig,
        ]
        let process = try SluiceProcess(binary, arguments + more, environment: environment, folder: folder)
        self.process = process
        try process.awaitOutput("export KUBECONFIG")
        for line in process.output.split(separator: "\n") {
            if line.hasPrefix("prometheus at ") { prometheus = String(line.dropFirst(14)) }
            if let range = line.firstRange(of: " nodes at ") { server = String(line[range.upperBound...]) }
        }
    }

    private func prepareRealCluster() throws {
        let path = folder + "/daemonset.yaml"
        let text = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: \(namespace)}
            ---
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: \(Self.daemonSet), namespace: \(namespace)}
            spec:
              selector: {matchLabels: {app: sluice-e2e}}
              template:
                metadata: {labels: {app: sluice-e2e}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                    - {name: node-exporter, image: "quay.io/prometheus/node-exporter:v1.8.2"}

            """
        try Data(text.utf8).write(to: URL(filePath: path))
        try kubectl(["apply", "--validate=false", "-f", path])
        try kubectl(["-n", namespace, "rollout", "status", "ds/\(Self.daemonSet)", "--timeout=120s"])
    }
}
