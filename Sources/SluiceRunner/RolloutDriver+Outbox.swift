import SluiceClients
import SluiceCore

/// Telling the world: messages are written down with what they tell of, and sent when that is on disk.
extension RolloutDriver {
    func makeOutbox(plan: RolloutPlan) -> OutboxSender {
        OutboxSender(
            of: state.rollout, plan: plan, store: store, outside: outside, cluster: client,
            environment: options.environment)
    }

    /// Has the next commit write down what is to be told of a turn's journal lines.
    ///
    /// - Parameter before: where the rollout stood before the turn.
    func announce(_ lines: [JournalLine], before: Phase) {
        uncommitted.outbox.new += Announcement.messages(about: lines, before: before, in: state, plan: plan)
    }

    /// Has the next commit write down how messages fared.
    func noteDeliveries() {
        guard let results = outbox?.takeResults() else { return }
        uncommitted.outbox.deliveries.merge(results.deliveries) { $1 }
        uncommitted.journal += results.journal
    }

    /// Waits for the last messages at the end, but not for long: what is not out by then leaves with the next driver.
    func sendLastMessages(until deadline: Milliseconds, _ ending: Ending) {
        switch ending {
        case .stopped, .waiting, .heldByOther: wait(until: deadline) { outbox?.isIdle ?? true }
        case .interrupted, .failed: break
        }
        commit()
    }
}
