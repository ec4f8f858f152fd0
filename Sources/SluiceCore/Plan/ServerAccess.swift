/// Where a secret is found; a plan never holds the secret itself.
public enum SecretSource: Sendable, Hashable {
    /// A file's path.
    case file(String)
    /// The name of an environment variable.
    case environment(String)
}

/// How a server that a plan names is asked: who we are to it, and how it is checked.
public struct ServerAccess: Sendable, Hashable {
    /// The file or environment variable that holds a bearer token; nil for none.
    public var bearerToken: SecretSource?
    /// Instead of a bearer token: a user and a password; nil for none.
    public var basicAuth: BasicAuth?
    /// Further headers.
    public var headers: [Header]
    /// How an https server is checked.
    public var tls: TLS

    /// How a server is asked.
    public init(
        bearerToken: SecretSource? = nil, basicAuth: BasicAuth? = nil, headers: [Header] = [], tls: TLS = TLS()
    ) {
        self.bearerToken = bearerToken
        self.basicAuth = basicAuth
        self.headers = headers
        self.tls = tls
    }

    /// A user name and where its password is found. (RFC 7617)
    public struct BasicAuth: Sendable, Hashable {
        /// The user's name, without a colon.
        public var username: String
        /// Where the password is found.
        public var password: SecretSource

        /// A user name and where its password is found.
        public init(username: String, password: SecretSource) {
            self.username = username
            self.password = password
        }
    }

    /// A further header of the request.
    public struct Header: Sendable, Hashable {
        /// What the header says.
        public enum Value: Sendable, Hashable {
            /// A text that is no secret, such as a tenant.
            case text(String)
            /// A secret, such as an API key.
            case secret(SecretSource)
        }

        /// Its name.
        public var name: String
        /// What it says.
        public var value: Value

        /// A further header of the request.
        public init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// How the server is checked over TLS, and who we are. The names are those of the Prometheus Operator's `tlsConfig`.
    public struct TLS: Sendable, Hashable {
        /// The path of the certificate authorities in PEM; nil means those of the system.
        public var caFile: String?
        /// The path of our certificate in PEM; nil for none.
        public var certFile: String?
        /// The path of its private key in PEM; nil when it stands in ``certFile``.
        public var keyFile: String?
        /// The name that the server's certificate must carry; nil means the address's host.
        public var serverName: String?
        /// Whether the server's certificate is not checked at all.
        public var insecureSkipVerify: Bool

        /// How the server is checked.
        public init(
            caFile: String? = nil, certFile: String? = nil, keyFile: String? = nil, serverName: String? = nil,
            insecureSkipVerify: Bool = false
        ) {
            self.caFile = caFile
            self.certFile = certFile
            self.keyFile = keyFile
            self.serverName = serverName
            self.insecureSkipVerify = insecureSkipVerify
        }
    }

    /// The headers that a request sets itself, or that other keys of the plan are for; in lower case.
    static let ownHeaders: Set<String> = [
        "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "expect", "host",
        "transfer-encoding", "webhook-id", "webhook-signature", "webhook-timestamp",
    ]
}
