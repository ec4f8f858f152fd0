/// Whom a message is for.
public enum OutboxAddress: Sendable, Hashable {
    /// The cluster: an Event about the DaemonSet.
    case cluster
    /// A destination of the plan, by its name.
    case destination(String)

    /// The destination's name in the plan; nil for the cluster.
    public var name: String? { if case .destination(let name) = self { name } else { nil } }
}

/// A message that is to be sent: written down together with the journal line that it speaks of.
public struct OutboxMessage: Sendable, Hashable {
    /// Whom it is for.
    public var address: OutboxAddress
    /// What it tells of.
    public var event: NotificationEvent
    /// The notification's key: whoever gets a message twice knows it by this.
    public var key: String
    /// What is sent, byte for byte the same each time. Holds no secret.
    public var body: [UInt8]
    /// When it was written down.
    public var createdAt: Timestamp

    /// A message that is to be sent.
    public init(address: OutboxAddress, event: NotificationEvent, key: String, body: [UInt8], createdAt: Timestamp) {
        self.address = address
        self.event = event
        self.key = key
        self.body = body
        self.createdAt = createdAt
    }
}

/// A message as the database keeps it.
public struct OutboxRecord: Sendable, Hashable {
    /// Its number: later ones are greater.
    public var number: Int64
    /// The name of the rollout that it tells of.
    public var rollout: String
    /// The message.
    public var message: OutboxMessage
    /// How it fared so far.
    public var delivery: OutboxDelivery

    /// A message as the database keeps it.
    public init(number: Int64, rollout: String, message: OutboxMessage, delivery: OutboxDelivery) {
        self.number = number
        self.rollout = rollout
        self.message = message
        self.delivery = delivery
    }
}

/// How a message fared so far.
public struct OutboxDelivery: Sendable, Hashable {
    /// How often it was tried in vain.
    public var attempts: Int
    /// When it is tried next.
    public var dueAt: Timestamp
    /// Why the last try failed; empty when none did.
    public var lastError: String
    /// When its destination took it.
    public var sentAt: Timestamp?
    /// When it was given up.
    public var givenUpAt: Timestamp?

    /// How a message fared so far.
    public init(
        attempts: Int = 0, dueAt: Timestamp, lastError: String = "", sentAt: Timestamp? = nil,
        givenUpAt: Timestamp? = nil
    ) {
        self.attempts = attempts
        self.dueAt = dueAt
        self.lastError = lastError
        self.sentAt = sentAt
        self.givenUpAt = givenUpAt
    }

    /// Whether nothing more is to be done.
    public var isOver: Bool { sentAt != nil || givenUpAt != nil }
}

/// What one commit changes in the outbox.
public struct OutboxChanges: Sendable, Hashable {
    /// New messages, in order.
    public var new: [OutboxMessage]
    /// How earlier messages fared, by their numbers.
    public var deliveries: [Int64: OutboxDelivery]

    /// What one commit changes.
    public init(new: [OutboxMessage] = [], deliveries: [Int64: OutboxDelivery] = [:]) {
        self.new = new
        self.deliveries = deliveries
    }

    /// Whether nothing changes.
    public var isEmpty: Bool { new.isEmpty && deliveries.isEmpty }
}
