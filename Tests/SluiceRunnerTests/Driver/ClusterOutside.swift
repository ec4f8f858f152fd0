import SluiceClients
import SluiceCluster
import SluiceCore

/// An outside with an embedded cluster in it, in virtual time: what a test says befalls the requests and the clock.
final class ClusterOutside: Outside {
    /// What becomes of a request.
    enum Fate {
        case pass
        /// The connection is refused: nothing was sent.
        case refuse
        /// Nobody answers; the request ends by its timeout.
        case hang
        /// The server acts, and the connection breaks before its answer.
        case loseAnswer
        /// The server does not act, and says this.
        case answer(Int, String = "")
    }

    /// A request as it left.
    struct Sent {
        /// Milliseconds since the beginning.
        var time: Milliseconds
        var request: HTTPRequest

        var isDelete: Bool { request.method == .delete && request.url.contains("/pods/") }
        var isLease: Bool { request.url.contains("/leases") }
        var isWatch: Bool { request.streams }
    }

    private static let server = "https://kube:6443"
    private static let latency: Milliseconds = 5
    private static let start = Moment(monotonic: 1_000_000, wall: Timestamp(1_795_000_000_000))

    var cluster: Cluster
    private(set) var now = start
    var fate: (Sent) -> Fate = { _ in .pass }
    /// When a signal comes, in milliseconds since the beginning; it comes once.
    var limit: Milliseconds = 3_600_000
    private(set) var sent: [Sent] = []
    private(set) var deletes: [PodDeleteRecord] = []
    private var coming: [(at: Milliseconds, arrival: Arrival)] = []
    private var streams: [Int: OrderID] = [:]
    private var script: [(at: Milliseconds, action: () -> Void)] = []
    private var count: UInt64 = 0

    init(_ options: ClusterOptions) throws {
        let birth = Timestamp(Self.start.wall.millisecondsSince1970 - 600_000)
        cluster = Cluster(options: options, start: birth)
        try cluster.apply(DefaultManifest.objects, at: birth)
        cluster.advance(to: Self.start.wall)
        cluster.recordDeletes()
    }

    var access: ClusterAccess { ClusterAccess(server: Self.server) }

    /// Milliseconds since the beginning.
    var elapsed: Milliseconds { now.monotonic - Self.start.monotonic }

    /// Does something at a time, in milliseconds since the beginning.
    func at(_ time: Milliseconds, _ action: @escaping () -> Void) {
        script.append((Self.start.monotonic + time, action))
        script.sort { $0.at < $1.at }
    }

    /// Both clocks go on while this process stands still; its connections are dead when it wakes up.
    func suspend(for time: Milliseconds) {
        now = now.advanced(by: time)
        cluster.advance(to: now.wall)
        collect()
        coming = coming.filter { if case .bytes = $0.arrival { false } else { true } }
        silence()
    }

    /// From now on open streams say nothing more.
    func silence() {
        for watch in streams.keys { cluster.cancel(watch: watch) }
        streams = [:]
    }

    /// Breaks open streams.
    func cut() {
        for id in streams.values.sorted() {
            coming.append((now.monotonic, .finished(id, .failure(TransportError(.broken, "cut")))))
        }
        silence()
    }

    /// Asks the cluster past the driver.
    func ask(_ method: String, _ target: String, _ body: JSONValue? = nil) -> ClusterAnswer? {
        let request = ClusterRequest(
            method: method, target: target, headers: ["content-type": "application/merge-patch+json"],
            body: body.map { Array($0.serialized.utf8) } ?? [])
        guard case .answer(let answer) = cluster.handle(request, at: now.wall) else { return nil }
        return answer
    }

    // MARK: Outside

    func random() -> UInt64 { 0 }

    func readFile(_ path: String) throws(FileError) -> [UInt8] {
        throw FileError(path: path, message: "No such file or directory", isMissing: true)
    }

    func start(_ order: Order) -> OrderID {
        count += 1
        let id = OrderID(count)
        guard case .http(let request) = order else { return id }
        let sending = Sent(time: elapsed, request: request)
        sent.append(sending)
        switch fate(sending) {
        case .pass: exchange(id, request)
        case .refuse: fail(id, .connect, after: 1)
        case .hang: fail(id, .timeout, after: request.timeout ?? .max / 2)
        case .loseAnswer:
            exchange(id, request)
            cancel(id)
            fail(id, .broken, after: Self.latency)
        case .answer(let status, let body): answer(id, status, body)
        }
        return id
    }

    func cancel(_ id: OrderID) {
        coming.removeAll { $0.arrival.order == id }
        for (watch, stream) in streams where stream == id {
            cluster.cancel(watch: watch)
            streams[watch] = nil
        }
    }

    func poll(until deadline: Milliseconds?) -> [Arrival] {
        while true {
            collect()
            let due = coming.filter { $0.at <= now.monotonic }
            coming.removeAll { $0.at <= now.monotonic }
            if elapsed >= limit {
                limit = .max / 2
                return due.map(\.arrival) + [.signal(15)]
            }
            if !due.isEmpty { return due.map(\.arrival) }
            if let deadline, now.monotonic >= deadline { return [] }
            let wall = cluster.nextDue.map { $0.millisecondsSince1970 - now.wall.millisecondsSince1970 }
            let times = [
                deadline, coming.map(\.at).min(), script.first?.at, wall.map { now.monotonic + max(0, $0) },
                Self.start.monotonic + min(limit, .max / 4),
            ]
            now = now.advanced(by: max(0, (times.compactMap { $0 }.min() ?? 0) - now.monotonic))
            cluster.advance(to: now.wall)
            while let first = script.first, first.at <= now.monotonic { script.removeFirst().action() }
        }
    }

    // MARK: The cluster's side

    private func exchange(_ id: OrderID, _ request: HTTPRequest) {
        let target = String(request.url.dropFirst(Self.server.count))
        var headers: [String: String] = [:]
        for (name, value) in request.headers { headers[name.lowercased()] = value }
        let asked = ClusterRequest(
            method: request.method.rawValue, target: target, headers: headers, body: request.body)
        let response = cluster.handle(asked, at: now.wall)
        deletes += cluster.takeDeletes()
        switch response {
        case .answer(let said): answer(id, said.status, said.body)
        case .watch(let watch):
            streams[watch] = id
            coming.append((now.monotonic + Self.latency, .head(id, HTTPHead(status: 200, headers: []))))
        }
    }

    private func answer(_ id: OrderID, _ status: Int, _ body: String) {
        let at = now.monotonic + Self.latency
        coming.append((at, .head(id, HTTPHead(status: status, headers: []))))
        coming.append((at, .finished(id, .success(Array(body.utf8)))))
    }

    private func fail(_ id: OrderID, _ kind: TransportError.Kind, after delay: Milliseconds) {
        coming.append((now.monotonic + delay, .finished(id, .failure(TransportError(kind, "no luck")))))
    }

    /// Takes what the cluster's watches have to say; lines that nobody reads any more are lost.
    private func collect() {
        for watch in cluster.watchesWithOutput {
            let (lines, hasEnded) = cluster.takeOutput(of: watch)
            guard let id = streams[watch] else { continue }
            let at = now.monotonic + Self.latency
            if !lines.isEmpty { coming.append((at, .bytes(id, Array(lines.joined().utf8)))) }
            guard hasEnded else { continue }
            coming.append((at, .finished(id, .success([]))))
            streams[watch] = nil
        }
    }
}

extension Arrival {
    var order: OrderID? {
        switch self {
        case .head(let id, _), .bytes(let id, _), .finished(let id, _), .exited(let id, _): id
        case .signal, .storeChanged: nil
        }
    }
}
