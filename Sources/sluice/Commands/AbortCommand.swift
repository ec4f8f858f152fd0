import ArgumentParser
import SluiceCore
import SluiceStore

/// `sluice abort`: give a rollout up for good.
struct AbortCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort",
        abstract: "Give a rollout up. Nothing more is deleted; nodes stay on the revision they have.")

    @Argument(help: "The rollout, or ds/NAME; may be left out when only one is under way.")
    var rollout: String?

    @Option(help: "Why; kept in the history.")
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
                .apply(.abort(reason: reason), done: "rollout \(record.id) is aborted")
        }
    }
}
