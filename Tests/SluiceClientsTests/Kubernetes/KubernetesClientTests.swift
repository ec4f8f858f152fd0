import SluiceClients
import SluiceCore
import Testing

@Suite("Requests leave, come back, are tried again")
struct KubernetesClientTests {
    /// The outcome of a request, once it is there.
    private final class Outcome {
        private(set) var results: [Result<APIResponse, APIError>] = []
        var status: Int? { if case .success(let response)? = results.last { response.status } else { nil } }
        var error: APIError? { if case .failure(let error)? = results.last { error } else { nil } }
        func take(_ result: Result<APIResponse, APIError>) { results.append(result) }
    }

    private static let deletion = PodDeletion(name: "agent-x", uid: "u-1", node: "n", method: .delete)
    private static let eviction = PodDeletion(name: "agent-x", uid: "u-1", node: "n", method: .evict)

    @Test("Every request says who asks, for whom, and how long it may take")
    func headers() throws {
        let access = ClusterAccess(
            server: "https://kube:6443", credential: .password(user: "ann", Secret("pä:ss")),
            impersonation: ClusterAccess.Impersonation(user: "bob", uid: "7", groups: ["g1", "g2"]),
            requestTimeout: 5_000)
        let stage = Stage(access: access)
        stage.client.send(.remove(Self.deletion, namespace: "monitoring")) { _ in }
        let request = try #require(stage.outside.requests.first)
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "Accept: application/json", "User-Agent: sluice/test", "Content-Type: application/json",
                "Authorization: Basic YW5uOnDDpDpzcw==", "Impersonate-User: bob", "Impersonate-Uid: 7",
                "Impersonate-Group: g1", "Impersonate-Group: g2",
            ])
        #expect(request.timeout == 5_000)
        #expect(request.connectTimeout == 5_000)
    }

    @Test("Deletes and evictions carry the uid, a patch its guards")
    func writes() {
        let stage = Stage()
        stage.client.send(.remove(Self.deletion, namespace: "monitoring")) { _ in }
        #expect(stage.asked == "DELETE /api/v1/namespaces/monitoring/pods/agent-x")
        #expect(
            String(decoding: stage.outside.requests[0].body, as: UTF8.self)
                == #"{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u-1"}}"#)
        #expect(stage.outside.requests[0].timeout == 10_000)
        stage.client.send(.remove(Self.eviction, namespace: "monitoring")) { _ in }
        #expect(stage.asked == "POST /api/v1/namespaces/monitoring/pods/agent-x/eviction")
        #expect(
            String(decoding: stage.outside.requests[1].body, as: UTF8.self)
                == #"{"apiVersion":"policy/v1","deleteOptions":{"preconditions":{"uid":"u-1"}},"kind":"Eviction","#
                + #""metadata":{"name":"agent-x","namespace":"monitoring"}}"#)
        let patch = DaemonSetPatch(uid: "d", resourceVersion: "9", change: .none)
        stage.client.send(.patch(patch, namespace: "monitoring", name: "agent")) { _ in }
        #expect(
            stage.asked == "PATCH /apis/apps/v1/namespaces/monitoring/daemonsets/agent"
                + "?fieldManager=sluice&fieldValidation=Strict")
        #expect(
            stage.outside.requests[2].headers.contains {
                $0.name == "Content-Type" && $0.value == "application/strategic-merge-patch+json"
            })
    }

    @Test("A read is tried again with growing waits, five times at most")
    func retriesReads() {
        let stage = Stage()
        let outcome = Outcome()
        stage.client.send(.listNodes(), then: outcome.take)
        var waits: [Milliseconds] = []
        for _ in 0..<4 {
            stage.answer(503, "upstream is gone")
            waits.append((stage.client.nextWake ?? 0) - stage.outside.now.monotonic)
            stage.passToWake()
        }
        #expect(waits == [200, 400, 800, 1_600])
        #expect(outcome.results.isEmpty)
        stage.answer(503, "upstream is gone")
        #expect(
            outcome.error?.description
                == "cannot list nodes: upstream is gone (503)")
        #expect(stage.client.nextWake == nil)
    }

    @Test("Retry-After is honoured, a very long one is an answer")
    func retryAfter() {
        let stage = Stage()
        let outcome = Outcome()
        stage.client.send(.listNodes(), then: outcome.take)
        stage.answer(429, "Too many requests", headers: [("retry-after", "7")])
        #expect(stage.client.nextWake == stage.outside.now.monotonic + 7_000)
        stage.passToWake()
        stage.answer(429, "Too many requests", headers: [("retry-after", "3600")])
        #expect(outcome.error?.code == 429)
    }

    @Test("Retries end when they are spent, and successes earn new ones")
    func retryBudget() {
        let stage = Stage()
        var failures = 0
        var sent = 0
        func readOnce() {
            let before = failures
            stage.client.send(.version()) { if case .failure = $0 { failures += 1 } }
            while failures == before {
                stage.breakOff()
                sent += 1
                if failures == before { stage.passToWake() }
            }
        }
        for _ in 0..<30 { readOnce() }
        #expect(sent == 30 + 20)
        for _ in 0..<5 {
            stage.client.send(.version()) { _ in }
            stage.answer(200)
        }
        sent = 0
        readOnce()
        #expect(sent == 2)
    }

    @Test("Writes are never tried again, and a refused read neither")
    func neverRetried() {
        for (request, status) in [
            (APIRequest.remove(Self.deletion, namespace: "m"), 503), (.listNodes(), 403), (.listNodes(), 400),
        ] {
            let stage = Stage()
            let outcome = Outcome()
            stage.client.send(request, then: outcome.take)
            stage.answer(status)
            #expect(outcome.error?.code == status)
            #expect(stage.client.nextWake == nil)
        }
    }

    @Test("A request with a deadline gets a shorter timeout, and never leaves after it")
    func deadline() {
        let stage = Stage()
        let now = stage.outside.now.monotonic
        for _ in 0..<64 { stage.client.send(.version()) { _ in } }
        let outcome = Outcome()
        let request = APIRequest.remove(Self.deletion, namespace: "m").by(deadline: now + 8_000)
        stage.client.send(request, then: outcome.take)
        #expect(stage.outside.requests.count == 64, "it waits for its turn")
        stage.outside.now = stage.outside.now.advanced(by: 3_000)
        stage.answer(200)
        #expect(stage.outside.requests.last?.timeout == 5_000)

        stage.client.send(request, then: outcome.take)
        stage.outside.now = stage.outside.now.advanced(by: 5_000)
        stage.answer(200)
        stage.client.advance()
        guard case .notSent? = outcome.error?.kind else {
            Issue.record("\(outcome.results)")
            return
        }
        #expect(!stage.asked.hasPrefix("DELETE") || stage.outside.requests.count == 63)
    }

    @Test("A cancelled request is forgotten, and makes room")
    func cancel() {
        let stage = Stage()
        let ids = (0..<64).map { _ in stage.client.send(.version()) { _ in Issue.record("answered") } }
        let waiting = stage.client.send(.listNodes()) { _ in Issue.record("answered") }
        stage.client.send(.getNode("n")) { _ in }
        stage.client.cancel(waiting)
        stage.client.cancel(ids[0])
        #expect(stage.asked == "GET /api/v1/nodes/n")
        #expect(stage.outside.cancelled.count == 1)
    }

    @Test("Waiting for one answer keeps what belongs to others, and a signal ends it")
    func blocking() throws {
        let stage = Stage()
        stage.outside.arrivals = [[.storeChanged], []]
        stage.outside.server = { _ in (200, [("date", "Mon, 23 Nov 2026 21:20:15 GMT")], "{}") }
        let response = try stage.client.perform(.version())
        #expect(response.serverTime == Timestamp(rfc3339: "2026-11-23T21:20:15Z"))
        #expect(stage.client.takeKept().count == 1)
        #expect(stage.client.takeKept().isEmpty)
        stage.outside.arrivals = [[.signal(2)]]
        #expect {
            try stage.client.perform(.version())
        } throws: {
            ($0 as? APIError)?.kind == .interrupted(2)
        }
        #expect(stage.outside.requests.isEmpty)
    }

    @Test("A list comes page by page, and begins anew when its token expires")
    func listAll() throws {
        let stage = Stage()
        let pages = try ["nodes-list-page-1", "nodes-list-continue-expired", "nodes-list-page-1", "nodes-list-page-3"]
            .map(Recordings.answer)
        var asked: [String] = []
        stage.outside.server = { request in
            asked.append(request.url)
            return pages[min(asked.count, pages.count) - 1]
        }
        let list = try stage.client.listAll(.listNodes(), of: Node.self)
        #expect(asked.map { $0.contains("continue=") } == [false, true, false, true])
        #expect(list.items.count == Set(list.items.map(\.name)).count)
        #expect(list.items.count >= 5)
        #expect(list.serverTime != nil)
    }

    @Test("The cluster's identity and single objects are read")
    func single() throws {
        let stage = Stage()
        stage.outside.server = { _ in (200, [], #"{"metadata":{"uid":"c-1"}}"#) }
        #expect(try stage.client.clusterUID() == "c-1")
        let hidden = try Recordings.answer("forbidden-roller-namespace")
        stage.outside.server = { _ in hidden }
        #expect(try stage.client.clusterUID() == nil)
        let daemonSet = try Recordings.answer("daemonset-get")
        stage.outside.server = { _ in daemonSet }
        #expect(
            try stage.client.get(.getDaemonSet(namespace: "m", name: "n"), as: DaemonSet.self)?.uid.isEmpty == false)
        stage.outside.server = { _ in (404, [], "") }
        #expect(try stage.client.get(.getPod(namespace: "m", name: "n"), as: Pod.self) == nil)
    }
}
