import GRDB
import SluiceCore

/// Owns the table `scrape`.
enum ScrapeTable {
    /// Adds records or writes over those that are there.
    static func write(_ scrapes: [ScrapeRecord], rollout: Int64, _ database: Database) throws {
        guard !scrapes.isEmpty else { return }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO scrape (
                    rollout, wave_index, gate, span, node, pod_uid, kind, value, measured_at, total, weight
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (rollout, wave_index, gate, span, node) DO UPDATE SET
                    pod_uid = excluded.pod_uid, kind = excluded.kind, value = excluded.value,
                    measured_at = excluded.measured_at, total = excluded.total, weight = excluded.weight
                """
        )
        for scrape in scrapes {
            try statement.execute(arguments: [
                rollout, scrape.key.wave, scrape.key.gate, scrape.key.span.rawValue, scrape.key.node, scrape.podUID,
                scrape.kind.rawValue, scrape.value, scrape.measuredAt.column, scrape.total, scrape.weight,
            ])
        }
    }

    /// The records of a rollout.
    static func fetch(rollout: Int64, _ database: Database) throws -> [ScrapeRecord.Key: ScrapeRecord] {
        var scrapes: [ScrapeRecord.Key: ScrapeRecord] = [:]
        let statement = try database.cachedStatement(sql: "SELECT * FROM scrape WHERE rollout = ?")
        let rows = try Row.fetchCursor(statement, arguments: [rollout])
        while let row = try rows.next() {
            let key = ScrapeRecord.Key(
                wave: try row.value("wave_index"), gate: try row.value("gate"), span: try row.word("span"),
                node: try row.value("node"))
            scrapes[key] = ScrapeRecord(
                key: key, podUID: try row.value("pod_uid"), kind: try row.word("kind"), value: try row.value("value"),
                measuredAt: try row.time("measured_at"), total: try row.value("total"),
                weight: try row.value("weight"))
        }
        return scrapes
    }
}
