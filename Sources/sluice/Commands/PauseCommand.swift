import ArgumentParser
import SluiceCore
import SluiceStore

/// `sluice pause`: delete nothing more for now.
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Delete nothing more until `sluice resume`. What is under way settles.")

    @Argument(help: "The rollout, or ds/NAME; may be left out when only one is under way.")
    var rollout: String?

    @Option(help: "Why; shown by status and kept in the history.")
    var reason = "asked for"

    @Option(name: [.short, .long], help: ArgumentHelp("The namespace, for ds/NAME.", valueName: "name"))
    var namespace: String?

    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    func run() throws {
        try reportingFailures {
            let store = try state.openExisting()
            let record = try RolloutSelection(store: store, namespace: namespace).find(rollout, acceptsFinished: false)
            guard !record.phase.isFinal else {
                throw CommandFailure(.failed, "rollout \(record.id) is \(record.phase.rawValue) already")
            }
            try LiveRequest(store: store, rollout: record.id, output: output)
                .apply(.pause(reason: reason), done: "rollout \(record.id) is paused; sluice resume \(record.id)")
        }
    }
}
