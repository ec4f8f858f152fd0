import Glibc
import SluiceCluster
import SluiceCore

/// Writes down every request that is no read, with what it did to a pod: the truth by which a driver is judged.
final class AuditLog {
    private let descriptor: Int32

    /// Begins a new file.
    ///
    /// - Throws: ``ClusterServerError`` when it cannot be written.
    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ClusterServerError(
                description: "cannot write the audit log \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(descriptor)
    }

    func write(_ request: ClusterRequest, _ response: ClusterResponse, _ victim: Cluster.Victim?, at now: Timestamp) {
        guard request.method != "GET", case .answer(let answer) = response else { return }
        var line: JSONValue = [
            "time": .integer(now.millisecondsSince1970), "method": .string(request.method),
            "target": .string(request.target), "status": .integer(Int64(answer.status)),
        ]
        if let victim {
            line["uid"] = .string(victim.uid)
            line["node"] = .string(victim.node)
            line["terminates"] = .bool(!victim.isTerminating && (200..<300).contains(answer.status))
            line["availableBefore"] = .integer(Int64(victim.availableNodes))
        }
        let bytes = Array((line.serialized + "\n").utf8)
        // A line that cannot be written is missed by whoever judges; the cluster goes on.
        _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
