/// What a notification tells of; the words of `on:` in a plan.
public enum NotificationEvent: String, Sendable, Hashable, ContractWord {
    case started, wavePassed, approvalNeeded, halted, resumed, rolledBack, completed, aborted

    /// What the event means, in one sentence.
    public var meaning: String {
        switch self {
        case .started: "A rollout began."
        case .wavePassed: "A wave passed."
        case .approvalNeeded: "A wave waits for a person to approve it."
        case .halted: "The rollout stopped for a person."
        case .resumed: "A halted rollout was taken up again."
        case .rolledBack: "A rollout whose plan names a `revision` is complete: that revision is back."
        case .completed: "Any other rollout is complete."
        case .aborted: "The rollout was given up."
        }
    }
}

/// How a destination wants to be told.
public enum NotificationFormat: String, Sendable, Hashable, CaseIterable {
    /// One documented JSON object, signed where the plan names a secret.
    case sluice
    /// A message for an incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat).
    case slack
    /// An alert of Alertmanager's API v2.
    case alertmanager
}

/// Somebody who wants to be told what a rollout does.
public struct NotificationDestination: Sendable, Hashable {
    /// Where a destination is found.
    public enum Address: Sendable, Hashable {
        /// A URL that is no secret.
        case text(String)
        /// A URL that is a secret, such as that of an incoming webhook.
        case secret(SecretSource)
    }

    /// The destination's name, unique in the plan.
    public var name: String
    /// How it wants to be told.
    public var format: NotificationFormat
    /// Where it is found.
    public var address: Address
    /// What it is told of, in the order of ``NotificationEvent``; an alert has its own rule and leaves this alone.
    public var events: [NotificationEvent]
    /// Where the key is found that signs each message; nil for none.
    public var signingSecret: SecretSource?
    /// How the server is asked.
    public var access: ServerAccess

    /// Somebody who wants to be told.
    public init(
        name: String, format: NotificationFormat = .sluice, address: Address,
        events: [NotificationEvent] = NotificationEvent.allCases, signingSecret: SecretSource? = nil,
        access: ServerAccess = ServerAccess()
    ) {
        self.name = name
        self.format = format
        self.address = address
        self.events = events
        self.signingSecret = signingSecret
        self.access = access
    }

    /// Whether it is to be told of an event.
    ///
    /// An alert fires with a halt and is resolved by whatever ends it: anything else would say nothing to it, and a choice
    /// could leave it firing.
    public func wants(_ notification: Notification) -> Bool {
        switch format {
        case .sluice, .slack: events.contains(notification.event)
        case .alertmanager: notification.event == .halted || notification.endsHalt
        }
    }
}
