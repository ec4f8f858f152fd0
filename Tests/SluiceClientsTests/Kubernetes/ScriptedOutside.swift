import SluiceClients
import SluiceCore

/// An outside in which nothing happens but what the test says.
final class ScriptedOutside: Outside {
    var now = Moment(monotonic: 1_000_000, wall: Timestamp(rfc3339: "2026-11-24T05:00:00Z") ?? Timestamp(0))
    var files: [String: [UInt8]] = [:]
    /// Files that exist and cannot be read, with what the system says.
    var unreadable: [String: String] = [:]
    private(set) var reads: [String] = []
    /// The orders under way.
    private(set) var started: [(id: OrderID, order: Order)] = []
    private(set) var cancelled: [OrderID] = []
    /// What `poll` brings, call by call.
    var arrivals: [[Arrival]] = []
    /// Answers an order as soon as somebody waits for it.
    var server: ((HTTPRequest) -> (status: Int, headers: [(String, String)], body: String))?
    private var count: UInt64 = 0

    /// Zero makes every backoff its full length and every watch 240 s.
    func random() -> UInt64 { 0 }

    func readFile(_ path: String) throws(FileError) -> [UInt8] {
        reads.append(path)
        if let reason = unreadable[path] { throw FileError(path: path, message: reason) }
        guard let bytes = files[path] else {
            throw FileError(path: path, message: "No such file or directory", isMissing: true)
        }
        return bytes
    }

    func start(_ order: Order) -> OrderID {
        count += 1
        started.append((OrderID(count), order))
        return OrderID(count)
    }

    func cancel(_ id: OrderID) {
        cancelled.append(id)
        started.removeAll { $0.id == id }
    }

    func poll(until deadline: Milliseconds?) -> [Arrival] {
        if !arrivals.isEmpty { return arrivals.removeFirst() }
        if let server, let (id, order) = started.first, case .http(let request) = order {
            started.removeFirst()
            let answer = server(request)
            let head = HTTPHead(
                status: answer.status, headers: answer.headers.map { (name: $0.0, value: $0.1) })
            return [.head(id, head), .finished(id, .success(Array(answer.body.utf8)))]
        }
        if let deadline, deadline > now.monotonic { now = now.advanced(by: deadline - now.monotonic) }
        return []
    }

    // MARK: For tests

    /// The requests under way.
    var requests: [HTTPRequest] {
        started.compactMap { if case .http(let request) = $0.order { request } else { nil } }
    }

    /// The commands under way.
    var commands: [Command] {
        started.compactMap { if case .command(let command) = $0.order { command } else { nil } }
    }

    /// Takes an order off the list.
    func remove(_ id: OrderID) { started.removeAll { $0.id == id } }

    /// Takes the oldest order off the list.
    func take() -> OrderID {
        started.isEmpty ? OrderID(0) : started.removeFirst().id
    }
}

/// A client with its outside, and the shorthand that stories are told in.
final class Stage {
    let outside = ScriptedOutside()
    let client: KubernetesClient

    init(access: ClusterAccess = ClusterAccess(server: "https://kube:6443")) {
        client = KubernetesClient(access: access, outside: outside, userAgent: "sluice/test")
    }

    /// The newest request under way, as `METHOD /path?query`.
    var asked: String {
        guard let request = outside.requests.last else { return "nothing" }
        return "\(request.method.rawValue) \(request.url.dropFirst("https://kube:6443".count))"
    }

    /// Answers the oldest request under way.
    func answer(_ status: Int, _ body: String = "", headers: [(String, String)] = []) {
        let id = outside.take()
        let head = HTTPHead(status: status, headers: headers.map { (name: $0.0, value: $0.1) })
        _ = client.receive(.head(id, head))
        _ = client.receive(.finished(id, .success(Array(body.utf8))))
    }

    /// Ends the oldest request under way without an answer.
    func breakOff(_ kind: TransportError.Kind = .broken) {
        _ = client.receive(.finished(outside.take(), .failure(TransportError(kind, "it broke"))))
    }

    /// Begins to answer the oldest request under way as a stream; returns its number.
    func open(_ status: Int = 200) -> OrderID {
        let id = outside.started.first?.id ?? OrderID(0)
        _ = client.receive(.head(id, HTTPHead(status: status, headers: [])))
        return id
    }

    func bytes(_ id: OrderID, _ text: String) { _ = client.receive(.bytes(id, Array(text.utf8))) }

    /// Ends a stream, in good order or not.
    func end(_ id: OrderID, _ error: TransportError.Kind? = nil) {
        outside.remove(id)
        let result: Result<[UInt8], TransportError> =
            if let error { .failure(TransportError(error, "it broke")) } else { .success([]) }
        _ = client.receive(.finished(id, result))
    }

    /// Lets time pass, and does what is due.
    func pass(_ milliseconds: Milliseconds) {
        outside.now = outside.now.advanced(by: milliseconds)
        client.advance()
    }

    /// Lets time pass until the next wake.
    func passToWake() {
        if let wake = client.nextWake { pass(max(0, wake - outside.now.monotonic)) }
    }
}
