import Foundation
import SluiceClients
import SluiceCore

/// `large SLUICE KUBECONFIG BYTES`: the most memory of a driver over large Node objects, and how soon `resume` acts.
@MainActor
func runLargeFleet(_ arguments: [String]) throws {
    guard arguments.count == 3, let bytes = Int(arguments[2]) else {
        throw BenchFailure(description: "large takes SLUICE KUBECONFIG BYTES")
    }
    let cluster = try RealCluster(kubeconfig: arguments[1], folder: newFolder())
    let bench = LargeFleet(cluster: cluster, sluice: arguments[0])
    let nodes = try bench.pad(to: bytes)
    try cluster.setUp()
    let name = "\(nodes) nodes of \(bytes / 1_000) KB: "
    let run = try bench.runAndKill(nodes: nodes)
    Table.row(name + "peak memory of run", "\(rounded(run, 1)) MB", goal: "<= 64 MB", isMet: run <= 64)
    let listing = try bench.listing()
    let resume = try bench.resume(nodes: nodes)
    let beyond = resume.firstAction - listing
    Table.note("resume: first delete after \(rounded(resume.firstAction, 2)) s, listing alone \(rounded(listing, 2)) s")
    Table.row(
        name + "resume to first action, beyond listing", "\(rounded(beyond, 2)) s", goal: "<= 1 s", isMet: beyond <= 1)
    Table.row(
        name + "peak memory of resume", "\(rounded(resume.peakMegabytes, 1)) MB", goal: "<= 64 MB",
        isMet: resume.peakMegabytes <= 64)
    try cluster.tearDown()
}

/// A driver over a fleet whose Node objects are large.
struct LargeFleet {
    let cluster: RealCluster
    let sluice: String

    /// The part of the fleet that each driver updates before it is stopped.
    private static let share = 0.1
    /// How many times the cluster is listed, to know what listing takes.
    private static let listings = 3

    // MARK: Padding

    /// Makes every Node object as long as asked, by an annotation that does not compress.
    ///
    /// - Returns: the number of nodes.
    func pad(to bytes: Int) throws -> Int {
        let names = try cluster.client.listAll(.listNodes(), of: Node.self).items.map(\.name)
        var failure: APIError?
        var open = names.count
        for name in names {
            cluster.client.send(.getNode(name)) { result in
                switch result {
                case .failure(let error):
                    failure = error
                    open -= 1
                case .success(let response):
                    cluster.client.send(padding(name, bytes - response.body.count)) { result in
                        if case .failure(let error) = result { failure = error }
                        open -= 1
                    }
                }
            }
        }
        try cluster.pump("for the padding of \(names.count) nodes", seconds: 900) { open == 0 }
        if let failure { throw BenchFailure(description: failure.description) }
        return names.count
    }

    private func padding(_ node: String, _ missing: Int) -> APIRequest {
        var text = ""
        while text.utf8.count < missing { text += String(cluster.outside.random(), radix: 36) }
        return APIRequest(
            .patch, "/api/v1/nodes/\(node)",
            body: ["metadata": ["annotations": ["sluice.bench/padding": .string(text)]]],
            contentType: "application/merge-patch+json",
            subject: APIRequest.Subject(verb: "patch", resource: "nodes", name: node))
    }

    // MARK: The drivers

    private func drive(_ arguments: [String], _ log: String) throws -> Child {
        try Child(
            sluice, arguments + ["-o", "json"], in: cluster.folder, output: log + ".json", errors: log + ".log",
            kubeconfig: cluster.kubeconfig)
    }

    /// Lets a driver update a share of the fleet and kills it.
    ///
    /// - Returns: the most memory it used, in MiB.
    func runAndKill(nodes: Int) throws -> Double {
        let observer = try PodObserver(cluster)
        defer { observer.stop() }
        let plan = try cluster.plan(budget: max(1, nodes / 20), waves: "[{name: all, everythingElse: true}]")
        let driver = try drive(["run", "-f", plan.path, "--allow-whole-fleet", "--yes"], "large-run")
        defer { driver.end() }
        try update(nodes, observer, driver)
        driver.kill()
        // What it has deleted comes back, or the budget would keep the next driver waiting.
        try cluster.pump("for the last deletes", seconds: 300) { observer.openCount == 0 }
        return Double(driver.peakKilobytes) / 1_024
    }

    /// What listing takes by itself: the driver's three lists at once, in seconds; the fastest of some times.
    func listing() throws -> Double {
        var times: [Double] = []
        for _ in 0..<Self.listings {
            let start = cluster.outside.now.monotonic
            var missing: Set<String> = ["daemonsets", "nodes", "pods"]
            let watches = (
                ResourceWatch.daemonSet(
                    cluster.client, namespace: RealCluster.namespace, name: RealCluster.daemonSet
                ) { if case .listed = $0 { missing.remove("daemonsets") } },
                ResourceWatch.nodes(cluster.client) { if case .listed = $0 { missing.remove("nodes") } },
                ResourceWatch.pods(cluster.client, namespace: RealCluster.namespace, selector: RealCluster.selector) {
                    if case .listed = $0 { missing.remove("pods") }
                }
            )
            watches.0.start()
            watches.1.start()
            watches.2.start()
            try cluster.pump("for the lists", seconds: 300, every: 5) { missing.isEmpty }
            times.append(Double(cluster.outside.now.monotonic - start) / 1_000)
            watches.0.stop()
            watches.1.stop()
            watches.2.stop()
        }
        return times.min() ?? 0
    }

    /// Lets `resume` update another share.
    ///
    /// - Returns: the seconds from its start to its first delete, as the cluster shows it, and its most memory in MiB.
    func resume(nodes: Int) throws -> (firstAction: Double, peakMegabytes: Double) {
        let observer = try PodObserver(cluster)
        defer { observer.stop() }
        let start = cluster.outside.now.monotonic
        let driver = try drive(["resume"], "large-resume")
        defer { driver.end() }
        try update(nodes, observer, driver)
        guard let first = observer.replacements.first else {
            throw BenchFailure(description: "resume deleted nothing")
        }
        driver.sample()
        return (Double(first.deletedAt - start) / 1_000, Double(driver.peakKilobytes) / 1_024)
    }

    private func update(_ nodes: Int, _ observer: PodObserver, _ driver: Child) throws {
        let goal = max(1, Int(Double(nodes) * Self.share))
        try cluster.pump("for \(goal) updated nodes", seconds: 1_800) {
            driver.sample()
            guard driver.isRunning else { throw try driver.failure("the driver") }
            return observer.replacedCount >= goal
        }
        if let failure = observer.failure { throw BenchFailure(description: failure) }
    }
}
