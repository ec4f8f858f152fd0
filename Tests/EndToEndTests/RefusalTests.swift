import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@Suite("What is refused leaves the cluster as it is")
struct RefusalTests {
    /// Runs something that must be refused, and proves that the DaemonSet and its pods are untouched.
    private func refused(
        _ fixture: ClusterFixture, code: Int32, location: SourceLocation = #_sourceLocation,
        _ run: () throws -> SluiceProcess.Result
    ) throws -> SluiceProcess.Result {
        let before = (try fixture.daemonSet()["spec"], try fixture.images())
        let result = try run()
        #expect(result.code == code, "\(result.output) \(result.errors)", sourceLocation: location)
        #expect(try fixture.daemonSet()["spec"] == before.0, sourceLocation: location)
        #expect(try fixture.images() == before.1, sourceLocation: location)
        return result
    }

    @Test("Without a terminal a run needs --yes")
    func needsYes() throws {
        let fixture = try ClusterFixture()
        let result = try refused(fixture, code: 64) { try fixture.sluice("run", "-f", try fixture.plan("v2")) }
        #expect(result.errors.contains("--yes"))
    }

    @Test("All problems of a bad plan are told at once, with file, line and column")
    func tellsAllProblems() throws {
        let fixture = try ClusterFixture()
        let path = try fixture.plan("v2", soak: "soon", more: "bugdet: {}")
        for command in ["plan", "run"] {
            let result = try refused(fixture, code: 65) {
                command == "run"
                    ? try fixture.sluice(command, "-f", path, "--yes") : try fixture.sluice(command, "-f", path)
            }
            #expect(result.errors.contains("v2.yaml:8:3: spec.bugdet"), "\(result.errors)")
            #expect(result.errors.contains("v2.yaml:13:13: spec.waves[0].soak"), "\(result.errors)")
        }
    }

    @Test("A digest that was not approved is refused, the approved one runs")
    func comparesDigests() throws {
        let fixture = try ClusterFixture()
        let plan = try fixture.plan("v2")
        let digest = try JSONReader.read(try fixture.sluice("plan", "-f", plan, "-o", "json").output)["digest"]?.string
        let result = try refused(fixture, code: 65) {
            try fixture.sluice("run", "-f", plan, "--yes", "--digest", "0123456789abcdef")
        }
        #expect(result.errors.contains("0123456789abcdef"))
        let approved = try fixture.sluice("run", "-f", plan, "--yes", "--digest", try #require(digest))
        #expect(approved.code == 0, "\(approved.errors)")
    }

    @Test("A database that is none is left untouched")
    func leavesGarbageAlone() throws {
        let fixture = try ClusterFixture()
        let garbage = Data("this is somebody's letter\n".utf8)
        try garbage.write(to: URL(filePath: fixture.state))
        let result = try refused(fixture, code: 1) {
            try fixture.sluice("run", "-f", try fixture.plan("v2"), "--yes")
        }
        #expect(result.errors.contains(fixture.state), "\(result.errors)")
        #expect(try Data(contentsOf: URL(filePath: fixture.state)) == garbage)
    }
}
