import SluiceCluster
import SluiceCore
import Testing

@Suite("The record of deletes")
struct AuditTests {
    private static func story() throws -> (cluster: TestCluster, pods: [JSONValue]) {
        var cluster = try TestCluster(ClusterOptions(nodes: 8, jitter: 0))
        cluster.cluster.recordDeletes()
        return (cluster, try cluster.call("GET", TestCluster.pods).value["items"]?.array ?? [])
    }

    private static func name(_ pod: JSONValue) -> String { pod.at("metadata", "name")?.string ?? "" }

    @Test("Says which delete began a pod's end, and how many nodes were blind just before it")
    func countsBlindNodes() throws {
        var (cluster, pods) = try Self.story()
        let (first, second) = (Self.name(pods[0]), Self.name(pods[1]))
        for name in [first, second, first, "nobody"] { try cluster.call("DELETE", "\(TestCluster.pods)/\(name)") }
        let records = cluster.cluster.takeDeletes()
        #expect(records.map(\.pod) == [first, second, first, "nobody"].map { "monitoring/\($0)" })
        #expect(records.map(\.startedTermination) == [true, true, false, false])
        #expect(records.map(\.blindNodes) == [0, 1, 2, 0])
        #expect(records.map(\.status) == [200, 200, 200, 404])
        #expect(records[0].uid == pods[0].at("metadata", "uid")?.string)
        #expect(records[0].node == pods[0].at("spec", "nodeName")?.string)
        #expect(cluster.cluster.takeDeletes().isEmpty)
        cluster.wait(60)
        let replaced = try cluster.call("GET", TestCluster.pods).value["items"]?.array ?? []
        try cluster.call("DELETE", "\(TestCluster.pods)/\(Self.name(replaced[0]))")
        #expect(cluster.cluster.takeDeletes().map(\.blindNodes) == [0])
    }

    @Test("A refused delete, a dry run and other requests begin nothing; an eviction does")
    func tellsWhatBeganNothing() throws {
        var (cluster, pods) = try Self.story()
        let path = "\(TestCluster.pods)/\(Self.name(pods[0]))"
        try cluster.call("DELETE", path, ["preconditions": ["uid": "another"]])
        try cluster.call("DELETE", path + "?dryRun=All")
        try cluster.call("GET", path)
        try cluster.call("POST", path + "/eviction", ["apiVersion": "policy/v1", "kind": "Eviction"])
        let records = cluster.cluster.takeDeletes()
        #expect(records.map(\.startedTermination) == [false, false, true])
        #expect(records.map(\.status) == [409, 200, 201])
    }
}
