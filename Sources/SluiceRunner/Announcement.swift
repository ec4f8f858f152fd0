import SluiceCore
import SluiceRendering

/// Turns journal lines into the messages that tell of them, so that both can be written down together.
enum Announcement {
    /// The messages about the journal lines of one turn: an Event for the cluster, and what the plan's destinations want.
    ///
    /// - Parameters:
    ///   - before: where the rollout stood before them; nil when they begin it.
    ///   - state: the rollout after them.
    static func messages(
        about lines: [JournalLine], before: Phase?, in state: RolloutState, plan: RolloutPlan
    ) -> [OutboxMessage] {
        Notification.all(about: lines, before: before, in: state, plan: plan).flatMap { notification in
            let document = NotificationDocument(notification)
            let told = plan.notifications.filter { $0.wants(notification) }
            return [message(notification, .cluster, document.event)]
                + told.map { message(notification, .destination($0.name), document.body($0.format)) }
        }
    }

    private static func message(
        _ notification: Notification, _ address: OutboxAddress, _ body: [UInt8]
    ) -> OutboxMessage {
        OutboxMessage(
            address: address, event: notification.event, key: notification.key, body: body, createdAt: notification.time
        )
    }
}
