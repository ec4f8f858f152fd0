import ArgumentParser
import SluiceCore

/// `sluice skip`: leave nodes out.
struct SkipCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip", abstract: "Leave a node out of a rollout.",
        discussion: """
            For a node whose trouble is its own, such as a dead disk: it is not touched any more, and counts \
            neither as failed nor in the budget. A rollout that halted for it goes on with `sluice resume`. A \
            rollout that completes without a node ends with exit code 4 and names it, and so do the reports, \
            with the reason. `sluice retry` takes the node in again.
            """)

    @OptionGroup var flags: NodeFlags

    func run() throws {
        try reportingFailures {
            try flags.ask(
                NodeFlags.Question(
                    request: { .skip(node: $0, by: LiveRequest.person, reason: flags.reason) },
                    isPossible: { $0.mayBeSkipped($1) }, isDone: { $0.status == .skipped }, done: "is left out",
                    isFor: "pending, in flight, deferred or failed"))
        }
    }
}
