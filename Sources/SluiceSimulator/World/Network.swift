import SluiceClients
import SluiceCluster
import SluiceCore

/// A request on its way to the server.
struct Sending {
    var process: SimulatedProcess
    var order: OrderID
    var request: HTTPRequest
    var purpose: Wire.Purpose
    /// What befalls the way back.
    var answer = AnswerFate.comes(after: 0)
    /// What the server says instead of acting, or after it; nil for its own answer.
    var injected: InjectedAnswer?
}

/// What befalls an answer.
enum AnswerFate {
    case comes(after: Milliseconds)
    /// The connection breaks before it.
    case lost
    /// The connection breaks in the middle of it.
    case cut
}

/// An answer that something between us and the API gives, or the API in need.
struct InjectedAnswer {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: String
    /// Whether the server acts nevertheless.
    var acts = false
}

/// The connections between the drivers and the API server.
final class Network {
    /// One request that has no whole answer yet.
    struct Flight {
        var request: HTTPRequest
        var purpose: Wire.Purpose
        var timeoutAt: Milliseconds?
        var heardAt: Milliseconds
        /// When the last piece arrives; later ones come after it.
        var lastAt: Milliseconds = 0
        var watch: Int?
        /// Nothing comes any more, and nobody says so.
        var isSilent = false
    }

    struct Key: Hashable {
        var process: Int
        var order: OrderID
    }

    unowned let world: World
    var flights: [Key: Flight] = [:]
    var streams: [Int: (process: SimulatedProcess, order: OrderID)] = [:]
    let faults: Faults
    let latency: ClosedRange<Milliseconds>
    var random: SeededRandom
    /// The bearer token that is valid now, and how many there were.
    private(set) var token = "token-1"
    private var tokenNumber = 1
    /// Until when the API server is down.
    var downUntil: Milliseconds = 0

    init(_ faults: Faults, latency: ClosedRange<Milliseconds>, random: SeededRandom, in world: World) {
        self.world = world
        self.faults = faults
        self.latency = latency
        self.random = random
    }

    /// The requests of a process that have no whole answer yet, streams included.
    func open(of process: SimulatedProcess) -> Int { flights.keys.count { $0.process == process.number } }

    func hop() -> Milliseconds { random.time(latency) }

    func has(_ kind: FaultKind) -> Bool {
        guard faults.strikes(kind, at: world.time, &random) else { return false }
        world.tally.count(kind)
        return true
    }

    // MARK: From the driver

    func send(_ request: HTTPRequest, _ order: OrderID, from process: SimulatedProcess) {
        let purpose = Wire.purpose(of: request)
        let now = world.time
        world.trace.say(now, process.name, "→ \(request.method.rawValue) \(request.url.dropFirst(Wire.server.count))")
        for judge in world.judges { judge.requestLeaves(request, purpose, by: process, in: world) }
        world.tally.requests += 1
        let key = Key(process: process.number, order: order)
        flights[key] = Flight(
            request: request, purpose: purpose, timeoutAt: request.timeout.map { now + $0 }, heardAt: now, lastAt: now)
        if let idle = request.idleTimeout { world.events.add(.silenceCheck(process, order), at: now + idle) }
        var sending = Sending(process: process, order: order, request: request, purpose: purpose)
        if has(.refused) {
            lose(purpose, process)
            return fail(process, order, .connect, "Connection refused", after: 1)
        }
        if has(.reset) {
            lose(purpose, process)
            return fail(process, order, .broken, "Connection reset by peer", after: hop())
        }
        if has(.stalled) {
            lose(purpose, process)
            flights[key]?.isSilent = true
            return expire(process, order)
        }
        if purpose.changes, has(.lostAnswers) {
            sending.answer = .lost
        } else if has(.cutAnswers) {
            sending.answer = .cut
        }
        sending.injected = injection(for: purpose)
        var way = hop()
        if has(.slowAnswers) {
            let delay = random.spread(200...20_000)
            // Late on the way there is the dangerous half: the server acts long after we have given up.
            if random.chance(0.5) {
                way += delay
            } else if case .comes = sending.answer {
                sending.answer = .comes(after: delay)
            }
        }
        world.events.add(.request(sending), at: now + way)
    }

    private func lose(_ purpose: Wire.Purpose, _ process: SimulatedProcess) {
        for judge in world.judges { judge.requestLost(purpose, by: process, in: world) }
    }

    private func injection(for purpose: Wire.Purpose) -> InjectedAnswer? {
        if has(.throttled) {
            let seconds = random.int(1...5)
            return InjectedAnswer(
                status: 429, headers: [("retry-after", String(seconds))],
                body: Wire.status(429, "TooManyRequests", "The server has received too many requests"))
        }
        if has(.failing) {
            return InjectedAnswer(status: 500, body: Wire.status(500, "InternalError", "etcdserver: no leader"))
        }
        if has(.unavailable) { return InjectedAnswer(status: 503, body: "upstream connect error") }
        if has(.gatewayTimeouts) {
            let acts = purpose.changes && random.chance(0.5)
            return InjectedAnswer(
                status: 504, body: Wire.status(504, "Timeout", "etcdserver: request timed out"), acts: acts)
        }
        if purpose == .writeLease || purpose == .patchDaemonSet, has(.conflicts) {
            return InjectedAnswer(
                status: 409,
                body: Wire.status(409, "Conflict", "the object has been modified; please apply your changes"))
        }
        return nil
    }

    /// The token of a plugin, or what goes wrong with it.
    func runPlugin(_ order: OrderID, for process: SimulatedProcess) {
        let key = Key(process: process.number, order: order)
        flights[key] = Flight(
            request: HTTPRequest(method: .get, url: Wire.server), purpose: .read, timeoutAt: nil, heardAt: world.time)
        var result = Result<CommandOutput, TransportError>.success(
            CommandOutput(status: 0, output: Array(credential.utf8), diagnostics: []))
        var delay = random.spread(20...2_000)
        if has(.pluginFails) {
            result = .success(CommandOutput(status: 1, output: [], diagnostics: Array("no session".utf8)))
        } else if has(.pluginHangs) {
            delay = KubernetesLimits.pluginTimeout
            result = .failure(TransportError(.timeout, "the plugin did not end in time"))
        }
        deliver(process, order, .exited(order, result), at: world.time + delay)
    }

    private var credential: String {
        let expires = Timestamp(world.wall.millisecondsSince1970 + 3_600_000)
        return """
            {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",\
            "status":{"token":"\(token)","expirationTimestamp":"\(expires.rfc3339)"}}
            """
    }

    /// From now on another token is the valid one.
    func rotateToken() {
        tokenNumber += 1
        token = "token-\(tokenNumber)"
    }

    /// The driver no longer wants to hear of an order. The request may still reach the server.
    func forget(_ process: SimulatedProcess, _ order: OrderID) {
        let key = Key(process: process.number, order: order)
        guard let flight = flights.removeValue(forKey: key) else { return }
        if let watch = flight.watch {
            world.cluster.cancel(watch: watch)
            streams[watch] = nil
        }
    }

    /// Nobody reads any more what comes for a process.
    func forgetAll(of process: SimulatedProcess) {
        for key in flights.keys.filter({ $0.process == process.number }).sorted(by: { $0.order < $1.order }) {
            forget(process, key.order)
        }
    }

    // MARK: At the server

    func reachedServer(_ sending: Sending) {
        let (process, order) = (sending.process, sending.order)
        guard world.time >= downUntil else {
            lose(sending.purpose, process)
            return fail(process, order, .connect, "Connection refused", after: hop())
        }
        if let injected = sending.injected {
            if injected.acts { _ = act(sending) } else { lose(sending.purpose, process) }
            return answer(sending, injected.status, injected.headers, injected.body)
        }
        let authorization = sending.request.headers.first { $0.name == "Authorization" }?.value
        if let authorization, authorization != "Bearer \(token)" {
            for judge in world.judges { judge.tokenRefused(sending.purpose, by: process, in: world) }
            return answer(sending, 401, [], Wire.status(401, "Unauthorized", "Unauthorized"))
        }
        if case .list = sending.purpose, sending.request.url.contains("continue="), has(.pagesExpire) {
            world.cluster.compact()
        }
        if case .watch = sending.purpose, has(.versionsExpire) { world.cluster.compact() }
        switch act(sending) {
        case .answer(let said): answer(sending, said.status, said.headers, said.body)
        case .watch(let watch): open(watch, sending)
        }
    }

    private func act(_ sending: Sending) -> ClusterResponse {
        if sending.request.url.hasSuffix("/\(Wire.hook)") { return .answer(ClusterAnswer(status: 204, body: "")) }
        let response = world.cluster.handle(Wire.asked(sending.request), at: world.wall)
        for record in world.cluster.takeDeletes() {
            for judge in world.judges { judge.podDeleted(record, by: sending.process, in: world) }
        }
        return response
    }

    private func open(_ watch: Int, _ sending: Sending) {
        let key = Key(process: sending.process.number, order: sending.order)
        guard flights[key] != nil else { return world.cluster.cancel(watch: watch) }
        streams[watch] = (sending.process, sending.order)
        flights[key]?.watch = watch
        let at = world.time + hop()
        flights[key]?.lastAt = at
        deliver(sending.process, sending.order, .head(sending.order, HTTPHead(status: 200, headers: headers())), at: at)
    }

    private func headers(_ more: [(name: String, value: String)] = []) -> [(name: String, value: String)] {
        let served = Timestamp(world.wall.millisecondsSince1970 + faults.serverSkew(at: world.time))
        return [("date", Wire.date(served))] + more.map { ($0.name.lowercased(), $0.value) }
    }

    private func answer(
        _ sending: Sending, _ status: Int, _ more: [(name: String, value: String)], _ body: String
    ) {
        let (process, order) = (sending.process, sending.order)
        let head = Arrival.head(order, HTTPHead(status: status, headers: headers(more)))
        var at = world.time + hop()
        switch sending.answer {
        case .lost: return fail(process, order, .broken, "Connection reset by peer", after: hop())
        case .cut:
            deliver(process, order, head, at: at)
            return fail(process, order, .broken, "transfer closed with outstanding read data", after: at - world.time)
        case .comes(let delay): at += delay
        }
        deliver(process, order, head, at: at)
        var knows: Delivery.Knowledge?
        if case .list(let kind) = sending.purpose, status == 200, let version = Wire.version(in: body),
            !body.prefix(400).contains("\"continue\":")
        {
            knows = Delivery.Knowledge(kind: kind, version: version)
        }
        if sending.purpose == .patchDaemonSet, status == 200, let version = Wire.version(in: body) {
            knows = Delivery.Knowledge(kind: .daemonSets, version: version)
        }
        let bytes = Array(body.utf8)
        if sending.request.streams {
            deliver(process, order, .bytes(order, bytes), at: at)
            deliver(process, order, .finished(order, .success([])), at: at)
        } else {
            deliver(process, order, .finished(order, .success(bytes)), knows, at: at)
        }
    }

    // MARK: To the driver

    /// Plans an arrival; one that would come after the request's timeout is replaced by the timeout.
    func deliver(
        _ process: SimulatedProcess, _ order: OrderID, _ arrival: Arrival, _ knows: Delivery.Knowledge? = nil,
        at time: Milliseconds
    ) {
        let flight = flights[Key(process: process.number, order: order)]
        if let limit = flight?.timeoutAt, time > limit { return expire(process, order) }
        world.events.add(.deliver(process, order, Delivery(arrival: arrival, knows: knows)), at: time)
    }

    private func expire(_ process: SimulatedProcess, _ order: OrderID) {
        guard let limit = flights[Key(process: process.number, order: order)]?.timeoutAt else { return }
        let arrival = Arrival.finished(order, .failure(TransportError(.timeout, "Operation timed out")))
        world.events.add(.deliver(process, order, Delivery(arrival: arrival)), at: max(limit, world.time))
    }

    func fail(
        _ process: SimulatedProcess, _ order: OrderID, _ kind: TransportError.Kind, _ message: String,
        after delay: Milliseconds
    ) {
        deliver(
            process, order, .finished(order, .failure(TransportError(kind, message))), at: world.time + delay)
    }

    func delivered(_ process: SimulatedProcess, _ order: OrderID, _ delivery: Delivery) {
        let key = Key(process: process.number, order: order)
        guard flights[key] != nil else { return }
        flights[key]?.heardAt = world.time
        switch delivery.arrival {
        case .finished, .exited: forget(process, order)
        case .head, .bytes, .signal, .storeChanged: break
        }
        process.mailbox.append(delivery)
    }

    func checkSilence(_ process: SimulatedProcess, _ order: OrderID) {
        guard let flight = flights[Key(process: process.number, order: order)], let idle = flight.request.idleTimeout
        else { return }
        if world.time - flight.heardAt >= idle {
            fail(process, order, .idle, "nothing came for \(idle / 1_000) s", after: 0)
        } else {
            world.events.add(.silenceCheck(process, order), at: flight.heardAt + idle)
        }
    }
}
