public import SluiceCore

/// The store's limits.
public enum StoreLimits {
    /// The longest that an access waits for another process's lock, in milliseconds. The driver has one thread, and
    /// its Lease of 30 seconds must be renewed meanwhile: well below a quarter of that.
    public static let busyTimeout: Milliseconds = 5_000
    /// The oldest SQLite that has STRICT tables.
    static let oldestSQLite = SQLiteVersion(major: 3, minor: 37)
    /// What `PRAGMA application_id` says in a database of Sluice: "Slui" in ASCII.
    static let applicationID: Int32 = 0x536C_7569
    /// The most problems that an integrity check reports.
    static let integrityProblems = 3
}

/// A version of SQLite.
struct SQLiteVersion: Hashable, Comparable {
    var major: Int
    var minor: Int

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `3.40.1`; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ".")
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
        self.init(major: major, minor: minor)
    }

    var text: String { "\(major).\(minor)" }

    static func < (left: SQLiteVersion, right: SQLiteVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
