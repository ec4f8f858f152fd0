import CSimulatedDisk
public import SluiceCore

/// A disk in memory, below SQLite, that keeps what was synced apart from what was written, fails on order, and crashes.
///
/// A store that is opened while the disk is mounted keeps its database there for good; two machines are two disks. After
/// ``kill()`` or ``cutPower(random:)`` such a store can neither read nor write, and may be dropped at any time. The first
/// disk puts its VFS before the system's for the whole process; databases opened with no disk mounted lie where they
/// always did.
///
/// A disk and the stores on it are for one thread at a time. Nothing sleeps, reads a clock or draws randomness: the same
/// calls give the same bytes in every process. (In one process, a database opened meanwhile by another thread takes some
/// of SQLite's random numbers, which are only seen in the log's salts.)
public final class SimulatedDisk {
    /// An operation that can fail.
    public enum Operation: Sendable, CaseIterable {
        case read, write, sync, open, truncate, delete
    }

    /// How an operation fails.
    public enum Failure: Sendable, CaseIterable {
        /// There is no room.
        case full
        /// There is no room after half of the bytes.
        case fullHalfway
        /// The disk is broken. A file that cannot be opened is said to be just that.
        case inputOutput
        /// The disk breaks after half of the bytes.
        case inputOutputHalfway
    }

    private let disk: OpaquePointer
    private let state: UnsafeMutablePointer<SimulatedDiskState>

    /// An empty disk.
    public convenience init() { self.init(simulated_disk_new()) }

    /// A disk with the files of another one, all of them synced; nothing else is taken over. A copy of a disk with a new
    /// database spares the schema, which costs several times as much as to open it.
    public convenience init(copying original: SimulatedDisk) { self.init(simulated_disk_copy(original.disk)) }

    private init(_ disk: OpaquePointer?) {
        guard let disk else { preconditionFailure("no memory for a simulated disk") }
        self.disk = disk
        self.state = simulated_disk_state(disk)
    }

    deinit { simulated_disk_free(disk) }

    /// Runs `body` with this disk as the one on which databases are opened by this thread.
    ///
    /// - Throws: what `body` throws.
    public func whileMounted<Value, Problem: Error>(_ body: () throws(Problem) -> Value) throws(Problem) -> Value {
        let before = simulated_disk_mount(disk)
        defer { _ = simulated_disk_mount(before) }
        return try body()
    }

    /// The process dies. What was written stays; open files, locks and shared memory go.
    public func kill() { simulated_disk_kill(disk) }

    /// The power fails. What was synced stays; each other sector of 512 bytes is lost, kept or torn, each file's new
    /// length and each change of the folder is lost or kept, as the numbers say: the same for the same numbers.
    public func cutPower(random: () -> UInt64) {
        withoutActuallyEscaping(random) { random in
            withUnsafePointer(to: random) { context in
                simulated_disk_cut_power(
                    disk, { $0?.assumingMemoryBound(to: (() -> UInt64).self).pointee() ?? 0 },
                    UnsafeMutableRawPointer(mutating: UnsafeRawPointer(context))
                )
            }
        }
    }

    /// After `count` more successes, `times` operations of a kind fail. A second order for the same kind replaces it.
    public func fail(_ operation: Operation, with failure: Failure, after count: UInt64 = 0, times: UInt64 = 1) {
        let lacksRoom = failure == .full || failure == .fullHalfway
        let isShort = failure == .fullHalfway || failure == .inputOutputHalfway
        simulated_disk_fail(disk, operation.kind, lacksRoom, isShort, count, times)
    }

    /// Takes back every failure that was ordered and has not come, and makes room.
    public func heal() {
        for operation in Operation.allCases { fail(operation, with: .full, times: 0) }
        isFull = false
    }

    /// After `count` more operations that change the disk (see ``operations``) the process gets no further: every access
    /// fails and does nothing. ``kill()`` or ``cutPower(random:)`` decides what is left, and ends it.
    public func stop(after count: UInt64) { simulated_disk_stop(disk, count) }

    /// Whether it has come to what ``stop(after:)`` ordered.
    public var hasStopped: Bool { simulated_disk_has_stopped(disk) }

    /// Whether no file can grow, from now on.
    public var isFull: Bool {
        get { state.pointee.is_full }
        set { state.pointee.is_full = newValue }
    }

    /// Whether the disk says that it synced and does not, from now on: to show that a test can see it.
    public var ignoresSyncs: Bool {
        get { state.pointee.ignores_syncs }
        set { state.pointee.ignores_syncs = newValue }
    }

    /// What SQLite takes for the time.
    public var now: Timestamp {
        get { Timestamp(state.pointee.now) }
        set { state.pointee.now = newValue.millisecondsSince1970 }
    }

    /// How many operations would have changed the disk so far: files made, writes, syncs, truncations, deletions.
    public var operations: UInt64 { state.pointee.operations }
    /// The bytes written so far.
    public var bytesWritten: UInt64 { state.pointee.bytes_written }
    /// The syncs done so far.
    public var syncs: UInt64 { state.pointee.syncs }

    /// A copy of a file as it was written, synced or not; nil when there is none.
    public func contents(of path: String) -> [UInt8]? {
        var length: Int64 = 0
        guard let bytes = simulated_disk_bytes(disk, path, &length) else { return nil }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(length)))
    }
}

extension SimulatedDisk.Operation {
    fileprivate var kind: Int32 {
        let kind =
            switch self {
            case .read: SIMULATED_READ
            case .write: SIMULATED_WRITE
            case .sync: SIMULATED_SYNC
            case .open: SIMULATED_OPEN
            case .truncate: SIMULATED_TRUNCATE
            case .delete: SIMULATED_DELETE
            }
        return Int32(kind)
    }
}
