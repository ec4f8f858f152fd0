import GRDB
import SluiceCore

/// Owns the table `node`.
enum NodeTable {
    /// Adds nodes or writes over those that are there.
    static func write(_ nodes: [NodeRecord], rollout: Int64, _ database: Database) throws {
        guard !nodes.isEmpty else { return }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO node (
                    rollout, node, wave_index, batch, position, status, reason, message, pod_uid, deleted_at,
                    updated_at, is_leaked, readiness_losses, ready_at, pressures_before,
                    startup_before
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (rollout, node) DO UPDATE SET
                    wave_index = excluded.wave_index, batch = excluded.batch, position = excluded.position,
                    status = excluded.status, reason = excluded.reason, message = excluded.message,
                    pod_uid = excluded.pod_uid, deleted_at = excluded.deleted_at, updated_at = excluded.updated_at,
                    is_leaked = excluded.is_leaked, readiness_losses = excluded.readiness_losses,
                    ready_at = excluded.ready_at, pressures_before = excluded.pressures_before,
                    startup_before = excluded.startup_before
                """
        )
        for node in nodes {
            try statement.execute(arguments: [
                rollout, node.node, node.wave, node.batch, node.position, node.status.rawValue, node.reason?.rawValue,
                node.message.column, node.podUID, node.deletedAt?.column, node.updatedAt?.column, node.isLeaked,
                node.readinessLosses, node.readyAt?.column, node.pressuresBefore.map(\.rawValue).joined(separator: ","),
                node.startupBefore,
            ])
        }
    }

    /// The nodes of a rollout, by name.
    static func fetch(rollout: Int64, _ database: Database) throws -> [String: NodeRecord] {
        var nodes: [String: NodeRecord] = [:]
        let statement = try database.cachedStatement(sql: "SELECT * FROM node WHERE rollout = ?")
        let rows = try Row.fetchCursor(statement, arguments: [rollout])
        while let row = try rows.next() {
            let node = try record(row)
            nodes[node.node] = node
        }
        return nodes
    }

    /// One node of a rollout; nil when the rollout knows no such node.
    static func fetch(_ node: String, rollout: Int64, _ database: Database) throws -> NodeRecord? {
        let statement = try database.cachedStatement(sql: "SELECT * FROM node WHERE rollout = ? AND node = ?")
        return try Row.fetchOne(statement, arguments: [rollout, node]).map(record)
    }

    private static func record(_ row: Row) throws -> NodeRecord {
        NodeRecord(
            node: try row.value("node"), wave: try row.value("wave_index"), batch: try row.value("batch"),
            position: try row.value("position"), status: try row.word("status"),
            reason: try row.optionalWord("reason"), message: try row.value("message"),
            podUID: try row.value("pod_uid"), deletedAt: try row.optionalTime("deleted_at"),
            pressuresBefore: try row.words("pressures_before"), startupBefore: try row.value("startup_before"),
            updatedAt: try row.optionalTime("updated_at"),
            isLeaked: try row.value("is_leaked"),
            readinessLosses: try row.value("readiness_losses"), readyAt: try row.optionalTime("ready_at")
        )
    }
}
