import GRDB
import SluiceCore

/// Owns the table `gate`.
enum GateTable {
    /// Adds gates or writes over those that are there.
    static func write(_ gates: [GateRecord], rollout: Int64, _ database: Database) throws {
        guard !gates.isEmpty else { return }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO gate (
                    rollout, wave_index, gate, verdict, measurements, failures, successes, consecutive_no_data,
                    consecutive_errors, message, measured_at, retries
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (rollout, wave_index, gate) DO UPDATE SET
                    verdict = excluded.verdict, measurements = excluded.measurements, failures = excluded.failures,
                    successes = excluded.successes, consecutive_no_data = excluded.consecutive_no_data,
                    consecutive_errors = excluded.consecutive_errors, message = excluded.message,
                    measured_at = excluded.measured_at, retries = excluded.retries
                """
        )
        for gate in gates {
            try statement.execute(arguments: [
                rollout, gate.wave, gate.gate, gate.verdict.rawValue, gate.measurements, gate.failures,
                gate.successes, gate.consecutiveNoData, gate.consecutiveErrors, gate.message.column,
                gate.measuredAt?.column, gate.retries,
            ])
        }
    }

    /// The gates of a rollout, by wave and then in the order in which they were first written.
    static func fetch(rollout: Int64, _ database: Database) throws -> [GateRecord] {
        let sql = "SELECT * FROM gate WHERE rollout = ? ORDER BY wave_index, number"
        return try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: [rollout]).map { row in
            GateRecord(
                wave: try row.value("wave_index"), gate: try row.value("gate"), verdict: try row.word("verdict"),
                measurements: try row.value("measurements"), failures: try row.value("failures"),
                successes: try row.value("successes"), consecutiveNoData: try row.value("consecutive_no_data"),
                consecutiveErrors: try row.value("consecutive_errors"), retries: try row.value("retries"),
                message: try row.value("message"), measuredAt: try row.optionalTime("measured_at")
            )
        }
    }
}
