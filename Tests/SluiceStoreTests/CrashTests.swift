import GRDB
import SluiceCore
import SluiceStore
import Testing

/// What a driver leaves behind when it is killed, or when the power goes, is an earlier commit and whole.
struct CrashTests {
    let folder: TemporaryFolder
    var left: String { folder.file("left.db") }

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Runs turns, each of which writes its number to every node and one line to the journal, and copies the files as
    /// they stand while the database is open. Returns the log's bytes.
    private func leaveBehind(turns: Int) throws -> [UInt8] {
        let path = folder.file("state.db")
        let store = try openStore(path)
        var random = SeededGenerator(seed: 17)
        var state = random.state()
        let names = (0..<20).map { "n\($0)" }
        state.nodes = Dictionary(names.map { ($0, NodeRecord(node: $0, wave: nil)) }) { $1 }
        try store.create(state, journal: [])
        for turn in 1...turns {
            let nodes = names.map { NodeRecord(node: $0, wave: nil, readinessLosses: turn) }
            let line = JournalLine(time: Timestamp(0), event: .updated)
            try store.commit(RowChanges(nodes: nodes), journal: [line], of: "r-1", at: Timestamp(0))
        }
        try write(bytes(path), to: left)
        return try bytes(path + "-wal")
    }

    /// The turn that a store shows; nil when it shows none, an issue when it shows more than one.
    private func turn(_ store: Store) throws -> Int? {
        guard let state = try store.load("r-1") else { return nil }
        let turns = Set(state.nodes.values.map(\.readinessLosses))
        #expect(turns.count == 1)
        #expect(try store.journal(of: "r-1", limit: 100).count == turns.first)
        return turns.first
    }

    @Test("After a kill the last commit is there, for a reader and for the next driver")
    func killed() throws {
        try write(leaveBehind(turns: 5), to: left + "-wal")
        let reader = try #require(try Store.openReadOnly(path: left))
        #expect(try turn(reader) == 5)
        #expect(try turn(openStore(left)) == 5)
    }

    @Test("A log that was cut off anywhere, or torn, shows a whole earlier commit")
    func cutOff() throws {
        let log = try leaveBehind(turns: 8)
        let file = try bytes(left)
        var seen: Set<Int> = []
        for length in stride(from: log.count, to: 0, by: -2_048) {
            try write(file, to: left)
            var torn = log
            for index in length..<min(length + 512, log.count) { torn[index] ^= 0xA5 }
            for part in [Array(log[..<length]), torn] {
                try write(part, to: left + "-wal")
                guard let store = try Store.openReadOnly(path: left) else { continue }
                if let turn = try turn(store) { seen.insert(turn) }
                try store.close()
            }
        }
        #expect(seen == Set(0...8))
    }
}
