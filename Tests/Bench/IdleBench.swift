import Foundation
import SluiceClients
import SluiceCore

/// `idle SLUICE KUBECONFIG SOAK SECONDS`: how many requests a driver sends in a minute of a soak in which nothing happens.
///
/// `kubectl proxy` stands between the driver and the API server and writes every request down.
@MainActor
func runIdleMinutes(_ arguments: [String]) throws {
    guard arguments.count == 4, let soak = Int(arguments[2]), let seconds = Int64(arguments[3]) else {
        throw BenchFailure(description: "idle takes SLUICE KUBECONFIG SOAK SECONDS")
    }
    let cluster = try RealCluster(kubeconfig: arguments[1], folder: newFolder())
    try cluster.setUp()
    let bench = IdleBench(cluster: cluster, sluice: arguments[0])
    let requests = try bench.requests(soakMinutes: soak, seconds: seconds)
    let perMinute = Double(requests.count) * 60 / Double(seconds)
    let kinds = Dictionary(grouping: requests) { $0 }.map { "\($0.value.count) \($0.key)" }.sorted()
    if !kinds.isEmpty { Table.note("\(seconds) s of a soak of \(soak) min: " + kinds.joined(separator: ", ")) }
    Table.row(
        "requests in an idle minute, soak of \(soak) min", rounded(perMinute, 2), goal: "<= 2", isMet: perMinute <= 2)
    try cluster.tearDown()
}

/// A driver that soaks behind a proxy that counts.
struct IdleBench {
    let cluster: RealCluster
    let sluice: String

    /// How long the beginning of a soak may be busy, in seconds: the Lease is given back, watches are set up.
    private static let settling: Int64 = 20

    /// The requests of some seconds in a soak, as `METHOD PATH`.
    func requests(soakMinutes: Int, seconds: Int64) throws -> [String] {
        let folder = cluster.folder
        let proxy = try Child(
            "kubectl", ["proxy", "--port=0", "-v=3"], in: folder, output: "proxy.log", errors: "proxy.err",
            kubeconfig: cluster.kubeconfig)
        defer { proxy.end() }
        let address = try proxy.waitForLine(in: "proxy.log", prefix: "Starting to serve on ")
        let kubeconfig = folder.appending(path: "proxied.kubeconfig")
        try Data(Self.kubeconfig(address).utf8).write(to: kubeconfig)
        let canary = "selector: {matchLabels: {kubernetes.io/os: linux}}, take: 1, soak: \(soakMinutes)m"
        let plan = try cluster.plan(
            budget: 2, waves: "[{name: canary, \(canary)}, {name: rest, everythingElse: true}]")
        let driver = try Child(
            sluice, ["run", "-f", plan.path, "--yes", "-o", "json"], in: folder, output: "idle.json",
            errors: "idle.log", kubeconfig: kubeconfig.path)
        defer { driver.end() }
        let events = folder.appending(path: "idle.json")
        try cluster.pump("for the canary's soak", seconds: 120, every: 200) {
            guard driver.isRunning else { throw try driver.failure("run") }
            return try String(contentsOf: events, encoding: .utf8).contains(#""event":"soakStarted""#)
        }
        try pause(Self.settling)
        let before = try seen().count
        try pause(seconds)
        guard driver.isRunning else { throw try driver.failure("run") }
        return Array(try seen().dropFirst(before))
    }

    private func pause(_ seconds: Int64) throws {
        let end = cluster.outside.now.monotonic + seconds * 1_000
        try cluster.pump("for time to pass", seconds: seconds + 10) { cluster.outside.now.monotonic >= end }
    }

    /// The requests that the proxy has let through: `Filter accepting GET /api/v1/nodes localhost`.
    private func seen() throws -> [String] {
        let log = try String(contentsOf: cluster.folder.appending(path: "proxy.err"), encoding: .utf8)
        return log.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let mark = words.firstIndex(of: "accepting"), words.count > mark + 2 else { return nil }
            return "\(words[mark + 1]) \(words[mark + 2])"
        }
    }

    private static func kubeconfig(_ address: String) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: proxied
        clusters: [{name: proxied, cluster: {server: "http://\(address)"}}]
        users: [{name: nobody, user: {}}]
        contexts: [{name: proxied, context: {cluster: proxied, user: nobody}}]

        """
    }
}
