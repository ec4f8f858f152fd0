import SluiceCore
import Testing

@Suite("Eligibility agrees with a real DaemonSet controller")
struct EligibilityTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var template: PodTemplate
        var run: [String]
        var kept: [String]
        var again: [String]
        var testDescription: String { name }
    }

    static func nodes() throws -> [Node] {
        try (Recordings.json("eligibility-table")["nodes"]?.array ?? []).map(node)
    }

    static func rows() throws -> [Row] {
        try (Recordings.json("eligibility-table")["templates"]?.array ?? []).map { row in
            func names(_ key: String) -> [String] { (row[key]?.array ?? []).compactMap(\.string).sorted() }
            return Row(
                name: row["name"]?.string ?? "", template: PodTemplate(json: ["spec": row["podSpec"] ?? [:]]),
                run: names("run"), kept: names("continue"), again: names("again")
            )
        }
    }

    static func node(_ json: JSONValue) -> Node {
        Node(
            name: json["name"]?.string ?? "", uid: json["name"]?.string ?? "", labels: json["labels"]?.strings ?? [:],
            taints: taints(json["taints"]), isUnschedulable: json["unschedulable"]?.bool ?? false)
    }

    static func taints(_ json: JSONValue?) -> [Taint] {
        (json?.array ?? []).map {
            Taint(
                key: $0["key"]?.string ?? "", value: $0["value"]?.string ?? "", effect: $0["effect"]?.string ?? "")
        }
    }

    static func changedNodes() throws -> [Node] {
        let changes = try Recordings.json("eligibility-table")["changes"]?.object ?? [:]
        return try nodes().map { node in
            guard let change = changes[node.name] else { return node }
            var changed = node
            if change["taints"] != nil { changed.taints = taints(change["taints"]) }
            for (key, value) in change["labels"]?.object ?? [:] { changed.labels[key] = value.string }
            return changed
        }
    }

    @Test("The table is whole")
    func tableIsWhole() throws {
        #expect(try Self.nodes().count == 28)
        #expect(try Self.rows().count == 57)
    }

    @Test("A template runs on the nodes that got a pod", arguments: try rows())
    func run(row: Row) throws {
        let eligibility = Eligibility(template: row.template)
        let expected = try Self.nodes().filter { eligibility.shouldRun(on: $0).isYes }.map(\.name).sorted()
        #expect(expected == row.run)
    }

    @Test("Pods stay, and come back, on the nodes where they stayed and came back", arguments: try rows())
    func keptAndAgain(row: Row) throws {
        let eligibility = Eligibility(template: row.template)
        let changed = try Self.changedNodes()
        let run = changed.filter { eligibility.shouldRun(on: $0).isYes }.map(\.name)
        let continued = changed.filter {
            row.run.contains($0.name) && eligibility.shouldContinue(on: $0).isYes
        }.map(\.name)
        #expect(Set(run).union(continued).sorted() == row.kept)
        let touched = try Recordings.json("eligibility-table")["changes"]?.object ?? [:]
        let again = row.kept.filter { touched[$0] == nil || run.contains($0) }
        #expect(again.sorted() == row.again)
    }
}
