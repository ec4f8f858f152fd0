import GRDB
import SluiceCore

/// Owns the table `wave`.
enum WaveTable {
    /// Adds waves or writes over those that are there.
    static func write(_ waves: [WaveRecord], rollout: Int64, _ database: Database) throws {
        guard !waves.isEmpty else { return }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO wave (
                    rollout, wave_index, name, plan_index, batch_count, planned_nodes, soak_seconds, failures_allowed,
                    status, batch_index, started_at, soak_started_at, passed_at, needs_approval, approved_at,
                    approved_by
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (rollout, wave_index) DO UPDATE SET
                    name = excluded.name, plan_index = excluded.plan_index, batch_count = excluded.batch_count,
                    planned_nodes = excluded.planned_nodes, soak_seconds = excluded.soak_seconds,
                    failures_allowed = excluded.failures_allowed, status = excluded.status,
                    batch_index = excluded.batch_index, started_at = excluded.started_at,
                    soak_started_at = excluded.soak_started_at, passed_at = excluded.passed_at,
                    needs_approval = excluded.needs_approval, approved_at = excluded.approved_at,
                    approved_by = excluded.approved_by
                """
        )
        for wave in waves {
            try statement.execute(arguments: [
                rollout, wave.index, wave.name, wave.planIndex, wave.batchCount, wave.plannedNodes, wave.soakSeconds,
                wave.failuresAllowed, wave.status.rawValue, wave.batchIndex, wave.startedAt?.column,
                wave.soakStartedAt?.column, wave.passedAt?.column, wave.needsApproval,
                wave.approvedAt?.column, wave.approvedBy?.column,
            ])
        }
    }

    /// The waves of a rollout, by index.
    static func fetch(rollout: Int64, _ database: Database) throws -> [WaveRecord] {
        let sql = "SELECT * FROM wave WHERE rollout = ? ORDER BY wave_index"
        return try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: [rollout]).map { row in
            WaveRecord(
                index: try row.value("wave_index"), name: try row.value("name"),
                planIndex: try row.value("plan_index"), batchCount: try row.value("batch_count"),
                plannedNodes: try row.value("planned_nodes"), soakSeconds: try row.value("soak_seconds"),
                failuresAllowed: try row.value("failures_allowed"),
                needsApproval: try row.value("needs_approval"), approvedAt: try row.optionalTime("approved_at"),
                approvedBy: try row.value("approved_by"), status: try row.word("status"),
                batchIndex: try row.value("batch_index"), startedAt: try row.optionalTime("started_at"),
                soakStartedAt: try row.optionalTime("soak_started_at"), passedAt: try row.optionalTime("passed_at")
            )
        }
    }
}
