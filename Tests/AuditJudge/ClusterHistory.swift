import SluiceCore

/// What a whole log shows of pods and of their DaemonSet.
struct ClusterHistory {
    /// The image that the DaemonSet's template had from a revision on.
    struct Template {
        var revision: Int64
        var image: String
    }

    /// By uid.
    private(set) var pods: [String: PodTrace] = [:]
    /// One for each change of the image, in order.
    private(set) var templates: [Template] = []
    /// Deletes of pods that the log does not show.
    private(set) var unknownDeletes = 0
    private(set) var tornLines: Int

    private let user: String
    /// The uid behind a name, by the latest answer.
    private var uids: [String: String] = [:]
    private var greatest: Int64 = 0
    /// Where a delete that has no answer yet is kept.
    private var open: [String: (uid: String, index: Int)] = [:]
    /// The revisions that requests brought about, by audit ID.
    private let outcomes: [String: Int64]
    private var greatestReceived: Int64 = 0
    private var templateSights: [Template] = []

    init(_ log: [UInt8], user: String) {
        self.user = user
        let lines = AuditEvents(log)
        tornLines = lines.tornLines
        outcomes = Dictionary(
            lines.events.compactMap { event in event.revision.map { (event.auditID, $0) } }, uniquingKeysWith: max)
        for event in lines.events where !event.isDryRun { take(event) }
        templates = Self.changes(of: templateSights)
    }

    private mutating func take(_ event: AuditEvent) {
        if isDelete(event) { takeDelete(event) }
        greatestReceived = max(greatestReceived, outcomes[event.auditID] ?? 0)
        guard let response = event.response else { return }
        if var pod = PodSight(response) {
            // A pod without a node goes at once, and its last state does not say so.
            pod.isGoing = pod.isGoing || (event.verb == "delete" && event.resource == "pods")
            pod.isAnswerToUser = isDelete(event)
            pods[pod.uid, default: PodTrace()].see(pod)
            uids[pod.name] = pod.uid
            greatest = max(greatest, pod.revision)
        } else if response["kind"]?.string == "DaemonSet" {
            takeTemplate(response)
        }
    }

    private func isDelete(_ event: AuditEvent) -> Bool {
        event.user == user
            && (event.verb == "delete" && event.resource == "pods"
                || event.verb == "create" && event.resource == "pods/eviction")
    }

    private mutating func takeDelete(_ event: AuditEvent) {
        if open[event.auditID] == nil {
            guard let uid = uids[event.name] else {
                if event.isComplete { unknownDeletes += 1 }
                return
            }
            let index = pods[uid]?.deletes.count ?? 0
            pods[uid]?.deletes.append(DeleteRequest(floor: greatest, knowable: greatestReceived))
            open[event.auditID] = (uid, index)
        }
        guard event.isComplete, let place = open.removeValue(forKey: event.auditID) else { return }
        pods[place.uid]?.deletes[place.index].code = event.code
        pods[place.uid]?.deletes[place.index].revision = event.revision
    }

    private mutating func takeTemplate(_ json: JSONValue) {
        guard let revision = json.revision,
            let image = json.at("spec", "template", "spec", "containers")?.array?.first?["image"]?.string
        else { return }
        greatest = max(greatest, revision)
        templateSights.append(Template(revision: revision, image: image))
    }

    private static func changes(of sights: [Template]) -> [Template] {
        var changes: [Template] = []
        for sight in sights.sorted(by: { $0.revision < $1.revision }) where sight.image != changes.last?.image {
            changes.append(sight)
        }
        return changes
    }
}
