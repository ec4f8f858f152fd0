import SluiceCluster
import SluiceCore
import SluiceDocuments
import Testing

@Suite("What kubectl asks for")
struct KubectlTests {
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
            for key in ["singularName", "namespaced", "kind", "shortNames", "verbs", "categories"]
            where resource[key] != nil {
                #expect(resource[key] == twin[key])
            }
        }
    }

    @Test(
        "Aggregated discovery tells of each served kind what the recorded one tells",
        arguments: ["discovery-api-aggregated", "discovery-apis-aggregated"])
    func aggregatedDiscovery(name: String) throws {
        var cluster = try TestCluster()
        let recording = try Recording(name)
        guard case .answer(let answer) = cluster.send("GET", recording.target, headers: recording.headers) else {
            throw Unexpected(what: "a watch")
        }
        #expect(answer.contentType == recording.contentType)
        func resources(_ text: String) throws -> [String: JSONValue] {
            var found: [String: JSONValue] = [:]
            for group in try JSONReader.read(text)["items"]?.array ?? [] {
                let version = group["versions"]?.array?.first ?? [:]
                for var resource in version["resources"]?.array ?? [] {
                    resource["subresources"] = nil
                    let names = [group.named, version["version"]?.string, resource["resource"]?.string]
                    found[names.compactMap { $0 }.joined(separator: "/")] = resource
                }
            }
            return found
        }
        let ours = try resources(answer.body)
        let theirs = try resources(recording.response)
        #expect(ours.count >= 8)
        for (name, resource) in ours { #expect(resource == theirs[name], "\(name)") }
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
