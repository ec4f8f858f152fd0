import SluiceCluster
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Lists and watches")
struct ListWatchTests {
    @Test("Pages come from one state, and say when that is gone")
    func pages() throws {
        var cluster = try TestCluster()
        let first = try cluster.call("GET", "/api/v1/nodes?limit=3").value
        #expect(first["items"]?.array?.map(\.named) == ["node-0001", "node-0002", "node-0003"])
        #expect(first.at("metadata", "remainingItemCount") == 5)
        try cluster.call("DELETE", "/api/v1/nodes/node-0004")
        let token = first.at("metadata", "continue")?.string ?? ""
        let second = try cluster.call("GET", "/api/v1/nodes?limit=3&continue=\(token)").value
        #expect(second["items"]?.array?.map(\.named) == ["node-0004", "node-0005", "node-0006"])
        #expect(second.at("metadata", "resourceVersion") == first.at("metadata", "resourceVersion"))

        cluster.wait(3_600)
        let expired = try cluster.call("GET", "/api/v1/nodes?limit=3&continue=\(token)")
        var recorded = try JSONReader.read(Recording("nodes-list-continue-expired").response)
        let fresh = expired.value.at("metadata", "continue")?.string ?? ""
        recorded["metadata"]?["continue"] = .string(fresh)
        #expect(expired.status == 410)
        #expect(expired.value == recorded)
        let rest = try cluster.call("GET", "/api/v1/nodes?limit=3&continue=\(fresh)").value
        #expect(rest["items"]?.array?.map(\.named) == ["node-0005", "node-0006", "node-0007"])
    }

    @Test(
        "Selectors",
        arguments: [
            ("labelSelector=env%3Ddev", ["node-0010"]),
            ("labelSelector=env%20in%20(dev%2Cstaging)", ["node-0005", "node-0010"]),
            ("labelSelector=env!%3Dprod,!nvidia.com/gpu.present", ["node-0005", "node-0010"]),
            ("labelSelector=nvidia.com%2Fgpu.present", ["node-0007"]),
            ("labelSelector=env%20notin%20(prod)", ["node-0005", "node-0010"]),
            ("fieldSelector=metadata.name%3Dnode-0002", ["node-0002"]),
        ])
    func selectors(query: String, names: [String]) throws {
        var cluster = try TestCluster(ClusterOptions(nodes: 10))
        #expect(try cluster.items("/api/v1/nodes?\(query)").map(\.named) == names.filter { $0 != "node-0001" })
    }

    @Test("A watch goes on from a version, and sees objects enter and leave its selection")
    func watch() throws {
        var cluster = try TestCluster()
        let from = cluster.version
        for label in ["canary", "none"] {
            try cluster.call(
                "PATCH", "/api/v1/nodes/node-0002", ["metadata": ["labels": ["wave": .string(label)]]],
                type: TestCluster.merge)
        }
        let watch = try cluster.watch("/api/v1/nodes?watch=1&resourceVersion=\(from)&labelSelector=wave%3Dcanary")
        #expect(try cluster.events(watch).map { $0["type"] } == ["ADDED", "DELETED"])
    }

    @Test("A watch from a forgotten version ends with the recorded error line")
    func tooOld() throws {
        var cluster = try TestCluster()
        cluster.cluster.compact()
        let watch = try cluster.watch("/api/v1/nodes?watch=1&resourceVersion=1&allowWatchBookmarks=true")
        let output = cluster.cluster.takeOutput(of: watch)
        #expect(output.hasEnded)
        let recorded = try Recording("watch-too-old").response
        #expect(output.lines.count == 1)
        let ours = try JSONReader.read(output.lines[0])
        var theirs = try JSONReader.read(recorded)
        theirs["object"]?["message"] = .string("too old resource version: 1 (\(cluster.version))")
        #expect(ours == theirs)
    }

    @Test("The history is bounded")
    func boundedHistory() throws {
        var cluster = try TestCluster(ClusterOptions(nodes: 2, historyLimit: 10))
        for number in 0..<40 {
            try cluster.call(
                "PATCH", "/api/v1/nodes/node-0002", ["metadata": ["labels": ["n": .string(String(number))]]],
                type: TestCluster.merge)
        }
        let late = try cluster.watch("/api/v1/nodes?watch=1&resourceVersion=\(cluster.version - 5)")
        #expect(try cluster.events(late).count == 5)
        let old = try cluster.watch("/api/v1/nodes?watch=1&resourceVersion=\(cluster.version - 35)")
        #expect(try cluster.events(old).map { $0["type"] } == ["ERROR"])
    }

    @Test("Bookmarks come each minute and before the end, in the recorded form")
    func bookmarks() throws {
        var cluster = try TestCluster()
        let watch = try cluster.watch(
            "\(TestCluster.pods)?watch=1&allowWatchBookmarks=true&resourceVersion=\(cluster.version)&timeoutSeconds=70")
        cluster.wait(75)
        let output = cluster.cluster.takeOutput(of: watch)
        #expect(output.hasEnded)
        let recorded = try Recording("watch-pods-delete-recreate").events().filter { $0["type"] == "BOOKMARK" }
        #expect(output.lines.count == recorded.count)
        for (ours, theirs) in zip(output.lines, recorded) {
            var expected = theirs
            expected["object"]?["metadata"]?["resourceVersion"] = .string(String(cluster.version))
            #expect(try JSONReader.read(ours) == expected)
        }
    }

    @Test("Without a version a watch begins with what is there")
    func synthetic() throws {
        var cluster = try TestCluster()
        let watch = try cluster.watch("\(TestCluster.daemonSets)?watch=1&fieldSelector=metadata.name%3Dnode-exporter")
        #expect(try cluster.events(watch).map { $0["type"] } == ["ADDED"])
    }

    @Test("Same seed, same bytes; another seed, others")
    func determinism() throws {
        func bytes(seed: UInt64) throws -> String {
            var cluster = try TestCluster(ClusterOptions(nodes: 20, seed: seed))
            let watch = try cluster.watch("/api/v1/pods?watch=1&resourceVersion=0")
            try cluster.patchTemplate(
                annotations: ["cluster.sluice/behaviour": "crash-loop@30%"], image: "quay.io/acme/agent:v2")
            for number in 1...20 {
                let digits = number < 10 ? "0\(number)" : "\(number)"
                for pod in try cluster.pods(on: "node-00\(digits)") {
                    try cluster.call("DELETE", "\(TestCluster.pods)/\(pod.named)")
                }
            }
            cluster.wait(120)
            return cluster.cluster.takeOutput(of: watch).lines.joined()
        }
        let first = try bytes(seed: 3)
        #expect(first.utf8.count > 100_000)
        #expect(try bytes(seed: 3) == first)
        #expect(try bytes(seed: 4) != first)
    }
}
