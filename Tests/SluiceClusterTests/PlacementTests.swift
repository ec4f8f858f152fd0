import SluiceCluster
import SluiceCore
import Testing

@Suite("The cluster's DaemonSet controller places pods as a real one did")
struct PlacementTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var podSpec: JSONValue
        var run: [String]
        var kept: [String]
        var again: [String]
        var testDescription: String { name }
    }

    static func table() throws -> JSONValue { try Recording.json("eligibility-table") }

    static func rows() throws -> [Row] {
        try (table()["templates"]?.array ?? []).map { row in
            func names(_ key: String) -> [String] { (row[key]?.array ?? []).compactMap(\.string).sorted() }
            return Row(
                name: row["name"]?.string ?? "", podSpec: row["podSpec"] ?? [:], run: names("run"),
                kept: names("continue"), again: names("again"))
        }
    }

    static func nodes() throws -> [JSONValue] {
        try (table()["nodes"]?.array ?? []).map { node in
            [
                "metadata": ["name": node["name"] ?? "", "labels": node["labels"] ?? [:]],
                "spec": ["taints": node["taints"] ?? [], "unschedulable": node["unschedulable"] ?? false],
            ]
        }
    }

    static func daemonSet(_ row: Row) -> JSONValue {
        var spec = row.podSpec
        spec["containers"] = [["name": "agent", "image": "quay.io/acme/agent:v1"]]
        return [
            "kind": "DaemonSet", "apiVersion": "apps/v1",
            "metadata": ["name": "agent", "namespace": "monitoring"],
            "spec": [
                "selector": ["matchLabels": ["app": "agent"]], "updateStrategy": ["type": "OnDelete"],
                "template": ["metadata": ["labels": ["app": "agent"]], "spec": spec],
            ],
        ]
    }

    static func covered(_ cluster: inout TestCluster) throws -> [String] {
        try cluster.items(TestCluster.pods).compactMap { $0.at("spec", "nodeName")?.string }.sorted()
    }

    @Test("The table is whole")
    func tableIsWhole() throws {
        #expect(try Self.nodes().count == 28)
        #expect(try Self.rows().count == 57)
    }

    @Test("Which nodes get a pod, keep it, and get it again", arguments: try rows())
    func placement(row: Row) throws {
        var cluster = try TestCluster(ClusterOptions(nodes: 0), nodes: Self.nodes())
        #expect(try cluster.call("POST", TestCluster.daemonSets, Self.daemonSet(row)).status == 201)
        cluster.wait(5)
        #expect(try Self.covered(&cluster) == row.run)

        let changes = try Self.table()["changes"]?.object ?? [:]
        for (name, change) in changes.sorted(by: { $0.key < $1.key }) {
            var patch: JSONValue = [:]
            if let labels = change["labels"] { patch["metadata"] = ["labels": labels] }
            var spec: JSONValue = [:]
            for key in ["taints", "unschedulable"] { spec[key] = change[key] }
            patch["spec"] = spec
            let answer = try cluster.call("PATCH", "/api/v1/nodes/\(name)", patch, type: TestCluster.merge)
            #expect(answer.status == 200)
        }
        cluster.wait(5)
        #expect(try Self.covered(&cluster) == row.kept)

        for name in changes.keys.sorted() {
            for pod in try cluster.pods(on: name) { try cluster.call("DELETE", "\(TestCluster.pods)/\(pod.named)") }
        }
        cluster.wait(5)
        #expect(try Self.covered(&cluster) == row.again)
        #expect(
            try cluster.call("GET", "\(TestCluster.daemonSets)/agent").value.at("status", "numberMisscheduled") != nil)
    }
}
