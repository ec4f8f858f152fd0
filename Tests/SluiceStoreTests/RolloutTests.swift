import GRDB
import SluiceCore
import SluiceStore
import Testing

/// What is written is what is read, in one piece.
struct RolloutTests {
    let folder: TemporaryFolder
    var path: String { folder.file("state.db") }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("What is created and committed is loaded unchanged, by another connection too")
    func roundTrip() throws {
        let store = try openStore(path)
        for seed in 0..<60 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var state = random.state(id: "r-\(seed)", daemonSetUID: "ds-\(seed)")
            var lines = (0..<random.below(4)).map { _ in random.line() }
            try store.create(state, journal: lines)
            #expect(try store.load("r-\(seed)") == state, "seed \(seed)")
            for step in 0..<10 {
                let changes = random.change(&state)
                let more = (0..<random.below(3)).map { _ in random.line() }
                lines += more
                try store.commit(changes, journal: more, of: "r-\(seed)", at: random.time())
                try #require(try store.load("r-\(seed)") == state, "seed \(seed), step \(step)")
            }
            #expect(try store.journal(of: "r-\(seed)", limit: 1_000).map(\.line) == lines)
        }
        var random = SeededGenerator(seed: 0)
        let first = random.state(id: "r-0", daemonSetUID: "ds-0").rollout.planText
        let other = try #require(try Store.openReadOnly(path: path))
        for seed in 0..<60 { #expect(try other.load("r-\(seed)") == store.load("r-\(seed)")) }
        #expect(first.count < 300)
        #expect(try other.load("nobody") == nil)
    }

    @Test("Only the rows that changed are written")
    func writesOnlyChangedRows() throws {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 3)
        var state = random.state()
        state.nodes = Dictionary((0..<50).map { ("n\($0)", NodeRecord(node: "n\($0)", wave: 0)) }) { $1 }
        try store.create(state, journal: [])
        try tamper(
            path,
            """
            CREATE TABLE touched (what TEXT);
            CREATE TRIGGER a AFTER UPDATE ON node BEGIN INSERT INTO touched VALUES (NEW.node); END;
            CREATE TRIGGER b AFTER UPDATE ON rollout BEGIN INSERT INTO touched VALUES ('rollout'); END;
            CREATE TRIGGER c AFTER UPDATE ON rollout_document BEGIN INSERT INTO touched VALUES ('document'); END;
            CREATE TRIGGER d AFTER UPDATE ON wave BEGIN INSERT INTO touched VALUES ('wave'); END;
            """
        )
        state.rollout.message = "another"
        try store.commit(
            RowChanges(rollout: state.rollout, nodes: [NodeRecord(node: "n7", wave: 0, status: .deleting)]),
            journal: [], of: "r-1", at: Timestamp(1)
        )
        let touched = try DatabaseQueue(path: path).read {
            try String.fetchAll($0, sql: "SELECT what FROM touched ORDER BY what")
        }
        #expect(touched == ["n7", "rollout"])
    }

    @Test(
        "A commit that fails at any table leaves every row, line and request as it was",
        arguments: [
            "AFTER UPDATE ON rollout", "BEFORE INSERT ON wave", "BEFORE INSERT ON node", "BEFORE INSERT ON gate",
            "BEFORE INSERT ON journal",
            "AFTER UPDATE ON operator_request",
        ]
    )
    func allOrNothing(place: String) throws {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 11)
        var state = random.state()
        state.rollout.phase = .updating
        state.gates = [GateRecord(wave: 0, gate: "errors")]
        try store.create(state, journal: [random.line()])
        let request = try store.ask(.resume, of: "r-1", by: "ann", at: Timestamp(5))
        var changed = state
        changed.rollout.message = "changed"
        changed.waves[0].name = "changed"
        changed.nodes["new"] = NodeRecord(node: "new", wave: nil)
        changed.gates[0].message = "changed"
        let changes = RowChanges(
            rollout: changed.rollout, waves: [changed.waves[0]], nodes: [NodeRecord(node: "new", wave: nil)],
            gates: changed.gates
        )
        try tamper(path, "CREATE TRIGGER fault \(place) BEGIN SELECT RAISE(ABORT, 'injected'); END")
        let line = random.line()
        let error = try storeError {
            try store.commit(changes, journal: [line], consuming: [request], of: "r-1", at: Timestamp(9))
        }
        #expect(error == .unexpected(path: path, detail: "injected"))
        #expect(try store.load("r-1") == state)
        #expect(try store.journal(of: "r-1", limit: 10).count == 1)
        #expect(try store.pendingRequests(of: "r-1").map(\.number) == [request])
        try tamper(path, "DROP TRIGGER fault")
        try store.commit(changes, journal: [line], consuming: [request], of: "r-1", at: Timestamp(9))
        #expect(try store.load("r-1") == changed)
        #expect(try store.pendingRequests(of: "r-1").isEmpty)
    }

    @Test("A node of a wave that does not exist is refused")
    func foreignKeys() throws {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 2)
        let state = random.state()
        try store.create(state, journal: [])
        let changes = RowChanges(nodes: [NodeRecord(node: "stray", wave: 99)])
        #expect(
            try storeError { try store.commit(changes, journal: [], of: "r-1", at: Timestamp(1)) } != nil
        )
        #expect(try store.load("r-1") == state)
    }

    /// A stored rollout that is halted, and one of the same DaemonSet that is not stored.
    private func haltedAndNext(
        in store: Store, _ random: inout SeededGenerator
    ) throws -> (RolloutState, RolloutState) {
        var (first, second) = (random.state(id: "first"), random.state(id: "second"))
        (first.rollout.phase, second.rollout.phase) = (.halted, .preparing)
        try store.create(first, journal: [])
        return (first, second)
    }

    @Test("A rollout that takes another one's place and that one's end are stored together, or neither is")
    func replaces() throws {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 6)
        let (halted, second) = try haltedAndNext(in: store, &random)
        var first = halted
        first.rollout.phase = .aborted
        let end = RolloutStep(of: "first", RowChanges(rollout: first.rollout), journal: [])
        var unfit = second
        unfit.rollout.id = "first"
        #expect(
            try storeError { try store.create(unfit, journal: [], replacing: end) } == .duplicateRollout(id: "first"))
        #expect(try store.load("first")?.rollout.phase == .halted)
        try store.create(second, journal: [], replacing: end)
        #expect(try store.load("first") == first)
        #expect(try store.load("second") == second)
    }

    @Test("A DaemonSet has one rollout that is not over, and the error names it")
    func oneActiveRollout() throws {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 5)
        var (first, second) = try haltedAndNext(in: store, &random)
        #expect(try storeError { try store.create(second, journal: []) } == .activeRollout(id: "first"))
        second.rollout.clusterUID = ""
        #expect(try storeError { try store.create(second, journal: []) } == .activeRollout(id: "first"))
        second.rollout.clusterUID = first.rollout.clusterUID
        #expect(try store.load("second") == nil)
        first.rollout.phase = .aborted
        try store.commit(RowChanges(rollout: first.rollout), journal: [], of: "first", at: Timestamp(1))
        try store.create(second, journal: [])
        #expect(try storeError { try store.create(second, journal: []) } == .duplicateRollout(id: "second"))
        var elsewhere = random.state(id: "elsewhere", daemonSetUID: "ds-2")
        elsewhere.rollout.phase = .updating
        elsewhere.rollout.namespace = "logging"
        try store.create(elsewhere, journal: [])
        #expect(try store.rollouts().map(\.id) == ["elsewhere", "second", "first"])
        #expect(try store.rollouts(clusterUID: "cluster-1", namespace: "logging").map(\.id) == ["elsewhere"])
        #expect(try store.rollouts(daemonSet: "fluent-bit").isEmpty)
    }

    @Test("A NUL in a text from outside does not end it")
    func nul() throws {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 8)
        var state = random.state()
        state.rollout.targetTemplate = PodTemplate(json: ["args": ["a\0b"]])
        try store.create(state, journal: [JournalLine(time: Timestamp(0), event: .failed, message: "exit\0: 1")])
        #expect(try store.journal(of: "r-1", limit: 1).map(\.line.message) == ["exit␀: 1"])
        #expect(try store.load("r-1") == state)
    }

    @Test("The journal is read on from a line, rollout by rollout")
    func journalPages() throws {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 8)
        for id in ["r-1", "r-2"] { try store.create(random.state(id: id, daemonSetUID: id), journal: []) }
        for step in 0..<10 {
            let line = JournalLine(time: Timestamp(0), event: .updated, message: "line \(step)")
            try store.commit(RowChanges(), journal: [line], of: step % 2 == 0 ? "r-1" : "r-2", at: Timestamp(0))
        }
        let page = try store.journal(of: "r-1", limit: 2)
        #expect(page.map(\.line.message) == ["line 0", "line 2"])
        let last = try #require(page.last)
        let rest = try store.journal(of: "r-1", after: last.number, limit: 100)
        #expect(rest.map(\.line.message) == ["line 4", "line 6", "line 8"])
    }

    @Test("A request is consumed once, by the rollout that was asked")
    func requests() throws {
        let store = try openStore(path)
        var random = SeededGenerator(seed: 9)
        for id in ["r-1", "r-2"] { try store.create(random.state(id: id, daemonSetUID: id), journal: []) }
        let pause = try store.ask(.pause(reason: "CPU"), of: "r-1", by: "ann", at: Timestamp(5))
        let abort = try store.ask(.abort(reason: ""), of: "r-1", by: "bob", at: Timestamp(6))
        #expect(
            try store.pendingRequests(of: "r-1") == [
                PendingRequest(number: pause, request: .pause(reason: "CPU"), askedBy: "ann", askedAt: Timestamp(5)),
                PendingRequest(number: abort, request: .abort(reason: ""), askedBy: "bob", askedAt: Timestamp(6)),
            ]
        )
        let none = RowChanges()
        func consume(_ id: String) throws -> StoreError? {
            try storeError { try store.commit(none, journal: [], consuming: [pause], of: id, at: Timestamp(7)) }
        }
        #expect(try consume("r-2") == .requestNotPending(number: pause))
        #expect(try consume("r-1") == nil)
        #expect(try store.pendingRequests(of: "r-1").map(\.number) == [abort])
        #expect(try consume("r-1") == .requestNotPending(number: pause))
        #expect(
            try storeError { _ = try store.ask(.resume, of: "nobody", by: "ann", at: Timestamp(1)) }
                == .unknownRollout(path: path, id: "nobody")
        )
    }
}
