import Foundation
import SluiceCore
import SluiceDocuments
import Testing

/// A part of a real cluster for one test: a namespace with a DaemonSet of its own, on a few of the nodes. All of it goes
/// with its owner, and nodes that were killed come back to life.
final class RealCluster {
    let namespace = "\(TestCluster.prefix)-\(UUID().uuidString.prefix(8).lowercased())"
    /// The value of `KUBECONFIG`.
    let kubeconfig: String
    private let place: TemporaryFolder
    private let pool: NodePool
    private var hosts: [String] = []
    private var lock: Int32?
    private var killed: [String] = []
    private var clusterScoped: [String] = []

    /// The most nodes that the DaemonSet of a test runs on, and the most that tests may kill.
    private static let sizes = (calm: 12, dying: 6)
    /// The fewest nodes that the tests make sense on.
    private static let fewest = 5
    /// The label of a node that a test has killed, for a later hand to bring it back.
    private static let mark = "sluice-e2e/killed-by"
    /// Tests that kill nodes come one after the other, also those of another run on this machine.
    private static let lockPath = FileManager.default.temporaryDirectory.appending(path: "sluice-e2e-dying.lock").path

    init(_ place: TemporaryFolder, pool: NodePool) throws {
        self.place = place
        self.pool = pool
        kubeconfig = try Self.kubeconfig(place.path)
        if pool == .dying {
            let file = open(Self.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            try #require(file >= 0, "\(Self.lockPath): \(String(cString: strerror(errno)))")
            lock = file
            while flock(file, LOCK_EX) != 0 { try #require(errno == EINTR, "\(String(cString: strerror(errno)))") }
        }
        hosts = try chooseHosts()
        try makeDaemonSet()
    }

    deinit {
        do {
            try cleanUp()
        } catch {
            Issue.record("left over of namespace \(namespace), nodes \(killed), \(clusterScoped): \(error)")
        }
        if let lock { close(lock) }
    }

    /// The kubeconfig, preceded by one that chooses the context, for the first file that has a current context wins.
    private static func kubeconfig(_ folder: String) throws -> String {
        let given = try #require(TestCluster.kubeconfig)
        guard let context = TestCluster.context else { return given }
        let chooser = "\(folder)/context"
        let text = "apiVersion: v1\nkind: Config\ncurrent-context: \(context)\n"
        try Data(text.utf8).write(to: URL(filePath: chooser))
        return "\(chooser):\(given)"
    }

    // MARK: kubectl

    @discardableResult
    func kubectl(_ arguments: [String], location: SourceLocation = #_sourceLocation) throws -> String {
        let result = try SluiceProcess(
            "/usr/bin/env", ["kubectl"] + arguments,
            environment: TestCluster.environment(kubeconfig: kubeconfig, folder: place.path), folder: place.path
        ).wait(location: location)
        try #require(result.code == 0, "kubectl \(arguments): \(result.errors)", sourceLocation: location)
        return result.output
    }

    /// Applies a manifest; what is in no namespace goes with this object too.
    func apply(_ manifest: String) throws {
        let path = "\(place.path)/manifest-\(UUID().uuidString).yaml"
        try Data(manifest.utf8).write(to: URL(filePath: path))
        let made = try kubectl(["apply", "--validate=false", "-o", "name", "-f", path]).split(separator: "\n")
        for name in made.map(String.init) where name.hasPrefix("clusterrole") && !clusterScoped.contains(name) {
            clusterScoped.append(name)
        }
    }

    // MARK: Nodes

    /// The host names of the pool's nodes: of those that are Ready and take every pod, the last few may die.
    private func chooseHosts() throws -> [String] {
        let nodes = try JSONReader.read(try kubectl(["get", "--raw", "/api/v1/nodes"]))["items"]?.array ?? []
        let hosts = nodes.filter(Self.isSuitable)
            .compactMap { $0.at("metadata", "labels", "kubernetes.io/hostname")?.string }.sorted()
        let mortal = misbehaves ? min(Self.sizes.dying, hosts.count - Self.fewest) : 0
        try #require(
            hosts.count >= Self.fewest && (pool == .calm || mortal >= Self.fewest),
            "only \(hosts.count) nodes are Ready and without taints; these tests need \(Self.fewest), or twice as many")
        switch pool {
        case .calm: return Array(hosts.dropLast(max(0, mortal)).prefix(Self.sizes.calm))
        case .dying: return hosts.suffix(mortal)
        }
    }

    private static func isSuitable(_ node: JSONValue) -> Bool {
        let taints = node.at("spec", "taints")?.array ?? []
        return isReady(node) && node.at("spec", "unschedulable")?.bool != true
            && taints.allSatisfy { $0["effect"] == "PreferNoSchedule" }
    }

    private static func isReady(_ node: JSONValue) -> Bool {
        (node.at("status", "conditions")?.array ?? []).contains { $0["type"] == "Ready" && $0["status"] == "True" }
    }

    func node(_ name: String) throws -> JSONValue {
        try JSONReader.read(try kubectl(["get", "--raw", "/api/v1/nodes/\(name)"]))
    }

    /// Silences a node's kubelet. The node must be in the dying pool.
    func kill(_ name: String) throws {
        try #require(pool == .dying, "the node is shared")
        killed.append(name)
        let orders = try #require(TestCluster.orders)
        try kubectl(["label", "node", name, "\(Self.mark)=\(TestCluster.prefix)"])
        try kubectl(["annotate", "node", name, "\(orders)/dead=true"])
    }

    private func revive() throws {
        guard let orders = TestCluster.orders else { return }
        for name in killed {
            try kubectl(["annotate", "node", name, "\(orders)/dead-"])
            try kubectl(["label", "node", name, "\(Self.mark)-"])
        }
        for name in killed { try eventually("\(name) is Ready again") { Self.isReady(try node(name)) } }
        killed = []
    }

    // MARK: Making and cleaning up

    /// Makes the namespace and the DaemonSet, as far as they are not there, and waits until every pod is Ready.
    func makeDaemonSet() throws {
        try apply(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: \(namespace)}
            ---
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: \(ClusterFixture.daemonSet), namespace: \(namespace)}
            spec:
              selector: {matchLabels: {app: sluice-e2e}}
              template:
                metadata: {labels: {app: sluice-e2e}}
                spec:
                  terminationGracePeriodSeconds: 1
                  automountServiceAccountToken: false
                  affinity:
                    nodeAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                        nodeSelectorTerms:
                          - matchExpressions:
                              - {key: kubernetes.io/hostname, operator: In, values: [\(hosts.joined(separator: ", "))]}
                  securityContext: {runAsNonRoot: true, runAsUser: 65534, seccompProfile: {type: RuntimeDefault}}
                  containers:
                    - name: node-exporter
                      image: \(TestCluster.image("v1.8.2"))
                      resources: {requests: {cpu: 1m, memory: 16Mi}, limits: {memory: 64Mi}}
                      readinessProbe: {httpGet: {path: /, port: 9100}, periodSeconds: 1}
                      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}

            """)
        try kubectl([
            "-n", namespace, "rollout", "status", "ds/\(ClusterFixture.daemonSet)", "--timeout=\(Int(patience) / 2)s",
        ])
    }

    private func cleanUp() throws {
        try revive()
        if !clusterScoped.isEmpty { try kubectl(["delete", "--ignore-not-found"] + clusterScoped) }
        try kubectl(["delete", "namespace", namespace, "--wait=false", "--ignore-not-found"])
        // A pod that was told never to end would keep the namespace for ever.
        if misbehaves {
            try kubectl(["delete", "--raw", "/api/v1/namespaces/\(namespace)/pods?gracePeriodSeconds=0"])
        }
    }
}
