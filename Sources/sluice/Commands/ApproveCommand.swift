import ArgumentParser
import SluiceCore
import SluiceStore

/// `sluice approve`: let the wave begin that waits for it.
struct ApproveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Let a wave begin whose plan says `approval: required`.",
        discussion: """
            It is the wave that waits now; later waves need approvals of their own. Who approved it, when and why is \
            kept. Without a driver it is kept for the next one: `sluice resume` goes on.
            """)

    @OptionGroup var flags: OperatorFlags

    func run() throws {
        try reportingFailures {
            let store = try flags.state.openExisting()
            let id = try flags.find(in: store).id
            guard let before = try store.load(id) else {
                throw CommandFailure(.failed, "rollout \(id) is not in \(store.path)")
            }
            guard let wave = before.waveToApprove else { throw Self.nothingWaits(before) }
            let request = OperatorRequest.approve(wave: wave.name, by: LiveRequest.person, reason: flags.reason)
            guard try LiveRequest(store: store, rollout: id, output: flags.output).apply(request) else { return }
            // The driver may have halted, or somebody been quicker, in between.
            guard let after = try store.load(id), after.waves[wave.index].approvedAt != nil else {
                throw Self.nothingWaits(try store.load(id) ?? before)
            }
            flags.output.say("wave \(wave.name) of rollout \(id) is approved")
        }
    }

    /// What stands instead, and what will wait later.
    private static func nothingWaits(_ state: RolloutState) -> CommandFailure {
        let rollout = state.rollout
        let current = state.waves.first { $0.index == rollout.waveIndex }
        let later = state.waves.filter {
            $0.index >= rollout.waveIndex && $0.needsApproval && $0.approvedAt == nil && $0.status == .pending
        }
        return CommandFailure(
            .failed,
            lines: [
                "no wave of rollout \(rollout.id) waits for an approval: it is \(rollout.phase.rawValue)"
                    + (current.map { ", wave \($0.name)" } ?? ""),
                later.isEmpty
                    ? "no later wave needs one"
                    : "later it will be needed for: \(later.map(\.name).joined(separator: ", "))",
            ])
    }
}
