import Foundation
import GRDB
import SluiceCore

/// Owns the tables `rollout` and `rollout_document`.
enum RolloutTable {
    /// The row's number; nil when there is no such rollout.
    static func number(of id: String, _ database: Database) throws -> Int64? {
        let statement = try database.cachedStatement(sql: "SELECT number FROM rollout WHERE id = ?")
        return try Int64.fetchOne(statement, arguments: [id])
    }

    /// The name of the DaemonSet's rollout that is not over.
    static func activeID(daemonSetUID: String, _ database: Database) throws -> String? {
        try String.fetchOne(
            database,
            sql: "SELECT id FROM rollout WHERE daemonset_uid = ? AND phase NOT IN ('completed', 'aborted')",
            arguments: [daemonSetUID]
        )
    }

    /// How many rollouts there are.
    static func count(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM rollout") ?? 0
    }

    /// Adds a rollout and returns its number.
    static func insert(_ rollout: RolloutRecord, _ database: Database) throws -> Int64 {
        try database.execute(
            sql: """
                INSERT INTO rollout (
                    cluster_uid, namespace, daemonset, daemonset_uid, plan_digest, update_revision, previous_revision,
                    max_unavailable, phase, reason, message, wave_index, pause_reason, holds, created_at, changed_at,
                    finished_at, id
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: arguments(rollout)
        )
        let number = database.lastInsertedRowID
        try database.execute(
            sql: """
                INSERT INTO rollout_document (plan_text, base_template, target_template, previous_template, rollout)
                VALUES (?, ?, ?, ?, ?)
                """,
            arguments: documents(rollout) + [number]
        )
        return number
    }

    /// Writes a rollout's row.
    static func update(_ rollout: RolloutRecord, number: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE rollout SET (
                    cluster_uid, namespace, daemonset, daemonset_uid, plan_digest, update_revision, previous_revision,
                    max_unavailable, phase, reason, message, wave_index, pause_reason, holds, created_at, changed_at,
                    finished_at
                ) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                WHERE id = ?
                """
        )
        try statement.execute(arguments: arguments(rollout))
    }

    /// Writes a rollout's documents, if they differ.
    static func updateDocuments(_ rollout: RolloutRecord, number: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE rollout_document
                SET (plan_text, base_template, target_template, previous_template) = (?1, ?2, ?3, ?4)
                WHERE rollout = ?5
                    AND (plan_text IS NOT ?1 OR base_template IS NOT ?2 OR target_template IS NOT ?3
                        OR previous_template IS NOT ?4)
                """
        )
        try statement.execute(arguments: documents(rollout) + [number])
    }

    /// The rollout of that number.
    static func fetch(number: Int64, _ database: Database) throws -> RolloutRecord? {
        try fetch(where: "number = ?", [number], database).first
    }

    /// The rollouts of a cluster, a namespace, a DaemonSet's name (nil: of all), newest first.
    static func list(
        clusterUID: String?, namespace: String?, daemonSet: String?, _ database: Database
    ) throws -> [RolloutRecord] {
        try fetch(
            where: """
                (?1 IS NULL OR cluster_uid = ?1) AND (?2 IS NULL OR namespace = ?2)
                    AND (?3 IS NULL OR daemonset = ?3)
                """,
            [clusterUID, namespace, daemonSet], database
        )
    }

    private static func fetch(
        where condition: String, _ arguments: StatementArguments, _ database: Database
    ) throws -> [RolloutRecord] {
        let sql = """
            SELECT * FROM rollout JOIN rollout_document ON rollout_document.rollout = rollout.number
            WHERE \(condition) ORDER BY number DESC
            """
        return try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: arguments).map(record)
    }

    private static func arguments(_ rollout: RolloutRecord) -> StatementArguments {
        [
            rollout.clusterUID, rollout.namespace, rollout.daemonSet, rollout.daemonSetUID, rollout.planDigest,
            rollout.updateRevision, rollout.previousRevision, rollout.maxUnavailable, rollout.phase.rawValue,
            rollout.reason?.rawValue, rollout.message.column, rollout.waveIndex, rollout.pauseReason?.column,
            text(rollout.holds),
            rollout.createdAt.column, rollout.changedAt.column, rollout.finishedAt?.column, rollout.id,
        ]
    }

    private static func documents(_ rollout: RolloutRecord) -> StatementArguments {
        [
            Data(rollout.planText), rollout.baseTemplate.json.serialized, rollout.targetTemplate.json.serialized,
            rollout.previousTemplate?.json.serialized,
        ]
    }

    private static func record(_ row: Row) throws -> RolloutRecord {
        let planText: Data = try row.value("plan_text")
        return RolloutRecord(
            id: try row.value("id"), clusterUID: try row.value("cluster_uid"), namespace: try row.value("namespace"),
            daemonSet: try row.value("daemonset"), daemonSetUID: try row.value("daemonset_uid"),
            planText: Array(planText), planDigest: try row.value("plan_digest"),
            baseTemplate: PodTemplate(json: try row.json("base_template")),
            targetTemplate: PodTemplate(json: try row.json("target_template")),
            updateRevision: try row.value("update_revision"), previousRevision: try row.value("previous_revision"),
            previousTemplate: try row.optionalJSON("previous_template").map(PodTemplate.init(json:)),
            maxUnavailable: try row.value("max_unavailable"), phase: try row.word("phase"),
            reason: try row.optionalWord("reason"), message: try row.value("message"),
            waveIndex: try row.value("wave_index"), pauseReason: try row.value("pause_reason"),
            holds: try holds(row), createdAt: try row.time("created_at"), changedAt: try row.time("changed_at"),
            finishedAt: try row.optionalTime("finished_at")
        )
    }

    private static func text(_ holds: [Hold]) -> String {
        let elements = holds.map { hold in
            var element: JSONValue = ["kind": .string(hold.kind.rawValue), "reason": .string(hold.reason)]
            if let since = hold.since { element["since"] = .integer(since.millisecondsSince1970) }
            return element
        }
        return JSONValue.array(elements).serialized
    }

    private static func holds(_ row: Row) throws -> [Hold] {
        try (row.json("holds").array ?? []).map { element in
            guard let kind = element["kind"]?.string.flatMap(HoldKind.init(rawValue:)),
                let reason = element["reason"]?.string
            else { throw UnreadableColumn(column: "holds", text: element.serialized) }
            return Hold(kind, reason, since: element["since"]?.integer.map { Timestamp($0) })
        }
    }
}
