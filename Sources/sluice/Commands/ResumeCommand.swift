import ArgumentParser
import SluiceClients
import SluiceCore
import SluiceRunner
import SluiceStore

/// `sluice resume`: go on where the rollout stands.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a rollout that was interrupted, paused or halted.",
        discussion: """
            When nobody drives the rollout, this process does, to its end or its halt; a halted rollout is judged \
            anew, or rolled back where its plan says so. \
            When a live driver has it paused, the pause is lifted and the command returns.
            """)

    @Argument(help: "The rollout, or ds/NAME; may be left out when only one is under way.")
    var rollout: String?

    @OptionGroup var clusterFlags: ClusterFlags
    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    @Flag(help: "Return (exit code 3) instead of waiting: for a soak, an approval, a window or another driver's Lease.")
    var noWait = false

    func run() throws {
        try reportingFailures {
            let store = try state.openExisting()
            let record = try RolloutSelection(store: store, namespace: clusterFlags.namespace)
                .find(rollout, acceptsFinished: true)
            if record.phase.isFinal {
                output.say("rollout \(record.id) is \(record.phase.rawValue); there is nothing to resume")
                // Its driver may have died before it told anybody of the end.
                try OfflineOutbox.send(of: record.id, in: store)
                throw CommandFailure(ExitCode(outcome: record) ?? .failed)
            }
            if try store.isDriven(record.id) { return try unpause(record, store) }
            let client = try clusterFlags.connect()
            let driving = Driving(client: client, store: store, output: output, waits: !noWait)
            if let state = try store.load(record.id), let due = try WayBack.due(for: state) {
                return try driving.rollBack(state, due)
            }
            try driving.drive(record.id, resuming: true)
        }
    }

    private func unpause(_ record: RolloutRecord, _ store: Store) throws {
        guard record.pauseReason != nil else {
            throw CommandFailure(
                .otherDriver, "rollout \(record.id) is being driven by another process, and is not paused")
        }
        if try LiveRequest(store: store, rollout: record.id, output: output).send(.resume) {
            output.say("the pause of rollout \(record.id) is lifted")
        }
    }
}
