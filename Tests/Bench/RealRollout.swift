import Foundation
import SluiceClients
import SluiceCore

/// A rollout on a real control plane, in each way there is, over the ideal schedule of that very run.
struct RealRollout {
    /// Who replaces the pods.
    enum Way: String, CaseIterable {
        case sluice
        /// The DaemonSet controller, with the budget as maxUnavailable.
        case native
        /// What people write: delete so many pods, wait until all are Ready, go on.
        case loop

        var name: String {
            switch self {
            case .sluice: "sluice"
            case .native: "native RollingUpdate"
            case .loop: "kubectl loop"
            }
        }
    }

    /// One run.
    struct Result {
        var nodes: Int
        var idealSeconds: Double
        /// From the first delete to the last new pod that is Ready.
        var seconds: Double
        /// From the command to the last new pod that is Ready.
        var wholeSeconds: Double
        var mostAtOnce: Int
        var reaction: Milliseconds?
        var peakMegabytes: Double
        var ratio: Double { seconds / idealSeconds }
    }

    let cluster: RealCluster
    let sluice: String
    /// The script with the loop.
    let loop: String
    let budget: Int

    /// The longest time for one rollout, in seconds.
    private static let limit: Int64 = 3_600

    func run(_ way: Way) throws -> Result {
        try cluster.settle()
        let observer = try PodObserver(cluster)
        defer { observer.stop() }
        let nodes =
            try Int(
                cluster.kubectl(
                    "-n", RealCluster.namespace, "get", "ds", RealCluster.daemonSet, "-o",
                    "jsonpath={.status.desiredNumberScheduled}")) ?? 0
        let start = cluster.outside.now.monotonic
        let child = try begin(way)
        defer { child.end() }
        try cluster.pump("for the rollout (\(way.name))", seconds: Self.limit) {
            child.sample()
            if !child.isRunning, child.status != 0 { throw try child.failure(way.name) }
            let isWhole = observer.replacements.count >= nodes && observer.openCount == 0
            return isWhole && (way == .native || !child.isRunning)
        }
        if let failure = observer.failure { throw BenchFailure(description: failure) }
        guard let span = observer.span, observer.replacements.count == nodes else {
            throw BenchFailure(
                description: "\(way.name) replaced \(observer.replacements.count) pods on \(nodes) nodes")
        }
        return Result(
            nodes: nodes, idealSeconds: Double(observer.idealMilliseconds(budget: budget)) / 1_000,
            seconds: Double(span.to - span.from) / 1_000, wholeSeconds: Double(span.to - start) / 1_000,
            mostAtOnce: observer.mostAtOnce, reaction: observer.medianReaction(budget: budget),
            peakMegabytes: Double(child.peakKilobytes) / 1_024)
    }

    private func begin(_ way: Way) throws -> Child {
        let (namespace, name) = (RealCluster.namespace, RealCluster.daemonSet)
        switch way {
        case .sluice:
            let plan = try cluster.plan(budget: budget, waves: "[{name: all, everythingElse: true}]")
            return try Child(
                sluice, ["run", "-f", plan.path, "--allow-whole-fleet", "--yes", "-o", "json"], in: cluster.folder,
                output: "run.json", errors: "run.log", kubeconfig: cluster.kubeconfig)
        case .native:
            let patch = Self.patch(
                cluster.nextImage(),
                strategy: #"{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":\#(budget)}}"#)
            return try Child(
                "kubectl", ["-n", namespace, "patch", "ds", name, "-p", patch], in: cluster.folder,
                output: "native.log", errors: "native.log", kubeconfig: cluster.kubeconfig)
        case .loop:
            let patch = Self.patch(cluster.nextImage(), strategy: #"{"type":"OnDelete","rollingUpdate":null}"#)
            try cluster.kubectl("-n", namespace, "patch", "ds", name, "-p", patch)
            return try Child(
                loop, [namespace, name, "app=\(name)", "\(budget)"], in: cluster.folder, output: "loop.log",
                errors: "loop.log", kubeconfig: cluster.kubeconfig)
        }
    }

    private static func patch(_ image: String, strategy: String) -> String {
        let container = #"{"name":"\#(RealCluster.container)","image":"\#(image)"}"#
        return #"{"spec":{"updateStrategy":\#(strategy),"template":{"spec":{"containers":[\#(container)]}}}}"#
    }
}

/// `real SLUICE LOOP KUBECONFIG BUDGET RUNS WAY…`: the ways by turns, so that a machine's bad minute hits them all.
@MainActor
func runRealRollouts(_ arguments: [String]) throws {
    guard arguments.count >= 6, let budget = Int(arguments[3]), let runs = Int(arguments[4]), runs > 0 else {
        throw BenchFailure(description: "real takes SLUICE LOOP KUBECONFIG BUDGET RUNS WAY…")
    }
    let ways = arguments.dropFirst(5).compactMap { RealRollout.Way(rawValue: $0) }
    let cluster = try RealCluster(kubeconfig: arguments[2], folder: newFolder())
    try cluster.setUp()
    let bench = RealRollout(cluster: cluster, sluice: arguments[0], loop: arguments[1], budget: budget)
    var results: [RealRollout.Way: [RealRollout.Result]] = [:]
    for _ in 0..<runs {
        for way in ways {
            let result = try bench.run(way)
            results[way, default: []].append(result)
            Table.note(line(way, result))
        }
    }
    let nodes = results.values.first?.first?.nodes ?? 0
    let head = "\(nodes) nodes, budget \(budget): "
    for way in ways {
        let ratio = Median((results[way] ?? []).map(\.ratio))
        let name = head + way.name + " over ideal"
        guard way == .sluice, ways.contains(.loop) else {
            Table.row(name, ratio.text(3))
            continue
        }
        Table.row(name, ratio.text(3), goal: "<= 1.02", isMet: ratio.value <= 1.02)
    }
    for way in ways {
        Table.row(
            head + way.name + ", from the command on", Median((results[way] ?? []).map(\.wholeSeconds)).text(1) + " s")
    }
    if let most = results[.sluice]?.map(\.mostAtOnce).max() {
        Table.row(head + "most nodes without a pod", "\(most)", goal: "<= \(budget)", isMet: most <= budget)
    }
    if let ours = results[.sluice], ways.contains(.loop) {
        for way in ways where way != .sluice {
            let (mine, other) = (Median(ours.map(\.ratio)).value, Median((results[way] ?? []).map(\.ratio)).value)
            Table.row(
                head + "ahead of " + way.name, rounded(other / mine, 3), goal: "> 1", isMet: other > mine)
        }
    }
    try cluster.tearDown()
}

private func line(_ way: RealRollout.Way, _ result: RealRollout.Result) -> String {
    "\(way.name): ideal \(rounded(result.idealSeconds, 2)) s, first delete to last Ready "
        + "\(rounded(result.seconds, 2)) s (\(rounded(result.ratio, 3))), from the command "
        + "\(rounded(result.wholeSeconds, 2)) s, at most \(result.mostAtOnce) at once"
        + (result.reaction.map { ", next delete after \($0) ms" } ?? "")
        + (way == .sluice ? ", peak \(rounded(result.peakMegabytes, 1)) MB" : "")
}

/// A folder of this process's own, not made yet.
func newFolder() -> URL {
    FileManager.default.temporaryDirectory.appending(path: "sluice-bench-\(ProcessInfo.processInfo.processIdentifier)")
}
