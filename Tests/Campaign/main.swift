import Foundation

/// The campaign: many seeds, one worker process a core.
///
/// `SluiceCampaign seeds N [--from SEED] [--state FILE]`, `SluiceCampaign replay SEED`, `SluiceCampaign worker FROM COUNT`.
let words = Array(CommandLine.arguments.dropFirst())

func option(_ name: String) -> String? {
    guard let index = words.firstIndex(of: name), words.indices.contains(index + 1) else { return nil }
    return words[index + 1]
}

switch words.first {
case "worker":
    Worker.run(from: UInt64(words[1]) ?? 0, count: UInt64(words[2]) ?? 0)
case "replay":
    exit(
        Replay.run(
            seed: words.dropFirst().first.flatMap { UInt64($0) } ?? 0,
            until: option("--until").flatMap { Int64($0) }))
case "scenarios":
    exit(Scenarios.run(isTraced: words.contains("--trace"), only: words.dropFirst().first { !$0.hasPrefix("--") }))
case "sweep":
    exit(Scenarios.sweep())
case "hunt":
    exit(
        Hunt.run(
            for: words.dropFirst().first ?? "", seeds: option("--seeds").flatMap { UInt64($0) } ?? 400,
            onlySeeds: option("--in") == "seeds"))
case "seeds":
    let count = words.dropFirst().first.flatMap { UInt64($0) } ?? 1_000
    let campaign = Campaign(
        first: option("--from").flatMap { UInt64($0) } ?? 1, count: count, stateFile: option("--state"),
        workers: option("--workers").flatMap { Int($0) } ?? ProcessInfo.processInfo.activeProcessorCount)
    exit(campaign.run())
default:
    let usage = """
        usage: SluiceCampaign seeds N [--from SEED] [--state FILE] [--workers N]
               SluiceCampaign replay SEED [--until SECONDS]
               SluiceCampaign scenarios [NAME] [--trace]
               SluiceCampaign sweep
               SluiceCampaign hunt JUDGE [--seeds N] [--in seeds]

        """
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
}
