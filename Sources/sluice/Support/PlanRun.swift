import SluiceClients
import SluiceCore
import SluiceRendering
import SluiceRunner
import SluiceStore

/// Carries a plan out: shows it, asks, writes it down, drives it.
struct PlanRun {
    let client: KubernetesClient
    let store: Store
    let output: OutputFlags
    /// Whether a person need not be asked.
    let yes: Bool
    /// The digest that was approved; nil approves any.
    let digest: String?
    let waits: Bool
    let consent: Consent
    let namespaceFlag: String?
    /// The rollout that the plan is the way back of; nil for any other plan.
    var undone: String?
    /// What such a plan goes back to; nil when it was not kept.
    var kept: KeptRevision?

    /// Carries a plan out to its end or its halt; the same plan again goes on with a rollout that was interrupted.
    ///
    /// - Throws: ``CommandFailure`` for every ending but a clean one.
    func carryOut(_ written: WrittenPlan) throws {
        let prepared = try PreparedPlan(
            written, consent, client: client, namespaceFlag: namespaceFlag, kept: kept)
        let driving = Driving(client: client, store: store, output: output, waits: waits)
        let earlier = try Predecessor(
            store: store, daemonSetUID: prepared.facts.daemonSet.uid, planText: prepared.text, undone: undone)
        switch earlier.relation {
        case .samePlan(let id):
            output.say("rollout \(id) of this plan was interrupted; going on with it")
            return try driving.drive(id, resuming: false)
        case .rollbackDue(let state, let due): return try driving.rollBack(state, due)
        case .none, .replaced: break
        }
        show(prepared)
        try check(prepared)
        // No node may have the new version any more and the template may still be the new one's: on the way back it counts.
        let isDone = undone == nil || prepared.waves.targetTemplate == prepared.facts.daemonSet.template
        if prepared.waves.waves.isEmpty, isDone {
            return output.say("nothing to do: every node that runs the DaemonSet has the target revision")
        }
        // Whoever puts a version back is not kept from it by a message that nobody would get.
        let always: Set<PreflightCheck> = [.right, .podCreation, .patch, .configuration]
        try prepared.refuse(undone == nil ? always.union([.secret]) : always, consent)
        try confirm(replacing: earlier)
        let id = try writeDown(prepared, replacing: earlier)
        try driving.drive(id, resuming: false)
    }

    /// Writes the rollout down; returns its name.
    private func writeDown(_ prepared: PreparedPlan, replacing earlier: Predecessor) throws -> String {
        let lock = try earlier.lockReplaced()
        defer { withExtendedLifetime(lock) {} }
        let id = "\(prepared.facts.daemonSet.name)-\(StateFlags.drawLetters(5))"
        try RolloutBeginning.write(
            prepared.waves, planText: prepared.text, facts: prepared.facts, id: id, replacing: earlier.replaced,
            in: store, client: client)
        return id
    }

    /// Before anything is opened: whether somebody can be asked, or need not be.
    static func checkConsent(yes: Bool, command: String) throws {
        guard yes || Terminal.isInteractive else {
            throw CommandFailure(.usage, "without a terminal to ask on, `\(command)` needs --yes")
        }
    }

    private func show(_ prepared: PreparedPlan) {
        guard !output.quiet else { return }
        switch output.format {
        case .text, .wide: Terminal.write(prepared.document.rendered(output.format, output.style) + "\n")
        case .json, .yaml: Terminal.say(prepared.document.rendered(.text))
        }
    }

    private func check(_ prepared: PreparedPlan) throws {
        if let digest, digest != prepared.waves.digest {
            throw CommandFailure(
                .invalidPlan,
                "the plan's digest is \(prepared.waves.digest) now, approved was \(digest): template, nodes "
                    + "or waves have changed. Look at `sluice plan` and approve again")
        }
    }

    private func confirm(replacing earlier: Predecessor) throws {
        if case .replaced(let id) = earlier.relation {
            output.say("this takes the place of rollout \(id), which is not over; it will be aborted")
        }
        guard !yes else { return }
        guard Terminal.confirms("Run this plan?") else {
            throw CommandFailure(.usage, "not confirmed; nothing was changed")
        }
    }
}
