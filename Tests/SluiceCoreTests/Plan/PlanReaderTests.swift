import SluiceDocuments
import Testing

@testable import SluiceCore

@Suite("Reading a plan file")
struct PlanReaderTests {
    @Test("Every field is read")
    func full() throws {
        #expect(try PlanFiles.read(PlanFiles.full).get() == PlanFiles.fullPlan)
    }

    @Test("What is left out has its default")
    func defaults() throws {
        let plan = try PlanFiles.read(PlanFiles.small).get()
        let waves = [
            Wave(
                name: "canary", members: .selector(LabelSelector(matchLabels: ["env": "dev"])), batches: [.count(1)],
                soakSeconds: 600),
            Wave(name: "rest", members: .everythingElse),
        ]
        #expect(plan == RolloutPlan(name: "small", daemonSet: "node-exporter", waves: waves))
    }

    @Test("A plan in JSON is the same plan")
    func json() throws {
        let document = try YAMLReader.read(Array(PlanFiles.full.utf8))
        #expect(try PlanFiles.read(document.json.prettySerialized).get() == PlanFiles.fullPlan)
    }

    @Test("No key of the table is overlooked: whichever is taken out, the plan is another one or none")
    func everyKeyCounts() throws {
        let document = try YAMLReader.read(Array(PlanFiles.full.utf8))
        var paths: [[Step]] = []
        Self.collect(document, [], into: &paths)
        let tableKeys = Set(Self.sections(PlanFields.file).flatMap { section in section.fields.map(\.name) })
        let usedKeys = paths.compactMap { path -> String? in
            if case .key(let key) = path.last { key } else { nil }
        }
        // What stands instead of the images has a test of its own.
        let missing = tableKeys.subtracting(usedKeys)
        #expect(missing == ["revision"], "missing in the full plan: \(missing)")
        for path in paths {
            let result = PlanReader.read(Self.removing(path[...], from: document), zones: PlanFiles.zones)
            #expect(result != .success(PlanFiles.fullPlan), "\(path) makes no difference")
        }
    }

    @Test("Every secret and certificate that a plan names is known, with who needs it")
    func secrets() {
        let all = PlanFiles.fullPlan.secrets
        func names(_ user: String) -> [String] { all.filter { $0.user == user }.map(\.name) }
        #expect(names("gate up") == ["the bearer token"])
        #expect(
            names("gate asked") == [
                "the password of me", "the header X-Api-Key", "the certificate authorities", "our certificate",
                "the key of our certificate",
            ])
        #expect(names("gate smoke") == ["the signing secret"])
        #expect(names("blocker secret") == ["the URL", "the bearer token"])
        #expect(names("notification oncall").first == "the signing secret")
        #expect(names("notification chat") == ["the URL"])
        #expect(all.filter { $0.kind == .file }.map(\.source).contains(.file("/ca")))
        #expect(names("gate page") == [] && names("blocker backups") == [])
    }

    @Test("A revision stands instead of images, and not beside them")
    func revision() throws {
        let text = PlanFiles.small.replacing("  waves:", with: "  revision: 6d5f7b8c9\n  waves:")
        #expect(try PlanFiles.read(text).get().revision == "6d5f7b8c9")
        let both = text.replacing("  waves:", with: "  images: {node-exporter: \"a:1\"}\n  waves:")
        #expect(
            try PlanFiles.read(both).problems.map(\.description) == [
                "8:3: spec.revision: expected only one of `images`, `revision`, found both; a revision has its images"
            ])
    }

    @Test("All problems come at once, in the order of the file")
    func allAtOnce() throws {
        let text = """
            apiVersion: sluice/v2
            kind: RolloutPlan
            metadata: {name: Plan_1}
            spec:
              budget: {maxUnavailable: 101%}
              waves:
                - name: canary
                  nodes: [node-1]
                  soak: 30
              wave: 1
            """
        let result = try PlanFiles.read(text)
        #expect(
            result.problems.map(\.description) == [
                "1:13: apiVersion: expected sluice/v1, found `sluice/v2`",
                "3:18: metadata.name: expected a name of at most 253 lower-case letters, digits, `-` and `.`, found "
                    + "`Plan_1`",
                "5:3: spec.daemonSet: this key is missing: the DaemonSet that is rolled out",
                "5:28: spec.budget.maxUnavailable: expected a percentage from 1% to 100%, found 101%",
                "9:13: spec.waves[0].soak: expected a duration with units such as 90s, 5m, 1h30m or 7d, found the number "
                    + "30; write 30s for seconds",
                "10:3: spec.wave: unknown key; did you mean `waves`?",
            ])
    }

    @Test("A text of another kind gets one complaint, not one for every key")
    func otherKind() throws {
        let result = try PlanFiles.read(
            "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {labels: {a: b}}\nstatus: {}\n")
        #expect(result.problems.map(\.path) == ["kind"])
        #expect(result.problems.first?.position == Document.Position(line: 2, column: 7))
    }

    @Test("Bad plans are refused with place, path and what was expected", arguments: BadPlan.all)
    func refusing(plan: BadPlan) throws {
        var problems = try PlanFiles.read(plan.text).problems
        if let second = plan.second {
            let index = try #require(problems.firstIndex { $0.message.contains(second.message) })
            #expect(Self.place(problems.remove(at: index)) == second.place)
        }
        #expect(problems.count == 1, "\(problems.map(\.description))")
        let problem = try #require(problems.first)
        #expect(Self.place(problem) == plan.place, "\(problem)")
        #expect(problem.path == plan.path)
        #expect(problem.message.contains(plan.message), "\(problem.message)")
    }

    private static func place(_ problem: PlanProblem) -> String {
        "\(problem.position.line):\(problem.position.column)"
    }

    @Test("Durations are written in the units that fit")
    func durations() {
        for (seconds, text) in [(0, "0s"), (90, "1m30s"), (604_800, "7d"), (5_400, "1h30m")] as [(Int64, String)] {
            #expect(PlanDuration.text(seconds) == text)
            #expect(PlanDuration.seconds(text) == seconds)
        }
        for text in ["", "s", "5", "5 m", "1.5h", "-5m", "5m1h", "5m5m", "1w", "٣s"] {
            #expect(PlanDuration.seconds(text) == nil, "\(text)")
        }
        #expect(PlanDuration.seconds("99999999999999999999d") == .max)
    }
}

extension PlanReaderTests {
    enum Step: Hashable {
        case key(String)
        case index(Int)
    }

    /// The paths of all keys that the table knows, and of all list items.
    private static func collect(_ document: Document, _ path: [Step], into paths: inout [[Step]]) {
        if !path.isEmpty { paths.append(path) }
        for entry in document.entries { collect(entry.value, path + [.key(entry.key)], into: &paths) }
        for (index, element) in document.elements.enumerated() {
            collect(element, path + [.index(index)], into: &paths)
        }
    }

    private static func removing(_ path: ArraySlice<Step>, from document: Document) -> Document {
        guard let step = path.first else { return document }
        let rest = path.dropFirst()
        var result = document
        switch (step, document.content) {
        case (.key(let key), .mapping(let entries)):
            result.content = .mapping(
                entries.compactMap { entry in
                    guard entry.key == key else { return entry }
                    guard !rest.isEmpty else { return nil }
                    return .init(
                        key: key, keyPosition: entry.keyPosition, value: removing(rest, from: entry.value))
                })
        case (.index(let index), .sequence(var elements)):
            if rest.isEmpty {
                elements.remove(at: index)
            } else {
                elements[index] = removing(rest, from: elements[index])
            }
            result.content = .sequence(elements)
        default: Issue.record("no such path: \(path)")
        }
        return result
    }

    /// A section of the plan file and all that can stand in it.
    static func sections(_ section: PlanSection) -> [PlanSection] {
        var found = [section]
        for field in section.fields {
            switch field.type {
            case .section(let inner), .list(.section(let inner), _): found += sections(inner)
            default: continue
            }
        }
        return found
    }
}

extension Result where Success == RolloutPlan, Failure == PlanProblems {
    /// The problems; none for a good plan.
    var problems: [PlanProblem] {
        if case .failure(let problems) = self { problems.problems } else { [] }
    }
}
