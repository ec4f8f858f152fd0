import Foundation
import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceDocuments

/// What can go wrong with a benchmark: a sentence.
struct BenchFailure: Error, CustomStringConvertible {
    var description: String
}

/// A rollout with real processes over the ideal schedule that replays the same drawn delays.
struct RolloutBench {
    let sluice: String
    var cluster = ClusterOptions(nodes: 1_000)
    var budget = 100

    /// One run, in the words of the table.
    struct Result {
        var updatedNodes: Int
        var idealSeconds: Double
        var deleteToUpdateSeconds: Double
        var wholeRunSeconds: Double
        /// The requests other than reads, by method and resource.
        var writes: [String: Int]
        var peakMegabytes: Int
        var writesPerNode: Double { Double(writes.values.reduce(0, +)) / Double(max(1, updatedNodes)) }
        var ratio: Double { deleteToUpdateSeconds / idealSeconds }
    }

    func run(seed: UInt64) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-bench-\(seed)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { Self.remove(folder) }
        var options = cluster
        options.seed = seed
        let server = try Child(
            sluice, ["cluster", "--nodes", "\(options.nodes)", "--seed", "\(seed)", "--kubeconfig", "kubeconfig"],
            in: folder, output: "cluster.log")
        defer { server.end() }
        let address = try server.waitForLine(in: "cluster.log", prefix: "prometheus at ")
        try Data(plan.utf8).write(to: folder.appending(path: "plan.yaml"))
        let planner = try Child(
            sluice, ["plan", "-f", "plan.yaml", "--allow-whole-fleet", "-o", "json"], in: folder, output: "plan.json")
        _ = planner.wait()
        guard planner.status == 0 else { throw BenchFailure(description: "plan ended with \(planner.status)") }
        let planned = folder.appending(path: "plan.json")
        let before = try writes(at: address)
        let start = ContinuousClock.now
        let driver = try Child(
            sluice, ["run", "-f", "plan.yaml", "--allow-whole-fleet", "--yes", "-o", "json"], in: folder,
            output: "run.json")
        let peak = driver.wait()
        guard driver.status == 0 else { throw BenchFailure(description: "run ended with \(driver.status)") }
        let whole = ContinuousClock.now - start
        let events = try lines(of: folder.appending(path: "run.json"))
        let deleting = events.compactMap { Self.time(of: $0, event: "deleting") }
        let updated = events.compactMap { Self.time(of: $0, event: "updated") }
        guard let first = deleting.min(), let last = updated.max() else {
            throw BenchFailure(description: "the rollout updated nothing")
        }
        return Result(
            updatedNodes: updated.count, idealSeconds: try idealSeconds(planned, options, budget: budget),
            deleteToUpdateSeconds: Double(last - first) / 1_000,
            wholeRunSeconds: Double(whole.components.seconds) + Double(whole.components.attoseconds) / 1e18,
            writes: try writes(at: address).merging(before) { $0 - $1 }, peakMegabytes: peak)
    }

    private var plan: String {
        """
        apiVersion: sluice/v1
        kind: RolloutPlan
        metadata: {name: bench}
        spec:
          daemonSet: {name: node-exporter, namespace: monitoring}
          images: {node-exporter: "quay.io/prometheus/node-exporter:v1.9.0"}
          budget: {maxUnavailable: \(budget)}
          waves:
            - {name: all, everythingElse: true}

        """
    }

    // MARK: Reading

    private func lines(of file: URL) throws -> [JSONValue] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { try JSONReader.read(String($0)) }
    }

    private static func time(of event: JSONValue, event name: String) -> Milliseconds? {
        guard event["event"]?.string == name else { return nil }
        return event["time"]?.string.flatMap { Timestamp(rfc3339: $0) }?.millisecondsSince1970
    }

    /// How many requests other than reads the cluster has had, by method and resource.
    private func writes(at prometheus: String) throws -> [String: Int] {
        let base = prometheus.replacingOccurrences(of: "/prometheus", with: "")
        let outside = try SystemOutside()
        _ = outside.start(.http(HTTPRequest(method: .get, url: "\(base)/debug/requests")))
        while true {
            for case .finished(_, let result) in outside.poll(until: nil) {
                let counts = try JSONReader.read(try result.get()).object ?? [:]
                return counts.filter { !$0.key.hasPrefix("GET ") }.mapValues { Int($0.integer ?? 0) }
            }
        }
    }

    private static func remove(_ folder: URL) {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            print("left behind: \(folder.path)")
        }
    }
}

/// The median start-up time of `sluice --version`, in milliseconds: from spawn to the end of the process.
func startUpMilliseconds(_ sluice: String, runs: Int) throws -> Double {
    var times: [Double] = []
    for _ in 0..<runs {
        var child: pid_t = 0
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        var arguments = [strdup(sluice), strdup("--version"), nil]
        defer { for argument in arguments { free(argument) } }
        let start = ContinuousClock.now
        guard posix_spawn(&child, sluice, &actions, nil, &arguments, environ) == 0 else {
            throw BenchFailure(description: "cannot start \(sluice)")
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard status == 0 else { throw BenchFailure(description: "\(sluice) --version ended with \(status)") }
        let took = (ContinuousClock.now - start).components
        times.append(Double(took.seconds) * 1_000 + Double(took.attoseconds) / 1e15)
    }
    return times.sorted()[times.count / 2]
}
