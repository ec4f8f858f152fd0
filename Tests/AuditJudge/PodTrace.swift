import SluiceCore

/// A moment in the history of the cluster: a revision of etcd, which counts every write, or the gap behind one.
///
/// Lines of the log stand in the order in which answers were written, and that is not the order of the effects: a pod may
/// be Ready, be seen and be acted upon before the line of the write that made it Ready. Revisions are the true order.
struct Instant: Comparable {
    private var halves: Int64

    /// The very write.
    static func at(_ revision: Int64) -> Instant { Instant(halves: revision * 2) }
    /// Behind this write and before the next one.
    static func after(_ revision: Int64) -> Instant { Instant(halves: revision * 2 + 1) }
    static let end = Instant(halves: .max)

    static func < (left: Instant, right: Instant) -> Bool { left.halves < right.halves }
}

/// A pod as an answer showed it.
struct PodSight {
    var name: String
    var uid: String
    var node: String?
    /// The image of its first container.
    var image: String
    var revision: Int64
    var isReady: Bool
    /// Whether it has been sent into termination.
    var isGoing: Bool
    /// Whether the answer was one to the judged user's own delete.
    var isAnswerToUser = false

    /// Nil for anything that is no whole pod.
    init?(_ json: JSONValue) {
        guard json["kind"]?.string == "Pod", let name = json.at("metadata", "name")?.string,
            let uid = json.at("metadata", "uid")?.string, let revision = json.revision
        else { return nil }
        self.name = name
        self.uid = uid
        self.revision = revision
        node = json.at("spec", "nodeName")?.string ?? Self.meantNode(json)
        image = json.at("spec", "containers")?.array?.first?["image"]?.string ?? ""
        isGoing = json.at("metadata", "deletionTimestamp")?.string != nil
        isReady = (json.at("status", "conditions")?.array ?? []).contains {
            $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
        }
    }

    /// The node that the DaemonSet controller meant a pod for that is not bound yet.
    private static func meantNode(_ json: JSONValue) -> String? {
        let required = "requiredDuringSchedulingIgnoredDuringExecution"
        let terms = json.at("spec", "affinity", "nodeAffinity", required, "nodeSelectorTerms")?.array
        return terms?.first?["matchFields"]?.array?.first?["values"]?.array?.first?.string
    }
}

/// A DELETE or an eviction by the judged user.
struct DeleteRequest {
    /// The greatest revision that the log had shown when the server received it: its effect came later than that.
    var floor: Int64
    /// The greatest revision of the writes that the server had received by then. Their sender's watch may have shown them
    /// before the log did.
    var knowable: Int64
    /// The status code; nil when the server died before it could answer.
    var code: Int64?
    /// The revision of the pod in the answer.
    var revision: Int64?

    /// Whether it cannot have had any effect. A server that failed (5xx) may have acted all the same.
    var isRefused: Bool { code.map { (400...499).contains($0) } ?? false }
}

/// What the log shows of one pod.
struct PodTrace {
    private(set) var sights: [PodSight] = []
    var deletes: [DeleteRequest] = []

    var node: String? { sights.lazy.compactMap(\.node).first }
    var image: String { sights.first?.image ?? "" }
    var name: String { sights.first?.name ?? "" }

    mutating func see(_ sight: PodSight) {
        let index = sights.firstIndex { $0.revision > sight.revision } ?? sights.count
        sights.insert(sight, at: index)
    }

    /// The smallest revision at which the pod was seen on its way out.
    private var firstGoing: Int64? { sights.first { $0.isGoing }?.revision }

    /// Deletes that may have sent it into termination.
    var possibleDeletes: [DeleteRequest] { deletes.filter { !$0.isRefused } }

    /// Whether one of the judged user's deletes sent it into termination.
    var endedByUser: Bool {
        guard let firstGoing else { return false }
        return possibleDeletes.contains { $0.floor < firstGoing }
    }

    /// Whether the write that sent it into termination is known: the answer to the first delete shows it, and the one to
    /// a repeated delete too, as long as nobody else has written to the pod in between.
    private var isExact: Bool {
        guard let firstGoing, endedByUser else { return true }
        let shown = sights.filter { $0.isGoing && $0.revision == firstGoing }
        return possibleDeletes.first?.revision == firstGoing || shown.allSatisfy(\.isAnswerToUser)
    }

    /// From when on it used the budget up; nil when it was never sent into termination.
    ///
    /// Where the answer was lost, the earliest moment counts: a driver has to reckon with a delete from when it leaves.
    var goesAt: Instant? {
        guard let firstGoing else { return nil }
        guard !isExact, let floor = possibleDeletes.map(\.floor).min() else { return .at(firstGoing) }
        let staying = sights.last { !$0.isGoing && $0.revision < firstGoing }?.revision
        return .after(max(floor, staying ?? floor))
    }

    /// The moment by which the other nodes are counted when its delete is judged; nil when it was never sent into
    /// termination. Where the answer was lost, what the driver may have known when it sent the delete counts.
    var judgedAt: Instant? {
        guard let firstGoing, let goesAt else { return nil }
        guard !isExact, let knowable = possibleDeletes.map(\.knowable).min() else { return goesAt }
        return max(goesAt, .after(min(knowable, firstGoing - 1)))
    }

    /// Whether it was Ready and not on its way out.
    func isAvailable(at instant: Instant) -> Bool {
        if let goesAt, goesAt <= instant { return false }
        guard let sight = sights.last(where: { .at($0.revision) <= instant }) else { return false }
        return sight.isReady && !sight.isGoing
    }

    /// Whether it was there, in whatever state, and not on its way out.
    func isStaying(at instant: Instant) -> Bool {
        if let goesAt, goesAt <= instant { return false }
        return sights.first.map { .at($0.revision) <= instant } ?? false
    }
}
