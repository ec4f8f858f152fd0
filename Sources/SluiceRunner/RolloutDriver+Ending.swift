import SluiceClients
import SluiceCore

/// The end of driving, whatever its reason.
extension RolloutDriver {
    /// The longest wait for the Lease to be given back, in milliseconds.
    private static let releaseTimeout: Milliseconds = 5_000

    /// Writes down why driving ends, gives the Lease back, and ends the watches.
    func wrapUp(_ ending: Ending) -> Ending {
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
        return ending
    }

    /// Deletes and patches on their way are waited for first: the next driver may take the Lease the moment it is given back, and
    /// must then see in its list what we have done. A Lease that is not given back expires by itself.
    private func releaseLease() {
        // What waits for a token or for its turn must not leave after the end.
        client.holdBack(deletesUnderWay.values)
        guard let lease else { return }
        wait(for: KubernetesLimits.deleteTimeout) { deletesUnderWay.isEmpty && patchesUnderWay == 0 }
        guard !hasDeleteOnItsWay else { return }
        lease.release(checkpoint: checkpoint)
        wait(for: Self.releaseTimeout) { !lease.isBeingReleased }
    }

    private func wait(for limit: Milliseconds, until isDone: () -> Bool) {
        let deadline = outside.now.monotonic + limit
        while !isDone(), outside.now.monotonic < deadline {
            let wake = min(client.nextWake ?? deadline, deadline)
            for arrival in outside.poll(until: wake) { _ = client.receive(arrival) }
            client.advance()
        }
    }
}
