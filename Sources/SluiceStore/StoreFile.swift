import Glibc

/// The database's files on the real file system: what SQLite does not do by itself, or does with the wrong mode.
enum StoreFile {
    /// What stands at a path.
    enum Kind {
        case nothing
        case file(bytes: Int64)
        case other
    }

    /// Only the owner may read the state: it names nodes, pods and people.
    static let fileMode: mode_t = 0o600
    static let folderMode: mode_t = 0o700
    /// The smallest page of SQLite, in bytes; SQLite takes a file of one byte for an empty one.
    static let smallestDatabase: Int64 = 512

    /// What stands at a path, symbolic links followed.
    static func kind(of path: String) throws(StoreError) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return .nothing }
            throw failure(path)
        }
        return status.st_mode & S_IFMT == S_IFREG ? .file(bytes: Int64(status.st_size)) : .other
    }

    /// Makes the folders above the file (0700) and an empty file (0600), as far as they are missing. SQLite gives its
    /// -wal and -shm files the mode of the file beside them.
    ///
    /// An existing file is not opened here: closing it would drop the locks that SQLite holds on it in this process.
    static func prepare(_ path: String) throws(StoreError) {
        if try isThere(path) { return try tighten(path) }
        try makeFolders(above: path)
        do {
            try create(path)
        } catch .exists {
            return
        }
    }

    /// Whether there is a file that SQLite may open.
    ///
    /// - Throws: for what SQLite would take for a new database and write over.
    static func isThere(_ path: String) throws(StoreError) -> Bool {
        switch try kind(of: path) {
        case .other: throw .notAFile(path: path)
        case .nothing:
            try refuseOrphanedLog(path)
            return false
        case .file(bytes: 0):
            try refuseOrphanedLog(path)
            return true
        case .file(let bytes):
            guard bytes >= smallestDatabase else { throw .notSluice(path: path) }
            return true
        }
    }

    /// Whether the file ends within a page and has no log that would complete it: its end was cut off.
    static func isCutOff(_ path: String, pageSize: Int64) throws(StoreError) -> Bool {
        guard case .file(let bytes) = try kind(of: path), bytes % pageSize != 0 else { return false }
        for log in [path + "-wal", path + "-journal"] {
            if case .file(let logBytes) = try kind(of: log), logBytes > 0 { return false }
        }
        return true
    }

    /// Makes an empty file with mode 0600.
    ///
    /// - Throws: ``StoreError/exists(path:)`` when there is something.
    static func create(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, fileMode)
        guard descriptor >= 0 else { throw failure(path) }
        close(descriptor)
    }

    /// Removes a file of ours that is not the database, with what SQLite may have put beside it; absent ones are fine.
    static func remove(_ path: String) {
        for suffix in ["", "-journal", "-wal", "-shm"] { unlink(path + suffix) }
    }

    /// Puts a finished file in the place of another one, durably.
    static func replace(_ path: String, with finished: String) throws(StoreError) {
        guard rename(finished, path) == 0 else { throw failure(path) }
        let folder = open(parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure(path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure(path) }
    }

    /// What the last failed system call means.
    static func failure(_ path: String) -> StoreError {
        let code = errno
        let detail = String(cString: strerror(code))
        return switch code {
        case EACCES, EPERM, EROFS: .notWritable(path: path, detail: detail)
        case ENOSPC, EDQUOT: .full(path: path)
        case ENOENT: .missing(path: path)
        case EEXIST: .exists(path: path)
        case ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP: .notAFile(path: path)
        default: .inputOutput(path: path, detail: detail)
        }
    }

    /// SQLite deletes a log beside an empty database. But the log may be all that is left of it.
    private static func refuseOrphanedLog(_ path: String) throws(StoreError) {
        guard case .file(let bytes) = try kind(of: path + "-wal"), bytes > 0 else { return }
        // Another process may have made the database between our two looks; the file is then no longer empty.
        if case .file(let bytes) = try kind(of: path), bytes > 0 { return }
        throw .corrupt(path: path, detail: "the file is empty or gone, but its log \(path)-wal is not")
    }

    private static func tighten(_ path: String) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(path) }
        if status.st_mode & 0o077 != 0, status.st_uid == geteuid() {
            guard chmod(path, fileMode) == 0 else { throw failure(path) }
        }
    }

    /// Makes the folders above a path (0700), as far as they are missing.
    static func makeFolders(above path: String) throws(StoreError) {
        let folder = parent(of: path)
        switch try kind(of: folder) {
        case .file: throw .notAFile(path: path)
        case .other: return
        case .nothing:
            guard folder != path else { throw .missing(path: path) }
            try makeFolders(above: folder)
            guard mkdir(folder, folderMode) == 0 || errno == EEXIST else { throw failure(folder) }
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
