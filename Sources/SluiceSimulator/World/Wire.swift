import Glibc
import SluiceClients
import SluiceCluster
import SluiceCore

/// How simulated drivers reach the API server, and what their requests mean to a judge.
enum Wire {
    static let server = "https://kube:6443"
    /// The first step of the path of whoever wants to be told; it is not the API server's.
    static let hook = "hook"
    /// Where the current token is read.
    static let tokenFile = "/var/run/token"

    /// What a request asks for.
    enum Purpose: Equatable {
        case deletePod(name: String, uid: String)
        case patchDaemonSet
        case writeLease
        case readLease
        case list(SeenKind)
        case watch(SeenKind)
        /// Reads that change nothing.
        case read
        /// A review or a dry run: a POST that changes nothing.
        case question
        /// Tells the world something: an Event by its name, a notification by its id.
        case message(key: String)
        /// Anything else that would change something.
        case change

        /// Whether the server may be another one afterwards.
        var changes: Bool {
            switch self {
            case .deletePod, .patchDaemonSet, .writeLease, .message, .change: true
            case .readLease, .list, .watch, .read, .question: false
            }
        }
    }

    static func purpose(of request: HTTPRequest) -> Purpose {
        let target = request.url.dropFirst(server.count)
        let steps = target.utf8.prefix { $0 != UInt8(ascii: "?") }.split(separator: UInt8(ascii: "/"))
        let path = steps.map { String(Substring($0)) }
        let isDryRun = request.method != .get && request.method != .delete && target.contains("dryRun=")
        let last = path.last ?? ""
        switch request.method {
        case .delete where path.dropLast().last == "pods":
            return .deletePod(name: last, uid: text(after: "\"uid\":\"", in: request.body))
        case .post where last == "eviction":
            return .deletePod(name: path[path.count - 2], uid: text(after: "\"uid\":\"", in: request.body))
        case .post where path.first == "prometheus": return .question
        case .post where path.first == hook:
            return .message(key: request.headers.first { $0.name == "webhook-id" }?.value ?? "")
        case .post where path.contains("events.k8s.io"):
            return .message(key: text(after: "\"name\":\"", in: request.body))
        case .post where isDryRun || last.hasSuffix("accessreviews"): return .question
        case .patch where path.dropLast().last == "daemonsets": return isDryRun ? .question : .patchDaemonSet
        case .get:
            if path.contains("leases") { return .readLease }
            guard let kind = kind(of: path) else { return .read }
            if request.streams { return .watch(kind) }
            return ["nodes", "pods", "daemonsets"].contains(last) ? .list(kind) : .read
        case .post, .put, .patch, .delete: return path.contains("leases") ? .writeLease : .change
        }
    }

    /// Whether a request reads a pod's metrics page: as many as the plan's gates ask for.
    static func isPage(_ request: HTTPRequest) -> Bool { request.url.contains("/proxy/") }

    /// Whether a ConfigMap or a Secret is looked at.
    static func isConfig(_ request: HTTPRequest) -> Bool {
        request.url.contains("/configmaps/") || request.url.contains("/secrets/")
    }

    private static func kind(of path: [String]) -> SeenKind? {
        if path.contains("nodes") { return .nodes }
        if path.contains("pods") { return .pods }
        return path.contains("daemonsets") ? .daemonSets : nil
    }

    /// The request as the cluster takes it.
    static func asked(_ request: HTTPRequest) -> ClusterRequest {
        var headers: [String: String] = [:]
        for (name, value) in request.headers { headers[name.lowercased()] = value }
        return ClusterRequest(
            method: request.method.rawValue, target: String(request.url.dropFirst(server.count)), headers: headers,
            body: request.body)
    }

    /// The text between a mark and the next quotation mark; empty when the mark is not there.
    static func text(after mark: StaticString, in bytes: [UInt8]) -> String {
        bytes.withUnsafeBufferPointer { bytes in
            guard let start = end(of: mark, in: bytes) else { return "" }
            return String(decoding: bytes[start...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        }
    }

    /// The version in the metadata of a list, or of the object of a watch's line.
    static func version(in text: String) -> Int? {
        var text = text
        return text.withUTF8 { bytes in
            guard let start = end(of: "\"resourceVersion\":\"", in: bytes) else { return nil }
            return Int(String(decoding: bytes[start...].prefix { $0 >= 48 && $0 <= 57 }, as: UTF8.self))
        }
    }

    /// Where the first occurrence of a mark ends.
    private static func end(of mark: StaticString, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let length = mark.utf8CodeUnitCount
        guard let base = bytes.baseAddress, length > 0 else { return nil }
        var start = 0
        while start + length <= bytes.count,
            let found = memchr(base + start, Int32(mark.utf8Start[0]), bytes.count - length + 1 - start)
        {
            let place = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            if memcmp(found, mark.utf8Start, length) == 0 { return place + length }
            start = place + 1
        }
        return nil
    }

    /// A `Status` as the API server writes one.
    static func status(_ code: Int, _ reason: String, _ message: String) -> String {
        ([
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "reason": .string(reason), "code": .integer(Int64(code)),
        ] as JSONValue).serialized
    }

    /// A wall time as an HTTP header writes it (RFC 9110, IMF-fixdate).
    static func date(_ time: Timestamp) -> String {
        let text = time.rfc3339
        let days = time.millisecondsSince1970 / 86_400_000
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(days % 7)]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let part = text.split { "-T:Z.".contains($0) }.map(String.init)
        let month = months[(Int(part[1]) ?? 1) - 1]
        return "\(weekday), \(part[2]) \(month) \(part[0]) \(part[3]):\(part[4]):\(part[5]) GMT"
    }
}
