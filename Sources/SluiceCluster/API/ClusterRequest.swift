/// One HTTP request to the cluster, as a value.
public struct ClusterRequest: Sendable {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    public var method: String
    /// Path and query as in the request line, percent-encoded.
    public var target: String
    /// The headers; names in lower case.
    public var headers: [String: String]
    /// The body.
    public var body: [UInt8]

    /// A request.
    public init(method: String, target: String, headers: [String: String] = [:], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

extension ClusterRequest {
    /// Under which name it is counted: `DELETE pods`, `POST pods/eviction`, or `GET other` for what names no object that
    /// the API serves, so that there are only so many names.
    public var countedAs: String {
        var path = Target(target).segments[...]
        path = path.first == "apis" ? path.dropFirst(3) : path.first == "api" ? path.dropFirst(2) : []
        if path.first == "namespaces", path.count > 2 { path = path.dropFirst(2) }
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        let method = methods.contains(method) ? method : "OTHER"
        guard let plural = path.first, ResourceKind.all.contains(where: { $0.plural == plural }) else {
            return "\(method) other"
        }
        let subresource = path.dropFirst(2).first { ["status", "eviction", "proxy"].contains($0) }
        return "\(method) \(plural)" + (subresource.map { "/\($0)" } ?? "")
    }
}

/// What the cluster answers.
public enum ClusterResponse: Sendable {
    /// A whole answer.
    case answer(ClusterAnswer)
    /// Status 200 and a stream of lines: take them with ``Cluster/takeOutput(of:)`` until the watch has ended, and tell
    /// the cluster with ``Cluster/cancel(watch:)`` when the reader goes away.
    case watch(Int)
}

/// A whole HTTP answer.
public struct ClusterAnswer: Sendable {
    /// The status code.
    public var status: Int
    /// The body's media type.
    public var contentType: String
    /// Further headers.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: String

    /// An answer.
    public init(
        status: Int, contentType: String = "application/json", headers: [(name: String, value: String)] = [],
        body: String
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }
}

/// A request's target taken apart.
struct Target: Sendable {
    var segments: [String]
    var query: [(name: String, value: String)]

    init(_ text: String) {
        let text = text.utf8
        let path = text.prefix { $0 != UInt8(ascii: "?") }
        segments = path.split(separator: UInt8(ascii: "/")).map { Self.decoded($0, plusIsSpace: false) }
        query = Self.form(text[path.endIndex...].dropFirst())
    }

    /// The first value of a query parameter; nil when it is absent.
    subscript(name: String) -> String? { query.first { $0.name == name }?.value }

    /// Whether a boolean parameter is set.
    func isSet(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return value.isEmpty || value == "1" || value == "true" || value == "True"
    }

    /// The fields of a query or of a form.
    static func form(_ text: String) -> [(name: String, value: String)] { form(text.utf8[...]) }

    private static func form(_ text: Substring.UTF8View) -> [(name: String, value: String)] {
        text.split(separator: UInt8(ascii: "&")).map { field in
            let name = field.prefix { $0 != UInt8(ascii: "=") }
            return (
                decoded(name, plusIsSpace: true), decoded(field[name.endIndex...].dropFirst(), plusIsSpace: true)
            )
        }
    }

    private static func decoded(_ text: Substring.UTF8View, plusIsSpace: Bool) -> String {
        let plus = UInt8(ascii: "+")
        guard text.contains(where: { $0 == UInt8(ascii: "%") || plusIsSpace && $0 == plus }) else {
            return String(Substring(text))
        }
        var bytes: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == plus ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
