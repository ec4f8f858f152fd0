import Foundation

/// Benchmarks of what decides and what waits; `Scripts/bench.sh` runs them. One subcommand, one line of output.

let usage = """
    usage: SluiceBench planner [NODES]          plans a rollout of a fleet in memory
           SluiceBench rollout SLUICE [RUNS]    a rollout of 1,000 nodes over its ideal schedule
           SluiceBench ideal PLAN.json NODES SEED BUDGET    the ideal seconds of what `plan -o json` printed
           SluiceBench startup SLUICE           the start-up of `sluice --version`
    """

func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

func row(_ name: String, _ figure: String, goal: String, isMet: Bool) {
    print(padded(name, to: 46) + padded(figure, to: 12) + padded("goal \(goal)", to: 16) + (isMet ? "ok" : "MISSED"))
}

func rounded(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

func runRolloutBenchmark(_ sluice: String, runs: Int) throws {
    let bench = RolloutBench(sluice: sluice)
    let results = try (1...runs).map { try bench.run(seed: UInt64($0)) }
    for result in results {
        print(
            "  \(result.updatedNodes) nodes: ideal \(rounded(result.idealSeconds, 2)) s, first delete to last update "
                + "\(rounded(result.deleteToUpdateSeconds, 2)) s, whole run \(rounded(result.wholeRunSeconds, 2)) s")
    }
    let sorted = results.sorted { $0.ratio < $1.ratio }
    let median = sorted[sorted.count / 2]
    row(
        "rollout over ideal, median of \(runs)", rounded(median.ratio, 3), goal: "<= 1.02", isMet: median.ratio <= 1.02)
    let writes = results.map(\.writesPerNode).max() ?? 0
    row("API writes per updated node, the most", rounded(writes, 3), goal: "<= 1.1", isMet: writes <= 1.1)
    let kinds = median.writes.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    print("  " + kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    print(padded("peak memory of run", to: 46) + "\(median.peakMegabytes) MB")
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch (arguments.first, arguments.count) {
    case ("planner", _): runPlannerBenchmark(arguments.dropFirst().first.flatMap { Int($0) } ?? 5_000)
    case ("rollout", 2...):
        try runRolloutBenchmark(arguments[1], runs: arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5)
    case ("ideal", _): try runIdealSchedule(Array(arguments.dropFirst()))
    case ("startup", 2...):
        let time = try startUpMilliseconds(arguments[1], runs: 21)
        row("start-up of sluice --version, median of 21", "\(rounded(time, 1)) ms", goal: "<= 20 ms", isMet: time <= 20)
    default: print(usage)
    }
} catch {
    print("failed: \(error)")
    exit(1)
}
