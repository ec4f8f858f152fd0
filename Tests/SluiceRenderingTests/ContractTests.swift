import SluiceCore
import SluiceRendering
import Testing

@Suite struct ContractTests {
    @Test func theDocumentEqualsTheCode() throws {
        try Golden.expect(ContractDocument.markdown, equalsFile: "docs/contract.md")
    }

    @Test func everyWordIsThereOnceInItsSection() {
        #expect(Self.firstCells(of: "Phases") == Phase.allCases.map(\.rawValue))
        #expect(Self.firstCells(of: "Node statuses") == NodeStatus.allCases.map(\.rawValue))
        #expect(Self.firstCells(of: "Events") == JournalEvent.allCases.map(\.rawValue))
        #expect(Self.firstCells(of: "Reasons") == Reason.allCases.map(\.rawValue))
        #expect(Self.firstCells(of: "Holds") == HoldKind.allCases.map(\.rawValue))
        #expect(Self.firstCells(of: "Exit codes") == ExitCode.allCases.map { String($0.rawValue) })
    }

    /// What is written down about fields is what the documents really have, nested ones included.
    @Test func everyFieldIsDocumented() throws {
        let plan = PlanDocument(
            plan: Fixtures.plan, namespace: "n", daemonSet: "d", preflight: Fixtures.preflight
        ).json
        Self.expect(plan, documentedIn: "Fields of `plan -o json`")
        Self.expect(StatusDocument(Fixtures.status()).json, documentedIn: "Fields of `status -o json`")
        let versions = VersionDocument(Fixtures.versions, now: Fixtures.time(0)).json
        Self.expect(versions, documentedIn: "Fields of `report versions -o json`")
        let rehearsal = RehearsalDocument(Fixtures.rehearsal).json
        Self.expect(rehearsal, documentedIn: "Fields of `rehearse -o json`")
        let event = EventLine(rollout: "r", waves: [], nodes: []).json(Fixtures.journal[0])
        Self.expect(event, documentedIn: "Fields of an event")
        let entry = HistoryEntry(rollout: Fixtures.record(phase: .updating), nodes: 1)
        guard case .array(let rollouts) = HistoryDocument([entry]).json, let first = rollouts.first else {
            Issue.record("history is no list")
            return
        }
        let journal = JournalDocument(entry, lines: []).json
        #expect(Self.firstCells(of: "Fields of `history -o json`") == Self.paths(first) + Self.topKeys(journal))
    }

    static func expect(
        _ json: OrderedJSON, documentedIn title: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let documented = firstCells(of: title)
        #expect(documented.sorted() == paths(json).sorted(), sourceLocation: sourceLocation)
        let top = topKeys(json)
        #expect(Array(documented.prefix(top.count)) == top, "in the same order", sourceLocation: sourceLocation)
    }

    private static func topKeys(_ json: OrderedJSON) -> [String] {
        if case .object(let members) = json { members.map(\.key) } else { [] }
    }

    /// The paths of all fields: first an object's own, then those of its members.
    private static func paths(_ json: OrderedJSON, _ prefix: String = "") -> [String] {
        switch json {
        case .object(let members):
            members.map { prefix + $0.key }
                + members.flatMap { member in
                    if case .object = member.value { return paths(member.value, prefix + member.key + ".") }
                    return paths(member.value, prefix + member.key)
                }
        case .array(let elements): elements.first { !paths($0).isEmpty }.map { paths($0, prefix + "[].") } ?? []
        case .null, .bool, .integer, .double, .string: []
        }
    }

    private static func firstCells(of title: String) -> [String] {
        let lines = ContractDocument.markdown.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "## " + title) else { return [] }
        return lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
            .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }
            .map { String($0.dropFirst(2).split(separator: " |")[0]).replacing("`", with: "") }
            .filter { !["Word", "Field", "Code"].contains($0) }
    }
}
