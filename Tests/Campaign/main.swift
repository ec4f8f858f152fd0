import Foundation
import SluiceSimulator

let arguments = CommandLine.arguments.dropFirst()
let first = UInt64(arguments.first ?? "1") ?? 1
let count = UInt64(arguments.dropFirst().first ?? "1") ?? 1
let isTraced = arguments.contains("--trace")
var total = Tally()
for seed in first..<(first + count) {
    let trace = Trace(isOn: isTraced)
    let run = SeedRun.run(seed: seed, trace: trace)
    for line in trace.lines { print(line) }
    total.add(run.tally)
    if !run.violations.isEmpty || count == 1 {
        print("seed \(seed): \(run.ending)")
        for violation in run.violations { print("  \(violation.judge) at \(violation.time): \(violation.message)") }
    }
}
print(total.seeds, "seeds", total.nodes, "nodes", total.deletes, "deletes", total.crashes, "crashes", total.requests, "requests", Double(total.virtualTime) / 3_600_000, "h")
for (ending, count) in total.endings.sorted(by: { $0.value > $1.value }) { print(count, ending) }
