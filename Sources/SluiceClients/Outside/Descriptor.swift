import CCurl
import Foundation

/// Reading from a descriptor without surprises.
enum Descriptor {
    /// What a read brought.
    enum Reading {
        case bytes([UInt8])
        case end
        /// A descriptor that does not block has nothing now.
        case nothingYet
        /// The system's error number.
        case failed(Int32)
    }

    /// Reads once, however often a signal interrupts it.
    static func read(_ descriptor: Int32, atMost limit: Int) -> Reading {
        while true {
            var number: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                let result = Foundation.read(descriptor, buffer.baseAddress, limit)
                number = result < 0 ? errno : 0
                count = max(result, 0)
            }
            switch number {
            case 0: return bytes.isEmpty ? .end : .bytes(bytes)
            case EINTR: continue
            case EAGAIN: return .nothingYet
            default: return .failed(number)
            }
        }
    }

    /// Writes to a terminal that takes something now; what it does not take is lost, for nobody may wait for it.
    static func offer(_ bytes: [UInt8], to descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 0) > 0, entry.revents & Int16(POLLOUT) != 0 else { return }
        _ = write(descriptor, bytes, min(bytes.count, OutsideLimits.terminalBytes))
    }

    /// A pipe whose ends are closed in programs that we run; only the reading end does not block.
    ///
    /// - Returns: both ends, or the system's error number.
    static func pipe() -> Result<(reading: Int32, writing: Int32), SystemFailure> {
        var ends: [Int32] = [-1, -1]
        guard sluice_pipe(&ends) == 0 else { return .failure(SystemFailure(number: errno)) }
        // The flag belongs to this end alone: a program that finds its stdout non-blocking may lose output.
        guard fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 else {
            let number = errno
            ends.forEach { _ = Foundation.close($0) }
            return .failure(SystemFailure(number: number))
        }
        return .success((ends[0], ends[1]))
    }
}

/// An error number of the system.
struct SystemFailure: Error {
    var number: Int32
}

/// The system's words.
enum SystemText {
    /// `No such file or directory` for ENOENT.
    static func error(_ number: Int32) -> String { String(cString: strerror(number)) }

    /// `30 s`, `1.5 s`, `250 ms`.
    static func duration(_ milliseconds: Int64) -> String {
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        let tenths = milliseconds / 100
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
