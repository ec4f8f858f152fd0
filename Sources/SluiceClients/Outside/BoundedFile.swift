import Foundation
import SluiceCore

/// A file that is read whole, within bounds of size and time: a path may lead to a pipe into which nobody writes, or to
/// a device that never ends. Pipes are read all the same, for `--kubeconfig <(command)` is one.
struct BoundedFile {
    let path: String
    /// The longest silence in milliseconds.
    let wait: Milliseconds
    /// The most bytes that are read.
    var limit = OutsideLimits.fileBytes

    func read() throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let number = errno
            throw FileError(path: path, message: SystemText.error(number), isMissing: number == ENOENT)
        }
        defer { _ = Foundation.close(descriptor) }
        if isPipe(descriptor) { try awaitBytes(descriptor) }
        var bytes: [UInt8] = []
        while true {
            switch Descriptor.read(descriptor, atMost: OutsideLimits.readSize) {
            case .bytes(let piece): bytes += piece
            case .end: return bytes
            case .nothingYet: try awaitBytes(descriptor)
            case .failed(let number): throw FileError(path: path, message: SystemText.error(number))
            }
            guard bytes.count <= limit else {
                throw FileError(path: path, message: "larger than \(limit >> 20) MiB")
            }
        }
    }

    /// Whether a read would find an end where only no writer has come yet.
    private func isPipe(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    private func awaitBytes(_ descriptor: Int32) throws(FileError) {
        let deadline = SystemOutside.monotonic + wait
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = max(0, deadline - SystemOutside.monotonic)
            let count = poll(&entry, 1, Int32(left))
            if count > 0 { return }
            guard count < 0, errno == EINTR else {
                throw FileError(
                    path: path, message: "nothing came out of it within \(SystemText.duration(wait)); is it a pipe?")
            }
        }
    }
}
