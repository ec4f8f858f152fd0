import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Rehearsing a plan")
struct RehearseTests {
    /// A real cluster's fleet is as good; what is printed of it is another matter.
    @Test("On the live fleet and on its snapshot, twice: the same bytes, and nothing is changed")
    func sameBytes() throws {
        let fixture = try ClusterFixture()
        let before = (try fixture.daemonSet()["spec"], try fixture.images())
        let plan = try fixture.plan("v2", soak: "1h")
        let snapshot = fixture.folder + "/fleet"
        let common = ["rehearse", "-f", plan, "--seeds", "4", "--bad", "crash-loop", "-o", "json"]
        let live = try fixture.sluice(common + ["--save-snapshot", snapshot])
        #expect(live.code == 0, "\(live.errors)")
        let first = try fixture.sluice(common + ["--snapshot", snapshot])
        let second = try fixture.sluice(common + ["--snapshot", snapshot])
        #expect(first.code == 0 && first.output == second.output, "\(first.errors)")
        #expect(live.output == first.output)
        let report = try JSONReader.read(live.output)
        #expect(report.at("good", "completed") == 4)
        #expect(report.at("good", "seconds", "min")?.integer ?? 0 > 3_600)
        #expect(report["nodes"]?.integer == Int64(before.1.count))
        let bad = report["bad"]?.array?.first
        #expect(bad?["halted"] == 4 && bad?.at("reached", "max")?.integer ?? 9 <= 2)
        #expect(try fixture.daemonSet()["spec"] == before.0)
        #expect(try fixture.images() == before.1)
        #expect(!FileManager.default.fileExists(atPath: fixture.state))
    }

    @Test("Bad input says what is wrong, and a plan that cannot complete has its own exit code")
    func badInput() throws {
        let fixture = try ClusterFixture()
        let plan = try fixture.plan("v2")
        let snapshot = fixture.folder + "/fleet"
        func rehearse(_ arguments: String...) throws -> SluiceProcess.Result {
            try fixture.sluice(["rehearse", "-f", plan, "--seeds", "1", "--bad", "refused"] + arguments)
        }
        for (arguments, words) in [
            (["--bad", "sleepy"], "known are never-ready"), (["--bad", "slow=x"], "takes whole seconds"),
            (["--seeds=-1"], "--seeds takes"), (["--churn", "1e9"], "--churn takes"),
            (["--snapshot", snapshot], "\(snapshot): No such file"),
            (["--snapshot", fixture.folder], "Is a directory"),
            (["--snapshot", plan], "\(plan):1:1: this is no JSON"),
        ] {
            let result = try fixture.sluice(["rehearse", "-f", plan, "--seeds", "1", "--bad", "refused"] + arguments)
            #expect(result.code == 64 && result.errors.contains(words), "\(arguments): \(result.errors)")
            #expect(result.output.isEmpty)
        }
        guard isEmbedded else { return }
        #expect(try rehearse("--save-snapshot", snapshot).code == 0)
        // With the delete taking longer than the plan allows from delete to available, no version can complete.
        let slow = try rehearse("--snapshot", snapshot, "--start", "80000")
        #expect(slow.code == 2 && slow.errors.contains("completed in 0 of 1 runs"), "\(slow.errors)")
        #expect(slow.output.contains("A good version completes in 0 of 1 run"))
    }
}
