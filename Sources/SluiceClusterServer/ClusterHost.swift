import NIOCore
import SluiceCluster
import SluiceCore

/// Owns the cluster on the event loop: lets its time pass, and carries what its watches say to their connections.
final class ClusterHost {
    private var cluster: Cluster
    private let clock: Clock
    private let loop: any EventLoop
    private let audit: AuditFile?
    private var readers: [Int: ConnectionHandler] = [:]
    /// How many requests came, by method and resource.
    private var counts: [String: Int64] = [:]
    private var wake: Scheduled<Void>?
    private var wakeDue: Timestamp?

    init(cluster: Cluster, clock: Clock, loop: any EventLoop, audit: AuditFile?) {
        self.cluster = cluster
        self.audit = audit
        if audit != nil { self.cluster.recordDeletes() }
        self.clock = clock
        self.loop = loop
        planWake()
    }

    /// Where it is told how many requests came; no part of Kubernetes.
    static let countsPath = "/debug/requests"

    /// Answers a request. A watch is told to the reader, which then gets its lines until they end.
    func answer(_ request: ClusterRequest, to reader: ConnectionHandler) -> ClusterResponse {
        if request.target == Self.countsPath {
            let json = JSONValue.object(counts.mapValues(JSONValue.integer))
            return .answer(ClusterAnswer(status: 200, body: json.serialized))
        }
        counts[request.countedAs, default: 0] += 1
        let response = cluster.handle(request, at: clock.now)
        if let audit { audit.append(cluster.takeDeletes().map { $0.line + "\n" }.joined()) }
        if case .watch(let id) = response { readers[id] = reader }
        return response
    }

    /// Delivers what is waiting and plans the next turn. Called after every answer was written.
    func settle() {
        for id in cluster.watchesWithOutput {
            let (lines, hasEnded) = cluster.takeOutput(of: id)
            readers[id]?.write(lines: lines, hasEnded: hasEnded)
            if hasEnded { forget(id) }
        }
        planWake()
    }

    /// The reader of a watch has gone.
    func forget(_ watch: Int) {
        readers[watch] = nil
        cluster.cancel(watch: watch)
    }

    private func planWake() {
        guard let due = cluster.nextDue else { return }
        if let wakeDue, wakeDue <= due, wake != nil { return }
        wake?.cancel()
        wakeDue = due
        let delay = max(0, due.millisecondsSince1970 - clock.now.millisecondsSince1970)
        wake = loop.assumeIsolated().scheduleTask(in: .milliseconds(delay)) { [self] in turn() }
    }

    private func turn() {
        wake = nil
        wakeDue = nil
        cluster.advance(to: clock.now)
        settle()
    }
}
