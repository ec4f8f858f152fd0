import GRDB
public import SluiceCore
import Synchronization

extension Store {
    /// Adds a rollout with its waves, nodes, gates and first journal lines, and the messages that tell of these.
    ///
    /// - Parameter last: the last step of the rollout whose place the new one takes, written in the same transaction: no
    ///   crash leaves the DaemonSet with neither, and what is to be rolled back stays known until the way back is written.
    /// - Throws: ``StoreError/activeRollout(id:)`` when a rollout of the same DaemonSet (by uid) is not over,
    ///   ``StoreError/duplicateRollout(id:)``, ``StoreError/unknownRollout(path:id:)`` for the step's, and the errors of the
    ///   disk.
    public func create(
        _ state: RolloutState, journal: [JournalLine], messages: [OutboxMessage] = [],
        replacing last: RolloutStep? = nil
    ) throws(StoreError) {
        let rollout = state.rollout
        try writing { database in
            if let last { try write(last, documentsChanged: true, database) }
            if try RolloutTable.number(of: rollout.id, database) != nil {
                throw StoreError.duplicateRollout(id: rollout.id)
            }
            let active = try RolloutTable.activeID(daemonSetUID: rollout.daemonSetUID, database)
            if let active { throw StoreError.activeRollout(id: active) }
            let number = try RolloutTable.insert(rollout, database)
            try WaveTable.write(state.waves, rollout: number, database)
            try NodeTable.write(state.nodes.values.sorted { $0.node < $1.node }, rollout: number, database)
            try GateTable.write(state.gates, rollout: number, database)
            try ScrapeTable.write(
                state.scrapes.values.sorted { $0.key < $1.key }, rollout: number, database)
            try ConfigTable.write(
                state.configs.values.sorted { $0.object < $1.object }, rollout: number, database)
            try JournalTable.append(journal, rollout: number, database)
            try OutboxTable.append(messages, rollout: number, database)
        }
    }

    /// Everything about a rollout; nil when there is none of that name.
    ///
    /// - Throws: the errors of the disk, ``StoreError/corrupt(path:detail:)`` for a row that Sluice never writes.
    public func load(_ id: String) throws(StoreError) -> RolloutState? {
        try reading { database in
            guard let number = try RolloutTable.number(of: id, database),
                let rollout = try RolloutTable.fetch(number: number, database)
            else { return nil }
            return RolloutState(
                rollout: rollout, waves: try WaveTable.fetch(rollout: number, database),
                nodes: try NodeTable.fetch(rollout: number, database),
                gates: try GateTable.fetch(rollout: number, database),
                scrapes: try ScrapeTable.fetch(rollout: number, database),
                configs: try ConfigTable.fetch(rollout: number, database)
            )
        }
    }

    /// Writes what a turn changed, its journal lines, the messages that tell of these, and that it consumed operators'
    /// requests: all of it, durably, or nothing.
    ///
    /// - Parameters:
    ///   - outbox: new messages, and how earlier ones fared.
    ///   - requests: the numbers of the requests that the turn consumed.
    ///   - id: the rollout's name.
    ///   - now: when.
    /// - Throws: ``StoreError/unknownRollout(path:id:)``, ``StoreError/requestNotPending(number:)``, and the errors of
    ///   the disk, of which some are transient.
    public func commit(
        _ changes: RowChanges, journal: [JournalLine], outbox: OutboxChanges = OutboxChanges(),
        consuming requests: [Int64] = [], of id: String, at now: Timestamp
    ) throws(StoreError) {
        let documentsChanged = changes.rollout.map { !isDocumented($0) } ?? false
        try writing { database in
            let step = RolloutStep(of: id, changes, journal: journal, outbox: outbox)
            let number = try write(step, documentsChanged: documentsChanged, database)
            try OperatorRequestTable.consume(requests, rollout: number, at: now, database)
        }
        if documentsChanged { documented.withLock { $0 = changes.rollout } }
    }

    /// Writes a step in the transaction of whoever calls; returns the rollout's number.
    @discardableResult
    private func write(_ step: RolloutStep, documentsChanged: Bool, _ database: Database) throws -> Int64 {
        let number = try existing(step.id, database)
        if let rollout = step.changes.rollout {
            guard rollout.id == step.id else { throw StoreError.unknownRollout(path: path, id: rollout.id) }
            try RolloutTable.update(rollout, number: number, database)
            if documentsChanged { try RolloutTable.updateDocuments(rollout, number: number, database) }
        }
        try WaveTable.write(step.changes.waves, rollout: number, database)
        try NodeTable.write(step.changes.nodes, rollout: number, database)
        try GateTable.write(step.changes.gates, rollout: number, database)
        try ScrapeTable.write(step.changes.scrapes, rollout: number, database)
        try ConfigTable.write(step.changes.configs, rollout: number, database)
        try JournalTable.append(step.journal, rollout: number, database)
        try OutboxTable.append(step.outbox.new, rollout: number, database)
        try OutboxTable.update(step.outbox.deliveries, database)
        return number
    }

    /// Whether a rollout's documents are on disk as they are. A driver is the only one to write them while it lives.
    private func isDocumented(_ rollout: RolloutRecord) -> Bool {
        documented.withLock { last in
            last.map {
                $0.id == rollout.id && $0.planText == rollout.planText && $0.baseTemplate == rollout.baseTemplate
                    && $0.targetTemplate == rollout.targetTemplate
                    && $0.previousTemplate == rollout.previousTemplate
            } ?? false
        }
    }

    /// One node of a rollout; nil when the rollout or the node is unknown.
    public func node(_ node: String, of id: String) throws(StoreError) -> NodeRecord? {
        try reading { database in
            guard let rollout = try RolloutTable.number(of: id, database) else { return nil }
            return try NodeTable.fetch(node, rollout: rollout, database)
        }
    }

    /// The rollouts of a cluster, a namespace and a DaemonSet's name (nil: of all), newest first.
    public func rollouts(
        clusterUID: String? = nil, namespace: String? = nil, daemonSet: String? = nil
    ) throws(StoreError) -> [RolloutRecord] {
        try reading { database in
            try RolloutTable.list(
                clusterUID: clusterUID, namespace: namespace, daemonSet: daemonSet, database
            )
        }
    }

    /// The journal of a rollout, oldest first: at most `limit` lines with a number above `number`. Empty for an unknown
    /// rollout.
    public func journal(
        of id: String, after number: Int64 = 0, limit: Int
    ) throws(StoreError) -> [StoredJournalLine] {
        try reading { database in
            guard let rollout = try RolloutTable.number(of: id, database) else { return [] }
            return try JournalTable.fetch(rollout: rollout, after: number, limit: limit, database)
        }
    }

    /// Asks the rollout's driver, present or next, for something; returns the request's number.
    ///
    /// - Throws: ``StoreError/unknownRollout(path:id:)`` and the errors of the disk.
    public func ask(
        _ request: OperatorRequest, of id: String, by who: String, at now: Timestamp
    ) throws(StoreError) -> Int64 {
        try writing { database in
            let number = try existing(id, database)
            return try OperatorRequestTable.insert(request, rollout: number, by: who, at: now, database)
        }
    }

    /// The requests that no driver has consumed, oldest first. Empty for an unknown rollout.
    public func pendingRequests(of id: String) throws(StoreError) -> [PendingRequest] {
        try reading { database in
            guard let number = try RolloutTable.number(of: id, database) else { return [] }
            return try OperatorRequestTable.pending(rollout: number, database)
        }
    }

    /// Takes the right to drive a rollout on this machine, which lasts as long as the value is kept; nil when another
    /// process has it.
    ///
    /// - Throws: ``StoreError/unknownRollout(path:id:)`` and the errors of the disk.
    public func driverLock(for id: String) throws(StoreError) -> DriverLock? {
        let number = try reading { try existing(id, $0) }
        return try DriverLock.take(Self.lockPath(path), byte: number)
    }

    /// Whether a live process on this machine drives a rollout.
    ///
    /// - Throws: as ``driverLock(for:)``.
    public func isDriven(_ id: String) throws(StoreError) -> Bool {
        let number = try reading { try existing(id, $0) }
        return try DriverLock.isTaken(Self.lockPath(path), byte: number)
    }

    static func lockPath(_ path: String) -> String { path + ".lock" }

    private func existing(_ id: String, _ database: Database) throws -> Int64 {
        guard let number = try RolloutTable.number(of: id, database) else {
            throw StoreError.unknownRollout(path: path, id: id)
        }
        return number
    }
}

/// What one turn of a rollout changes in the database.
public struct RolloutStep: Sendable {
    /// The rollout's name.
    public var id: String
    /// The rows that differ.
    public var changes: RowChanges
    /// The turn's journal lines, oldest first.
    public var journal: [JournalLine]
    /// New messages, and how earlier ones fared.
    public var outbox: OutboxChanges

    /// What one turn of a rollout changes in the database.
    public init(of id: String, _ changes: RowChanges, journal: [JournalLine], outbox: OutboxChanges = OutboxChanges()) {
        self.id = id
        self.changes = changes
        self.journal = journal
        self.outbox = outbox
    }
}
