import SluiceClients
import SluiceCore
import SluiceDocuments
import Testing

@Suite("The Lease lets one driver delete")
struct LeaseKeeperTests {
    private static let path = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases"
    private static let checks = "fieldManager=sluice&fieldValidation=Strict"
    private static let get = "GET \(path)/sluice-agent"
    private static let put = "PUT \(path)/sluice-agent?\(checks)"
    private static let post = "POST \(path)?\(checks)"

    private final class Story {
        let stage = Stage()
        private(set) lazy var keeper = LeaseKeeper(
            client: stage.client, namespace: "monitoring", daemonSet: "agent", identity: "me"
        ) { [weak self] in self?.told.append($0) }
        private var told: [LeaseKeeper.Event] = []
        private var version = 100

        init(wants checkpoint: [String: String]? = ["wave": "1"]) {
            if let checkpoint { keeper.hold(checkpoint: checkpoint) }
        }

        func news() -> [LeaseKeeper.Event] {
            defer { told = [] }
            return told
        }

        /// The body of the newest request, as the server would store and return it.
        func echo() {
            version += 1
            var json = (try? JSONReader.read(stage.outside.requests.last?.body ?? [])) ?? .null
            var metadata = json["metadata"] ?? [:]
            metadata["resourceVersion"] = .string(String(version))
            json["metadata"] = metadata
            stage.answer(200, json.serialized)
        }

        var sent: JSONValue { (try? JSONReader.read(stage.outside.requests.last?.body ?? [])) ?? .null }

        /// Takes a Lease that nobody has.
        func held() -> Story {
            stage.answer(404, #"{"kind":"Status","status":"Failure","code":404}"#)
            echo()
            _ = news()
            return self
        }
    }

    private static func lease(_ holder: String, version: Int, seconds: Int = 30) -> String {
        #"{"metadata":{"name":"sluice-agent","namespace":"monitoring","resourceVersion":"\#(version)","#
            + #""annotations":{"team":"obs","sluice/wave":"9"},"managedFields":[{}]},"spec":{"holderIdentity":"#
            + #""\#(holder)","leaseDurationSeconds":\#(seconds),"renewTime":"2020-01-01T00:00:00.000000Z","#
            + #""leaseTransitions":4}}"#
    }

    @Test("A Lease of our own database is taken at once, also when the machine had another name")
    func takesItsOwn() {
        for (holder, isOurs) in [("ann@old-laptop/me", true), ("me", true), ("ann@laptop/not-me", false)] {
            let story = Story()
            story.stage.answer(200, Self.lease(holder, version: 7))
            #expect((story.stage.asked == Self.put) == isOurs, "\(holder)")
            #expect(story.news().isEmpty == isOurs, "\(holder)")
        }
    }

    @Test("A count of transitions that somebody filled up stays full")
    func fullCount() {
        for count in ["9223372036854775807", "2147483647", "2147483646"] {
            let story = Story()
            let text = Self.lease("", version: 7).replacing("Transitions\":4", with: "Transitions\":\(count)")
            story.stage.answer(200, text)
            #expect(story.sent.at("spec", "leaseTransitions") == 2_147_483_647)
        }
    }

    @Test("A Lease that does not exist is created, then renewed every ten seconds")
    func createsAndRenews() {
        let story = Story()
        #expect(story.stage.asked == Self.get)
        story.stage.answer(404)
        #expect(story.stage.asked == Self.post)
        #expect(story.sent.at("spec", "holderIdentity") == "me")
        #expect(story.sent.at("spec", "leaseDurationSeconds") == 30)
        #expect(story.sent.at("spec", "renewTime") == "2026-11-24T05:00:00.000000Z")
        #expect(story.sent.at("metadata", "annotations") == ["sluice/wave": "1"])
        story.echo()
        #expect(story.news() == [.held(anew: true)])
        story.stage.pass(9_999)
        #expect(story.stage.outside.requests.isEmpty)
        story.stage.pass(1)
        #expect(story.stage.asked == Self.put)
        #expect(story.sent.at("metadata", "resourceVersion") == "101")
        #expect(story.sent.at("spec", "renewTime") == "2026-11-24T05:00:10.000000Z")
        #expect(story.sent.at("spec", "acquireTime") == "2026-11-24T05:00:00.000000Z")
        story.echo()
        #expect(story.news() == [])
    }

    @Test("A delete may leave in the first half of the Lease, if it is over before the end")
    func fence() {
        let story = Story().held()
        let keeper = story.keeper
        #expect(keeper.mayDelete(requestTimeout: 10_000))
        #expect(!keeper.mayDelete(requestTimeout: 30_000), "would end after the Lease")
        story.stage.outside.now = story.stage.outside.now.advanced(by: 15_000)
        #expect(keeper.mayDelete(requestTimeout: 14_999))
        #expect(!keeper.mayDelete(requestTimeout: 15_000))
        story.stage.outside.now = story.stage.outside.now.advanced(by: 1)
        #expect(!keeper.mayDelete(requestTimeout: 1), "in the second half")
    }

    @Test("After a suspend nothing may be deleted until the Lease is renewed, and the loss is told")
    func suspend() {
        let story = Story().held()
        story.stage.outside.now = story.stage.outside.now.advanced(by: 3_600_000)
        #expect(!story.keeper.mayDelete(requestTimeout: 1))
        #expect(!story.keeper.isHeld)
        story.stage.client.advance()
        #expect(story.news() == [.lost(reason: "it could not be renewed for 30 s")])
        story.stage.answer(409, #"{"kind":"Status","status":"Failure","code":409}"#)
        story.stage.answer(200, Self.lease("other", version: 7))
        guard case .heldByOther("other", _)? = story.news().last else {
            Issue.record("the new holder was not told")
            return
        }
        #expect(!story.keeper.mayDelete(requestTimeout: 1))
    }

    @Test("The age of a renewal counts from when it was sent, not from when it was answered")
    func slowAnswer() {
        let story = Story()
        story.stage.answer(404)
        story.stage.outside.now = story.stage.outside.now.advanced(by: 4_000)
        story.echo()
        story.stage.outside.now = story.stage.outside.now.advanced(by: 11_001)
        #expect(!story.keeper.mayDelete(requestTimeout: 1))
    }

    @Test("Somebody else's Lease is taken after its duration and a request's timeout, counted from when it was seen")
    func takeover() {
        let story = Story()
        let start = story.stage.outside.now.monotonic
        story.stage.answer(200, Self.lease("other", version: 7))
        #expect(story.news() == [.heldByOther(holder: "other", until: start + 40_000)], "the old renewTime is no proof")
        for second in [10, 20, 30] {
            story.stage.pass(10_000)
            #expect(story.stage.asked == Self.get, "after \(second) s")
            story.stage.answer(200, Self.lease("other", version: 7))
        }
        story.stage.pass(9_999)
        #expect(story.stage.outside.requests.isEmpty)
        story.stage.pass(1)
        #expect(story.stage.asked == Self.get)
        story.stage.answer(200, Self.lease("other", version: 7))
        #expect(story.stage.asked == Self.put)
        #expect(story.sent.at("metadata", "resourceVersion") == "7")
        #expect(story.sent.at("spec", "leaseTransitions") == 5)
        #expect(story.sent.at("metadata", "annotations") == ["sluice/wave": "1", "team": "obs"])
        #expect(story.sent.at("metadata", "managedFields") == nil)
        #expect(story.news() == [])
        story.echo()
        #expect(story.news() == [.held(anew: true)])
    }

    @Test("A Lease that is renewed meanwhile is waited for again; one that is given back is taken at once")
    func renewedByOther() {
        let story = Story()
        story.stage.answer(200, Self.lease("other", version: 7))
        _ = story.news()
        story.stage.pass(10_000)
        story.stage.answer(200, Self.lease("other", version: 8))
        let until = story.stage.outside.now.monotonic + 40_000
        #expect(story.news() == [.heldByOther(holder: "other", until: until)], "a renewal shows that the holder lives")
        for _ in 0..<3 {
            story.stage.pass(10_000)
            story.stage.answer(200, Self.lease("other", version: 8))
        }
        #expect(story.stage.outside.requests.isEmpty, "40 s after the first look, but 30 s after the renewal")
        story.stage.pass(10_000)
        story.stage.answer(200, Self.lease("", version: 9))
        #expect(story.stage.asked == Self.put)
    }

    @Test("Our own identity is taken back at once")
    func ownIdentity() {
        let story = Story()
        story.stage.answer(200, Self.lease("me", version: 7))
        #expect(story.stage.asked == Self.put)
        #expect(story.sent.at("spec", "leaseTransitions") == 4)
        story.echo()
        #expect(story.news() == [.held(anew: true)])
    }

    @Test("A renewal whose answer was lost is not taken for a loss, nor told while deletes may leave")
    func lostAnswer() {
        let story = Story().held()
        story.stage.pass(10_000)
        story.stage.breakOff(.timeout)
        story.stage.passToWake()
        #expect(story.stage.asked == Self.get)
        story.stage.answer(200, Self.lease("me", version: 150))
        #expect(story.sent.at("metadata", "resourceVersion") == "150")
        story.echo()
        #expect(story.news() == [])
        #expect(story.keeper.mayDelete(requestTimeout: 10_000))
    }

    @Test("Failing renewals are told once no delete may leave, then the loss", arguments: [401, 503])
    func failingRenewals(status: Int) {
        let story = Story().held()
        let start = story.stage.outside.now.monotonic
        story.stage.pass(10_000)
        var told: [LeaseKeeper.Event] = []
        while told.isEmpty {
            let mayDelete = story.keeper.mayDelete(requestTimeout: KubernetesLimits.deleteTimeout)
            story.stage.answer(status)
            told = story.news()
            #expect(told.isEmpty == mayDelete)
            story.stage.passToWake()
        }
        guard case .failed? = told.first else {
            Issue.record("\(told) instead of the failure")
            return
        }
        #expect(story.keeper.isHeld)
        while story.stage.outside.now.monotonic < start + 30_000 {
            story.stage.answer(status)
            story.stage.passToWake()
        }
        guard case .lost(let reason)? = story.news().last else {
            Issue.record("the loss was not told")
            return
        }
        #expect(reason.hasPrefix("it could not be renewed for 30 s: cannot"), "\(reason)")
        #expect(reason.contains("(\(status)"), "\(reason)")
        for _ in 0..<2 where story.stage.outside.requests.isEmpty { story.stage.passToWake() }
        story.stage.answer(200, Self.lease("me", version: 150))
        story.echo()
        #expect(story.news() == [.held(anew: true)])
    }

    @Test("A holder who took it from us is named")
    func taken() {
        let story = Story().held()
        story.stage.pass(10_000)
        story.stage.answer(409, #"{"kind":"Status","status":"Failure","code":409}"#)
        story.stage.answer(200, Self.lease("thief", version: 7))
        #expect(story.news().first == .lost(reason: "thief has taken it"))
        #expect(!story.keeper.mayDelete(requestTimeout: 1))
    }

    @Test("A new checkpoint is written at once, and any machine can read it")
    func checkpoint() throws {
        let story = Story().held()
        story.keeper.hold(checkpoint: ["wave": "2", "phase": "soaking"])
        #expect(story.sent.at("metadata", "annotations") == ["sluice/phase": "soaking", "sluice/wave": "2"])
        story.echo()

        let other = Stage()
        other.outside.server = { _ in (200, [], Self.lease("me", version: 7)) }
        let read = try #require(try other.client.leaseCheckpoint(namespace: "monitoring", daemonSet: "agent"))
        #expect(read.holder == "me")
        #expect(read.values == ["wave": "9"])
        other.outside.server = { _ in (404, [], "") }
        #expect(try other.client.leaseCheckpoint(namespace: "monitoring", daemonSet: "agent") == nil)
    }

    @Test("Given back, the Lease has no holder and keeps its checkpoint; nothing may be deleted from then on")
    func release() {
        let story = Story().held()
        story.keeper.release(checkpoint: ["phase": "done"])
        #expect(story.stage.asked == Self.put)
        #expect(story.sent.at("spec", "holderIdentity") == "")
        #expect(story.sent.at("metadata", "annotations") == ["sluice/phase": "done"])
        #expect(!story.keeper.mayDelete(requestTimeout: 1))
        #expect(story.keeper.isBeingReleased)
        story.echo()
        #expect(!story.keeper.isBeingReleased)
        #expect(story.news() == [.released])
        #expect(story.stage.client.nextWake == nil)
        story.keeper.hold(checkpoint: [:])
        #expect(story.stage.asked == Self.get)
    }

    @Test("Given back while a claim is on its way, it is given back after the answer")
    func releaseDuringClaim() {
        let story = Story()
        story.stage.answer(404)
        story.keeper.release()
        #expect(story.keeper.isBeingReleased)
        story.echo()
        #expect(story.sent.at("spec", "holderIdentity") == "")
        story.echo()
        #expect(story.news() == [.held(anew: true), .released])
    }

    @Test("Without the right to Leases the sentence names it")
    func forbidden() throws {
        let story = Story()
        story.stage.answer(403, #"{"kind":"Status","status":"Failure","message":"no","code":403}"#)
        guard case .failed(let error)? = story.news().first else {
            Issue.record("nothing was told")
            return
        }
        #expect(error.description.contains(#"the right to get "leases" of API group "coordination.k8s.io""#))
        #expect(story.stage.client.nextWake == story.stage.outside.now.monotonic + 30_000)
        story.stage.passToWake()
        #expect(story.stage.asked == Self.get)
    }
}
