import GRDB

/// Why the database could not be opened, read or written. Each says what is safe to do; none is ever met by deleting
/// or repairing the file.
public enum StoreError: Error, Sendable, Hashable {
    /// The database has migrations that this program does not know.
    case newer(path: String, migrations: [String])
    /// The database lacks migrations, and it was opened for reading only.
    case outdated(path: String)
    /// The file is damaged, or a row holds what Sluice never writes.
    case corrupt(path: String, detail: String)
    /// The file is not a database of Sluice.
    case notSluice(path: String)
    /// The file or its folder may not be written (or read) by this user.
    case notWritable(path: String, detail: String)
    /// The disk or the quota is full.
    case full(path: String)
    /// The disk failed.
    case inputOutput(path: String, detail: String)
    /// Another process kept the database locked for longer than the busy timeout.
    case busy(path: String)
    /// There is no such file.
    case missing(path: String)
    /// A folder, a device or the like stands where the file should be.
    case notAFile(path: String)
    /// Something stands where a file would be written.
    case exists(path: String)
    /// A live process drives a rollout of this database, so it cannot be replaced.
    case driven(path: String)
    /// The DaemonSet has a rollout that is not over.
    case activeRollout(id: String)
    /// A rollout of this name is in the database already.
    case duplicateRollout(id: String)
    /// There is no rollout of this name.
    case unknownRollout(path: String, id: String)
    /// An operator's request that should be consumed is not pending.
    case requestNotPending(number: Int64)
    /// The system's SQLite is too old.
    case oldSQLite(found: String)
    /// Anything else that SQLite says.
    case unexpected(path: String, detail: String)
}

extension StoreError {
    /// Whether trying again later may help without anybody's doing: the driver holds further deletes (`disk`) and
    /// tries again instead of ending.
    public var isTransient: Bool {
        switch self {
        case .full, .inputOutput, .busy: true
        case .newer, .outdated, .corrupt, .notSluice, .notWritable, .missing, .notAFile, .exists, .driven,
            .activeRollout,
            .duplicateRollout, .unknownRollout, .requestNotPending, .oldSQLite, .unexpected:
            false
        }
    }

    /// What failed, where, and what to do.
    public var message: String {
        switch self {
        case .newer(let path, let migrations):
            "\(path) was written by a newer Sluice (it has \(migrations.joined(separator: ", "))). Nothing was "
                + "changed. Use that version of Sluice, or another --state."
        case .outdated(let path):
            "\(path) was written by an older Sluice and is only read here. Run any command that writes to it, such as "
                + "`sluice resume`, to bring it up to date."
        case .corrupt(let path, let detail):
            "\(path) is damaged: \(detail). It was left as it is. Keep a copy of it and of its -wal file; then import "
                + "a copy made by `sluice state export` into a new --state, or `run` the same plan with a new "
                + "--state: it carries on from what the cluster and the Lease's checkpoint say."
        case .notSluice(let path):
            "\(path) is not a database of Sluice, or its first bytes are damaged. It was left as it is. "
                + "Name another file with --state."
        case .notWritable(let path, let detail):
            "\(path) cannot be read and written by this user: \(detail). Change the permissions of the file and its "
                + "folder, or name another file with --state."
        case .full(let path):
            "The disk of \(path) is full. What was committed is safe, nothing was half written. Free some space."
        case .inputOutput(let path, let detail):
            "The disk of \(path) failed: \(detail). What was committed before is safe if the disk is. Check the disk, "
                + "and `sluice state export` the database to another one."
        case .busy(let path):
            "\(path) is locked by another process. Nothing was written. Wait for it to end, or look for it with "
                + "`fuser \(path)`."
        case .missing(let path): "\(path) does not exist. Name the database with --state, or begin with `sluice run`."
        case .notAFile(let path): "\(path) is not a file, or stands below something that is not a folder. Name a file."
        case .exists(let path): "\(path) exists and was left as it is. Name another file, or move it away first."
        case .driven(let path):
            "A running sluice drives a rollout of \(path), so it was left as it is. Interrupt that one first (Ctrl-C "
                + "is safe)."
        case .activeRollout(let id):
            "The DaemonSet has a rollout that is not over, \(id). `sluice resume \(id)` carries it on, `sluice abort "
                + "\(id)` gives it up."
        case .duplicateRollout(let id): "There is a rollout \(id) already. Nothing was written."
        case .unknownRollout(let path, let id):
            "There is no rollout \(id) in \(path). `sluice history` lists those that there are."
        case .requestNotPending(let number):
            "The operator's request \(number) is not pending any more: another driver has taken it. Nothing was written."
        case .oldSQLite(let found):
            "SQLite \(found) is too old: Sluice needs \(StoreLimits.oldestSQLite.text) or newer. Install a newer "
                + "libsqlite3."
        case .unexpected(let path, let detail): "\(path): \(detail). Nothing was written."
        }
    }
}

extension StoreError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}

extension StoreError {
    /// What a failed database access of `path` means.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(sqlite: error, path: path)
        case let error as UnreadableColumn:
            self = .corrupt(path: path, detail: "the column \(error.column) holds \(error.text)")
        case is RowDecodingError:
            self = .corrupt(path: path, detail: "a row lacks a value, or has one of another kind")
        default: self = .unexpected(path: path, detail: String(describing: error))
        }
    }

    private init(sqlite error: DatabaseError, path: String) {
        let detail = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: self = .busy(path: path)
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_IOERR: self = .inputOutput(path: path, detail: detail)
        case .SQLITE_CORRUPT: self = .corrupt(path: path, detail: detail)
        case .SQLITE_NOTADB: self = .notSluice(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_CANTOPEN:
            self = .notWritable(path: path, detail: detail)
        default: self = .unexpected(path: path, detail: detail)
        }
    }
}
