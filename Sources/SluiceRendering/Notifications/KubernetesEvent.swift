import SluiceCore

/// An Event about the DaemonSet (events.k8s.io/v1), which `kubectl describe` shows.
extension NotificationDocument {
    /// The longest note, in bytes, the longest name of an object and of a reporting instance, in characters. (Kubernetes,
    /// `legacyValidateEvent` and DNS subdomains.)
    private static let noteLimit = 1_024
    private static let nameLimit = 253
    private static let instanceLimit = 128
    private static let controller = "sluice"

    /// The Event as JSON, the same for the same notification.
    public var event: [UInt8] {
        let regarding: JSONValue = [
            "apiVersion": "apps/v1", "kind": "DaemonSet", "namespace": .string(status.namespace),
            "name": .string(status.daemonSet), "uid": .string(notification.daemonSetUID),
        ]
        let event: JSONValue = [
            "apiVersion": "events.k8s.io/v1", "kind": "Event",
            "metadata": ["name": .string(eventName), "namespace": .string(status.namespace)],
            "eventTime": .string(notification.time.rfc3339Micro), "regarding": regarding,
            "reason": .string(eventReason),
            "action": "Rollout", "type": .string(notification.event == .halted ? "Warning" : "Normal"),
            "note": .string(note), "reportingController": .string(Self.controller),
            "reportingInstance": .string(String(status.id.prefix(Self.instanceLimit))),
        ]
        return Array(event.serialized.utf8)
    }

    private var eventReason: String {
        switch notification.event {
        case .started: "RolloutStarted"
        case .wavePassed: "WavePassed"
        case .approvalNeeded: "ApprovalNeeded"
        case .halted: "RolloutHalted"
        case .resumed: "RolloutResumed"
        case .rolledBack: "RolledBack"
        case .completed: "RolloutCompleted"
        case .aborted: "RolloutAborted"
        }
    }

    /// Made from the key, so that the same Event is refused the second time.
    private var eventName: String {
        var name = status.daemonSet.prefix(Self.nameLimit - 1 - notification.key.count)
        while name.last == "-" || name.last == "." { name.removeLast() }
        return "\(name).\(notification.key)"
    }

    private var note: String {
        let sentences = [headline, explanation, counts].filter { !$0.isEmpty }.joined(separator: ": ")
        var note = sentences
        while note.utf8.count > Self.noteLimit { note.removeLast() }
        return note
    }
}
