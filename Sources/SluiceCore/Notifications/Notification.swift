/// Something that a rollout has to tell the world: one line of the journal with what was true when it was written.
///
/// It holds no secret, no environment value and no part of a template.
public struct Notification: Sendable, Equatable {
    /// What it tells of.
    public var event: NotificationEvent
    /// Names this very notification: the same each time it is sent, and for no other one. 32 hexadecimal digits.
    public var key: String
    /// When it happened.
    public var time: Timestamp
    /// The wave's name; nil when it is about the whole rollout.
    public var wave: String?
    /// Why; nil when the event speaks for itself.
    public var reason: Reason?
    /// The sentence for people; empty when the event speaks for itself.
    public var message: String
    /// Whether a halt ends with it.
    public var endsHalt: Bool
    /// The rollout as it stood then, without the cluster's part of its identity.
    public var status: RolloutStatus
    /// The DaemonSet's uid.
    public var daemonSetUID: String
}

extension Notification {
    /// What the journal lines of one turn have to tell, in their order.
    ///
    /// - Parameters:
    ///   - before: where the rollout stood before them; nil when they begin it.
    ///   - state: the rollout after them.
    ///   - plan: its plan.
    public static func all(
        about lines: [JournalLine], before: Phase?, in state: RolloutState, plan: RolloutPlan
    ) -> [Notification] {
        var isHalted = before == .halted
        var notifications: [Notification] = []
        for line in lines {
            guard let event = event(of: line, isHalted: isHalted, in: state, plan: plan) else { continue }
            let endsHalt = isHalted && [.resumed, .rolledBack, .completed, .aborted].contains(event)
            if endsHalt || event == .halted { isHalted = event == .halted }
            notifications.append(Notification(event, line, endsHalt: endsHalt, in: state))
        }
        return notifications
    }

    private init(_ event: NotificationEvent, _ line: JournalLine, endsHalt: Bool, in state: RolloutState) {
        let rollout = state.rollout
        let isDriven = !rollout.phase.isFinal && rollout.phase != .halted
        self.event = event
        self.endsHalt = endsHalt
        key = Self.key(of: line, in: rollout)
        time = line.time
        reason = line.reason
        status = RolloutStatus(state: state, isDriven: isDriven, now: line.time)
        daemonSetUID = rollout.daemonSetUID
        let hold = event == .approvalNeeded ? Self.approval(in: rollout) : nil
        wave = line.wave ?? (hold == nil ? nil : status.wave)
        message = hold?.reason ?? line.message
    }

    private static func event(
        of line: JournalLine, isHalted: Bool, in state: RolloutState, plan: RolloutPlan
    ) -> NotificationEvent? {
        switch line.event {
        case .started: .started
        case .wavePassed: .wavePassed
        case .halted: .halted
        case .aborted: .aborted
        case .completed: plan.revision == nil ? .completed : .rolledBack
        case .resumed: isHalted ? .resumed : nil
        case .held: approval(in: state.rollout)?.journalText == line.message ? .approvalNeeded : nil
        case .patched, .revisionFound, .waveStarted, .batchStarted, .deleting, .deleted, .updated, .unready, .deferred,
            .failed, .recovered, .left, .leaked, .joined, .toppedUp, .unobserved, .soakStarted, .measured, .gatePassed,
            .gateWarned, .gateRetried, .released, .paused, .unpaused, .approved, .skipped, .retried, .parked, .unparked,
            .imageChanged, .configChanged, .configUnseen, .strategyChanged, .interrupted, .undelivered:
            nil
        }
    }

    private static func approval(in rollout: RolloutRecord) -> Hold? { rollout.holds.first { $0.kind == .approval } }

    /// Made from the line itself, which is written once: no clock and no counter can give it to another one.
    private static func key(of line: JournalLine, in rollout: RolloutRecord) -> String {
        let parts = [
            rollout.daemonSetUID, rollout.id, String(rollout.createdAt.millisecondsSince1970), line.event.rawValue,
            line.wave ?? "", String(line.time.millisecondsSince1970), line.message,
        ]
        return SHA256.identifier(of: parts)
    }
}
