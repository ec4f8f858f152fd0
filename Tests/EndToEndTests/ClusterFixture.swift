import Foundation
import SluiceClients
import SluiceCore
import SluiceDocuments
import Testing

/// A cluster with a DaemonSet of a test's own, a database, and `sluice` to act on them. All of it goes with its owner.
final class ClusterFixture {
    private let place: TemporaryFolder
    let binary: String
    let namespace: String
    let kubeconfig: String
    var state: String
    /// The address of the embedded cluster's Prometheus; empty for a real cluster.
    private(set) var prometheus = ""
    /// The address of the embedded cluster; empty for a real one.
    private(set) var server = ""
    private var process: SluiceProcess?
    /// The test's part of a real cluster; nil for an embedded one.
    let real: RealCluster?
    private let outside = try? SystemOutside()

    static let daemonSet = "node-exporter"

    /// - Parameters:
    ///   - nodes: how many nodes an embedded cluster has.
    ///   - pool: on which nodes of a real cluster the DaemonSet runs.
    ///   - arguments: more of `sluice cluster`, for an embedded one.
    init(nodes: Int = 12, pool: NodePool = .calm, cluster arguments: [String] = []) throws {
        place = try TemporaryFolder()
        let folder = place.path
        binary = try Binary.path()
        state = folder + "/state.db"
        if isEmbedded {
            real = nil
            kubeconfig = folder + "/kubeconfig"
            namespace = "monitoring"
            try startCluster(nodes: nodes, arguments)
        } else {
            let real = try RealCluster(place, pool: pool)
            self.real = real
            kubeconfig = real.kubeconfig
            namespace = real.namespace
        }
    }

    deinit {
        process?.send(SIGTERM)
        process = nil
    }

    /// Where everything that belongs to the test is kept.
    var folder: String { place.path }

    // MARK: sluice

    var environment: [String: String] {
        TestCluster.environment(kubeconfig: kubeconfig, folder: folder)
            .merging(["SLUICE_STATE": state, "NO_COLOR": "1", "USER": "tester"]) { $1 }
    }

    func start(_ arguments: String...) throws -> SluiceProcess {
        try SluiceProcess(binary, arguments, environment: environment, folder: folder)
    }

    func sluice(_ arguments: String..., location: SourceLocation = #_sourceLocation) throws -> SluiceProcess.Result {
        try sluice(arguments, location: location)
    }

    func sluice(_ arguments: [String], location: SourceLocation = #_sourceLocation) throws -> SluiceProcess.Result {
        try SluiceProcess(binary, arguments, environment: environment, folder: folder).wait(location: location)
    }

    /// The rollout's status.
    func status() throws -> JSONValue { try JSONReader.read(try sluice("status", "-o", "json").output) }

    /// Writes a plan file: a canary of two nodes, and the rest.
    func plan(
        _ tag: String, soak: String = "0s", more: String = "", canary: String = "", rest: String = "",
        changesImage: Bool = true
    ) throws -> String {
        let path = "\(folder)/\(tag).yaml"
        let text = """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: end-to-end}
            spec:
              daemonSet: {name: \(Self.daemonSet), namespace: \(namespace)}
              \(changesImage ? "images: {node-exporter: \"\(TestCluster.image(tag))\"}" : "")
              budget: {maxUnavailable: 3}
              \(more)
              waves:
                - name: canary
                  selector: {matchLabels: {kubernetes.io/os: linux}}
                  take: 2
                  soak: \(soak)
                  \(canary)
                - {name: rest, everythingElse: true, batches: [2, 50%]\(rest)}

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
        if let real {
            try real.kubectl(
                ["-n", namespace, "patch", "ds", Self.daemonSet, "--type", type, "-p", change.serialized])
        } else {
            _ = try call(.patch, path, change, type: "application/\(type)-\(strategic ? "merge-" : "")patch+json")
        }
    }

    /// Has the cluster forget a revision of the DaemonSet, as its revisionHistoryLimit would.
    func forgetRevision(_ hash: String) throws {
        let list = "/apis/apps/v1/namespaces/\(namespace)/controllerrevisions"
        let found = try get(list)["items"]?.array?.first {
            $0.at("metadata", "labels", "controller-revision-hash")?.string == hash
        }
        let name = try #require(found?.at("metadata", "name")?.string)
        if let real {
            try real.kubectl(["-n", namespace, "delete", "controllerrevision", name])
        } else {
            _ = try call(.delete, "\(list)/\(name)", nil, type: "")
        }
    }

    /// Labels the test's namespace.
    func labelNamespace(_ key: String, _ value: String) throws {
        if let real {
            try real.kubectl(["label", "--overwrite", "namespace", namespace, "\(key)=\(value)"])
        } else {
            let change: JSONValue = ["metadata": ["labels": .object([key: .string(value)])]]
            let path = "/api/v1/namespaces/\(namespace)"
            _ = try call(.patch, path, change, type: "application/merge-patch+json")
        }
    }

    /// Silences a node's kubelet, and waits until the node is not Ready. Needs a pool of dying nodes.
    func killNode(_ name: String) throws {
        if let real {
            try real.kill(name)
        } else {
            let change: JSONValue = ["metadata": ["annotations": ["cluster.sluice/dead": "true"]]]
            _ = try call(.patch, "/api/v1/nodes/\(name)", change, type: "application/merge-patch+json")
        }
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

    /// The revision of every pod of the DaemonSet that is not on its way out, by node.
    func revisions() throws -> [String: String] {
        let list = try get("/api/v1/namespaces/\(namespace)/pods")
        var revisions: [String: String] = [:]
        for pod in list["items"]?.array ?? [] where pod.at("metadata", "deletionTimestamp") == nil {
            guard let node = pod.at("spec", "nodeName")?.string else { continue }
            revisions[node] = pod.at("metadata", "labels", "controller-revision-hash")?.string
        }
        return revisions
    }

    /// How many nodes run this version.
    func count(tag: String) throws -> Int {
        let image = TestCluster.image(tag)
        return try images().values.count { $0 == image }
    }

    func get(_ path: String) throws -> JSONValue {
        if let real { return try JSONReader.read(try real.kubectl(["get", "--raw", path])) }
        return try call(.get, path, nil, type: "")
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
}
