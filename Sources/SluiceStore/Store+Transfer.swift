import GRDB
public import SluiceCore

extension Store {
    /// Writes a copy of the whole database to a new file (mode 0600), as of one instant, while others go on writing.
    ///
    /// - Throws: ``StoreError/exists(path:)`` when something stands there, and the errors of the disk. An unfinished
    ///   copy is removed.
    public func export(to target: String) throws(StoreError) {
        try StoreFile.create(target)
        do {
            try Self.copy(queue, to: target)
        } catch {
            StoreFile.remove(target)
            throw error
        }
    }

    /// Makes an exported copy the database of this machine. The copy is checked and completed beside the target and then
    /// takes its place at once: whatever fails, the target is as it was.
    ///
    /// The imported database gets an identity of its own. With the old one, drivers on two machines would each take the
    /// other's Lease for theirs.
    ///
    /// - Parameters:
    ///   - source: the exported file; not changed.
    ///   - target: the database's path.
    ///   - isReplacing: whether a database that has rollouts is replaced, and lost.
    ///   - databaseID: draws the new identity.
    ///   - now: when.
    /// - Throws: ``StoreError/exists(path:)`` when the target has rollouts and is not to be replaced,
    ///   ``StoreError/driven(path:)`` when a process drives one of them, and what opening source or target throws.
    public static func importing(
        from source: String, to target: String, replacing isReplacing: Bool = false, databaseID: () -> String,
        at now: Timestamp, options: Options = Options()
    ) throws(StoreError) {
        guard let original = try openOriginal(source, options: options) else { throw .missing(path: source) }
        let draft = target + ".import"
        try StoreFile.makeFolders(above: target)
        guard let lock = try DriverLock.takeAll(lockPath(target)) else { throw .driven(path: target) }
        defer { withExtendedLifetime(lock) {} }
        StoreFile.remove(draft)
        try StoreFile.create(draft)
        defer { StoreFile.remove(draft) }
        try copy(original, to: draft)
        try finish(draft, named: source, databaseID: databaseID, at: now, options: options)
        try retire(target, isReplacing: isReplacing, options: options)
        try StoreFile.replace(target, with: draft)
    }

    /// The exported file, when it is a sound database of Sluice that this program can read.
    private static func openOriginal(_ source: String, options: Options) throws(StoreError) -> DatabaseQueue? {
        guard try StoreFile.isThere(source) else { return nil }
        return try translating(source) {
            let queue = try DatabaseQueue(path: source, configuration: configuration(options, isReadOnly: true))
            try Schema.check(queue, path: source, options)
            guard try queue.read({ try Schema.owner($0) }) == .sluice else {
                throw StoreError.notSluice(path: source)
            }
            return queue
        }
    }

    /// Copies with SQLite's backup, in one step: the copy is a transaction of its own, whole or empty. It ends as one
    /// plain file without a log, which can be carried away.
    private static func copy(_ queue: DatabaseQueue, to target: String) throws(StoreError) {
        try translating(target) {
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            let copy = try DatabaseQueue(path: target, configuration: configuration)
            try queue.backup(to: copy)
            try leaveLog(copy)
            try copy.close()
        }
    }

    /// Brings the draft to the newest schema, checks it in depth, and gives it an identity.
    private static func finish(
        _ draft: String, named source: String, databaseID: () -> String, at now: Timestamp, options: Options
    ) throws(StoreError) {
        try translating(source) {
            let queue = try DatabaseQueue(path: draft, configuration: configuration(options))
            try Schema.bringUp(queue, path: draft, options, databaseID: databaseID, at: now)
            try queue.write { database in
                try Schema.checkDeeply(database, path: source)
                try Schema.setDatabaseID(databaseID(), database)
            }
            try leaveLog(queue)
            try queue.close()
        }
    }

    /// Makes the target one plain file that nobody has open: a log left beside it would be taken for the new file's.
    private static func retire(_ target: String, isReplacing: Bool, options: Options) throws(StoreError) {
        guard try StoreFile.isThere(target) else { return }
        try translating(target) {
            let queue = try DatabaseQueue(path: target, configuration: configuration(options))
            try Schema.check(queue, path: target, options)
            let isEmpty = try queue.read { database in
                if try Schema.owner(database) == .nobody { return true }
                return try Schema.isCurrent(database) && RolloutTable.count(database) == 0
            }
            guard isEmpty || isReplacing else { throw StoreError.exists(path: target) }
            try leaveLog(queue)
            try queue.close()
        }
    }

    /// Writes the log back into the file and removes it; busy while another connection is open.
    private static func leaveLog(_ queue: DatabaseQueue) throws {
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = DELETE")
        }
    }
}
