import Dispatch
import Foundation
import SluiceCore
import Synchronization

/// How good the judgement is, shown on simulated fleets.
///
/// `SluiceJudge table PLAN --nodes N --canary K --seeds S --from SEED`: every kind of bad version in every magnitude.
/// `SluiceJudge harmless PLAN --nodes N --canary K --seeds S --from SEED`: rollouts of a version that is not bad.
let words = Array(CommandLine.arguments.dropFirst())

func number(_ name: String, _ otherwise: Int) -> Int {
    guard let index = words.firstIndex(of: name), words.indices.contains(index + 1) else { return otherwise }
    return Int(words[index + 1]) ?? otherwise
}

/// The results of a job for each seed, in the order of the seeds.
func overSeeds<Value: Sendable>(_ count: Int, _ job: @Sendable @escaping (UInt64) -> Value) -> [Value] {
    let from = UInt64(number("--from", 1))
    let found = Mutex([Int: Value]())
    DispatchQueue.concurrentPerform(iterations: count) { index in
        let value = job(from + UInt64(index))
        found.withLock { $0[index] = value }
    }
    return found.withLock { values in (0..<count).compactMap { values[$0] } }
}

func begin() throws -> (fleet: Fleet, trial: Trial) {
    let file = try Data(contentsOf: URL(filePath: words.dropFirst().first ?? ""))
    let fleet = try Fleet(nodes: number("--nodes", 60))
    return (fleet, try Trial(fleet, preset: try Preset(file: Array(file)), canary: number("--canary", 3)))
}

func table() throws -> Int32 {
    let (fleet, trial) = try begin()
    let pairs = Kind.all.flatMap { kind in kind.magnitudes.indices.map { (kind, $0) } }
    let results = overSeeds(number("--seeds", 50)) { seed in
        let scrapes = Scrapes(fleet, seed: seed)
        return pairs.map { kind, index in trial.run(kind, kind.magnitudes[index], seed: seed, scrapes: scrapes) }
    }
    print(
        "\(fleet.members.count) nodes, a canary of \(number("--canary", 3)), \(results.count) seeds; * is the reference"
    )
    print(Row.head)
    var missed = 0
    for (place, pair) in pairs.enumerated() {
        let behaviour = pair.0.magnitudes[pair.1].behaviour
        let bad = fleet.members.map { pair.0.affects($0) && trial.isBad(behaviour, on: $0) }
        let row = Row(
            kind: pair.0, magnitude: pair.1, results: results.map { $0[place] },
            rolling: RollingUpdate.reached(bad, behaviour: behaviour))
        print(row.text)
        missed += row.isMissed ? 1 : 0
    }
    print(
        "\(Kind.all.count - missed) of \(Kind.all.count) kinds are stopped in the first wave that holds an affected node"
    )
    return missed == 0 ? 0 : 1
}

func harmless() throws -> Int32 {
    let (fleet, trial) = try begin()
    let results = overSeeds(number("--seeds", 2_000)) { seed in
        trial.run(nil, nil, seed: seed, scrapes: Scrapes(fleet, seed: seed))
    }
    let halted = Double(results.count { $0.isCaught }) / Double(results.count)
    let doubtful = Double(results.count { $0.isInDoubt }) / Double(results.count)
    let ranks = results.compactMap(\.ranksObject)
    print(
        "\(results.count) harmless versions on \(fleet.members.count) nodes, a canary of \(number("--canary", 3)): "
            + String(
                format: "%.2f %% halted falsely (goal 1), %.2f %% halted in doubt (goal 5); ", halted * 100,
                doubtful * 100)
            + "ranks would have objected to \(percent(Double(ranks.count { $0 }) / Double(max(1, ranks.count))))")
    for result in results.filter({ $0.isCaught || $0.isInDoubt }).prefix(number("--show", 0)) {
        print("  wave \(result.wave): \(result.reason?.rawValue ?? ""): \(result.message)")
    }
    return halted <= 0.01 && doubtful <= 0.05 ? 0 : 1
}

switch words.first {
case "table": exit(try table())
case "harmless": exit(try harmless())
default:
    print("usage: SluiceJudge table|harmless PLAN [--nodes N] [--canary K] [--seeds S] [--from SEED] [--show N]")
    exit(64)
}
