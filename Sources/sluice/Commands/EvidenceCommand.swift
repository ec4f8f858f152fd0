import ArgumentParser
import SluiceClients
import SluiceCore
import SluiceRunner
import SluiceStore

/// `sluice evidence`: what speaks for and against a rollout now, in a folder.
struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Gather what a halted rollout leaves, in a folder.",
        discussion: """
            Every halt does this by itself, beside the database, and says where. The folder has a page to read \
            (evidence.txt), the rollout, the end of its journal, and for the nodes that failed and a few that were \
            not touched: conditions, pods, events, and the last lines of containers that died. Environment, \
            arguments and annotations are left out, and words in logs that look like secrets are masked; look \
            before you pass it on.
            """)

    @Argument(help: "The rollout, or ds/NAME; may be left out when only one is under way.")
    var rollout: String?

    @OptionGroup var clusterFlags: ClusterFlags
    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    @Option(help: ArgumentHelp("Write into this new folder.", valueName: "path"))
    var to: String?

    func run() throws {
        try reportingFailures {
            let store = try state.openExisting()
            let record = try RolloutSelection(store: store, namespace: clusterFlags.namespace)
                .find(rollout, acceptsFinished: true)
            guard let found = try store.load(record.id) else {
                throw CommandFailure(.failed, "rollout \(record.id) is not in \(store.path)")
            }
            let path = to ?? EvidenceFolder.defaultPath(for: record.id, at: StateFlags.now, state: store.path)
            try EvidenceFolder(client: try clusterFlags.connect(), store: store).write(found, to: path)
            Terminal.write(path + "\n")
        }
    }
}
