import GRDB
public import SluiceCore

/// A line of the journal with its place in it.
public struct StoredJournalLine: Sendable, Hashable {
    /// The line's number: grows with time over all rollouts, with gaps.
    public var number: Int64
    /// The line.
    public var line: JournalLine

    /// A line of the journal with its place in it.
    public init(number: Int64, line: JournalLine) {
        self.number = number
        self.line = line
    }
}

/// Owns the table `journal`.
enum JournalTable {
    /// Adds lines, in order.
    static func append(_ lines: [JournalLine], rollout: Int64, _ database: Database) throws {
        guard !lines.isEmpty else { return }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO journal (rollout, happened_at, event, wave, node, reason, message)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        )
        for line in lines {
            try statement.execute(arguments: [
                rollout, line.time.column, line.event.rawValue, line.wave, line.node, line.reason?.rawValue,
                line.message.column,
            ])
        }
    }

    /// The lines of a rollout after the one of that number, oldest first.
    static func fetch(
        rollout: Int64, after number: Int64, limit: Int, _ database: Database
    ) throws -> [StoredJournalLine] {
        let sql = "SELECT * FROM journal WHERE rollout = ? AND number > ? ORDER BY number LIMIT ?"
        return try Row.fetchAll(database, sql: sql, arguments: [rollout, number, max(0, limit)]).map { row in
            StoredJournalLine(
                number: try row.value("number"),
                line: JournalLine(
                    time: try row.time("happened_at"), event: try row.word("event"), wave: try row.value("wave"),
                    node: try row.value("node"), reason: try row.optionalWord("reason"),
                    message: try row.value("message")
                )
            )
        }
    }
}
