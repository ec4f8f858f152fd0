import GRDB
public import SluiceCore
import Synchronization

/// The database in which rollouts, their journals and what was observed of the cluster are kept.
///
/// Every method is one transaction on disk when it returns (WAL, `synchronous=FULL`), or nothing when it throws.
public final class Store: Sendable {
    /// How a database is opened.
    public struct Options: Sendable {
        /// The longest wait for another process's lock, in milliseconds.
        public var busyTimeout: Milliseconds
        /// Whether the database lies on the real file system. When false, no folder is made and no mode is set: for a
        /// SQLite VFS that keeps its files elsewhere.
        public var isOnFileSystem: Bool

        /// How a database is opened.
        public init(busyTimeout: Milliseconds = StoreLimits.busyTimeout, isOnFileSystem: Bool = true) {
            self.busyTimeout = busyTimeout
            self.isOnFileSystem = isOnFileSystem
        }
    }

    /// The database's random identity. A copy that was imported has another one.
    public let databaseID: String
    /// The file.
    public let path: String

    let queue: DatabaseQueue
    /// The rollout whose documents were written last: to turn templates into text in every turn is expensive.
    let documented = Mutex<RolloutRecord?>(nil)

    private init(queue: DatabaseQueue, path: String) throws {
        self.queue = queue
        self.path = path
        self.databaseID = try queue.read { try Schema.databaseID($0, path: path) }
    }

    /// Opens a database for reading and writing; makes it (mode 0600) and the folders above it (0700) when absent, and
    /// brings it to the newest schema.
    ///
    /// - Parameters:
    ///   - databaseID: draws the identity of a new database; not called for an existing one.
    ///   - now: when, for a new database.
    /// - Throws: every ``StoreError`` but those about rollouts and requests. The file is then as it was.
    public static func open(
        path: String, databaseID: () -> String, at now: Timestamp, options: Options = Options()
    ) throws(StoreError) -> Store {
        if options.isOnFileSystem { try StoreFile.prepare(path) }
        return try translating(path) {
            let queue = try DatabaseQueue(path: path, configuration: configuration(options))
            try Schema.bringUp(queue, path: path, options, databaseID: databaseID, at: now)
            return try Store(queue: queue, path: path)
        }
    }

    /// Opens a database for reading; nil when there is none, or an unfinished one. Nothing is made or migrated.
    ///
    /// - Throws: ``StoreError``; a database with an older schema is ``StoreError/outdated(path:)``.
    public static func openReadOnly(path: String, options: Options = Options()) throws(StoreError) -> Store? {
        if options.isOnFileSystem, try !StoreFile.isThere(path) { return nil }
        return try translating(path) {
            guard let queue = try readOnlyQueue(path: path, options) else { return nil }
            try Schema.check(queue, path: path, options)
            if try queue.read({ try Schema.isUnfinished($0) }) { return nil }
            guard try queue.read({ try Schema.isCurrent($0) }) else { throw StoreError.outdated(path: path) }
            return try Store(queue: queue, path: path)
        }
    }

    /// The database as another VFS has it; nil when that VFS has none. On the file system it was looked for before.
    private static func readOnlyQueue(path: String, _ options: Options) throws -> DatabaseQueue? {
        do {
            return try DatabaseQueue(path: path, configuration: configuration(options, isReadOnly: true))
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN && !options.isOnFileSystem {
            return nil
        }
    }

    /// A number that changes when another connection has committed: compare it with the last one.
    public func dataVersion() throws(StoreError) -> Int64 {
        try Self.translating(path) {
            try queue.unsafeRead { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
        }
    }

    /// Closes the file. Every access afterwards is an error.
    public func close() throws(StoreError) {
        try Self.translating(path) { try queue.close() }
    }

    /// Reads in one transaction.
    func reading<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try Self.translating(path) { try queue.read(body) }
    }

    /// Writes in one transaction, or not at all.
    func writing<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try Self.translating(path) { try queue.write(body) }
    }

    static func translating<Value>(_ path: String, _ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch {
            throw StoreError(error, path: path)
        }
    }

    static func configuration(_ options: Options, isReadOnly: Bool = false) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Double(options.busyTimeout) / 1_000)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF")
        }
        return configuration
    }
}
