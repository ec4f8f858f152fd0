import GRDB
public import SluiceCore

/// A revision of a DaemonSet as it was seen.
public struct RevisionObservation: Sendable, Hashable {
    /// The revision's hash.
    public var revision: String
    /// The template's images.
    public var images: [ContainerImage]
    /// Since when it is the update revision, or when it last became it; nil when it never was.
    public var updateSince: Timestamp?
    /// When it was last seen.
    public var lastSeenAt: Timestamp

    /// A revision of a DaemonSet as it was seen.
    public init(revision: String, images: [ContainerImage], updateSince: Timestamp?, lastSeenAt: Timestamp) {
        self.revision = revision
        self.images = images
        self.updateSince = updateSince
        self.lastSeenAt = lastSeenAt
    }
}

/// Owns the table `revision_observation`.
enum RevisionObservationTable {
    /// The update revision of the last observation is the one whose `update_since` is the latest. A revision that becomes
    /// it again (an undo) is new as such: its `update_since` moves.
    static func write(
        _ sighting: DaemonSetSighting, cluster: String, at now: Timestamp, _ database: Database
    ) throws {
        let current = try String.fetchOne(
            database,
            sql: """
                SELECT revision FROM revision_observation
                WHERE cluster_uid = ? AND daemonset_uid = ? AND update_since IS NOT NULL
                ORDER BY update_since DESC LIMIT 1
                """,
            arguments: [cluster, sighting.daemonSetUID]
        )
        for (revision, images) in sighting.revisions.sorted(by: { $0.key < $1.key }) {
            let becomesUpdate = revision == sighting.updateRevision && revision != current
            try database.execute(
                sql: """
                    INSERT INTO revision_observation (
                        cluster_uid, daemonset_uid, revision, images, update_since, last_seen_at
                    ) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (cluster_uid, daemonset_uid, revision) DO UPDATE SET
                        images = excluded.images, update_since = ifnull(excluded.update_since, update_since),
                        last_seen_at = excluded.last_seen_at
                    """,
                arguments: [
                    cluster, sighting.daemonSetUID, revision, text(images), becomesUpdate ? now.column : nil,
                    now.column,
                ]
            )
        }
    }

    /// All revisions of a DaemonSet that were ever seen, by hash.
    static func fetch(
        cluster: String, daemonSetUID: String, _ database: Database
    ) throws -> [RevisionObservation] {
        let sql = """
            SELECT * FROM revision_observation WHERE cluster_uid = ? AND daemonset_uid = ? ORDER BY revision
            """
        return try Row.fetchAll(database, sql: sql, arguments: [cluster, daemonSetUID]).map { row in
            RevisionObservation(
                revision: try row.value("revision"), images: try images(row),
                updateSince: try row.optionalTime("update_since"), lastSeenAt: try row.time("last_seen_at")
            )
        }
    }

    private static func text(_ images: [ContainerImage]) -> String {
        let elements = images.map {
            JSONValue.object(["container": .string($0.container), "image": .string($0.image)])
        }
        return JSONValue.array(elements).serialized
    }

    private static func images(_ row: Row) throws -> [ContainerImage] {
        try (row.json("images").array ?? []).map { element in
            guard let container = element["container"]?.string, let image = element["image"]?.string else {
                throw UnreadableColumn(column: "images", text: element.serialized)
            }
            return ContainerImage(container: container, image: image)
        }
    }
}
