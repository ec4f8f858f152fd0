import Foundation
import GRDB
import SluiceCore
import Testing

@testable import SluiceStore

/// Files that are no sound database of ours are refused, with a sentence, and left as they are.
struct BadFileTests {
    let folder: TemporaryFolder
    var path: String { folder.file("state.db") }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func openingError() throws -> StoreError? {
        try storeError { _ = try openStore(path) }
    }

    private func readingError() throws -> StoreError? {
        try storeError { _ = try Store.openReadOnly(path: path) }
    }

    /// A closed database with a rollout.
    private func makeDatabase() throws -> RolloutState {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 21)
        let state = random.state()
        try store.create(state, journal: [random.line()])
        try store.close()
        return state
    }

    @Test("A new database and its folders are the owner's alone")
    func modes() throws {
        let deep = folder.file("a/b/state.db")
        let store = try openStore(deep)
        var random = SeededGenerator(seed: 1)
        try store.create(random.state(), journal: [])
        for name in ["a", "a/b"] { #expect(try mode(folder.file(name)) == 0o700) }
        for suffix in ["", "-wal", "-shm"] { #expect(try mode(deep + suffix) == 0o600, "\(suffix)") }
        let lock = try store.driverLock(for: "r-1")
        #expect(try mode(deep + ".lock") == 0o600)
        #expect(lock != nil)
    }

    @Test("A database that others may read is made the owner's alone")
    func tightened() throws {
        _ = try makeDatabase()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        _ = try openStore(path)
        #expect(try mode(path) == 0o600)
    }

    @Test("The settings that make a commit durable and true are on")
    func settings() throws {
        let store = try openStore(path)
        let settings = try store.reading { database in
            try ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "application_id"].map {
                try String.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(settings == ["wal", "2", "1", "200", "\(0x536C_7569)"])
        #expect(StoreLimits.busyTimeout < 30_000 / 4)
    }

    @Test("The identity is drawn once")
    func identity() throws {
        #expect(try openStore(path, id: "first").databaseID == "first")
        #expect(try openStore(path, id: "second").databaseID == "first")
        #expect(try Store.openReadOnly(path: path)?.databaseID == "first")
    }

    @Test("Eight openers of one new database agree")
    func concurrentCreation() throws {
        let path = path
        DispatchQueue.concurrentPerform(iterations: 8) { index in
            do {
                let options = Store.Options(busyTimeout: 5_000)
                _ = try Store.open(path: path, databaseID: { "db-\(index)" }, at: Timestamp(1), options: options)
            } catch {
                Issue.record(error)
            }
        }
        let ids = try DatabaseQueue(path: path).read { try String.fetchAll($0, sql: "SELECT database_id FROM meta") }
        #expect(ids.count == 1)
    }

    @Test("A file truncated anywhere is refused and not touched")
    func truncated() throws {
        let state = try makeDatabase()
        let whole = try bytes(path)
        for length in stride(from: 512, to: whole.count, by: 512) + [1, 15, 16, 17, 99, 100, whole.count - 1] {
            let part = Array(whole[..<length])
            try write(part, to: path)
            for error in [try openingError(), try readingError()] {
                guard case .corrupt? = error else {
                    guard case .notSluice? = error, length < 512 else {
                        Issue.record("\(length) of \(whole.count) bytes: \(String(describing: error))")
                        continue
                    }
                    continue
                }
            }
            try #require(try bytes(path) == part, "\(length) bytes")
        }
        try write(whole, to: path)
        #expect(try openStore(path).load("r-1") == state)
    }

    @Test("Damage anywhere ends in an error or in the right rows, never in a crash")
    func damaged() throws {
        let state = try makeDatabase()
        let whole = try bytes(path)
        var random = SeededGenerator(seed: 77)
        var refused = 0
        for round in 0..<150 {
            var part = whole
            for _ in 0..<1 + random.below(40) { part[random.below(part.count)] = UInt8(random.below(256)) }
            try write(part, to: path)
            let error = try storeError {
                let store = try openStore(path)
                let loaded = try store.load("r-1")
                _ = try store.journal(of: "r-1", limit: 10)
                _ = try store.rollouts()
                _ = loaded == state
                try store.close()
            }
            refused += error == nil ? 0 : 1
            if let error { #expect(!error.message.isEmpty, "round \(round)") }
            StoreFile.remove(path)
        }
        #expect(refused > 50)
    }

    @Test("Damage is found when the database is opened, not when the rollout needs the page")
    func damagedJournal() throws {
        _ = try makeDatabase()
        let place = try DatabaseQueue(path: path).read { database in
            let page = try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'journal'")
            return (page: page ?? 0, size: try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
        }
        var damaged = try bytes(path)
        for index in (place.page - 1) * place.size..<place.page * place.size { damaged[index] = 0xFF }
        try write(damaged, to: path)
        guard case .corrupt? = try openingError() else {
            Issue.record("accepted")
            return
        }
        #expect(try bytes(path) == damaged)
    }

    @Test("Garbage and another program's database are not ours")
    func notOurs() throws {
        let garbage = Array(repeating: Array("not a database, but long enough\n".utf8), count: 400).flatMap { $0 }
        try write(garbage, to: path)
        #expect(try openingError() == .notSluice(path: path))
        #expect(try readingError() == .notSluice(path: path))
        #expect(try bytes(path) == garbage)
        StoreFile.remove(path)
        try tamper(path, "CREATE TABLE theirs (x); PRAGMA journal_mode = DELETE")
        let theirs = try bytes(path)
        #expect(try openingError() == .notSluice(path: path))
        #expect(try bytes(path) == theirs)
        try tamper(path, "DROP TABLE theirs; PRAGMA application_id = 7")
        #expect(try openingError() == .notSluice(path: path))
    }

    @Test("An empty file becomes a database, unless a log says that it was one")
    func empty() throws {
        try write([], to: path)
        #expect(try Store.openReadOnly(path: path) == nil)
        #expect(try openStore(path).databaseID == "db-1")
        StoreFile.remove(path)
        for isThere in [true, false] {
            try write([1, 2, 3], to: path + "-wal")
            if isThere { try write([], to: path) }
            guard case .corrupt? = try openingError() else {
                Issue.record("accepted")
                return
            }
            #expect(try bytes(path + "-wal") == [1, 2, 3])
            StoreFile.remove(path)
        }
    }

    @Test("A newer database is refused and not touched, an older one is not read without migrating it")
    func otherVersions() throws {
        _ = try makeDatabase()
        try tamper(path, "INSERT INTO grdb_migrations VALUES ('9999_later')")
        let before = try bytes(path)
        let expected = StoreError.newer(path: path, migrations: ["9999_later"])
        #expect(try openingError() == expected)
        #expect(try readingError() == expected)
        #expect(try bytes(path) == before)
        #expect(expected.message.contains("newer Sluice"))
        try tamper(path, "DELETE FROM grdb_migrations")
        #expect(try readingError() == .outdated(path: path))
    }

    @Test("A word that no Sluice wrote is damage, not a crash")
    func unknownWord() throws {
        _ = try makeDatabase()
        try tamper(path, "UPDATE rollout SET phase = 'dancing'")
        let store = try openStore(path)
        let error = try storeError { _ = try store.load("r-1") }
        #expect(error == .corrupt(path: path, detail: "the column phase holds dancing"))
    }

    @Test("A missing file is nothing to read; a folder, or a file above, is said to be in the way")
    func wrongKinds() throws {
        #expect(try Store.openReadOnly(path: path) == nil)
        #expect(!exists(path))
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(try openingError() == .notAFile(path: path))
        #expect(try readingError() == .notAFile(path: path))
        try write([1], to: folder.file("file"))
        let below = folder.file("file/state.db")
        #expect(try storeError { _ = try openStore(below) } == .notAFile(path: below))
    }

    @Test("A file or a folder that this user may not write")
    func notWritable() throws {
        _ = try makeDatabase()
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
        try manager.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
        let newPath = folder.file("new.db")
        let errors = try withoutPrivileges { [try openingError(), try storeError { _ = try openStore(newPath) }] }
        try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        for error in errors {
            guard case .notWritable? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(try openStore(path).load("r-1") != nil)
    }

    /// Runs an action as a user without rights to files, as far as this thread can become one.
    private func withoutPrivileges<Value>(_ action: () throws -> Value) throws -> Value {
        guard geteuid() == 0 else { return try action() }
        typealias SetUser = @convention(c) (uid_t) -> Int32
        let symbol = try #require(dlsym(nil, "setfsuid"))
        let setUser = unsafeBitCast(symbol, to: SetUser.self)
        _ = setUser(65_534)
        defer { _ = setUser(0) }
        return try action()
    }
}
