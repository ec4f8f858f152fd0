import SluiceCore
import SluiceSimulator
import SluiceStore

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
}

extension SimulatedDisk {
    static let path = "/var/lib/sluice/state.db"

    func open() throws(StoreError) -> Store {
        try whileMounted { () throws(StoreError) -> Store in
            try Store.open(
                path: Self.path, databaseID: { "db-1" }, at: Timestamp(1_000),
                options: Store.Options(busyTimeout: 200, isOnFileSystem: false)
            )
        }
    }

    func openReadOnly() throws(StoreError) -> Store? {
        try whileMounted { () throws(StoreError) -> Store? in
            try Store.openReadOnly(
                path: Self.path, options: Store.Options(busyTimeout: 200, isOnFileSystem: false))
        }
    }
}

/// Turns of a driver, each of which writes its number to every node and one line to the journal.
struct Workload {
    static let id = "r-1"
    static let names = (0..<12).map { "node-\($0)" }

    /// The last turn whose commit returned; nil before the rollout was created.
    private(set) var returned: Int?
    /// The turn whose commit was begun.
    private(set) var begun = 0

    private static func nodes(_ turn: Int) -> [NodeRecord] {
        names.map { NodeRecord(node: $0, wave: 0, readinessLosses: turn) }
    }

    private static var first: RolloutState {
        let template = PodTemplate(json: ["spec": ["containers": [["name": "a", "image": "b:1"]]]])
        let rollout = RolloutRecord(
            id: id, clusterUID: "c", namespace: "monitoring", daemonSet: "ds", daemonSetUID: "u", planText: [1, 2, 3],
            planDigest: "d", baseTemplate: template, targetTemplate: template, maxUnavailable: 1,
            createdAt: Timestamp(0), changedAt: Timestamp(0)
        )
        let wave = WaveRecord(
            index: 0, name: "all", planIndex: 0, batchCount: 1, plannedNodes: names.count, soakSeconds: 0,
            failuresAllowed: 0
        )
        let nodes = Dictionary(nodes(0).map { ($0.node, $0) }) { $1 }
        return RolloutState(rollout: rollout, waves: [wave], nodes: nodes, gates: [])
    }

    /// Takes the next step: creates the rollout, or commits one more turn.
    mutating func step(_ store: Store, padding: Int = 0) throws(StoreError) {
        guard let last = returned else {
            try store.create(Self.first, journal: [])
            returned = 0
            return
        }
        begun = last + 1
        let line = JournalLine(
            time: Timestamp(0), event: .updated, message: String(repeating: "x", count: padding))
        try store.commit(RowChanges(nodes: Self.nodes(begun)), journal: [line], of: Self.id, at: Timestamp(0))
        returned = begun
    }

    /// What a store shows: a turn, nil for no rollout. What is not whole is a problem.
    static func turn(_ store: Store) throws -> Int? {
        guard let state = try store.load(id) else { return nil }
        let turns = Set(state.nodes.values.map(\.readinessLosses))
        guard turns.count == 1, let turn = turns.first, state.nodes.count == names.count else {
            throw Problem("a mixture of the turns \(turns.sorted())")
        }
        let lines = try store.journal(of: id, limit: 10_000).count
        guard lines == turn else { throw Problem("\(lines) lines of the journal in turn \(turn)") }
        return turn
    }

    /// Takes what a restarted driver finds for the truth; a problem unless it is the last commit that returned or the one
    /// that was under way.
    mutating func resume(_ store: Store) throws {
        let found = try Self.turn(store)
        guard found == returned || found == (returned == nil ? 0 : begun) else {
            throw Problem("turn \(found.map(String.init) ?? "none") after \(returned.map(String.init) ?? "none")")
        }
        returned = found
    }

    /// What was not as promised.
    struct Problem: Error, CustomStringConvertible {
        var description: String

        init(_ description: String) { self.description = description }
    }
}
