import SluiceCore

/// An alert of Alertmanager's API v2 that fires while a rollout is halted.
extension NotificationDocument {
    /// The alert's name.
    static let alertName = "SluiceRolloutHalted"
    /// How long a halt's alert fires when nothing ends it, in milliseconds. Nobody drives a halted rollout, so nobody can
    /// send the alert again as Prometheus does; without an end of its own it would resolve after `resolve_timeout`.
    static let alertLength: Milliseconds = 7 * 86_400_000

    /// The labels name the rollout and nothing that changes, so that the end of a halt meets its beginning.
    var alerts: OrderedJSON {
        let labels = [
            ("alertname", Self.alertName), ("daemonset", status.daemonSet), ("namespace", status.namespace),
            ("rollout", status.id), ("severity", "warning"),
        ]
        var alert = [OrderedJSON.Member("labels", Self.object(labels))]
        if notification.event == .halted {
            let end = Timestamp(notification.time.millisecondsSince1970 + Self.alertLength)
            alert.append(OrderedJSON.Member("annotations", Self.object(annotations)))
            alert.append(OrderedJSON.Member("startsAt", .string(notification.time.rfc3339Micro)))
            alert.append(OrderedJSON.Member("endsAt", .string(end.rfc3339Micro)))
        } else {
            // Alertmanager takes a missing beginning for the end, which is within the alert that it ends.
            alert.append(OrderedJSON.Member("annotations", Self.object([("summary", headline)])))
            alert.append(OrderedJSON.Member("endsAt", .string(notification.time.rfc3339Micro)))
        }
        return .array([.object(alert)])
    }

    private var annotations: [(String, String)] {
        var texts = [("summary", headline), ("description", "\(explanation)\n\(counts)")]
        if let reason = notification.reason { texts.append(("reason", reason.rawValue)) }
        if let wave = notification.wave { texts.append(("wave", wave)) }
        if !status.next.isEmpty { texts.append(("next", status.next.map(\.command).joined(separator: "\n"))) }
        return texts
    }

    private static func object(_ texts: [(String, String)]) -> OrderedJSON {
        .object(texts.map { OrderedJSON.Member($0.0, .string($0.1)) })
    }
}
