import ArgumentParser
import SluiceCore
import SluiceRendering
import SluiceStore

/// `sluice history`: the rollouts of the database, or the journal of one.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List rollouts, newest first, or the journal of one.")

    @Argument(help: "The rollout, or ds/NAME; without it all rollouts are listed.")
    var rollout: String?

    @Option(name: [.short, .long], help: ArgumentHelp("The namespace.", valueName: "name"))
    var namespace: String?

    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    /// How many journal lines are read at once.
    static let pageLines = 10_000

    func run() throws {
        try reportingFailures {
            guard let store = try state.openForReading() else { throw StoreError.missing(path: state.path) }
            guard let rollout else {
                let records = try store.rollouts(namespace: namespace)
                let entries = try records.map { HistoryEntry(rollout: $0, nodes: try nodes(of: $0.id, store)) }
                return Terminal.write(HistoryDocument(entries).rendered(output.format, output.style))
            }
            let record = try RolloutSelection(store: store, namespace: namespace).find(rollout, acceptsFinished: true)
            var lines: [StoredJournalLine] = []
            while true {
                let page = try store.journal(of: record.id, after: lines.last?.number ?? 0, limit: Self.pageLines)
                lines += page
                if page.count < Self.pageLines { break }
            }
            let entry = HistoryEntry(rollout: record, nodes: try nodes(of: record.id, store))
            let document = JournalDocument(entry, lines: lines.map(\.line))
            Terminal.write(document.rendered(output.format, output.style))
        }
    }

    private func nodes(of id: String, _ store: Store) throws -> Int { try store.load(id)?.nodes.count ?? 0 }
}
