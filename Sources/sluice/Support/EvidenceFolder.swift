import Foundation
import SluiceClients
import SluiceCore
import SluiceRendering
import SluiceRunner
import SluiceStore

/// Writes what a halt leaves into a folder of its own, for nobody's eyes but the owner's.
struct EvidenceFolder {
    let client: KubernetesClient
    let store: Store

    /// The folder for a rollout's evidence beside the database: `evidence/ROLLOUT-TIME`.
    static func defaultPath(for id: String, at time: Timestamp, state: String) -> String {
        let stamp = time.rfc3339.filter { $0 != ":" && $0 != "-" }
        let folder = (state as NSString).deletingLastPathComponent
        // A database that is named without a folder lies in the current one, not in the root.
        return "\(folder.isEmpty ? "." : folder)/evidence/\(id)-\(stamp)"
    }

    /// Gathers and writes everything.
    ///
    /// - Parameter path: the folder; it must not be there yet.
    /// - Throws: `APIError` when interrupted, ``CommandFailure`` when the folder cannot be written.
    func write(_ state: RolloutState, to path: String) throws {
        let plan = try PlanLoader.load(state.rollout.planText, file: "the plan of rollout \(state.rollout.id)")
        var reader = EvidenceReader(client: client, state: state)
        let evidence = try reader.read(journal: try journal(of: state.rollout.id))
        do {
            try save(evidence, plan, in: path)
        } catch {
            throw CommandFailure(.failed, "the evidence cannot be written to \(path): \(error.localizedDescription)")
        }
    }

    private func journal(of id: String) throws -> [JournalLine] {
        var lines: [StoredJournalLine] = []
        while true {
            let page = try store.journal(of: id, after: lines.last?.number ?? 0, limit: HistoryCommand.pageLines)
            lines = (lines + page).suffix(HistoryCommand.pageLines)
            if page.count < HistoryCommand.pageLines { break }
        }
        return lines.suffix(Evidence.journalLines).map(\.line)
    }

    private func save(_ evidence: Evidence, _ plan: RolloutPlan, in path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { throw CocoaError(.fileWriteFileExists) }
        try save(EvidencePage(evidence, plan: plan).text, as: "evidence.txt", in: path)
        let isDue = RollbackPlan.due(for: evidence.state, plan: plan) != nil
        let status = RolloutStatus(
            state: evidence.state, isDriven: false, isRollbackDue: isDue, now: evidence.gatheredAt)
        try save(StatusDocument(status).rendered(.json), as: "rollout.json", in: path)
        let events = EventLine(rollout: evidence.state.rollout.id)
        try save(evidence.journal.map { events.rendered($0, .json) }.joined(), as: "journal.jsonl", in: path)
        for facts in evidence.nodes {
            let value: JSONValue = [
                "node": facts.node ?? .null, "pods": .array(facts.pods),
                "events": .array(facts.events.map(JSONValue.string)),
            ]
            try save(value.prettySerialized + "\n", as: "\(facts.subject.record.node).json", in: path + "/nodes")
            for log in facts.logs {
                let name = "\(log.pod).\(log.container)\(log.isPrevious ? ".previous" : "").log"
                try save(log.text, as: name, in: path + "/logs")
            }
        }
    }

    private func save(_ text: String, as name: String, in folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = "\(folder)/\(name)"
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
    }
}
