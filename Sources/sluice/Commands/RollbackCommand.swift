import ArgumentParser
import SluiceClients
import SluiceCore
import SluiceRunner
import SluiceStore

/// `sluice rollback`: the nodes that a rollout updated get their previous version back.
struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Put the previous version back, on the nodes that were updated last first.",
        discussion: """
            `kubectl rollout undo` puts the template back, and under OnDelete no pod moves. This puts back exactly \
            the revision that most nodes ran when the rollout was planned, and then replaces the pods that have \
            another one, as a rollout of its own: under a budget, written down first, resumable. It works for a \
            rollout that halted, was interrupted or aborted, and for one that completed.
            """)

    @Argument(help: "The rollout to undo: its name, or the beginning of it.")
    var rollout: String

    @OptionGroup var consent: ConsentFlags
    @OptionGroup var clusterFlags: ClusterFlags
    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    @Option(help: ArgumentHelp("Go back to this revision instead.", valueName: "hash"))
    var toRevision: String?

    @Option(
        help: ArgumentHelp(
            "How many nodes may be without an available pod; by default twice as many as in the rollout, and at most half "
                + "of them.", valueName: "nodes"))
    var maxUnavailable: Int?

    @Flag(name: [.short, .long], help: "Do not ask; needed without a terminal.")
    var yes = false

    func validate() throws {
        if let maxUnavailable, maxUnavailable < 1 { throw ValidationError("--max-unavailable must be at least 1") }
    }

    func run() throws {
        try reportingFailures {
            try PlanRun.checkConsent(yes: yes, command: "rollback")
            let store = try state.openExisting()
            let record = try RolloutSelection(store: store, namespace: clusterFlags.namespace)
                .find(rollout, acceptsFinished: true)
            if try store.isDriven(record.id) {
                throw CommandFailure(
                    .otherDriver,
                    "rollout \(record.id) is being driven by another process; `sluice abort \(record.id)` stops it there"
                )
            }
            guard let undone = try store.load(record.id) else {
                throw CommandFailure(.failed, "rollout \(record.id) is not in \(store.path)")
            }
            let back = try WayBack(undoing: undone, revision: toRevision, maxUnavailable: maxUnavailable)
            let client = try clusterFlags.connect()
            try PlanRun(
                client: client, store: store, output: output, yes: yes, digest: nil, waits: true,
                consent: consent.value,
                namespaceFlag: clusterFlags.namespace, undone: record.id, kept: back.kept
            ).carryOut(back.written)
        }
    }
}
