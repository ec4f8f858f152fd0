/// Benchmarks of what decides and what waits; `Scripts/bench.sh` runs them. One subcommand, one line of output.

let usage = """
    usage: SluiceBench planner [NODES]   plans a rollout of a fleet in memory
    """

switch CommandLine.arguments.dropFirst().first {
case "planner": runPlannerBenchmark(CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5_000)
default: print(usage)
}
