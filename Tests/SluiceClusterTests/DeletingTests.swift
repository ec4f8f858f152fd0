import SluiceCluster
import SluiceCore
import Testing

@Suite("Deleting pods")
struct DeletingTests {
    @Test("By uid, again, and when it is gone")
    func deletes() throws {
        var cluster = try TestCluster()
        let pod = try #require(try cluster.items(TestCluster.pods).first)
        let path = "\(TestCluster.pods)/\(pod.named)"
        let options: JSONValue = ["preconditions": ["uid": pod.at("metadata", "uid") ?? ""]]
        #expect(try cluster.call("DELETE", "\(path)?dryRun=All", options).status == 200)
        #expect(try cluster.call("GET", path).value.at("metadata", "deletionTimestamp") == nil)
        let first = try cluster.call("DELETE", path, options)
        #expect(first.status == 200)
        #expect(first.value.at("metadata", "deletionGracePeriodSeconds") == 30)
        let version = cluster.version
        let again = try cluster.call("DELETE", path, options)
        #expect(again.status == 200)
        #expect(again.value == first.value && cluster.version == version)
        cluster.wait(5)
        #expect(try cluster.call("DELETE", path, options).status == 404)
    }
}
