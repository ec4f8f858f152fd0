import SluiceCore
import SluiceDocuments
import SluiceRendering
import Testing

/// Every document in every form, against a kept text; no text is wider than the terminal, and what programs read says
/// what the values say.
@Suite struct DocumentTests {
    static let width = 80

    static func check(
        _ name: String, json: OrderedJSON, rendered: (OutputFormat, Style) -> String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for format in OutputFormat.allCases {
            let text = rendered(format, Style(width: width))
            try Golden.expect(
                text, equalsFile: "Tests/Golden/\(name).\(format.rawValue)", sourceLocation: sourceLocation)
            switch format {
            case .text:
                let isCommand = { (line: Substring) in line.hasPrefix("  kubectl ") || line.hasPrefix("  sluice ") }
                Golden.expectFits(text, width: width, except: isCommand, sourceLocation: sourceLocation)
                let narrow = rendered(.text, Style(width: 60))
                Golden.expectFits(narrow, width: 60, except: isCommand, sourceLocation: sourceLocation)
            case .wide: break
            case .json:
                let read = try JSONReader.read(text)
                #expect(read == json.unordered, sourceLocation: sourceLocation)
            case .yaml:
                let read = try YAMLReader.read(Array(text.utf8)).json
                #expect(read == json.unordered, sourceLocation: sourceLocation)
            }
        }
    }

    @Test func plan() throws {
        let document = PlanDocument(
            plan: Fixtures.plan, namespace: "monitoring", daemonSet: "node-exporter", preflight: Fixtures.preflight)
        try Self.check("plan", json: document.json, rendered: document.rendered)
        #expect(document.json.unordered["waves"]?.array?.first?["nodes"] == ["node-0007", "node-0003", "node-0009"])
    }

    @Test func statusUnderWay() throws {
        let document = StatusDocument(Fixtures.status())
        try Self.check("status", json: document.json, rendered: document.rendered)
    }

    @Test func statusHalted() throws {
        let state = Fixtures.state(
            phase: .halted, reason: .failuresExceeded, message: "3 nodes of wave zone-a failed, 2 are allowed")
        let document = StatusDocument(Fixtures.status(state, isDriven: false))
        try Self.check("status-halted", json: document.json, rendered: document.rendered)
    }

    @Test func history() throws {
        let entries = [
            HistoryEntry(rollout: Fixtures.record(phase: .updating), nodes: 60),
            HistoryEntry(
                rollout: Fixtures.record(phase: .halted, reason: .failuresExceeded, message: "too many"), nodes: 3),
        ]
        let document = HistoryDocument(entries)
        try Self.check("history", json: document.json, rendered: document.rendered)
        #expect(HistoryDocument([]).rendered(.text) == "No rollouts yet.\n")
        #expect(HistoryDocument([]).rendered(.json) == "[]\n")
    }

    @Test func journal() throws {
        let entry = HistoryEntry(rollout: Fixtures.record(phase: .halted, reason: .failuresExceeded), nodes: 60)
        let document = JournalDocument(entry, lines: Fixtures.journal)
        for format in OutputFormat.allCases {
            try Golden.expect(document.rendered(format), equalsFile: "Tests/Golden/journal.\(format.rawValue)")
        }
    }

    @Test func versions() throws {
        let document = VersionDocument(Fixtures.versions, now: Fixtures.time(7_200))
        try Self.check("versions", json: document.json, rendered: document.rendered)
        let all = VersionDocument.rendered(all: [document, document], .json)
        #expect(try JSONReader.read(all) == .array([document.json.unordered, document.json.unordered]))
        #expect(VersionDocument.rendered(all: [], .yaml) == "[]\n")
    }

    @Test func rehearsal() throws {
        let document = RehearsalDocument(Fixtures.rehearsal)
        try Self.check("rehearsal", json: document.json, rendered: document.rendered)
        var bare = Fixtures.rehearsal
        (bare.good, bare.bad, bare.gates) = (nil, [], [])
        #expect(RehearsalDocument(bare).rendered(.text).hasPrefix("Modelled and assumed:\n"))
    }

    @Test func eventsAreOneObjectALine() throws {
        let events = EventLine(rollout: "r-1", waves: ["canary"], nodes: [Fixtures.node(1)])
        for line in Fixtures.journal {
            let text = events.rendered(line, .json)
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).map(\.isEmpty) == [false, true])
            let read = try JSONReader.read(text)
            #expect(read.object?.count == 7)
            #expect(read["time"]?.string == line.time.rfc3339Micro)
            #expect(read["node"]?.string == line.node)
            #expect(read["reason"]?.string == line.reason?.rawValue)
            #expect(read["message"] == (line.message.isEmpty ? .null : .string(line.message)))
        }
    }

    @Test func emptyPlanAndProblems() throws {
        var plan = Fixtures.plan
        (plan.waves, plan.warnings, plan.excluded, plan.deferred, plan.placementChanges) = ([], [], [], [], [])
        let text = PlanDocument(plan: plan, namespace: "n", daemonSet: "d", preflight: []).rendered(.text)
        #expect(text.hasPrefix("Nothing to update on n/d.\n"))
        let failure = PlanningFailure(errors: [.wholeFleet(reason: "a batch is the whole fleet"), .emptyWaves(["x"])])
        let failureText = ProblemList.text(failure, file: "plan.yaml")
        #expect(failureText.split(separator: "\n").map { $0.hasPrefix("plan.yaml: ") } == [true, true])
        let problems = PlanProblems([
            PlanProblem(at: .init(line: 12, column: 5), path: "spec.waves[1].batches", "expected a list"),
            PlanProblem(at: .init(line: 3, column: 1), path: "", "unknown key\nspek"),
        ])
        #expect(
            ProblemList.text(problems, file: "plan.yaml") == """
                plan.yaml:3:1: unknown key spek
                plan.yaml:12:5: spec.waves[1].batches: expected a list

                """)
    }

    /// Names and messages come from the cluster; none may drive the terminal.
    @Test func nothingFromTheClusterReachesTheTerminalRaw() {
        for format in [OutputFormat.text, .wide] {
            let text = StatusDocument(Fixtures.status()).rendered(format)
            #expect(!text.unicodeScalars.contains("\u{1B}"))
            let colored = StatusDocument(Fixtures.status()).rendered(format, Style(isColored: true))
            #expect(colored.contains("\u{1B}[31m"))
            #expect(Self.withoutColors(colored) == text, "colours must not move anything")
        }
    }

    private static func withoutColors(_ text: String) -> String {
        ["0", "2", "31", "32", "33"].reduce(text) { $0.replacing("\u{1B}[\($1)m", with: "") }
    }
}
