import Foundation
import SluiceClients
import SluiceCore
import SluiceRendering
import SluiceRunner
import SluiceStore

/// Drives a rollout from a terminal: events as lines, the ending as an exit code.
struct Driving {
    let client: KubernetesClient
    let store: Store
    let output: OutputFlags
    let waits: Bool

    /// Drives a stored rollout to its end or its halt, and back where its plan says so.
    ///
    /// - Throws: ``CommandFailure`` for every ending but a clean one.
    func drive(_ id: String, resuming: Bool) throws {
        let (ending, state) = try driveAlone(id, resuming: resuming)
        try finish(ending, state)
    }

    /// Drives while no other process of this machine does.
    private func driveAlone(_ id: String, resuming: Bool) throws -> (RolloutDriver.Ending, RolloutState) {
        guard let lock = try store.driverLock(for: id) else {
            throw CommandFailure(
                .otherDriver, "rollout \(id) is driven by another process on this machine (it uses \(store.path))")
        }
        defer { withExtendedLifetime(lock) {} }
        guard let state = try store.load(id) else {
            throw CommandFailure(.failed, "rollout \(id) is not in \(store.path)")
        }
        let driver = try makeDriver(state)
        watchStore()
        if !resuming, state.rollout.phase == .preparing {
            print(try store.journal(of: id, limit: 10).map(\.line), state)
        }
        let ending = driver.run(resuming: resuming)
        return (ending, driver.state)
    }

    /// Puts the version before back, as the plan of a halted rollout wants it.
    ///
    /// - Throws: ``CommandFailure``, also with ``ExitCode/rolledBack`` when that is done.
    func rollBack(_ state: RolloutState, _ due: RollbackPlan.Due) throws {
        let id = state.rollout.id
        output.say("rolling back rollout \(id), as its plan says: \(state.rollout.message)")
        let back = try WayBack(undoing: state, due: due)
        try PlanRun(
            client: client, store: store, output: output, yes: true, digest: nil, waits: waits, consent: Consent(),
            namespaceFlag: nil, undone: id, kept: back.kept
        ).carryOut(back.written)
        throw CommandFailure(
            .rolledBack, "the version that rollout \(id) brought proved bad, and the one before is back")
    }

    private func makeDriver(_ state: RolloutState) throws -> RolloutDriver {
        let (format, style, events) = (output.format, output.style, events(of: state))
        return try RolloutDriver.taking(
            up: state, client: client, store: store,
            options: RolloutDriver.Options(waits: waits, environment: { environment($0) })
        ) { lines in
            Terminal.write(lines.map { events.rendered($0, format, style) }.joined())
        }
    }

    private func events(of state: RolloutState) -> EventLine {
        EventLine(rollout: state.rollout.id, waves: state.waves.map(\.name), nodes: state.nodes.keys)
    }

    private func print(_ lines: [JournalLine], _ state: RolloutState) {
        let events = events(of: state)
        Terminal.write(lines.map { events.rendered($0, output.format, output.style) }.joined())
    }

    /// Lets the poll notice what other terminals write into the database.
    private func watchStore() {
        guard let outside = client.outside as? SystemOutside else { return }
        var last: Int64 = 0
        outside.storeVersion = { [store] in
            do throws(StoreError) {
                last = try store.dataVersion()
            } catch {
                // The driver meets the same error at its next commit and says it there.
                return last
            }
            return last
        }
    }

    // MARK: The ending

    private func finish(_ ending: RolloutDriver.Ending, _ state: RolloutState) throws {
        let id = state.rollout.id
        switch ending {
        case .stopped: try stopped(state)
        case .interrupted(let signal):
            throw CommandFailure(
                SluiceCore.ExitCode(signal: signal) ?? .failed,
                lines: ["interrupted; nothing is lost. Go on with: sluice resume \(id)"])
        case .waiting(let reason):
            output.say("waiting: \(reason)")
            output.say("go on with: sluice resume \(id)")
            throw CommandFailure(.waiting)
        case .heldByOther(let holder):
            throw CommandFailure(
                .otherDriver,
                "another driver holds the Lease of \(state.rollout.namespace)/\(state.rollout.daemonSet): "
                    + "\(holder). Stop it there, or pause with `kubectl annotate`; then: sluice resume \(id)")
        case .failed(let reason):
            throw CommandFailure(.failed, lines: [reason, "nothing is lost; then: sluice resume \(id)"])
        }
    }

    /// Before anybody, a way back included, changes anything. A halt is a halt without it.
    ///
    /// - Returns: the signal that ended it; nil for none.
    private func keepEvidence(of state: RolloutState) -> Int32? {
        let path = EvidenceFolder.defaultPath(for: state.rollout.id, at: StateFlags.now, state: store.path)
        do {
            try EvidenceFolder(client: client, store: store).write(state, to: path)
            output.say("evidence: \(path)/evidence.txt")
        } catch {
            output.say("no evidence was kept: \(CommandFailure(error).lines.joined(separator: "; "))")
            if let error = error as? APIError, case .interrupted(let signal) = error.kind { return signal }
        }
        return nil
    }

    /// Says how the rollout ended and what to type next.
    private func stopped(_ state: RolloutState) throws {
        let due = try WayBack.due(for: state)
        let status = RolloutStatus(
            state: state, isDriven: false, isRollbackDue: due != nil,
            messages: try store.messages(of: state.rollout.id), now: StateFlags.now)
        if !output.quiet {
            Terminal.say("")
            Terminal.say(StatusDocument(status).rendered(.text, Style(width: output.style.width)))
        }
        let signal = state.rollout.phase == .halted ? keepEvidence(of: state) : nil
        if let due {
            guard let signal else { return try rollBack(state, due) }
            throw CommandFailure(
                SluiceCore.ExitCode(signal: signal) ?? .failed,
                "interrupted before the way back began; then: sluice resume \(state.rollout.id)")
        }
        if let code = ExitCode(outcome: state.rollout), code != .done { throw CommandFailure(code) }
    }
}

extension SluiceCore.ExitCode {
    /// What a rollout that stands still says; nil while it is under way.
    init?(outcome rollout: RolloutRecord) {
        switch rollout.phase {
        case .completed: self = rollout.reason == .deferredNodes ? .staleNodes : .done
        case .halted: self = .halted
        case .aborted: self = .aborted
        case .preparing, .updating, .soaking: return nil
        }
    }
}
