import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceDocuments
import SluiceRunner
import SluiceStore
import Testing

@Suite("A driver tells the world once, late rather than never, and waits for nobody")
struct DriverOutboxTests {
    private static let hook = "https://hooks.test/rollouts"
    private static let events = "/apis/events.k8s.io/v1/namespaces/monitoring/events"
    private static let notifications = "notifications: [{name: oncall, url: \"\(hook)\"}]"

    private func isHook(_ sent: ClusterOutside.Sent) -> Bool { sent.request.url == Self.hook }

    private func hooks(_ scene: DriverScene) -> [ClusterOutside.Sent] { scene.outside.sent.filter(isHook) }

    /// The events that were told in these requests, with their ids.
    private func told(_ sent: [ClusterOutside.Sent]) throws -> [String] {
        try sent.map { sent in
            let body = try JSONReader.read(sent.request.body)
            let id = sent.request.headers.first { $0.name == "webhook-id" }?.value
            return "\(body["event"]?.string ?? "") \(try #require(id))"
        }
    }

    private func words(_ told: [String]) -> [Substring] { told.map { $0.prefix { $0 != " " } } }

    @Test("Destinations and the DaemonSet's Events hear of each wave and of the end, once and in order")
    func tells() throws {
        let scene = try DriverScene(more: Self.notifications)
        scene.outside.fate = { isHook($0) ? .answer(204) : .pass }
        try scene.expectCleanEnd(of: scene.run())
        let told = try told(hooks(scene))
        #expect(words(told) == ["wavePassed", "wavePassed", "completed"])
        #expect(Set(told).count == 3)
        let list = try #require(scene.outside.ask("GET", Self.events))
        let events = try JSONReader.read(list.body)["items"]?.array ?? []
        let ours = events.filter { $0["reportingController"] == "sluice" }
        #expect(ours.compactMap { $0["reason"]?.string }.sorted() == ["RolloutCompleted", "WavePassed", "WavePassed"])
        #expect(ours.allSatisfy { $0.at("regarding", "name") == "node-exporter" })
        #expect(try scene.messages().allSatisfy { $0.delivery.sentAt != nil })
    }

    @Test("What a driver could not send before it ended leaves with the next one, under the same id, word for word")
    func survivesItsDriver() throws {
        let scene = try DriverScene(soak: 30, more: Self.notifications)
        scene.outside.fate = { [unowned outside = scene.outside] sent in
            guard isHook(sent) else { return .pass }
            outside.limit = sent.time + 1_000
            return .hang
        }
        #expect(scene.run() == .interrupted(signal: 15))
        let first = hooks(scene)
        #expect(words(try told(first)) == ["wavePassed"])
        scene.outside.limit = 7_200_000
        scene.outside.fate = { isHook($0) ? .answer(200) : .pass }
        #expect(try scene.runAgain() == .stopped)
        let again = hooks(scene).dropFirst(first.count)
        #expect(words(try told(Array(again))) == ["wavePassed", "wavePassed", "completed"])
        #expect(try told(Array(again.prefix(1))) == told(Array(first.prefix(1))))
        #expect(again.first?.request.body == first.first?.request.body)
    }

    @Test("A destination that fails is tried five times, given up, named once, and holds nothing up")
    func givesUp() throws {
        let quiet = try DriverScene(more: Self.notifications)
        quiet.outside.fate = { isHook($0) ? .answer(200) : .pass }
        try quiet.expectCleanEnd(of: quiet.run())
        let scene = try DriverScene(more: Self.notifications)
        scene.outside.fate = { isHook($0) ? .answer(503) : .pass }
        try scene.expectCleanEnd(of: scene.run())
        #expect(scene.times(of: .completed) == quiet.times(of: .completed))
        let first = try hooks(scene).filter { try told([$0]) == told(Array(hooks(scene).prefix(1))) }
        let waits = zip(first.dropFirst(), first).map { $0.time - $1.time }
        #expect(waits.map { ($0 + 500) / 1_000 } == [1, 2, 4, 8])
        let given = try scene.messages().filter { $0.delivery.givenUpAt != nil }
        #expect(
            scene.undelivered
                == given.map { _ in "notification `wavePassed` to oncall was given up after 5 tries: HTTP 503" })
        #expect(!given.isEmpty)
    }

    @Test("A refusal is not tried again: a redirect, an answer that will not change")
    func refusals() throws {
        for (status, words) in [(302, "it redirects (HTTP 302), and redirects are not followed"), (410, "HTTP 410")] {
            let scene = try DriverScene(more: Self.notifications)
            scene.outside.fate = { isHook($0) ? .answer(status) : .pass }
            try scene.expectCleanEnd(of: scene.run())
            #expect(hooks(scene).count == 3)
            #expect(scene.undelivered.last == "notification `completed` to oncall was given up after 1 try: \(words)")
        }
    }

    @Test("Without the right to write Events nothing is lost, and it is said once")
    func withoutTheRight() throws {
        let scene = try DriverScene()
        let forbidden = JSONValue.object([
            "kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403,
            "message": "events.events.k8s.io is forbidden",
        ]).serialized
        scene.outside.fate = { $0.request.url.contains(Self.events) ? .answer(403, forbidden) : .pass }
        try scene.expectCleanEnd(of: scene.run())
        #expect(scene.undelivered.count == 1)
        #expect(scene.undelivered.first?.hasPrefix("no Event about `wavePassed` after 1 try: ") == true)
    }

    @Test("An Event that is there already has been sent")
    func eventsAreThereAlready() throws {
        let scene = try DriverScene()
        var lost: Set<[UInt8]> = []
        scene.outside.fate = { sent in
            guard sent.request.url.contains(Self.events) else { return .pass }
            return lost.insert(sent.request.body).inserted ? .loseAnswer : .pass
        }
        try scene.expectCleanEnd(of: scene.run())
        #expect(scene.undelivered.isEmpty)
        let sent = scene.outside.sent.filter { $0.request.url.contains(Self.events) }
        #expect(sent.count == 6)
    }

    @Test("The end waits ten seconds for the last word, and no longer")
    func endWaits() throws {
        for (answer, length) in [(ClusterOutside.Fate.hang, 10_000 as Milliseconds), (.answer(200), 1_000)] {
            let scene = try DriverScene(more: Self.notifications)
            scene.outside.fate = { isHook($0) ? answer : .pass }
            try scene.expectCleanEnd(of: scene.run())
            let completed = try #require(scene.times(of: .completed).first)
            #expect(scene.outside.elapsed - completed <= length + 100)
        }
    }
}
