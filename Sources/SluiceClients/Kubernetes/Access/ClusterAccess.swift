public import SluiceCore

/// Where an API server is and who we are to it: what a kubeconfig, the flags and the environment say together.
public struct ClusterAccess: Sendable {
    /// Whom requests are made for instead of ourselves: `--as` and its like, or `as` and its like in a kubeconfig.
    public struct Impersonation: Sendable, Hashable {
        /// The user's name.
        public var user: String
        /// The user's uid; nil leaves it out.
        public var uid: String?
        /// The groups, in order.
        public var groups: [String]
        /// More about the user: keys, sorted, with their values in order.
        public var extra: [Extra]

        /// A key of what else is known about a user.
        public struct Extra: Sendable, Hashable {
            /// The key, in lower case as a rule.
            public var key: String
            /// The values, in order.
            public var values: [String]

            /// A key of what else is known about a user.
            public init(key: String, values: [String]) {
                self.key = key
                self.values = values
            }
        }

        /// Whom requests are made for.
        public init(user: String, uid: String? = nil, groups: [String] = [], extra: [Extra] = []) {
            self.user = user
            self.uid = uid
            self.groups = groups
            self.extra = extra
        }
    }

    /// The files of a client certificate that somebody else renews.
    public struct CertificateFiles: Sendable, Hashable {
        /// The certificate's path.
        public var certificate: String
        /// The private key's path; may be the same.
        public var key: String

        /// The files of a client certificate.
        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// The server's URL without a slash at its end: `https://10.0.0.1:6443`.
    public var server: String
    /// The namespace that applies when none is named.
    public var namespace: String
    /// How the server is checked and which certificate we show.
    public var security: TransportSecurity
    /// How we prove who we are, beside a certificate.
    public var credential: Credential
    /// Whom requests are made for; nil means ourselves.
    public var impersonation: Impersonation?
    /// The longest time for one request in milliseconds; nil for no limit.
    public var requestTimeout: Milliseconds?
    /// The kubeconfig's context; nil in a pod without a kubeconfig.
    public var contextName: String?
    /// The files from which the certificate in ``security`` came; nil when it came from elsewhere or there is none.
    public var certificateFiles: CertificateFiles?
    /// Whether answers may come compressed (no `disable-compression`).
    public var compresses: Bool
    /// Where all this was read; nil when it is not known.
    public var origin: AccessOrigin?

    /// Where an API server is and who we are to it.
    public init(
        server: String, namespace: String = "default", security: TransportSecurity = TransportSecurity(),
        credential: Credential = .none, impersonation: Impersonation? = nil,
        requestTimeout: Milliseconds? = KubernetesLimits.requestTimeout, contextName: String? = nil,
        certificateFiles: CertificateFiles? = nil, compresses: Bool = true, origin: AccessOrigin? = nil
    ) {
        self.server = server
        self.namespace = namespace
        self.security = security
        self.credential = credential
        self.impersonation = impersonation
        self.requestTimeout = requestTimeout
        self.contextName = contextName
        self.certificateFiles = certificateFiles
        self.compresses = compresses
        self.origin = origin
    }

    /// The headers that every request carries besides a credential.
    var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = compresses ? [] : [("Accept-Encoding", "identity")]
        guard let impersonation else { return headers }
        headers.append(("Impersonate-User", impersonation.user))
        if let uid = impersonation.uid { headers.append(("Impersonate-Uid", uid)) }
        for group in impersonation.groups { headers.append(("Impersonate-Group", group)) }
        for extra in impersonation.extra {
            let name = "Impersonate-Extra-" + HeaderName.escaped(extra.key)
            headers += extra.values.map { (name, $0) }
        }
        return headers
    }
}

extension ClusterAccess: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Server, context and namespace; nothing secret.
    public var description: String {
        let context = contextName.map { ", context \($0)" } ?? ""
        return "\(server) (namespace \(namespace)\(context), credential \(credential))"
    }
    /// The same as the description.
    public var debugDescription: String { description }
    /// A mirror without children, so that a dump shows no key.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// How we prove who we are. A client certificate is no case of it: it belongs to the connection.
public enum Credential: Sendable, Equatable {
    /// Nothing beside, perhaps, a certificate.
    case none
    /// A bearer token.
    case token(Secret)
    /// A file with a bearer token that somebody else rotates, and the token to use while it cannot be read.
    case tokenFile(path: String, fallback: Secret? = nil)
    /// A user's name and password.
    case password(user: String, Secret)
    /// A program that prints a credential.
    case plugin(CredentialPlugin)
}

extension Credential: CustomStringConvertible {
    /// The kind and, where there is one, the path or the name; nothing secret.
    public var description: String {
        switch self {
        case .none: "none"
        case .token: "token"
        case .tokenFile(let path, _): "token file \(path)"
        case .password(let user, _): "password of \(user)"
        case .plugin(let plugin): "plugin \(plugin.command)"
        }
    }
}

/// A program that prints an ExecCredential (kubernetes.io, "client-go credential plugins").
public struct CredentialPlugin: Sendable, Equatable {
    /// The two versions of the protocol.
    public enum Version: String, Sendable, CaseIterable {
        case v1 = "client.authentication.k8s.io/v1"
        case v1beta1 = "client.authentication.k8s.io/v1beta1"
    }

    /// The program: a path, or a name to be found in `PATH`.
    public var command: String
    /// The arguments.
    public var arguments: [String]
    /// Variables added to the environment. Their values may be secret.
    public var environment: [Variable]
    /// The version of the protocol.
    public var version: Version
    /// What to tell a person whose machine lacks the program; empty when the kubeconfig says nothing.
    public var installHint: String
    /// What the plugin is told about the cluster, as the value of `spec.cluster`; nil when it is told nothing.
    public var clusterInfo: JSONValue?
    /// How long it may run, in milliseconds.
    public var timeout: Milliseconds

    /// A variable of the environment.
    public struct Variable: Sendable, Equatable {
        /// The name.
        public var name: String
        /// The value.
        public var value: Secret

        /// A variable of the environment.
        public init(name: String, value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// A program that prints an ExecCredential.
    public init(
        command: String, arguments: [String] = [], environment: [Variable] = [], version: Version = .v1,
        installHint: String = "", clusterInfo: JSONValue? = nil, timeout: Milliseconds = KubernetesLimits.pluginTimeout
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.version = version
        self.installHint = installHint
        self.clusterInfo = clusterInfo
        self.timeout = timeout
    }
}

extension CredentialPlugin: CustomStringConvertible, CustomReflectable {
    /// The program's name. Arguments are left out: some plugins take secrets there.
    public var description: String { "plugin \(command)" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
