import SluiceCluster
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Bad input never crashes the cluster")
struct RobustnessTests {
    /// SplitMix64.
    struct Chance {
        var state: UInt64

        mutating func number(below bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((bits ^ (bits >> 31)) % UInt64(bound))
        }

        mutating func one<Element>(of elements: [Element]) -> Element { elements[number(below: elements.count)] }
    }

    static let odd: [JSONValue] = [
        .null, true, 0, -1, .integer(.max), .integer(.min), .double(1e308), "", "150%", "-5%", "\"\\\n\u{0}<é🙂", [],
        [[]],
        [:], ["name": "x"], [["name": "node-exporter"]], "slow=nan,flap=1e99@%,crash-loop@*", ["$patch": "replace"],
        ["$patch": "delete"], "9223372036854775807", ["a": ["b": ["c": .null]]],
    ]

    /// A value with one place in it changed to something odd.
    static func bent(_ value: JSONValue, _ chance: inout Chance) -> JSONValue {
        switch value {
        case .object(var members) where !members.isEmpty && chance.number(below: 8) > 0:
            let key = chance.one(of: members.keys.sorted())
            members[key] = bent(members[key] ?? .null, &chance)
            return .object(members)
        case .array(var elements) where !elements.isEmpty && chance.number(below: 8) > 0:
            let index = chance.number(below: elements.count)
            elements[index] = bent(elements[index], &chance)
            return .array(elements)
        default: return chance.one(of: odd)
        }
    }

    static let paths = [
        TestCluster.daemonSet, TestCluster.daemonSets, TestCluster.pods, "/api/v1/nodes", "/api/v1/nodes/node-0003",
        "/api/v1/namespaces", "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases", "/api/v1/events",
        "/apis/policy/v1/namespaces/monitoring/poddisruptionbudgets", "/api", "/apis/apps", "/", "//",
        "/api/v1/x/y/z/a/b",
        "/prometheus/api/v1/query", "/apis/apps/v1/namespaces/%00/daemonsets/%ff%zz", "/api/v1/namespaces/a/nodes",
    ]
    static let queries = [
        "", "watch=1", "watch=1&resourceVersion=0&timeoutSeconds=9223372036854775807", "limit=-1", "limit=2",
        "limit=99999999999999999999", "continue=1.zz", "continue=5.6e", "labelSelector=)(,!=", "labelSelector=a in (",
        "fieldSelector=metadata.name%3D%3D", "resourceVersion=-5", "query=up{", "query=up{a=~\"[\"}", "dryRun=All",
        "watch=true&allowWatchBookmarks=1&timeoutSeconds=-3&resourceVersion=1",
        "gracePeriodSeconds=-9223372036854775808",
    ]

    @Test("Strange texts in a template come out as they went in")
    func strangeTexts() throws {
        let strange = "a/\"b\\\n\u{0}<é🙂:v\"2"
        var cluster = try TestCluster(ClusterOptions(nodes: 3))
        try cluster.call(
            "PATCH", "/api/v1/nodes/node-0002",
            ["metadata": ["labels": ["topology.kubernetes.io/zone": .string(strange)]]], type: TestCluster.merge)
        try cluster.patchTemplate(annotations: ["x\"y": .string(strange)], image: strange)
        cluster.wait(1)
        let pod = try cluster.replace(on: "node-0002", seconds: 5)
        #expect(pod.container["image"] == .string(strange))
        #expect(pod.at("metadata", "labels", "topology.kubernetes.io/zone") == .string(strange))
        #expect(pod.at("metadata", "annotations", "x\"y") == .string(strange))
        #expect(try cluster.call("POST", "/api/v1/namespaces", ["metadata": ["name": "a\"b"]]).status == 422)
    }

    @Test("Requests that are bent at random are answered, and time goes on", arguments: 1...12 as ClosedRange<UInt64>)
    func bentRequests(seed: UInt64) throws {
        var chance = Chance(state: seed)
        var cluster = try TestCluster(ClusterOptions(nodes: 4, seed: seed))
        let daemonSet = try TestCluster.recordedDaemonSet()
        let node = try cluster.call("GET", "/api/v1/nodes/node-0003").value
        for _ in 0..<150 {
            let path = chance.one(of: Self.paths)
            let query = chance.one(of: Self.queries)
            let base = path.contains("daemonset") ? daemonSet : path.contains("nodes") ? node : chance.one(of: Self.odd)
            let type = chance.one(of: [TestCluster.merge, TestCluster.strategic, "application/json"])
            let response = cluster.send(
                chance.one(of: ["GET", "POST", "PUT", "PATCH", "PATCH", "DELETE", "BREW"]),
                query.isEmpty ? path : "\(path)?\(query)", headers: ["content-type": type],
                body: Self.bent(base, &chance).serialized)
            if case .answer(let answer) = response, answer.contentType == "application/json" {
                let value = try JSONReader.read(answer.body)
                if value["kind"] == "Status", let code = value["code"] {
                    #expect(code == .integer(Int64(answer.status)))
                }
            }
            cluster.wait(0.7)
            for id in cluster.cluster.watchesWithOutput { _ = cluster.cluster.takeOutput(of: id) }
        }
        for pod in try cluster.items("/api/v1/pods") { #expect(pod.named.isEmpty == false) }
    }
}
