import GRDB
import Migrations
import SluiceCore

/// The database as a whole: whose it is, which migrations it has, whether it is sound. Owns the table `meta`.
enum Schema {
    /// Whose database it is.
    enum Owner {
        case nobody, sluice, somebodyElse
    }

    /// Brings the database to the newest schema and gives it an identity if it has none.
    static func bringUp(
        _ queue: DatabaseQueue, path: String, _ options: Store.Options, databaseID: () -> String, at now: Timestamp
    ) throws {
        try check(queue, path: path, options)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try queue.inTransaction(.immediate) { database in
            if try owner(database) == .nobody {
                try database.execute(sql: "PRAGMA application_id = \(StoreLimits.applicationID)")
            }
            return .commit
        }
        try migrate(queue)
        try queue.write { database in
            let isNew = try Int.fetchOne(database, sql: "SELECT count(*) FROM meta") == 0
            guard isNew else { return }
            try database.execute(
                sql: "INSERT INTO meta (only, database_id, created_at) VALUES (1, ?, ?)",
                arguments: [databaseID(), now.millisecondsSince1970]
            )
        }
    }

    /// Refuses what is not ours, is newer than this program, or is damaged; changes nothing.
    static func check(_ queue: DatabaseQueue, path: String, _ options: Store.Options) throws {
        try queue.read { database in
            let version = try String.fetchOne(database, sql: "SELECT sqlite_version()") ?? ""
            guard let found = SQLiteVersion(version), found >= StoreLimits.oldestSQLite else {
                throw StoreError.oldSQLite(found: version)
            }
            guard try owner(database) != .somebodyElse else { throw StoreError.notSluice(path: path) }
            let known = Set(migrator.migrations)
            let unknown = try migrator.appliedIdentifiers(database).subtracting(known).sorted()
            guard unknown.isEmpty else { throw StoreError.newer(path: path, migrations: unknown) }
            try checkIntegrity(database, path: path)
            if options.isOnFileSystem { try checkLength(database, path: path) }
        }
    }

    /// Whether the database has every migration of this program.
    static func isCurrent(_ database: Database) throws -> Bool {
        try owner(database) == .sluice && migrator.hasCompletedMigrations(database)
    }

    /// Whether whoever made the database died before it was complete: nothing was ever kept in it.
    static func isUnfinished(_ database: Database) throws -> Bool {
        guard try database.tableExists("meta") else { return true }
        return try Int.fetchOne(database, sql: "SELECT count(*) FROM meta") == 0 && RolloutTable.count(database) == 0
    }

    /// The database's identity.
    static func databaseID(_ database: Database, path: String) throws -> String {
        guard let id = try String.fetchOne(database, sql: "SELECT database_id FROM meta") else {
            throw StoreError.corrupt(path: path, detail: "it has no identity")
        }
        return id
    }

    /// Gives an imported copy an identity of its own.
    static func setDatabaseID(_ id: String, _ database: Database) throws {
        try database.execute(sql: "UPDATE meta SET database_id = ?", arguments: [id])
    }

    /// Whose database it is. One without a mark and without tables is nobody's.
    static func owner(_ database: Database) throws -> Owner {
        switch try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0 {
        case StoreLimits.applicationID: .sluice
        case 0: try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0 ? .nobody : .somebodyElse
        default: .somebodyElse
        }
    }

    /// Checks indexes and references too, which takes longer than what is checked at every start.
    static func checkDeeply(_ database: Database, path: String) throws {
        let problems = try String.fetchAll(
            database, sql: "PRAGMA integrity_check(\(StoreLimits.integrityProblems))"
        )
        guard problems == ["ok"] else {
            throw StoreError.corrupt(path: path, detail: problems.joined(separator: "; "))
        }
        guard try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") == nil else {
            throw StoreError.corrupt(path: path, detail: "a row refers to one that is not there")
        }
    }

    private static func checkIntegrity(_ database: Database, path: String) throws {
        let problems = try String.fetchAll(
            database, sql: "PRAGMA quick_check(\(StoreLimits.integrityProblems))"
        )
        guard problems == ["ok"] else {
            throw StoreError.corrupt(path: path, detail: problems.joined(separator: "; "))
        }
    }

    private static func checkLength(_ database: Database, path: String) throws {
        let pageSize = try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? StoreFile.smallestDatabase
        guard try !StoreFile.isCutOff(path, pageSize: pageSize) else {
            throw StoreError.corrupt(path: path, detail: "its end was cut off")
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            let sql = migration.sql
            migrator.registerMigration(migration.name) { try $0.execute(sql: sql) }
        }
        return migrator
    }

    /// Another process may migrate at the same time; then ours fails, and all is well.
    private static func migrate(_ queue: DatabaseQueue) throws {
        do {
            try migrator.migrate(queue)
        } catch let error as DatabaseError {
            guard try queue.read({ try Self.isCurrent($0) }) else { throw error }
        }
    }
}
