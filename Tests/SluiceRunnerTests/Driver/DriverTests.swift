import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner
import SluiceStore
import Testing

@Suite("A driver harms nothing, whatever its clock, its server and its database do")
struct DriverTests {
    private static func annotate(_ holder: String, at time: Timestamp) -> JSONValue {
        ["spec": ["holderIdentity": .string(holder), "renewTime": .string(time.rfc3339Micro)]]
    }

    @Test("Without a fault it completes, and no delete leaves that is not in the database already")
    func commitsBeforeItActs() throws {
        let scene = try DriverScene(soak: 30)
        let reader = try #require(try Store.openReadOnly(path: scene.path))
        scene.outside.fate = { sent in
            guard sent.isDelete else { return .pass }
            let state = try? reader.load("r")
            let body = String(decoding: sent.request.body, as: UTF8.self)
            let isWritten =
                state?.nodes.values.contains { record in
                    record.status == .deleting && record.podUID.map { body.contains($0) } == true
                } ?? false
            #expect(isWritten, "\(body)")
            return .pass
        }
        try scene.expectCleanEnd(of: scene.run())
        #expect(scene.deleteTimes.count == (try scene.stored().nodes.count))
    }

    @Test("A laptop that slept for an hour in mid-batch looks at everything again before it deletes")
    func sleepsForAnHour() throws {
        let scene = try DriverScene()
        let outside = scene.outside
        outside.at(1_000) { outside.suspend(for: 3_600_000) }
        outside.limit = 7_200_000
        try scene.expectCleanEnd(of: scene.run())
        let woke = 3_601_000 as Milliseconds
        let lists = outside.sent.filter { $0.time >= woke && !$0.isWatch && $0.request.url.contains("limit=") }
        let looked = try #require(lists.map(\.time).max())
        let next = try #require(scene.deleteTimes.first { $0 >= woke })
        #expect(next > looked)
    }

    @Test("Where another driver has taken over while the laptop slept, the woken one deletes nothing more")
    func findsAnotherDriver() throws {
        let scene = try DriverScene()
        let outside = scene.outside
        outside.at(1_000) {
            outside.suspend(for: 3_600_000)
            _ = outside.ask("PATCH", DriverScene.lease, Self.annotate("the other one", at: outside.now.wall))
        }
        for renewal in 1...10 {
            outside.at(3_601_000 + Milliseconds(renewal) * 5_000) {
                _ = outside.ask("PATCH", DriverScene.lease, Self.annotate("the other one", at: outside.now.wall))
            }
        }
        outside.limit = 7_200_000
        #expect(scene.run() == .heldByOther(holder: "the other one"))
        #expect(!scene.deleteTimes.isEmpty && scene.deleteTimes.allSatisfy { $0 < 2_000 }, "\(scene.deleteTimes)")
        scene.expectNoHarm()
    }

    @Test("A soak that was slept through, or could not be seen, is watched afterwards for its whole length")
    func watchesTheWholeSoak() throws {
        for isAsleep in [true, false] {
            let scene = try DriverScene(soak: 60)
            let outside = scene.outside
            outside.limit = 7_200_000
            let (from, to) = (20_000 as Milliseconds, 1_220_000 as Milliseconds)
            if isAsleep {
                outside.at(from) { outside.suspend(for: to - from) }
            } else {
                outside.at(from) { outside.cut() }
                outside.fate = { (from..<to).contains($0.time) ? .refuse : .pass }
            }
            try scene.expectCleanEnd(of: scene.run())
            let began = try #require(scene.times(of: .soakStarted).first)
            let passed = try #require(scene.times(of: .wavePassed).first)
            #expect(passed - began >= 60_000 + to - from, "\(began) \(passed)")
        }
    }

    @Test("While the Lease cannot be renewed, no delete leaves later than half its duration after the last renewal")
    func keepsTheFence() throws {
        // Pods take long to come back, so that the rollout still has deletes to send when the Lease fails.
        let scene = try DriverScene(startDelay: 9_000)
        let outside = scene.outside
        let (from, to) = (4_000 as Milliseconds, 200_000 as Milliseconds)
        var renewedAt: Milliseconds = 0
        outside.fate = { sent in
            guard sent.isLease else { return .pass }
            guard (from..<to).contains(sent.time) else {
                renewedAt = sent.time
                return .pass
            }
            return .hang
        }
        var ages: [Milliseconds] = []
        let pass = outside.fate
        outside.fate = { sent in
            if sent.isDelete { ages.append(sent.time - renewedAt) }
            return pass(sent)
        }
        try scene.expectCleanEnd(of: scene.run())
        #expect(ages.allSatisfy { $0 <= 15_000 }, "\(ages)")
        #expect(scene.holds.contains { $0.hasPrefix("lease: ") }, "\(scene.holds)")
        #expect(scene.deleteTimes.contains { $0 >= to })
    }

    @Test("A delete without an answer is looked up, and sent again only while nothing holds")
    func looksUpLostDeletes() throws {
        for isActedUpon in [true, false] {
            let scene = try DriverScene()
            let outside = scene.outside
            // The first delete gets lost, and then the watches too: until they are back nothing may be sent.
            let (blindFrom, blindTo) = (2_500 as Milliseconds, 60_000 as Milliseconds)
            var isFirst = true
            outside.at(blindFrom) { outside.cut() }
            outside.fate = { sent in
                if sent.isDelete, isFirst {
                    isFirst = false
                    return isActedUpon ? .loseAnswer : .hang
                }
                let isLook = sent.request.method == .get && !sent.isLease
                return isLook && (blindFrom..<blindTo).contains(sent.time) ? .refuse : .pass
            }
            try scene.expectCleanEnd(of: scene.run())
            #expect(!scene.deleteTimes.contains { (blindFrom..<blindTo).contains($0) }, "\(scene.deleteTimes)")
            let name = outside.sent.first(where: \.isDelete)?.request.url
            let again = outside.sent.filter { $0.isDelete && $0.request.url == name }
            #expect(again.count == (isActedUpon ? 1 : 2))
            #expect(isActedUpon || scene.holds.contains { $0.hasPrefix("server: ") }, "\(scene.holds)")
        }
    }

    @Test("While the old template is back nothing is deleted; when it is gone again the rollout goes on")
    func holdsForAForeignTemplate() throws {
        let scene = try DriverScene()
        let outside = scene.outside
        func set(_ tag: String) {
            let container: JSONValue = [
                "name": "node-exporter", "image": .string("quay.io/prometheus/node-exporter:\(tag)"),
            ]
            let request = ClusterRequest(
                method: "PATCH", target: DriverScene.daemonSet,
                headers: ["content-type": "application/strategic-merge-patch+json"],
                body: Array(
                    (["spec": ["template": ["spec": ["containers": [container]]]]] as JSONValue).serialized.utf8))
            _ = outside.cluster.handle(request, at: outside.now.wall)
        }
        outside.at(1_500) { set("v1.8.2") }
        outside.at(120_000) { set("v2") }
        let ending = scene.run()
        #expect(ending == .stopped)
        #expect(try scene.stored().rollout.phase == .completed)
        #expect(scene.holds.contains { $0.hasPrefix("template: ") }, "\(scene.holds)")
        #expect(!scene.deleteTimes.contains { (1_600..<120_000).contains($0) }, "\(scene.deleteTimes)")
    }

    @Test("A pod that does not become available in time halts the canary, not before and not much later")
    func keepsTheReadinessTimeout() throws {
        let scene = try DriverScene(
            more: "readiness: {timeout: 90s}",
            behaviours: [BehaviourRule(imagePart: ":v2", behaviour: "never-ready")])
        scene.outside.limit = 300_000
        #expect(scene.run() == .stopped)
        #expect(try scene.stored().rollout.reason == .failuresExceeded)
        let deleted = try #require(scene.deleteTimes.first)
        let halted = try #require(scene.times(of: .halted).first)
        #expect((90_000...91_000).contains(halted - deleted), "\(halted - deleted)")
    }

    @Test("A server that says who-are-you for a while holds the rollout, and does not end it")
    func survivesAnExpiredCredential() throws {
        let scene = try DriverScene()
        let outside = scene.outside
        outside.at(3_000) { outside.cut() }
        outside.fate = { (3_000..<100_000).contains($0.time) ? .answer(401, "Unauthorized") : .pass }
        try scene.expectCleanEnd(of: scene.run())
        #expect(!scene.deleteTimes.contains { (4_000..<100_000).contains($0) }, "\(scene.deleteTimes)")
    }
}
