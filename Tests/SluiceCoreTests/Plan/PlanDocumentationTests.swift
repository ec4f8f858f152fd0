import Foundation
import SluiceDocuments
import Testing

@testable import SluiceCore

/// `SLUICE_UPDATE_DOCS=1 swift test --filter PlanDocumentationTests` writes the generated files anew.
@Suite("What is written about plan files agrees with what is read")
struct PlanDocumentationTests {
    private let validator = SchemaValidator(root: PlanSchema.jsonSchema)

    @Test("docs/plan.schema.json is the generated schema")
    func schemaOnDisk() throws {
        let generated = PlanSchema.jsonSchema.prettySerialized + "\n"
        try Self.updateIfAsked("docs/plan.schema.json", to: generated)
        #expect(String(decoding: try PlanFiles.bytes("docs/plan.schema.json"), as: UTF8.self) == generated)
    }

    @Test("docs/plan-file.md holds the generated reference")
    func reference() throws {
        let begin = "<!-- The reference is generated from the table of fields; a test compares it. -->\n"
        let text = String(decoding: try PlanFiles.bytes("docs/plan-file.md"), as: UTF8.self)
        let introduction = try #require(text.range(of: begin)).upperBound
        let generated = PlanReference.markdown
        try Self.updateIfAsked("docs/plan-file.md", to: text[..<introduction] + generated)
        let now = String(decoding: try PlanFiles.bytes("docs/plan-file.md"), as: UTF8.self)
        #expect(now.hasSuffix(begin + generated))
    }

    @Test("The plan in docs/plan-file.md is a good one")
    func exampleInTheReference() throws {
        let text = String(decoding: try PlanFiles.bytes("docs/plan-file.md"), as: UTF8.self)
        let start = try #require(text.range(of: "```yaml\n")).upperBound
        let end = try #require(text.range(of: "```\n", range: start..<text.endIndex)).lowerBound
        #expect(try PlanFiles.read(String(text[start..<end])).problems.map(\.description) == [])
    }

    @Test("Every plan that ships is read, and the schema accepts it", arguments: PlanFiles.shipped)
    func shippedPlans(name: String) throws {
        let document = try YAMLReader.read(try PlanFiles.bytes("Plans/\(name).yaml"))
        let result = PlanReader.read(document)
        #expect(result.problems.map(\.description) == [])
        let plan = try result.get()
        #expect(plan.name == name)
        #expect(plan.waves.first?.failuresAllowed == .count(0), "a canary may not fail")
        #expect(plan.waves.last?.members == .everythingElse, "no node may be forgotten")
        #expect(!plan.gates.isEmpty)
        #expect(try validator.accepts(document.json))
    }

    @Test("Plans/ holds exactly the plans that are tried here")
    func noOtherPlans() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: PlanFiles.package.appending(path: "Plans").path)
        #expect(files.filter { $0.hasSuffix(".yaml") }.sorted() == PlanFiles.shipped.map { "\($0).yaml" })
    }

    @Test("The schema accepts what the reader accepts", arguments: [PlanFiles.full, PlanFiles.small])
    func schemaAccepts(text: String) throws {
        #expect(try validator.accepts(try YAMLReader.read(Array(text.utf8)).json))
    }

    @Test("The schema refuses what the reader refuses, but for what fields say together", arguments: BadPlan.all)
    func schemaRefuses(plan: BadPlan) throws {
        let value = try YAMLReader.read(Array(plan.text.utf8)).json
        #expect(try validator.accepts(value) == !plan.isSeenBySchema)
    }

    @Test("The schema has the keys of the table, section by section")
    func sameKeys() throws {
        let schema = PlanSchema.jsonSchema
        for section in PlanReaderTests.sections(PlanFields.file) {
            let definition = section.name == PlanFields.file.name ? schema : schema.at("$defs", section.name)
            let keys = try #require(definition?["properties"]?.object).keys.sorted()
            #expect(keys == section.fields.map(\.name).sorted(), "\(section.name)")
        }
    }

    private static func updateIfAsked(_ path: String, to text: some StringProtocol) throws {
        guard ProcessInfo.processInfo.environment["SLUICE_UPDATE_DOCS"] == "1" else { return }
        try Data(text.utf8).write(to: PlanFiles.package.appending(path: path))
    }
}
