import Foundation
import SluiceClients
import Testing

/// A relay in front of an API server that misbehaves as a test says: it refuses, cuts, hangs, loses or replaces answers.
///
/// HTTP/1.1 over plain TCP, one request at a time on a connection, as libcurl sends them.
///
/// Safe to share: every variable is behind the lock; descriptors are closed by the thread that made them alone.
final class FaultProxy: @unchecked Sendable {
    /// A request as it came by.
    struct Request: Sendable {
        var method: String
        var target: String
        /// The value of the Authorization header; empty when there is none.
        var authorization: String

        /// The target without its parameters.
        var path: String { String(target.prefix { $0 != "?" }) }
        var isWatch: Bool { target.contains("watch=1") }
        var isList: Bool { method == "GET" && !isWatch && !isLease && target.contains("limit=") }
        var isLease: Bool { target.contains("/leases") }
        /// A delete or an eviction of a pod.
        var isDelete: Bool { target.contains("/pods/") && (method == "DELETE" || method == "POST") }
    }

    /// What becomes of a request.
    enum Action: Sendable {
        case pass
        /// Never reaches the server, which says this instead.
        case answer(status: String, type: String, headers: String = "", body: String)
        /// Never reaches the server; there is no answer either.
        case hang
        /// Reaches the server, whose answer is lost with the connection.
        case loseAnswer
        /// Reaches the server, whose answer is replaced.
        case replaceAnswer(status: String, type: String, body: String)
        /// Reaches the server; the connection is cut after so many bytes of the answer.
        case cut(afterBytes: Int)
    }

    typealias Rule = @Sendable (Request) -> Action

    let port: UInt16
    private let upstream: UInt16
    private let lock = NSLock()
    private var listener: Int32 = -1
    private var rule: Rule = { _ in .pass }
    private var lifetime: Int32?
    private var connections: [ObjectIdentifier: Relay] = [:]
    private var seen: [Request] = []

    /// A proxy of a server on 127.0.0.1, which listens at once.
    init(upstream: UInt16) throws {
        self.upstream = upstream
        let (descriptor, port) = try Socket.listen(port: 0)
        self.port = port
        listener = descriptor
        accept(on: descriptor)
    }

    deinit {
        stopListening()
        cutConnections()
    }

    // MARK: Faults

    /// Decides about every request from now on.
    func decide(_ rule: @escaping Rule) { lock.withLock { self.rule = rule } }

    /// The server is there again.
    func comeBack() throws {
        let (descriptor, _) = try Socket.listen(port: port)
        lock.withLock { listener = descriptor }
        accept(on: descriptor)
    }

    /// The server is gone: nobody listens, and every connection breaks.
    func goDown() {
        stopListening()
        cutConnections()
    }

    /// Breaks every connection.
    func cutConnections() {
        for relay in lock.withLock({ Array(connections.values) }) { relay.cut() }
    }

    /// Connections that were silent for so long (milliseconds) are closed, as an impatient proxy does.
    func closeIdleConnections(after milliseconds: Int32) {
        lock.withLock { lifetime = milliseconds }
        cutConnections()
    }

    /// The requests so far.
    var requests: [Request] { lock.withLock { seen } }

    // MARK: Connections

    private func stopListening() {
        let descriptor = lock.withLock {
            defer { listener = -1 }
            return listener
        }
        if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private func accept(on descriptor: Int32) {
        let thread = Thread { [weak self] in
            while true {
                let client = Glibc.accept(descriptor, nil, nil)
                guard client >= 0 else { break }
                guard let self, let relay = Relay(client: client, upstream: self.upstream, proxy: self) else {
                    close(client)
                    continue
                }
                relay.start(idleLimit: self.lock.withLock { self.lifetime } ?? -1)
            }
            // Only this thread may close it: the number could be another's before this thread has noticed.
            close(descriptor)
        }
        thread.start()
    }

    func action(for request: Request) -> Action {
        let rule = lock.withLock {
            seen.append(request)
            return self.rule
        }
        return rule(request)
    }

    func add(_ relay: Relay) { lock.withLock { connections[ObjectIdentifier(relay)] = relay } }
    func remove(_ relay: Relay) { lock.withLock { connections[ObjectIdentifier(relay)] = nil } }
}

/// How often something was asked for, for rules that spoil only some requests. Safe to share: behind a lock.
final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var counts: [String: Int] = [:]

    /// Counts one more, and tells how many there were before.
    func next(_ name: String = "") -> Int {
        lock.withLock {
            defer { counts[name, default: 0] += 1 }
            return counts[name, default: 0]
        }
    }

    func count(_ name: String = "") -> Int { lock.withLock { counts[name, default: 0] } }
}
