import Glibc

/// The file that gets one line for every request to delete a pod. A line is in the file before the answer leaves.
struct AuditFile: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Empties the file, or makes it (mode 0600).
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ClusterServerError(
                description: "cannot write the audit file \(path): \(String(cString: strerror(errno))); choose a path "
                    + "that you may write")
        }
    }

    /// Appends text. A file that lacks lines would prove what is not so: the server ends when it cannot be written.
    func append(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            precondition(count > 0, "the audit file \(path) cannot be written")
            rest = rest.dropFirst(count)
        }
    }
}
