import SluiceCore
import SluiceDocuments
import Testing

@testable import SluiceRehearsal

@Suite("Snapshots of a fleet")
struct SnapshotTests {
    private static func saved(_ snapshot: FleetSnapshot) -> [String] {
        var lines: [String] = []
        snapshot.save { lines.append($0) }
        return lines
    }

    private static func read(
        _ lines: [String], _ name: String = "node-exporter", _ namespace: String? = "monitoring"
    ) throws(SnapshotError) -> FleetSnapshot {
        try SnapshotReader.read(Array(lines.joined().utf8), daemonSet: name, namespace: namespace)
    }

    private static func snapshot() throws -> FleetSnapshot {
        FleetSnapshot(takenAt: RehearsalScene.start, facts: try RehearsalScene.fleet(nodes: 20))
    }

    @Test("What is saved is read back, and saved again it is the same file")
    func roundTrip() throws {
        var snapshot = try Self.snapshot()
        snapshot.facts.nodes[2].ready = .unknown
        snapshot.facts.nodes[2].readyReason = "NodeStatusUnknown"
        snapshot.facts.nodes[3].isUnschedulable = true
        snapshot.facts.pods[1].isTerminating = true
        snapshot.facts.pods[2].isScheduled = false
        snapshot.facts.pods[2].unschedulableMessage = "0/20 nodes are available"
        let lines = Self.saved(snapshot)
        let read = try Self.read(lines)
        #expect(read.facts.nodes == snapshot.facts.nodes)
        #expect(read.facts.pods == snapshot.facts.pods)
        #expect(read.takenAt == snapshot.takenAt)
        #expect(read.facts.daemonSet.template == read.facts.revisions[0].template)
        // What is covered already is covered again.
        #expect(Self.saved(read).count == lines.count)
        #expect(try Self.read(Self.saved(read)).facts.pods == read.facts.pods)
        #expect(try Self.read(lines, "node-exporter", nil) == read)
    }

    @Test("A rehearsal on a saved fleet is the rehearsal on the fleet itself")
    func sameRehearsal() throws {
        let snapshot = try Self.snapshot()
        let live = try RehearsalScene.rehearsal(snapshot.facts, plan: RehearsalScene.planText(budget: "2"))
        let saved = try RehearsalScene.rehearsal(
            Self.read(Self.saved(snapshot)).facts, plan: RehearsalScene.planText(budget: "2"))
        #expect(live.prepared().run(seed: 3) == saved.prepared().run(seed: 3))
    }

    @Test("What may be secret is left out, and equal templates stay equal")
    func secrets() throws {
        var snapshot = try Self.snapshot()
        var template = snapshot.facts.daemonSet.template.json
        let container: JSONValue = [
            "name": "node-exporter", "image": "a:1", "args": ["--token=hunter2"], "command": ["sh", "hunter2"],
            "env": [["name": "TOKEN", "value": "hunter2"], ["name": "REF", "valueFrom": ["fieldRef": [:]]]],
        ]
        template["spec"]?["containers"] = [container]
        template["metadata"]?["annotations"] = ["password": "hunter2"]
        snapshot.facts.daemonSet.template = PodTemplate(json: template)
        snapshot.facts.daemonSet.annotations = ["last-applied": "hunter2"]
        snapshot.facts.revisions[0].template = PodTemplate(json: template)
        let lines = Self.saved(snapshot)
        #expect(!lines.joined().contains("hunter2"))
        let read = try Self.read(lines).facts
        #expect(read.daemonSet.template == read.revisions[0].template)
        #expect(read.daemonSet.template.images == snapshot.facts.daemonSet.template.images)
    }

    @Test("What kubectl prints as a List is a snapshot too")
    func kubectl() throws {
        let facts = try Self.snapshot().facts
        let objects =
            facts.nodes.map(\.json) + [facts.daemonSet.json]
            + facts.revisions.map { $0.json(namespace: "monitoring") } + facts.pods.map(\.json)
            + [["kind": "ConfigMap", "metadata": ["name": "other"]]]
        let list: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(objects)]
        let read = try Self.read([list.prettySerialized])
        // Who changed what is not read of a fleet.
        var expected = facts
        expected.daemonSet.managers = []
        #expect(read.facts == expected)
        #expect(read.takenAt == facts.pods.compactMap(\.readyChangedAt).max())
    }

    @Test(
        "A broken one says where, what, and what to do",
        arguments: [
            ("cut", 5, "cut off"), ("none", 1, "this is no JSON"), ("pod", 1, "this is a Pod, expected a List"),
            ("version", 1, "this sluice reads sluice/v1"), ("nameless", 4, "the Node lacks"),
            ("other", 1, "it has monitoring/node-exporter"), ("nodeless", 1, "no Nodes"), ("podless", 1, "no Pods"),
            ("forgetful", 1, "no ControllerRevisions"),
        ])
    func broken(how: String, line: Int, words: String) throws {
        var lines = Self.saved(try Self.snapshot())
        var name = "node-exporter"
        switch how {
        case "cut": lines = Array(lines.prefix(5).dropLast()) + [String(lines[4].dropLast(9))]
        case "none": lines = ["kind: List\n"]
        case "pod": lines = [lines.last ?? ""]
        case "version": lines[0] = lines[0].replacing("sluice/v1", with: "sluice/v9")
        case "nameless": lines[3] = "{\"kind\":\"Node\",\"metadata\":{}}\n"
        case "other": name = "fluent-bit"
        case "nodeless": lines.removeAll { $0.contains("\"kind\":\"Node\"") }
        case "podless": lines.removeAll { $0.contains("\"kind\":\"Pod\"") }
        default: lines.removeAll { $0.contains("\"kind\":\"ControllerRevision\"") }
        }
        let error = try #require(throws: SnapshotError.self) { try Self.read(lines, name) }
        #expect(error.line == line, "\(error)")
        #expect(error.message.contains(words), "\(error)")
        #expect(error.message.contains("take") || error.message.contains("kubectl"), "\(error)")
    }
}
