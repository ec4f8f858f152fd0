import GRDB
public import SluiceCore

/// An operator's request that no driver has consumed yet.
public struct PendingRequest: Sendable, Hashable {
    /// The request's number, by which a commit consumes it.
    public var number: Int64
    /// What is asked.
    public var request: OperatorRequest
    /// Who asks.
    public var askedBy: String
    /// When it was asked.
    public var askedAt: Timestamp

    /// An operator's request that no driver has consumed yet.
    public init(number: Int64, request: OperatorRequest, askedBy: String, askedAt: Timestamp) {
        self.number = number
        self.request = request
        self.askedBy = askedBy
        self.askedAt = askedAt
    }
}

/// Owns the table `operator_request`.
enum OperatorRequestTable {
    private enum Kind: String {
        case pause, resume, approve, skip, retry, abort, supersede
    }

    /// Adds a request and returns its number.
    static func insert(
        _ request: OperatorRequest, rollout: Int64, by who: String, at now: Timestamp, _ database: Database
    ) throws -> Int64 {
        let (kind, reason, wave, node) = columns(request)
        try database.execute(
            sql: """
                INSERT INTO operator_request (rollout, kind, reason, wave, node, asked_by, asked_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [rollout, kind.rawValue, reason.column, wave?.column, node?.column, who.column, now.column]
        )
        return database.lastInsertedRowID
    }

    /// The requests of a rollout that are not consumed, oldest first.
    static func pending(rollout: Int64, _ database: Database) throws -> [PendingRequest] {
        let sql = """
            SELECT * FROM operator_request WHERE rollout = ? AND consumed_at IS NULL ORDER BY number
            """
        return try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: [rollout]).map { row in
            PendingRequest(
                number: try row.value("number"), request: try request(row), askedBy: try row.value("asked_by"),
                askedAt: try row.time("asked_at")
            )
        }
    }

    /// Marks requests consumed.
    ///
    /// - Throws: ``StoreError/requestNotPending(number:)`` when one is not this rollout's or was consumed before.
    static func consume(_ numbers: [Int64], rollout: Int64, at now: Timestamp, _ database: Database) throws {
        for number in numbers {
            try database.execute(
                sql: """
                    UPDATE operator_request SET consumed_at = ?
                    WHERE number = ? AND rollout = ? AND consumed_at IS NULL
                    """,
                arguments: [now.column, number, rollout]
            )
            guard database.changesCount == 1 else { throw StoreError.requestNotPending(number: number) }
        }
    }

    private static func columns(_ request: OperatorRequest) -> (Kind, reason: String, wave: String?, node: String?) {
        switch request {
        case .pause(let reason): (.pause, reason, nil, nil)
        case .resume: (.resume, "", nil, nil)
        case .approve(let wave, _, let reason): (.approve, reason, wave, nil)
        case .skip(let node, _, let reason): (.skip, reason, nil, node)
        case .retry(let node, _, let reason): (.retry, reason, nil, node)
        case .abort(let reason): (.abort, reason, nil, nil)
        case .supersede: (.supersede, "", nil, nil)
        }
    }

    private static func request(_ row: Row) throws -> OperatorRequest {
        let kind: Kind = try row.word("kind")
        return switch kind {
        case .pause: .pause(reason: try row.value("reason"))
        case .resume: .resume
        case .approve:
            .approve(
                wave: try row.value("wave"), by: try row.value("asked_by"), reason: try row.value("reason"))
        case .skip:
            .skip(node: try row.value("node"), by: try row.value("asked_by"), reason: try row.value("reason"))
        case .retry:
            .retry(node: try row.value("node"), by: try row.value("asked_by"), reason: try row.value("reason"))
        case .abort: .abort(reason: try row.value("reason"))
        case .supersede: .supersede
        }
    }
}
