import ArgumentParser
import SluiceCore

/// `sluice retry`: give nodes another try.
struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Give a node that failed, was deferred or was skipped another try.",
        discussion: """
            The node waits for its turn again, within the budget; if its pod is of the new version and bad, it \
            is deleted once more, so that the controller makes a fresh one. If the pod has become good \
            meanwhile, it stays. A soak that is under way begins anew after it. A node of a wave that has passed \
            is tried at the end of the rollout. A halted rollout goes on with `sluice resume`, which judges all \
            failed nodes anew, but replaces no pod of them.
            """)

    @OptionGroup var flags: NodeFlags

    func run() throws {
        try reportingFailures {
            try flags.ask(
                NodeFlags.Question(
                    request: { .retry(node: $0, by: LiveRequest.person, reason: flags.reason) },
                    isPossible: { $0.mayBeRetried($1) },
                    isDone: { $0.status != .skipped },
                    done: "gets another try", isFor: "deferred, failed or skipped"))
        }
    }
}
