import Foundation
import SluiceClients
import SluiceCore

/// A running cluster that a kubeconfig names, with a DaemonSet of the benchmark's own on it.
///
/// Its image needs nothing but to be pulled, so kubelets may be real or fake.
final class RealCluster {
    static let namespace = "sluice-bench"
    static let daemonSet = "collector"
    static let container = "main"
    static let selector = LabelSelector(matchLabels: ["app": daemonSet])
    /// Rolled out by turns.
    private static let images = ["registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.10"]

    let kubeconfig: String
    let folder: URL
    let outside: SystemOutside
    let client: KubernetesClient
    /// How many rollouts there have been.
    private var rollouts = 0

    /// Connects.
    ///
    /// - Parameter folder: for plans and databases.
    init(kubeconfig: String, folder: URL) throws {
        self.kubeconfig = URL(filePath: kubeconfig).path
        self.folder = folder
        outside = try SystemOutside()
        let access = try ClusterAccess.load(
            AccessOptions(kubeconfig: self.kubeconfig), environment: { _ in nil }, outside: outside)
        client = KubernetesClient(access: access, outside: outside, userAgent: "sluice-bench")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Makes the namespace and its DaemonSet anew and waits until there is a Ready pod everywhere.
    func setUp() throws {
        try kubectl("delete", "namespace", Self.namespace, "--ignore-not-found", "--timeout=600s")
        let manifest = folder.appending(path: "daemonset.yaml")
        try Data(Self.manifest.utf8).write(to: manifest)
        try kubectl("apply", "-f", manifest.path)
        try settle()
    }

    /// Takes away what ``setUp()`` made.
    func tearDown() throws {
        try kubectl("delete", "namespace", Self.namespace, "--wait=false")
        try FileManager.default.removeItem(at: folder)
    }

    /// Runs kubectl on the cluster.
    ///
    /// - Returns: what it printed.
    @discardableResult
    func kubectl(_ arguments: String...) throws -> String {
        try output(of: "kubectl", arguments, kubeconfig: kubeconfig)
    }

    /// Waits until the controller is done with the DaemonSet and every pod is Ready.
    func settle() throws {
        let path =
            "jsonpath={.metadata.generation} {.status.observedGeneration} {.status.desiredNumberScheduled} "
            + "{.status.currentNumberScheduled} {.status.numberReady}"
        try pump("for a Ready pod on every node", seconds: 1_800, every: 500) {
            let text = try kubectl("-n", Self.namespace, "get", "ds", Self.daemonSet, "-o", path)
            let figures = text.split(separator: " ").compactMap { Int($0) }
            return figures.count == 5 && figures[0] == figures[1] && figures[2] > 0 && figures[2] == figures[3]
                && figures[2] == figures[4]
        }
    }

    /// An image that the DaemonSet does not run now.
    func nextImage() -> String {
        rollouts += 1
        return Self.images[rollouts % Self.images.count]
    }

    /// Writes a plan of its own for one rollout.
    ///
    /// - Parameter waves: in YAML, on one line.
    func plan(budget: Int, waves: String) throws -> URL {
        let image = nextImage()
        let text = """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: bench-\(rollouts)-\(outside.random() % 1_000_000)}
            spec:
              daemonSet: {name: \(Self.daemonSet), namespace: \(Self.namespace)}
              images: {\(Self.container): "\(image)"}
              budget: {maxUnavailable: \(budget)}
              waves: \(waves)

            """
        let file = folder.appending(path: "plan-\(rollouts).yaml")
        try Data(text.utf8).write(to: file)
        return file
    }

    // MARK: Time

    /// Lets time pass, and what arrives be taken in, until a condition holds.
    ///
    /// - Parameters:
    ///   - what: what is waited for, for the error: "for a Ready pod".
    ///   - every: how often the condition is looked at, in milliseconds.
    /// - Throws: ``BenchFailure`` after so many seconds.
    func pump(_ what: String, seconds: Int64, every interval: Milliseconds = 20, until isDone: () throws -> Bool) throws
    {
        let deadline = outside.now.monotonic + seconds * 1_000
        var nextLook: Milliseconds = 0
        while true {
            let now = outside.now.monotonic
            if now >= nextLook {
                if try isDone() { return }
                nextLook = outside.now.monotonic + interval
            }
            if now >= deadline { throw BenchFailure(description: "waited \(seconds) s \(what)") }
            for arrival in outside.poll(until: min(nextLook, client.nextWake ?? nextLook)) {
                _ = client.receive(arrival)
            }
            client.advance()
        }
    }

    private static let manifest = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: \(namespace)}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: \(daemonSet), namespace: \(namespace)}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: \(daemonSet), namespace: \(namespace)}
        spec:
          updateStrategy: {type: OnDelete}
          selector: {matchLabels: {app: \(daemonSet)}}
          template:
            metadata: {labels: {app: \(daemonSet)}}
            spec:
              serviceAccountName: \(daemonSet)
              automountServiceAccountToken: false
              terminationGracePeriodSeconds: 30
              tolerations: [{operator: Exists}]
              containers: [{name: \(container), image: "\(images[0])"}]

        """
}
