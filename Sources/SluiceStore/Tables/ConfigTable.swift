import GRDB
import SluiceCore

/// Owns the table `config_object`.
enum ConfigTable {
    /// Adds records or writes over those that are there.
    static func write(_ configs: [ConfigRecord], rollout: Int64, _ database: Database) throws {
        guard !configs.isEmpty else { return }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO config_object (rollout, kind, name, standing, uid, resource_version, seen_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (rollout, kind, name) DO UPDATE SET
                    standing = excluded.standing, uid = excluded.uid, resource_version = excluded.resource_version,
                    seen_at = excluded.seen_at
                """
        )
        for config in configs {
            try statement.execute(arguments: [
                rollout, config.object.kind.rawValue, config.object.name.column, config.standing.rawValue,
                config.uid.column, config.resourceVersion.column, config.seenAt.column,
            ])
        }
    }

    /// The records of a rollout.
    static func fetch(rollout: Int64, _ database: Database) throws -> [ConfigObject: ConfigRecord] {
        var configs: [ConfigObject: ConfigRecord] = [:]
        let statement = try database.cachedStatement(sql: "SELECT * FROM config_object WHERE rollout = ?")
        let rows = try Row.fetchCursor(statement, arguments: [rollout])
        while let row = try rows.next() {
            let object = ConfigObject(try row.word("kind"), try row.value("name"))
            configs[object] = ConfigRecord(
                object: object, standing: try row.word("standing"), uid: try row.value("uid"),
                resourceVersion: try row.value("resource_version"), seenAt: try row.time("seen_at"))
        }
        return configs
    }
}
