import Foundation
import GRDB
import SluiceCore

/// Owns the table `outbox`.
enum OutboxTable {
    /// Adds messages, in order. One that is there already, by its key, is not added again.
    static func append(_ messages: [OutboxMessage], rollout: Int64, _ database: Database) throws {
        guard !messages.isEmpty else { return }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO outbox (
                    rollout, destination, event, key, body, created_at, attempts, due_at, last_error
                ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?6, '')
                ON CONFLICT (rollout, destination, key) DO NOTHING
                """
        )
        for message in messages {
            try statement.execute(arguments: [
                rollout, destination(message.address), message.event.rawValue, message.key, Data(message.body),
                message.createdAt.column,
            ])
        }
    }

    /// Writes down how messages fared.
    static func update(_ deliveries: [Int64: OutboxDelivery], _ database: Database) throws {
        guard !deliveries.isEmpty else { return }
        let statement = try database.cachedStatement(
            sql: """
                UPDATE outbox SET attempts = ?, due_at = ?, last_error = ?, sent_at = ?, given_up_at = ?
                WHERE number = ?
                """
        )
        for (number, delivery) in deliveries.sorted(by: { $0.key < $1.key }) {
            try statement.execute(arguments: [
                delivery.attempts, delivery.dueAt.column, delivery.lastError.column, delivery.sentAt?.column,
                delivery.givenUpAt?.column, number,
            ])
        }
    }

    /// The messages of a DaemonSet's rollouts that are neither sent nor given up, oldest first.
    static func unsent(daemonSetUID: String, after number: Int64, _ database: Database) throws -> [OutboxRecord] {
        try fetch(
            where: """
                rollout.daemonset_uid = ? AND outbox.number > ? AND sent_at IS NULL AND given_up_at IS NULL
                """,
            [daemonSetUID, number], database)
    }

    /// All messages of a rollout, oldest first.
    static func all(rollout: Int64, _ database: Database) throws -> [OutboxRecord] {
        try fetch(where: "outbox.rollout = ?", [rollout], database)
    }

    private static func fetch(
        where condition: String, _ arguments: StatementArguments, _ database: Database
    ) throws -> [OutboxRecord] {
        let sql = """
            SELECT outbox.*, rollout.id AS rollout_id FROM outbox JOIN rollout ON rollout.number = outbox.rollout
            WHERE \(condition) ORDER BY outbox.number
            """
        return try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: arguments).map(record)
    }

    private static func record(_ row: Row) throws -> OutboxRecord {
        let (destination, body): (String, Data) = (try row.value("destination"), try row.value("body"))
        return OutboxRecord(
            number: try row.value("number"), rollout: try row.value("rollout_id"),
            message: OutboxMessage(
                address: destination.isEmpty ? .cluster : .destination(destination), event: try row.word("event"),
                key: try row.value("key"), body: Array(body), createdAt: try row.time("created_at")),
            delivery: OutboxDelivery(
                attempts: try row.value("attempts"), dueAt: try row.time("due_at"),
                lastError: try row.value("last_error"), sentAt: try row.optionalTime("sent_at"),
                givenUpAt: try row.optionalTime("given_up_at")))
    }

    private static func destination(_ address: OutboxAddress) -> String {
        switch address {
        case .cluster: ""
        case .destination(let name): name
        }
    }
}
