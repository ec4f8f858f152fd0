public import SluiceCore

/// Speaks to one API server through an ``Outside``.
///
/// Not a thread of its own: whoever owns it hands it every ``Arrival`` with ``receive(_:)`` and calls ``advance()`` when
/// ``nextWake`` is due; answers come from inside these two calls. Watches and the Lease live on the same two calls.
public final class KubernetesClient {
    /// The number of a request, never used twice by one client.
    public struct RequestID: Sendable, Hashable {
        var number: UInt64
    }

    /// What comes of a watch.
    enum StreamEvent {
        case opened(HTTPHead)
        case bytes([UInt8])
        /// The end; nil when the server ended it in good order.
        case ended(APIError?)
    }

    /// Whom the outcome of a request is told.
    enum Receiver {
        case answer((Result<APIResponse, APIError>) -> Void)
        case stream(idleTimeout: Milliseconds, (StreamEvent) -> Void)
    }

    /// A request that has no outcome yet.
    struct Flight {
        var request: APIRequest
        var receiver: Receiver
        var order: OrderID?
        var head: HTTPHead?
        /// What a refused watch says, up to a limit.
        var failureBody: [UInt8] = []
        var backoff = Backoff(base: KubernetesLimits.readBackoffBase, cap: KubernetesLimits.readBackoffCap)
        var hasRenewed = false
        var generation = 0
        var timer: TimerQueue.ID?

        var isStream: Bool {
            switch receiver {
            case .answer: false
            case .stream: true
            }
        }
    }

    /// Where the server is and who we are to it.
    public let access: ClusterAccess
    /// Everything that is not us.
    public let outside: any Outside

    private let userAgent: String
    let authenticator: Authenticator
    let interner = StringInterner()
    var flights: [RequestID: Flight] = [:]
    var orders: [OrderID: RequestID] = [:]
    /// Requests that wait for others to end, oldest first.
    private var queue: [RequestID] = []
    /// Requests that wait for a credential, oldest first.
    private var waitingForCredential: [RequestID] = []
    /// Requests under way, watches not counted.
    var inFlight = 0
    var retryBudget = RetryBudget()
    private var timers = TimerQueue()
    private var lastID: UInt64 = 0
    var kept: [Arrival] = []

    /// A client.
    ///
    /// - Parameter userAgent: the `User-Agent` of every request, such as `sluice/0.1.0`.
    public init(access: ClusterAccess, outside: any Outside, userAgent: String) {
        self.access = access
        self.outside = outside
        self.userAgent = userAgent
        self.authenticator = Authenticator(access: access, outside: outside)
    }

    /// How many requests wait for their turn or for a credential, and how many timers run.
    var waiting: Int { queue.count + waitingForCredential.count }
    var timerCount: Int { timers.count }

    // MARK: Requests

    /// Starts a request; `then` is called once from ``receive(_:)`` or ``advance()``, never from inside this call.
    ///
    /// Reads are tried again with growing waits, within a budget that all reads share; a `Retry-After` is honoured.
    /// Writes are never tried again here: only the caller knows whether that is right. A 401 renews the credential and
    /// sends the request once more, writes too, for the server has not acted.
    ///
    /// Below us libcurl sends any request again when a kept connection dies before its answer begins, so every write may
    /// reach the server twice and must say what it expects to find. A delete and an eviction carry the pod's uid: the
    /// second one meets the pod on its way out, or gets 404 or 409. A patch and an update carry the resourceVersion, and a
    /// create the name: their second one gets 409, upon which the caller looks and finds its own work.
    @discardableResult
    public func send(
        _ request: APIRequest, then: @escaping (Result<APIResponse, APIError>) -> Void
    ) -> RequestID {
        begin(Flight(request: request, receiver: .answer(then)))
    }

    /// Starts a watch.
    func stream(
        _ request: APIRequest, idleTimeout: Milliseconds, handler: @escaping (StreamEvent) -> Void
    ) -> RequestID {
        begin(Flight(request: request, receiver: .stream(idleTimeout: idleTimeout, handler)))
    }

    /// Forgets a request: its outcome is told nobody. It may still reach the server.
    public func cancel(_ id: RequestID) {
        guard let flight = flights.removeValue(forKey: id) else { return }
        if let timer = flight.timer { timers.cancel(timer) }
        if let order = flight.order {
            orders[order] = nil
            outside.cancel(order)
            if !flight.isStream { inFlight -= 1 }
        }
        queue.removeAll { $0 == id }
        waitingForCredential.removeAll { $0 == id }
        scheduleQueue()
    }

    /// Keeps requests from leaving that have not left, and from being sent again; those that are under way are not touched.
    /// Each that is kept back ends with an error of kind `notSent`.
    public func holdBack(_ ids: some Sequence<RequestID>) {
        for id in ids {
            flights[id]?.hasRenewed = true
            guard queue.contains(id) || waitingForCredential.contains(id) else { continue }
            queue.removeAll { $0 == id }
            waitingForCredential.removeAll { $0 == id }
            fail(id, .notSent("it was not wanted any more"))
        }
    }

    private func begin(_ flight: Flight) -> RequestID {
        lastID += 1
        let id = RequestID(number: lastID)
        flights[id] = flight
        launch(id)
        return id
    }

    /// Sends a request now, or lets it wait for its turn or for a credential.
    func launch(_ id: RequestID) {
        guard var flight = flights[id] else { return }
        if !flight.isStream, inFlight >= KubernetesLimits.requestsInFlight {
            queue.append(id)
            return
        }
        switch authenticator.current() {
        case .pending: waitingForCredential.append(id)
        case .failed(let reason): fail(id, .credential(reason))
        case .ready(let authorization):
            guard let order = httpRequest(flight, authorization) else {
                fail(id, .notSent("its deadline passed while it waited for its turn"))
                return
            }
            flight.order = outside.start(.http(order))
            flight.head = nil
            flight.failureBody = []
            flight.generation = authorization.generation
            flights[id] = flight
            if let started = flight.order { orders[started] = id }
            if !flight.isStream { inFlight += 1 }
        }
    }

    /// Ends a request that was not sent. Later, because nobody expects an answer from inside ``send(_:then:)``.
    private func fail(_ id: RequestID, _ kind: APIError.Kind) {
        guard let flight = flights[id] else { return }
        let error = APIError(kind, flight.request)
        flights[id]?.timer = schedule(at: outside.now.monotonic) { [weak self] in
            self?.finish(id, .failure(error))
        }
    }

    /// Sends what waited for a credential, or tells it that there is none.
    func credentialArrived() {
        let waiting = waitingForCredential
        waitingForCredential = []
        if let reason = authenticator.takeFailure() {
            for id in waiting { fail(id, .credential(reason)) }
        } else {
            for id in waiting { launch(id) }
        }
    }

    /// Sends what waited for its turn, as far as there is room.
    func scheduleQueue() {
        while inFlight < KubernetesLimits.requestsInFlight, !queue.isEmpty {
            launch(queue.removeFirst())
        }
    }

    // MARK: Building

    /// The request as it leaves now; nil when its deadline has passed.
    private func httpRequest(_ flight: Flight, _ authorization: Authenticator.Authorization) -> HTTPRequest? {
        let request = flight.request
        var security = access.security
        if let given = authorization.certificate {
            security.certificate = given.certificate
            security.key = given.key
        }
        var timeout = [request.timeout, access.requestTimeout].compactMap { $0 }.min()
        if let deadline = request.deadline {
            let left = deadline - outside.now.monotonic
            guard left > 0 else { return nil }
            timeout = min(timeout ?? left, left)
        }
        var result = HTTPRequest(
            method: request.method, url: access.server + request.target,
            headers: headers(request, authorization), body: request.body, security: security,
            connectTimeout: min(KubernetesLimits.connectTimeout, timeout ?? .max), timeout: timeout,
            bodyLimit: request.bodyLimit)
        if case .stream(let idleTimeout, _) = flight.receiver {
            result.streams = true
            result.timeout = nil
            result.idleTimeout = idleTimeout
        }
        return result
    }

    private func headers(
        _ request: APIRequest, _ authorization: Authenticator.Authorization
    ) -> [(name: String, value: String)] {
        var headers = [(name: "Accept", value: request.accept), (name: "User-Agent", value: userAgent)]
        if !request.body.isEmpty { headers.append(("Content-Type", request.contentType)) }
        if let header = authorization.header { headers.append(("Authorization", header)) }
        return headers + access.headers
    }

    // MARK: Time

    /// The monotonic time at which ``advance()`` is to be called at the latest; nil when only an arrival can change
    /// anything.
    public var nextWake: Milliseconds? { timers.first }

    /// Does what is due by now: retries, renewals, reconnects.
    public func advance() {
        let now = outside.now.monotonic
        let mark = timers.mark
        while let action = timers.takeFirst(dueAt: now, scheduledBefore: mark) { action() }
    }

    /// Has an action done by ``advance()`` once the monotonic clock reaches a time.
    func schedule(at deadline: Milliseconds, _ action: @escaping () -> Void) -> TimerQueue.ID {
        timers.schedule(at: deadline, action)
    }

    /// Has a scheduled action done at once, by the next ``advance()``.
    func hasten(_ timer: TimerQueue.ID) { timers.hasten(timer, to: outside.now.monotonic) }

    /// Forgets a scheduled action.
    func unschedule(_ timer: TimerQueue.ID) { timers.cancel(timer) }
}
