import SluiceCluster
import SluiceCore
import SluiceDocuments
import Testing

@Suite("What kubectl asks for")
struct KubectlTests {
    @Test("Tables have the recorded columns and cells", arguments: ["pods-table", "nodes-table"])
    func tables(name: String) throws {
        var cluster = try TestCluster()
        let recording = try Recording(name)
        guard case .answer(let answer) = cluster.send("GET", recording.target, headers: recording.headers) else {
            throw Unexpected(what: "a watch")
        }
        let ours = try JSONReader.read(answer.body)
        let theirs = try JSONReader.read(recording.response)
        func columns(_ table: JSONValue) -> [[JSONValue?]] {
            (table["columnDefinitions"]?.array ?? []).map { column in
                ["name", "type", "format", "priority"].map { column[$0] }
            }
        }
        #expect(columns(ours) == columns(theirs))
        let rows = try #require(ours["rows"]?.array)
        #expect(rows.count == theirs["rows"]?.array?.count)
        let known: Set<String> =
            name == "pods-table" ? ["1/1", "Running", "0", "<none>"] : ["Ready", "v1.36.2", "<none>"]
        let cells = Set((rows.first?["cells"]?.array ?? []).compactMap(\.string))
        #expect(known.isSubset(of: cells))
        #expect(rows.first?.at("object", "kind") == "PartialObjectMetadata")
    }

    @Test(
        "Discovery tells of each served kind what the recorded one tells",
        arguments: [
            "discovery-core-v1", "discovery-apps-v1",
        ])
    func discovery(name: String) throws {
        var cluster = try TestCluster()
        let recording = try Recording(name)
        let theirs = try JSONReader.read(recording.response)["resources"]?.array ?? []
        let ours = try cluster.call("GET", recording.target).value["resources"]?.array ?? []
        #expect(!ours.isEmpty)
        for resource in ours {
            let twin = try #require(theirs.first { $0["name"] == resource["name"] })
            for key in ["singularName", "namespaced", "kind", "shortNames"] where resource[key] != nil {
                #expect(resource[key] == twin[key])
            }
        }
    }

    @Test("A patch by another manager takes the fields it changes")
    func managers() throws {
        var cluster = try TestCluster()
        let patch: JSONValue = ["spec": ["updateStrategy": ["type": "RollingUpdate"]]]
        try cluster.call("PATCH", "\(TestCluster.daemonSet)?fieldManager=gitops", patch, type: TestCluster.merge)
        let fields = try cluster.call("GET", TestCluster.daemonSet).value.at("metadata", "managedFields")?.array ?? []
        let owners = fields.filter { $0.at("fieldsV1", "f:spec", "f:updateStrategy", "f:type") != nil }
        #expect(owners.map { $0["manager"] } == ["gitops"])
    }
}
