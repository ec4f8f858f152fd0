/// One step of the database's schema.
public struct Migration: Sendable {
    /// The step's name, which the database remembers once it has been applied.
    public let name: String
    /// The SQL statements.
    public let sql: String
}

/// The schema's history, oldest first. A step that has been released is never edited.
public let migrations: [Migration] = [
    Migration(name: "0001_rollouts", sql: String(decoding: PackageResources._001_rollouts_sql, as: UTF8.self)),
    Migration(name: "0002_ready_at", sql: String(decoding: PackageResources._002_ready_at_sql, as: UTF8.self)),
    Migration(name: "0003_approvals", sql: String(decoding: PackageResources._003_approvals_sql, as: UTF8.self)),
    Migration(
        name: "0004_node_requests", sql: String(decoding: PackageResources._004_node_requests_sql, as: UTF8.self)),
    Migration(name: "0005_outbox", sql: String(decoding: PackageResources._005_outbox_sql, as: UTF8.self)),
    Migration(name: "0006_scrapes", sql: String(decoding: PackageResources._006_scrapes_sql, as: UTF8.self)),
    Migration(
        name: "0007_node_pressure", sql: String(decoding: PackageResources._007_node_pressure_sql, as: UTF8.self)),
    Migration(name: "0008_startup", sql: String(decoding: PackageResources._008_startup_sql, as: UTF8.self)),
    Migration(name: "0009_gate_retries", sql: String(decoding: PackageResources._009_gate_retries_sql, as: UTF8.self)),
    Migration(
        name: "0010_config_objects", sql: String(decoding: PackageResources._010_config_objects_sql, as: UTF8.self)),
    Migration(
        name: "0011_previous_template",
        sql: String(decoding: PackageResources._011_previous_template_sql, as: UTF8.self)),
]
