import Foundation
import SluiceSimulator
import Testing

@Suite("The engine in virtual time, judged at every step")
struct ScenarioTests {
    @Test("Hard cases end as they must, and no judge objects", arguments: NamedScenario.all.map(\.name))
    func namedScenario(name: String) throws {
        let scenario = try #require(NamedScenario.all.first { $0.name == name })
        let run = scenario.run()
        for violation in run.violations {
            Issue.record("\(violation.judge) at \(violation.time) ms: \(violation.message)")
        }
    }

    @Test("What seeds hardly ever meet, the named scenarios do")
    func coverage() {
        var tally = Tally()
        for scenario in NamedScenario.all where scenario.isRare { tally.add(scenario.run().tally) }
        #expect(Coverage.rareMissing(in: tally.transitions).isEmpty)
    }

    @Test(
        "A small rollout survives a crash after any of its steps (the way back too: `Scripts/campaign.sh --sweep`)",
        arguments: CrashSweep.Place.allCases)
    func crashSweep(place: CrashSweep.Place) {
        for powerFails in [false, true] {
            let sweep = CrashSweep(.completion, place, powerFails: powerFails)
            #expect(sweep.crashes > 50)
            for (step, violation) in sweep.violations.prefix(5) {
                Issue.record("step \(step): \(violation.judge) at \(violation.time) ms: \(violation.message)")
            }
        }
    }

    @Test("The same seed gives the same run in two processes, line by line", arguments: [3, 7, 14] as [UInt64])
    func isDeterministic(seed: UInt64) throws {
        let first = try replay(seed)
        #expect(first.count > 1_000)
        // Two processes, because the order of sets and dictionaries differs between them.
        #expect(try replay(seed) == first)
    }

    private func replay(_ seed: UInt64) throws -> Data {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let places = ([own] + CommandLine.arguments).map {
            URL(filePath: $0).deletingLastPathComponent().appending(path: "SluiceCampaign")
        }
        let process = Process()
        let program = places.first { FileManager.default.isExecutableFile(atPath: $0.path) }
        let found: URL = try #require(program, "SluiceCampaign is not beside \(own)")
        process.executableURL = found
        process.arguments = ["replay", String(seed)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let trace = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return trace
    }
}
