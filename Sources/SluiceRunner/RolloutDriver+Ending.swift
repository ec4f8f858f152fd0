import SluiceClients
import SluiceCore

/// The end of driving, whatever its reason.
extension RolloutDriver {
    /// The longest wait for the Lease to be given back, in milliseconds.
    private static let releaseTimeout: Milliseconds = 5_000

    /// Writes down why driving ends, gives the Lease back, ends the watches, and tells the world.
    func wrapUp(_ ending: Ending) -> Ending {
        let lastMessagesUntil = outside.now.monotonic + OutboxSender.patience
        watches?.stop()
        if case .interrupted(let signal) = ending {
            uncommitted.journal.append(
                JournalLine(
                    time: outside.now.wall, event: .interrupted, reason: .signal,
                    message: "signal \(signal); `sluice resume \(state.rollout.id)` goes on"))
        }
        uncommitted.effects = []
        // There is no later try.
        storeRetryAt = nil
        commit()
        releaseLease()
        sendLastMessages(until: lastMessagesUntil, ending)
        return ending
    }

    /// Deletes on their way are waited for first: the next driver may take the Lease the moment it is given back, and
    /// must then see in its list what we have done. A Lease that is not given back expires by itself.
    private func releaseLease() {
        // What waits for a token or for its turn must not leave after the end.
        client.holdBack(deletesUnderWay.values)
        guard let lease else { return }
        wait(until: outside.now.monotonic + KubernetesLimits.deleteTimeout) { deletesUnderWay.isEmpty }
        guard !hasDeleteOnItsWay else { return }
        lease.release(checkpoint: checkpoint)
        wait(until: outside.now.monotonic + Self.releaseTimeout) { !lease.isBeingReleased }
    }

    func wait(until deadline: Milliseconds, _ isDone: () -> Bool) {
        while !isDone(), outside.now.monotonic < deadline {
            let wakes = [client.nextWake, outbox?.nextWake, deadline].compactMap { $0 }
            for arrival in outside.poll(until: wakes.min()) where !client.receive(arrival) { outbox?.receive(arrival) }
            client.advance()
            outbox?.advance()
        }
    }
}
