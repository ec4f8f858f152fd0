import SluiceCluster
import SluiceCore
import Testing

/// A cluster that begins in the state of a fleet with all that real fleets have.
@Suite("Beginning from a fleet")
struct FleetTests {
    /// Three revisions, a silent node, a cordoned one, broken pods, a pod on its way out, a node without a pod.
    static func mess() throws -> (facts: FleetFacts, now: Timestamp) {
        var test = try TestCluster(ClusterOptions(nodes: 20, seed: 5))
        func patch(_ tag: String, _ behaviour: JSONValue) throws {
            try test.patchTemplate(annotations: ["cluster.sluice/behaviour": behaviour], image: "agent:\(tag)")
            test.wait(1)
        }
        try patch("v2", "normal")
        _ = try test.replaceLast(on: "node-0002", seconds: 20)
        try patch("v3", "crash-loop@node-0003,stuck-termination@node-0005,refused@node-0006")
        for number in [3, 5, 6] { _ = try test.replaceLast(on: "node-000\(number)", seconds: 0) }
        test.wait(400)
        _ = try test.replaceLast(on: "node-0005", seconds: 0)
        for (node, body) in [
            ("node-0008", ["metadata": ["annotations": ["cluster.sluice/dead": "true"]]]),
            ("node-0009", ["spec": ["unschedulable": true]]),
        ] as [(String, JSONValue)] {
            try test.call("PATCH", "/api/v1/nodes/\(node)", body, type: TestCluster.merge)
        }
        test.wait(30)
        let facts = try #require(test.cluster.fleet(namespace: "monitoring", daemonSet: "node-exporter"))
        return (facts, test.now)
    }

    @Test("Nothing moves by itself, and what is seen is what was given")
    func standsStill() throws {
        let (facts, now) = try Self.mess()
        var cluster = Cluster(options: ClusterOptions(detail: .core), start: now, fleet: facts)
        cluster.recordTruth(tellsAll: false)
        let begun = try #require(cluster.fleet(namespace: "monitoring", daemonSet: "node-exporter"))
        #expect(begun.nodes == facts.nodes)
        #expect(begun.revisions.map(\.hash) == facts.revisions.map(\.hash) && begun.revisions.count == 3)
        #expect(begun.revisions.map(\.template) == facts.revisions.map(\.template))
        #expect(begun.daemonSet.template == facts.daemonSet.template)
        func sight(_ pods: [Pod]) -> Set<[String]> {
            Set(
                pods.map {
                    [
                        $0.name, $0.uid, $0.nodeName ?? "", $0.revisionHash ?? "", $0.phase.rawValue, "\($0.isReady)",
                        "\($0.isTerminating)", "\($0.restartCount)",
                    ]
                })
        }
        #expect(sight(begun.pods) == sight(facts.pods))
        #expect(facts.pods.contains(where: \.isTerminating) && facts.pods.contains { $0.restartCount > 0 })
        cluster.advance(to: Timestamp(now.millisecondsSince1970 + 3_600_000))
        // The pod that was on its way out goes, and the controller makes a new one.
        let moved = Set(
            cluster.takeTruth().compactMap { change -> String? in
                switch change.truth {
                case .pod(let pod), .podGone(let pod): pod.node
                case .node(let node): node.name
                case .nodeGone, .daemonSet, .daemonSetGone, .lease: "something else"
                }
            })
        #expect(moved == ["node-0005"])
    }

    @Test("A pod deleted there comes back with the current template; on a silent node nothing happens")
    func goesOn() throws {
        let (facts, now) = try Self.mess()
        var cluster = Cluster(options: ClusterOptions(detail: .core), start: now, fleet: facts)
        let current = try #require(
            ControllerRevision.remembering(facts.daemonSet.template, of: facts.daemonSet, in: facts.revisions)?.hash)
        for node in ["node-0004", "node-0008"] {
            let pod = try #require(facts.pods.first { $0.nodeName == node })
            #expect(pod.revisionHash != current)
            let isDone = cluster.deletePod(uid: pod.uid, at: now)
            #expect(isDone)
        }
        cluster.advance(to: Timestamp(now.millisecondsSince1970 + 60_000))
        let later = try #require(cluster.fleet(namespace: "monitoring", daemonSet: "node-exporter"))
        let renewed = later.pods.filter { $0.nodeName == "node-0004" }
        #expect(renewed.map(\.revisionHash) == [current] && renewed.allSatisfy(\.isReady))
        let stuck = later.pods.filter { $0.nodeName == "node-0008" }
        #expect(stuck.count == 1 && stuck.allSatisfy(\.isTerminating))
    }
}
