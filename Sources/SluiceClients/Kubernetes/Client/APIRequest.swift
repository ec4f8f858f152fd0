public import SluiceCore

/// A request to the API server as a value.
public struct APIRequest: Sendable {
    /// What the request is about, in the words that a role's rule uses, for the sentences of errors.
    public struct Subject: Sendable, Hashable {
        /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`.
        public var verb: String
        /// The resource, with its subresource (`pods/eviction`).
        public var resource: String
        /// The API group; empty for the core group.
        public var group: String
        /// The namespace; nil for a resource of the whole cluster.
        public var namespace: String?
        /// The object's name; nil for a collection.
        public var name: String?

        /// What a request is about.
        public init(verb: String, resource: String, group: String = "", namespace: String? = nil, name: String? = nil) {
            self.verb = verb
            self.resource = resource
            self.group = group
            self.namespace = namespace
            self.name = name
        }
    }

    /// The method.
    public var method: HTTPRequest.Method
    /// The path, segments already percent-encoded, beginning with a slash.
    public var path: String
    /// The parameters, not encoded, in order.
    public var query: [(name: String, value: String)]
    /// The body; empty means none.
    public var body: [UInt8]
    /// The body's media type.
    public var contentType: String
    /// The media types that the answer may have.
    public var accept = "application/json"
    /// What the request is about.
    public var subject: Subject
    /// The longest time in milliseconds; nil means the access's.
    public var timeout: Milliseconds?
    /// The monotonic time by which the request must be over. One that waits until then in our own queue, or for a
    /// credential, is never sent; one that leaves later than planned gets a shorter timeout.
    public var deadline: Milliseconds?
    /// Whether a failed read is tried again.
    public var isRetried: Bool
    /// The largest body of the answer in bytes.
    public var bodyLimit: Int

    /// A request to the API server.
    public init(
        _ method: HTTPRequest.Method, _ path: String, query: [(name: String, value: String)] = [],
        body: JSONValue? = nil, contentType: String = "application/json", subject: Subject,
        timeout: Milliseconds? = nil, deadline: Milliseconds? = nil, isRetried: Bool = true,
        bodyLimit: Int = KubernetesLimits.bodyBytes
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body.map { Array($0.serialized.utf8) } ?? []
        self.contentType = contentType
        self.subject = subject
        self.timeout = timeout
        self.deadline = deadline
        self.isRetried = isRetried
        self.bodyLimit = bodyLimit
    }

    /// The path with its encoded parameters.
    var target: String {
        guard !query.isEmpty else { return path }
        let parameters = query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        return path + "?" + parameters.joined(separator: "&")
    }

    /// The request in words: `delete pods "x" in namespace "monitoring"`.
    public var summary: String {
        let resource = subject.group.isEmpty ? subject.resource : "\(subject.resource).\(subject.group)"
        let name = subject.name.map { " \"\($0)\"" } ?? ""
        let namespace = subject.namespace.map { " in namespace \"\($0)\"" } ?? ""
        return "\(subject.verb) \(resource)\(name)\(namespace)"
    }

    /// The same request with a deadline by the monotonic clock, in milliseconds.
    public func by(deadline: Milliseconds) -> APIRequest {
        var request = self
        request.deadline = deadline
        return request
    }
}

/// Percent-encoding of a URL's parts (RFC 3986).
enum PercentEncoding {
    /// Encodes everything but the unreserved characters.
    static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += hex.utf8.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return result
    }
}
