public import SluiceCore

/// A field of a kubeconfig, a flag, or a variable that an ``AccessError`` complains about.
public struct AccessPlace: Sendable, Equatable, CustomStringConvertible {
    /// The file; nil for a flag.
    public var file: String?
    /// Where in the file; nil when only the file is known.
    public var position: Document.Position?
    /// The field (`users["admin"].user.token`) or the flag (`--server`).
    public var field: String

    /// A place.
    public init(file: String?, position: Document.Position? = nil, field: String) {
        self.file = file
        self.position = position
        self.field = field
    }

    /// `config:12:5: users["admin"].user.token`.
    public var description: String {
        guard let file else { return field }
        guard let position else { return "\(file): \(field)" }
        return "\(file):\(position.line):\(position.column): \(field)"
    }

    /// `users["admin"].user.token (config:12:5)`, for the middle of a sentence.
    var phrase: String {
        guard let file else { return field }
        return "\(field) (\(file)\(position.map { ":\($0.line):\($0.column)" } ?? ""))"
    }
}

/// Why it cannot be told where the API server is or who we are to it: one case for each step that can fail. None of them
/// repeats a value that may be secret.
public enum AccessError: Error, Sendable, Equatable {
    /// A kubeconfig cannot be read.
    case unreadable(FileError)
    /// A kubeconfig is no YAML.
    case notYAML(file: String, Document.Position, String)
    /// A file is something other than a kubeconfig.
    case notKubeconfig(AccessPlace, found: String)
    /// A value has the wrong type.
    case wrongType(AccessPlace, expected: String, found: String)
    /// A field that must be there is absent or empty.
    case missing(AccessPlace)
    /// Two entries of one list have the same name.
    case duplicate(AccessPlace, name: String)
    /// There is no kubeconfig, and we run in no pod.
    case nothingFound(tried: [String], inCluster: String)
    /// No context is chosen.
    case noContext(files: [String], known: [String])
    /// The chosen context does not exist.
    case unknownContext(String, files: [String], known: [String])
    /// A context names a cluster or a user that does not exist.
    case unknownReference(AccessPlace, kind: String, name: String, known: [String])
    /// A server's URL cannot be used.
    case badServer(AccessPlace, reason: String)
    /// A proxy's URL cannot be used.
    case badProxy(AccessPlace)
    /// A value is no base64.
    case notBase64(AccessPlace)
    /// A certificate or key is not what it should be.
    case notPEM(AccessPlace, reason: String)
    /// A file that a kubeconfig names cannot be read.
    case fileUnreadable(AccessPlace, FileError)
    /// A file that a kubeconfig names holds nothing.
    case emptyFile(AccessPlace, path: String)
    /// Of two fields that belong together only one is there.
    case incompletePair(AccessPlace, missing: String)
    /// A certificate authority is given, and checking is switched off.
    case insecureWithAuthority(AccessPlace)
    /// A credential would travel unencrypted.
    case plainHTTP(AccessPlace, server: String)
    /// An `auth-provider`: those of the clouds were removed from kubectl in 1.26.
    case authProvider(AccessPlace, name: String)
    /// A user has several credentials.
    case severalCredentials(AccessPlace, [String])
    /// An `exec` section cannot be used.
    case badPlugin(AccessPlace, reason: String)
    /// A flag has no usable value.
    case badFlag(name: String, value: String, expected: String)
    /// A value would break out of the header that carries it.
    case unsendable(AccessPlace)
    /// Whom to impersonate is said in part only.
    case incompleteImpersonation(AccessPlace)
    /// We run in a pod, but its service account cannot be used.
    case inCluster(String)
}

extension AccessError: CustomStringConvertible {
    /// One sentence: where, what is wrong, what to do.
    public var description: String {
        switch self {
        case .unreadable(let error): "cannot read the kubeconfig \(error)"
        case .notYAML(let file, let position, let message):
            "\(file):\(position.line):\(position.column): this is no kubeconfig: \(message)"
        case .notKubeconfig(let place, let found):
            "\(place): this file is a \"\(found)\"; expected a kubeconfig (kind: Config)"
        case .wrongType(let place, let expected, let found): "\(place): expected \(expected), found \(found)"
        case .missing(let place): "\(place): missing"
        case .duplicate(let place, let name): "\(place): a second entry named \"\(name)\"; give it another name"
        case .nothingFound(let tried, let inCluster):
            "no kubeconfig: tried \(Self.list(tried)); and \(inCluster). "
                + "Name one with --kubeconfig or in KUBECONFIG"
        case .noContext(let files, let known):
            "\(Self.list(files)): current-context is not set; choose one with --context\(Self.hint(known))"
        case .unknownContext(let name, let files, let known):
            "\(Self.list(files)): there is no context \"\(name)\"\(Self.hint(known))"
        case .unknownReference(let place, let kind, let name, let known):
            "\(place): there is no \(kind) \"\(name)\"\(Self.hint(known))"
        case .badServer(let place, let reason): "\(place): \(reason)"
        case .badProxy(let place): "\(place): expected a URL that begins with http://, https:// or socks5://"
        case .notBase64(let place): "\(place): this is no base64"
        case .notPEM(let place, let reason): "\(place): \(reason)"
        case .fileUnreadable(let place, let error): "\(place): cannot read \(error)"
        case .emptyFile(let place, let path): "\(place): \(path) is empty"
        case .incompletePair(let place, let missing): "\(place): given without \(missing)"
        case .insecureWithAuthority(let place):
            "\(place): true beside a certificate authority; remove one of the two"
        case .plainHTTP(let place, let server):
            "\(place): would travel unencrypted to \(server); use an https server"
        case .authProvider(let place, let name):
            "\(place): the auth-provider \"\(name)\" is not supported; use a credential plugin (exec) instead, "
                + "as kubectl has asked for since 1.26"
        case .severalCredentials(let place, let names):
            "\(place): several credentials (\(names.joined(separator: ", "))); keep one"
        case .badPlugin(let place, let reason): "\(place): \(reason)"
        case .badFlag(let name, let value, let expected): "\(name): expected \(expected), found \"\(value)\""
        case .unsendable(let place): "\(place): holds a line break or another control character; remove it"
        case .incompleteImpersonation(let place): "\(place): given without the user to impersonate"
        case .inCluster(let reason): "cannot use the pod's service account: \(reason)"
        }
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }

    private static func hint(_ known: [String]) -> String {
        known.isEmpty ? " (there are none)" : " (there is \(known.sorted().prefix(20).joined(separator: ", ")))"
    }
}

extension AccessError {
    /// Whether a flag is wrong rather than a file or the machine.
    public var isUsage: Bool {
        switch self {
        case .badFlag: true
        case .missing(let place), .unknownReference(let place, _, _, _), .badServer(let place, _),
            .notPEM(let place, _), .fileUnreadable(let place, _), .plainHTTP(let place, _), .unsendable(let place):
            place.file == nil
        case .unreadable, .notYAML, .notKubeconfig, .wrongType, .duplicate, .nothingFound, .noContext, .unknownContext,
            .badProxy, .notBase64, .emptyFile, .incompletePair, .insecureWithAuthority, .authProvider,
            .severalCredentials, .badPlugin, .incompleteImpersonation, .inCluster:
            false
        }
    }
}
