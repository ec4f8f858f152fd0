import Foundation

/// Benchmarks of what decides and what waits; `Scripts/bench.sh` runs them. One subcommand a benchmark; the exit code is 1
/// when a goal was missed or a benchmark failed.

let usage = """
    usage: SluiceBench planner [NODES]          plans a rollout of a fleet in memory
           SluiceBench rollout SLUICE [RUNS]    a rollout of 1,000 nodes over its ideal schedule
           SluiceBench ideal PLAN.json NODES SEED BUDGET    the ideal seconds of what `plan -o json` printed
           SluiceBench startup SLUICE           the start-up of `sluice --version`
    on a running cluster:
           SluiceBench real SLUICE LOOP KUBECONFIG BUDGET RUNS WAY...   rollouts over their ideal schedules; the ways
                                                are sluice, native, loop (LOOP is Scripts/kubectl-loop.sh)
           SluiceBench idle SLUICE KUBECONFIG SOAK SECONDS   the requests of a driver that soaks for SOAK minutes
           SluiceBench large SLUICE KUBECONFIG BYTES         memory and resume, every node object BYTES long
    """

/// Rollouts on the embedded cluster.
@MainActor
func runRolloutBenchmark(_ sluice: String, runs: Int) throws {
    let bench = RolloutBench(sluice: sluice)
    let results = try (1...max(1, runs)).map { try bench.run(seed: UInt64($0)) }
    for result in results {
        Table.note(
            "\(result.updatedNodes) nodes: ideal \(rounded(result.idealSeconds, 2)) s, first delete to last update "
                + "\(rounded(result.deleteToUpdateSeconds, 2)) s, whole run \(rounded(result.wholeRunSeconds, 2)) s")
    }
    let ratio = Median(results.map(\.ratio))
    Table.row("embedded: rollout over ideal", ratio.text(3), goal: "<= 1.02", isMet: ratio.value <= 1.02)
    let writes = results.map(\.writesPerNode).max() ?? 0
    Table.row(
        "embedded: API writes per updated node, the most", rounded(writes, 3), goal: "<= 1.1", isMet: writes <= 1.1)
    let kinds = (results.last?.writes ?? [:]).filter { $0.value > 0 }.sorted { $0.key < $1.key }
    Table.note(kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    Table.row("embedded: peak memory of run", "\(results.map(\.peakMegabytes).max() ?? 0) MB")
}

/// What `sluice --version` costs.
@MainActor
func runStartUpBenchmark(_ sluice: String) throws {
    let time = try startUpMilliseconds(sluice, runs: 21)
    Table.row(
        "start-up of sluice --version, median of 21", "\(rounded(time, 1)) ms", goal: "<= 20 ms", isMet: time <= 20)
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch (arguments.first, arguments.count) {
    case ("planner", _): try runPlannerBenchmark(arguments.dropFirst().first.flatMap { Int($0) } ?? 5_000)
    case ("rollout", 2...):
        try runRolloutBenchmark(arguments[1], runs: arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5)
    case ("ideal", _): try runIdealSchedule(Array(arguments.dropFirst()))
    case ("startup", 2...): try runStartUpBenchmark(arguments[1])
    case ("real", _): try runRealRollouts(Array(arguments.dropFirst()))
    case ("idle", _): try runIdleMinutes(Array(arguments.dropFirst()))
    case ("large", _): try runLargeFleet(Array(arguments.dropFirst()))
    default:
        print(usage)
        exit(64)
    }
} catch {
    print("failed: \(error)")
    exit(1)
}
exit(Table.hasMissed ? 1 : 0)
