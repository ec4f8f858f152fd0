import Foundation
import GRDB
import SluiceCore
import Testing

@testable import SluiceStore

/// The database moves to another machine whole, or not at all.
struct TransferTests {
    let folder: TemporaryFolder
    var path: String { folder.file("state.db") }
    var copy: String { folder.file("copy.db") }
    var target: String { folder.file("new/state.db") }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func makeStore(_ path: String, id: String = "r-1") throws -> Store {
        let store = try openStore(path, id: "db of \(id)")
        var random = SeededGenerator(seed: 31)
        try store.create(random.state(id: id), journal: [random.line()])
        return store
    }

    private func importing(replacing isReplacing: Bool = false) throws -> StoreError? {
        try storeError {
            try Store.importing(
                from: copy, to: target, replacing: isReplacing, databaseID: { "imported" }, at: Timestamp(9),
                options: Store.Options(busyTimeout: 200)
            )
        }
    }

    @Test("Export and import keep everything but the identity")
    func roundTrip() throws {
        let store = try makeStore(path)
        _ = try store.ask(.pause(reason: "x"), of: "r-1", by: "ann", at: Timestamp(1))
        try store.export(to: copy)
        #expect(try mode(copy) == 0o600)
        #expect(!exists(copy + "-wal") && !exists(copy + "-journal"))
        #expect(try storeError { try store.export(to: copy) } == .exists(path: copy))
        #expect(try importing() == nil)
        #expect(try mode(target) == 0o600)
        #expect(!exists(target + ".import") && !exists(target + "-wal"))
        let imported = try openStore(target)
        #expect(try imported.load("r-1") == store.load("r-1"))
        #expect(try imported.journal(of: "r-1", limit: 9) == store.journal(of: "r-1", limit: 9))
        #expect(try imported.pendingRequests(of: "r-1") == store.pendingRequests(of: "r-1"))
        #expect(imported.databaseID == "imported")
    }

    @Test("A copy made while a driver commits shows one instant")
    func exportWhileWriting() throws {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 13)
        var state = random.state()
        let names = (0..<40).map { "n\($0)" }
        state.nodes = Dictionary(names.map { ($0, NodeRecord(node: $0, wave: nil)) }) { $1 }
        try store.create(state, journal: [])
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) {
            do {
                for turn in 1...150 {
                    let nodes = names.map { NodeRecord(node: $0, wave: nil, readinessLosses: turn) }
                    let line = JournalLine(time: Timestamp(0), event: .updated)
                    try store.commit(RowChanges(nodes: nodes), journal: [line], of: "r-1", at: Timestamp(0))
                }
            } catch {
                Issue.record(error)
            }
        }
        let reader = try #require(try Store.openReadOnly(path: path))
        for round in 0..<12 {
            let file = folder.file("copy-\(round).db")
            try reader.export(to: file)
            let copied = try #require(try Store.openReadOnly(path: file))
            let turns = Set(try #require(try copied.load("r-1")).nodes.values.map(\.readinessLosses))
            #expect(turns.count == 1)
            #expect(try copied.journal(of: "r-1", limit: 1_000).count == turns.first)
        }
        group.wait()
    }

    @Test("What has rollouts is replaced only on request, and then whole")
    func replacing() throws {
        let source = try makeStore(path, id: "r-source")
        try source.export(to: copy)
        let old = try makeStore(target, id: "r-target")
        #expect(try importing() == .exists(path: target))
        let lock = try old.driverLock(for: "r-target")
        #expect(try importing(replacing: true) == .driven(path: target))
        #expect(try old.load("r-target") != nil)
        withExtendedLifetime(lock) {}
    }

    @Test("A target that another process has open is busy; a closed one is replaced")
    func openTarget() throws {
        let source = try makeStore(path, id: "r-source")
        try source.export(to: copy)
        let old = try makeStore(target, id: "r-target")
        #expect(try importing(replacing: true) == .busy(path: target))
        #expect(try old.load("r-target") != nil)
        try old.close()
        #expect(try importing(replacing: true) == nil)
        let imported = try openStore(target)
        #expect(try imported.load("r-target") == nil)
        #expect(try imported.load("r-source") == source.load("r-source"))
    }

    @Test("Rubbish is not imported, and the target stays as it was, byte for byte")
    func rubbish() throws {
        let store = try makeStore(path)
        try store.export(to: copy)
        try makeStore(target, id: "r-target").close()
        let before = try bytes(target)
        let good = try bytes(copy)
        let theirs = folder.file("theirs.db")
        try tamper(theirs, "CREATE TABLE theirs (x)")
        let files: [[UInt8]] = [
            [], Array("rubbish".utf8), Array(repeating: 7, count: 8_192), Array(good[..<(good.count / 2)]),
            Array(good[..<4_096]), try bytes(theirs),
        ]
        for (index, file) in files.enumerated() {
            try write(file, to: copy)
            #expect(try importing(replacing: true) != nil, "file \(index)")
            #expect(try bytes(copy) == file)
        }
        try write(good, to: copy)
        try tamper(copy, "INSERT INTO grdb_migrations VALUES ('9999_later')")
        #expect(try importing(replacing: true) == .newer(path: copy, migrations: ["9999_later"]))
        try write(good, to: copy)
        try tamper(copy, "PRAGMA foreign_keys = OFF; DELETE FROM wave")
        #expect(
            try importing(replacing: true)
                == .corrupt(path: copy, detail: "a row refers to one that is not there")
        )
        try FileManager.default.removeItem(atPath: copy)
        #expect(try importing(replacing: true) == .missing(path: copy))
        #expect(try bytes(target) == before)
        #expect(!exists(target + ".import"))
    }

    @Test("A damaged target is not replaced: its last rows may still be saved")
    func damagedTarget() throws {
        try makeStore(path).export(to: copy)
        try makeStore(target, id: "r-target").close()
        let part = Array(try bytes(target).dropLast(4_096))
        try write(part, to: target)
        guard case .corrupt? = try importing(replacing: true) else {
            Issue.record("accepted")
            return
        }
        #expect(try bytes(target) == part)
    }
}
