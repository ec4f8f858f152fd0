public import SluiceCore

/// The fields of a notification of format `sluice`.
enum NotificationField: String, DocumentField {
    case event, time, rollout, daemonSet, phase, wave, reason, message, nodes, updateRevision, next

    var meaning: String {
        switch self {
        case .event: "What it tells of, see Notifications."
        case .time: "When it happened, RFC 3339 in UTC with six digits of fraction."
        case .rollout: "The rollout's name."
        case .daemonSet: "The DaemonSet as `namespace/name`."
        case .phase: "Where the rollout stood then, see Phases."
        case .wave: "The wave's name; null when it is about the whole rollout."
        case .reason: "Why, see Reasons; null when the event speaks for itself."
        case .message: "The sentence for people; null when the event speaks for itself."
        case .nodes: "All nodes, counted, with the fields of `nodes` in `status`."
        case .updateRevision: "The hash of the target's revision; null until the controller has recorded it."
        case .next: "The commands that made sense then, the most useful one first."
        }
    }
}

/// A notification in the form that its destination takes.
public struct NotificationDocument: Sendable {
    let notification: Notification

    /// A notification in the form that its destination takes.
    public init(_ notification: Notification) { self.notification = notification }

    /// The body of the request that delivers it: JSON, the same for the same notification.
    public func body(_ format: NotificationFormat) -> [UInt8] {
        switch format {
        case .sluice: Array(json.compact.utf8)
        case .slack: Array(slackMessage.compact.utf8)
        case .alertmanager: Array(alerts.compact.utf8)
        }
    }

    /// The document's fields, as documented in `docs/contract.md`.
    var json: OrderedJSON {
        .object(NotificationField.self) { field in
            switch field {
            case .event: .string(notification.event.rawValue)
            case .time: .string(notification.time.rfc3339Micro)
            case .rollout: .string(status.id)
            case .daemonSet: .string(daemonSet)
            case .phase: .string(status.phase.rawValue)
            case .wave: .nullable(notification.wave)
            case .reason: .nullable(notification.reason?.rawValue)
            case .message: .nullable(notification.message.isEmpty ? nil : notification.message)
            case .nodes: StatusDocument.json(of: status.nodes)
            case .updateRevision: .nullable(status.updateRevision)
            case .next: .strings(status.next.map(\.command))
            }
        }
    }

    var status: RolloutStatus { notification.status }

    /// `namespace/name`.
    var daemonSet: String { "\(status.namespace)/\(status.daemonSet)" }

    /// What happened, in a few words without punctuation at the end.
    var headline: String {
        let wave = notification.wave.map { " \($0)" } ?? ""
        return switch notification.event {
        case .started: "Rollout \(status.id) of \(daemonSet) began"
        case .wavePassed: "Wave\(wave) of rollout \(status.id) of \(daemonSet) passed"
        case .approvalNeeded: "Wave\(wave) of rollout \(status.id) of \(daemonSet) needs an approval"
        case .halted: "Rollout \(status.id) of \(daemonSet) is halted"
        case .resumed: "Rollout \(status.id) of \(daemonSet) goes on"
        case .rolledBack: "Rollout \(status.id) put an earlier revision of \(daemonSet) back"
        case .completed: "Rollout \(status.id) of \(daemonSet) is complete"
        case .aborted: "Rollout \(status.id) of \(daemonSet) was given up"
        }
    }

    /// Why, as a sentence; empty when the headline says it all.
    var explanation: String {
        notification.message.isEmpty ? notification.reason?.meaning ?? "" : notification.message
    }

    /// How many nodes stand where.
    var counts: String {
        let nodes = status.nodes
        let others = [("pending", nodes.pending), ("in flight", nodes.inFlight), ("deferred", nodes.deferred)]
        let parts = (others + [("failed", nodes.failed)]).filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        return (["\(nodes.updated) of \(nodes.total) nodes updated"] + parts).joined(separator: ", ")
    }
}
