import Foundation
import Testing

/// The cluster under test, as the environment names it.
///
/// - `SLUICE_E2E_KUBECONFIG`: the kubeconfig of a real cluster; without it each test has an embedded one.
/// - `SLUICE_E2E_CONTEXT`: the context to use, when it is not the current one.
/// - `SLUICE_E2E_FAKE_KUBELETS`: the prefix of the annotations that the fake kubelets of that cluster obey
///   (`PREFIX/dead: "true"` on a node). They also obey image tags such as `v9-crash-loop`.
enum TestCluster {
    /// The kubeconfig of a real cluster; nil for an embedded one.
    static let kubeconfig = variable("SLUICE_E2E_KUBECONFIG")
    static let context = variable("SLUICE_E2E_CONTEXT")
    /// What the names of everything made in a real cluster begin with, so that a later hand can clean up.
    static let prefix = variable("SLUICE_E2E_PREFIX") ?? "sluice-e2e"

    /// The prefix of the annotations that kubelets obey; nil where they are real.
    static let orders = kubeconfig == nil ? "cluster.sluice" : variable("SLUICE_E2E_FAKE_KUBELETS")

    /// The images of the versions that tests name. Kubelets that are real have to be able to pull them.
    static func image(_ tag: String) -> String {
        let real = orders == nil ? ["v2": "v1.9.0", "v10": "v1.9.1"][tag] : nil
        return "quay.io/prometheus/node-exporter:\(real ?? tag)"
    }

    /// The environment of a program. On a real cluster the user's own comes along, for exec plugins and proxies.
    static func environment(kubeconfig path: String, folder: String) -> [String: String] {
        let own = ProcessInfo.processInfo.environment
        guard kubeconfig == nil else { return own.merging(["KUBECONFIG": path]) { $1 } }
        return ["PATH": own["PATH"] ?? "/usr/bin:/bin", "HOME": folder, "KUBECONFIG": path]
    }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Whether tests run on embedded clusters.
let isEmbedded = TestCluster.kubeconfig == nil
/// Whether nodes die and pods misbehave on request.
let misbehaves = TestCluster.orders != nil
/// Why a test is skipped where they do not.
let onRequest: Comment = "nodes and pods of this cluster do not misbehave on request (SLUICE_E2E_FAKE_KUBELETS)"

/// Which nodes of the cluster a test's DaemonSet runs on.
enum NodePool {
    /// Nodes that stay alive; many tests share them.
    case calm
    /// Nodes that the test may kill; it has them for itself.
    case dying
}
