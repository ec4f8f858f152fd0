import Foundation
import GRDB
import SluiceCore
import Testing

@testable import SluiceStore

/// Several processes at one database, and a disk that runs full.
struct SharingTests {
    let folder: TemporaryFolder
    var path: String { folder.file("state.db") }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func makeStore() throws -> Store {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 4)
        try store.create(random.state(), journal: [])
        return store
    }

    @Test("A commit by another connection, and only that, changes the data version")
    func dataVersion() throws {
        let driver = try makeStore()
        let operators = try openStore(path)
        let before = try driver.dataVersion()
        let line = JournalLine(time: Timestamp(0), event: .updated)
        try driver.commit(RowChanges(), journal: [line], of: "r-1", at: Timestamp(1))
        #expect(try driver.dataVersion() == before)
        _ = try operators.ask(.pause(reason: "x"), of: "r-1", by: "ann", at: Timestamp(1))
        #expect(try driver.dataVersion() != before)
        #expect(try driver.pendingRequests(of: "r-1").count == 1)
    }

    @Test("A database locked by another process is busy, which passes")
    func busy() throws {
        let store = try makeStore()
        let other = try DatabaseQueue(path: path)
        try other.inTransaction(.immediate) { _ in
            let error = try storeError { _ = try store.ask(.resume, of: "r-1", by: "ann", at: Timestamp(1)) }
            #expect(error == .busy(path: path))
            #expect(error?.isTransient == true)
            #expect(try store.load("r-1") != nil)
            return .rollback
        }
        _ = try store.ask(.resume, of: "r-1", by: "ann", at: Timestamp(1))
    }

    @Test("A full disk loses nothing, and the next commit goes through when there is space")
    func full() throws {
        let store = try makeStore()
        let before = try store.load("r-1")
        func limitPages(_ pages: String) throws {
            try store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
        }
        try limitPages("1")
        let nodes = (0..<2_000).map { NodeRecord(node: "joined-\($0)", wave: nil, message: "a message") }
        let commit = { try store.commit(RowChanges(nodes: nodes), journal: [], of: "r-1", at: Timestamp(1)) }
        let error = try storeError { try commit() }
        #expect(error == .full(path: path))
        #expect(error?.isTransient == true)
        #expect(try store.load("r-1") == before)
        try limitPages("1000000")
        try commit()
        #expect(try store.load("r-1")?.nodes["joined-1999"] != nil)
    }

    @Test("One driver a rollout; the lock ends with its holder and is not inherited")
    func driverLock() throws {
        let store = try makeStore()
        var random = SeededGenerator(seed: 6)
        try store.create(random.state(id: "r-2", daemonSetUID: "ds-2"), journal: [])
        let other = try openStore(path)
        #expect(try !other.isDriven("r-1"))
        var lock = try store.driverLock(for: "r-1")
        try #require(lock != nil)
        #expect(try other.driverLock(for: "r-1") == nil)
        #expect(try other.isDriven("r-1"))
        #expect(try !other.isDriven("r-2"))
        let second = try other.driverLock(for: "r-2")
        #expect(second != nil)

        let child = try spawnSleeper()
        defer {
            kill(child, SIGKILL)
            waitpid(child, nil, 0)
        }
        lock = nil
        #expect(try !other.isDriven("r-1"))
        #expect(try other.driverLock(for: "r-1") != nil)
        #expect(lock == nil)
        #expect(
            try storeError { _ = try store.driverLock(for: "nobody") } == .unknownRollout(path: path, id: "nobody")
        )
    }

    /// A child that has begun to run another program: only then are the descriptors gone that it must not inherit.
    private func spawnSleeper() throws -> pid_t {
        let pipe = Pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe.fileHandleForWriting.fileDescriptor, 1)
        var child: pid_t = 0
        let arguments = ["sh", "-c", "echo; exec sleep 60"].map { (text: String) in strdup(text) } + [nil]
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawn(&child, "/bin/sh", &actions, nil, arguments, environ) == 0)
        _ = try pipe.fileHandleForReading.read(upToCount: 1)
        return child
    }
}
