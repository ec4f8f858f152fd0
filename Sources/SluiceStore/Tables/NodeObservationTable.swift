import GRDB
public import SluiceCore

/// A node with a revision that it was seen to run.
public struct NodeObservation: Sendable, Hashable {
    /// The node's name.
    public var node: String
    /// The hash of its pod's revision.
    public var revision: String
    /// Since when the pod ran, by the cluster; nil when it did not yet.
    public var runningSince: Timestamp?
    /// When the node was first seen with this revision.
    public var firstSeenAt: Timestamp
    /// When the node was last seen with this revision.
    public var lastSeenAt: Timestamp

    /// A node with a revision that it was seen to run.
    public init(
        node: String, revision: String, runningSince: Timestamp?, firstSeenAt: Timestamp, lastSeenAt: Timestamp
    ) {
        self.node = node
        self.revision = revision
        self.runningSince = runningSince
        self.firstSeenAt = firstSeenAt
        self.lastSeenAt = lastSeenAt
    }
}

/// Owns the table `node_observation`.
enum NodeObservationTable {
    static func write(
        _ sighting: DaemonSetSighting, cluster: String, at now: Timestamp, _ database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO node_observation (
                    cluster_uid, daemonset_uid, node, revision, running_since, first_seen_at, last_seen_at
                ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
                ON CONFLICT (cluster_uid, daemonset_uid, node, revision) DO UPDATE SET
                    running_since = ifnull(excluded.running_since, running_since),
                    last_seen_at = excluded.last_seen_at
                """
        )
        for node in sighting.nodes {
            try statement.execute(arguments: [
                cluster, sighting.daemonSetUID, node.node, node.revision, node.runningSince?.column, now.column,
            ])
        }
    }

    /// All pairs of node and revision of a DaemonSet that were ever seen, by node, then oldest first.
    static func fetch(cluster: String, daemonSetUID: String, _ database: Database) throws -> [NodeObservation] {
        let sql = """
            SELECT * FROM node_observation WHERE cluster_uid = ? AND daemonset_uid = ?
            ORDER BY node, first_seen_at, revision
            """
        return try Row.fetchAll(database, sql: sql, arguments: [cluster, daemonSetUID]).map { row in
            NodeObservation(
                node: try row.value("node"), revision: try row.value("revision"),
                runningSince: try row.optionalTime("running_since"), firstSeenAt: try row.time("first_seen_at"),
                lastSeenAt: try row.time("last_seen_at")
            )
        }
    }
}
