import ArgumentParser
import SluiceCore
import SluiceRunner
import SluiceStore

/// What `approve`, `pause` and `abort` share: which rollout, why, and where it is kept.
struct OperatorFlags: ParsableArguments {
    @Argument(help: "The rollout, or ds/NAME; may be left out when only one is under way.")
    var rollout: String?

    @Option(help: "Why; shown by status and kept in the history.")
    var reason = "asked for"

    @Option(name: [.short, .long], help: ArgumentHelp("The namespace, for ds/NAME.", valueName: "name"))
    var namespace: String?

    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    /// Asks for something, of the live driver if there is one.
    ///
    /// - Parameter done: what is said when it is done; given the rollout's name.
    func ask(_ request: OperatorRequest, done: (String) -> String) throws {
        let store = try state.openExisting()
        let record = try find(in: store)
        let isAnswered = try LiveRequest(store: store, rollout: record.id, output: output).apply(request)
        if isAnswered { output.say(done(record.id)) }
        try OfflineOutbox.send(of: record.id, in: store)
    }

    /// The rollout that is meant; it is not over.
    func find(in store: Store) throws -> RolloutRecord {
        let record = try RolloutSelection(store: store, namespace: namespace).find(rollout, acceptsFinished: false)
        guard !record.phase.isFinal else {
            throw CommandFailure(.failed, "rollout \(record.id) is \(record.phase.rawValue) already")
        }
        return record
    }
}
