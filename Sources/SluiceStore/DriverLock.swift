import Glibc

/// `F_OFD_GETLK` and `F_OFD_SETLK` of Linux's fcntl.h, which glibc declares only with `_GNU_SOURCE`.
private let ofdGetLock: Int32 = 36
private let ofdSetLock: Int32 = 37

/// The right to drive one rollout on this machine, for as long as this value lives.
///
/// It is a lock on one byte of a file beside the database, held by an open file description: the kernel gives it back
/// when the process dies, however it dies, and child processes do not inherit it.
public final class DriverLock {
    private let descriptor: Int32

    /// Takes the lock; nil when another process (or another lock of this process) has it.
    static func take(_ path: String, byte: Int64) throws(StoreError) -> DriverLock? {
        try take(path, from: byte, length: 1)
    }

    /// Takes the locks of all rollouts; nil when one of them is driven.
    static func takeAll(_ path: String) throws(StoreError) -> DriverLock? {
        try take(path, from: 0, length: 0)
    }

    /// Whether somebody has the lock.
    static func isTaken(_ path: String, byte: Int64) throws(StoreError) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw StoreFile.failure(path)
        }
        defer { close(descriptor) }
        var range = Self.range(from: byte, length: 1)
        guard fcntl(descriptor, ofdGetLock, &range) == 0 else { throw StoreFile.failure(path) }
        return range.l_type != Int16(F_UNLCK)
    }

    private static func take(_ path: String, from start: Int64, length: Int64) throws(StoreError) -> DriverLock? {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, StoreFile.fileMode)
        guard descriptor >= 0 else { throw StoreFile.failure(path) }
        var range = Self.range(from: start, length: length)
        guard fcntl(descriptor, ofdSetLock, &range) == 0 else {
            let code = errno
            close(descriptor)
            if code == EAGAIN || code == EACCES { return nil }
            errno = code
            throw StoreFile.failure(path)
        }
        return DriverLock(descriptor)
    }

    private static func range(from start: Int64, length: Int64) -> flock {
        flock(
            l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: off_t(start), l_len: off_t(length), l_pid: 0
        )
    }

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
