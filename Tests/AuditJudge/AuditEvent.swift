import SluiceCore
import SluiceDocuments

/// One line of an API server's audit log, as far as the judge reads it.
struct AuditEvent {
    /// The same in all lines about one request.
    var auditID: String
    /// Whether the server was done with the request when it wrote the line; before, it had only received it.
    var isComplete: Bool
    var verb: String
    var user: String
    /// The resource with its subresource: `pods/status`.
    var resource: String
    /// The name in the request's path; empty for a create.
    var name: String
    var isDryRun: Bool
    /// The status code of the answer; nil before there is one.
    var code: Int64?
    /// The object that the server answered with, when the request succeeded.
    var response: JSONValue?

    /// Nil for a line that is no audit event or that tells of no object.
    init?(_ line: some Collection<UInt8>) {
        let json: JSONValue
        do {
            json = try JSONReader.read(Array(line))
        } catch {
            return nil
        }
        guard let auditID = json["auditID"]?.string, let stage = json["stage"]?.string,
            let verb = json["verb"]?.string, let user = json.at("user", "username")?.string,
            let resource = json.at("objectRef", "resource")?.string
        else { return nil }
        self.auditID = auditID
        isComplete = stage == "ResponseComplete" || stage == "Panic"
        self.verb = verb
        self.user = user
        self.resource = json.at("objectRef", "subresource")?.string.map { "\(resource)/\($0)" } ?? resource
        name = json.at("objectRef", "name")?.string ?? ""
        isDryRun = json["requestURI"]?.string?.contains("dryRun=") ?? false
        code = isComplete ? json.at("responseStatus", "code")?.integer : nil
        response = code.map { (200...299).contains($0) } == true ? json["responseObject"] : nil
    }
}

extension AuditEvent {
    /// The revision of the object that the server answered with.
    var revision: Int64? { response?.revision }
}

extension JSONValue {
    /// The revision of etcd at which an object was last written.
    var revision: Int64? { at("metadata", "resourceVersion")?.string.flatMap { Int64($0) } }
}

/// The events of an audit log in the order of its lines.
struct AuditEvents {
    private(set) var events: [AuditEvent] = []
    /// Lines that end in their middle: the server was killed while it wrote them, and its successor wrote on behind them.
    private(set) var tornLines = 0

    /// How every line begins.
    private static let opening = Array(#"{"kind":"Event","apiVersion":"audit.k8s.io/"#.utf8)

    init(_ log: [UInt8]) {
        for line in log.split(separator: UInt8(ascii: "\n")) {
            if let event = AuditEvent(line) {
                events.append(event)
                continue
            }
            tornLines += 1
            // What stands whole behind the torn part counts.
            guard let start = Self.lastOpening(in: line), let event = AuditEvent(line[start...]) else { continue }
            events.append(event)
        }
    }

    private static func lastOpening(in line: ArraySlice<UInt8>) -> Int? {
        line.indices.last { index in
            line[index] == opening[0] && line[index...].starts(with: opening)
        }
    }
}
