public import SluiceCore

/// Everything that is not us: clock, randomness, network, processes, signals.
///
/// The engine is one thread. It orders things with ``start(_:)``, and ``poll(until:)`` is the only place that blocks and
/// the only way time passes. Two conformers: ``SystemOutside`` (libcurl, pipes, signals) and a simulated one.
public protocol Outside: AnyObject {
    /// The time on both clocks.
    var now: Moment { get }

    /// 64 random bits, for jitter and identifiers.
    func random() -> UInt64

    /// The bytes of a file: tokens and certificates that other programs rotate. Never waits for long, whatever the
    /// path leads to.
    ///
    /// - Throws: ``FileError`` naming the path and what the system said.
    func readFile(_ path: String) throws(FileError) -> [UInt8]

    /// Begins an order and returns at once; what comes of it arrives through ``poll(until:)``.
    func start(_ order: Order) -> OrderID

    /// Forgets an order. Nothing arrives for it any more; a request may still reach its server.
    func cancel(_ id: OrderID)

    /// Waits until something arrives or the monotonic clock reaches `deadline` (nil: for ever).
    ///
    /// - Returns: what arrived, in the order of arrival; empty when the deadline came first.
    func poll(until deadline: Milliseconds?) -> [Arrival]
}

/// The number of an order, never used twice by one `Outside`.
public struct OrderID: Sendable, Hashable, Comparable {
    /// The number.
    public var number: UInt64

    /// An order's number.
    public init(_ number: UInt64) { self.number = number }

    /// Older orders come first.
    public static func < (left: OrderID, right: OrderID) -> Bool { left.number < right.number }
}

/// Something that the outside is asked to do.
public enum Order: Sendable {
    /// An HTTP request.
    case http(HTTPRequest)
    /// A program to run to its end: exec credential plugins.
    case command(Command)
}

/// Something that came from outside.
public enum Arrival: Sendable {
    /// The status line and the headers of a response (after redirects are refused and 1xx are skipped).
    case head(OrderID, HTTPHead)
    /// A piece of a response's body, only for requests with `streams`.
    case bytes(OrderID, [UInt8])
    /// A request is over: its whole body (empty for one that streams), or why there is none.
    case finished(OrderID, Result<[UInt8], TransportError>)
    /// A command has ended.
    case exited(OrderID, Result<CommandOutput, TransportError>)
    /// A signal was caught (the number).
    case signal(Int32)
    /// Another process has written to the database.
    case storeChanged
}

/// An HTTP request as a value.
public struct HTTPRequest: Sendable {
    /// The methods in use.
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// The method.
    public var method: Method
    /// The absolute URL.
    public var url: String
    /// The headers, in order. Those that carry secrets never reach a log.
    public var headers: [(name: String, value: String)]
    /// The body; empty means none.
    public var body: [UInt8]
    /// How the peer is checked, and who we are.
    public var security: TransportSecurity
    /// Whether the body is handed on in pieces as it comes (a watch) instead of whole at the end.
    public var streams: Bool
    /// The longest time for connecting, in milliseconds.
    public var connectTimeout: Milliseconds
    /// The longest time for the whole request in milliseconds; nil for a watch without an end.
    public var timeout: Milliseconds?
    /// The longest silence in milliseconds before a stream counts as dead; nil for none.
    public var idleTimeout: Milliseconds?
    /// The largest body in bytes, after decompression; a longer one ends the request with
    /// ``TransportError/Kind/bodyTooLarge``. A body that streams has no limit: nobody keeps it here.
    public var bodyLimit: Int

    /// An HTTP request.
    public init(
        method: Method, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        security: TransportSecurity = TransportSecurity(), streams: Bool = false,
        connectTimeout: Milliseconds = 10_000, timeout: Milliseconds? = 30_000, idleTimeout: Milliseconds? = nil,
        bodyLimit: Int = 64 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.security = security
        self.streams = streams
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.idleTimeout = idleTimeout
        self.bodyLimit = bodyLimit
    }
}

/// How the peer of a request is checked, and the certificate we show it.
public struct TransportSecurity: Sendable, Hashable {
    /// The certificate authorities in PEM; nil means those of the system.
    public var authorities: [UInt8]?
    /// Our certificate in PEM; nil means none.
    public var certificate: [UInt8]?
    /// The private key of our certificate in PEM.
    public var key: [UInt8]?
    /// The name the peer's certificate must carry instead of the URL's host; nil means the URL's host.
    public var serverName: String?
    /// Skips checking the peer. Only when the kubeconfig says so.
    public var isInsecure: Bool
    /// The proxy's URL; nil means what the environment says, as kubectl does.
    public var proxy: String?

    /// How the peer of a request is checked.
    public init(
        authorities: [UInt8]? = nil, certificate: [UInt8]? = nil, key: [UInt8]? = nil, serverName: String? = nil,
        isInsecure: Bool = false, proxy: String? = nil
    ) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
        self.isInsecure = isInsecure
        self.proxy = proxy
    }
}

/// The beginning of a response.
public struct HTTPHead: Sendable {
    /// The status code.
    public var status: Int
    /// The headers; names in lower case.
    public var headers: [(name: String, value: String)]

    /// The beginning of a response.
    public init(status: Int, headers: [(name: String, value: String)]) {
        self.status = status
        self.headers = headers
    }

    /// The first header of a name (in lower case).
    public subscript(name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// A program to run to its end.
public struct Command: Sendable {
    /// The program: a path, or a name to be found in `PATH`.
    public var program: String
    /// The arguments, without the program's name.
    public var arguments: [String]
    /// Variables added to our own environment, in order.
    public var environment: [(name: String, value: String)]
    /// The folder to run in; nil means ours.
    public var folder: String?
    /// The longest run in milliseconds; then the whole process group is killed.
    public var timeout: Milliseconds

    /// A program to run to its end.
    public init(
        program: String, arguments: [String] = [], environment: [(name: String, value: String)] = [],
        folder: String? = nil, timeout: Milliseconds = 60_000
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.timeout = timeout
    }
}

/// What a program left behind.
public struct CommandOutput: Sendable {
    /// The exit status; 128 + the signal's number for one that was killed.
    public var status: Int32
    /// What it wrote to stdout, at most 1 MiB; a program that writes more is killed.
    public var output: [UInt8]
    /// What it wrote to stderr, at most 64 KiB.
    public var diagnostics: [UInt8]

    /// What a program left behind.
    public init(status: Int32, output: [UInt8], diagnostics: [UInt8]) {
        self.status = status
        self.output = output
        self.diagnostics = diagnostics
    }
}

/// Why a request or a command brought no answer.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure that get a sentence of their own.
    public enum Kind: String, Sendable {
        case resolve, connect, timeout, idle, tls, certificate, proxy, bodyTooLarge, broken, commandNotFound, command
    }

    /// What exactly went wrong, where it decides what a person should look at.
    public enum Cause: Sendable, Equatable {
        /// Connecting took too long.
        case connectTimeout
        /// No authority that we trust has signed the peer's certificate.
        case unknownAuthority
        /// The peer's certificate is for other names than the one we looked for; both may be empty.
        case otherName(wanted: String, found: [String])
        /// The peer's certificate has expired.
        case expired
        /// The peer's certificate is not valid yet.
        case notYetValid
        /// Our authorities cannot be read.
        case authorities
        /// Our certificate and its key cannot be read, or do not belong together.
        case ourCertificate
        /// The peer refuses our certificate, in its words.
        case ourCertificateRefused(String)
        /// The peer speaks something else than TLS.
        case notTLS
        /// No version of TLS is known to both.
        case noCommonVersion
        /// The peer has no certificate for the name that we asked for.
        case unknownName
        /// The peer hung up without a word.
        case hungUp
        /// The peer speaks something else than HTTP.
        case notHTTP
        /// The proxy wants a user and a password, or others.
        case proxyAuthentication
    }

    /// The kind.
    public var kind: Kind
    /// What the system or the library said.
    public var message: String
    /// What exactly went wrong; nil when kind and message say it all.
    public var cause: Cause?

    /// Why there is no answer.
    public init(_ kind: Kind, _ message: String, cause: Cause? = nil) {
        self.kind = kind
        self.message = message
        self.cause = cause
    }

    /// What the system or the library said.
    public var description: String { message }
}

/// Why a file could not be read.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file's path.
    public var path: String
    /// What the system said.
    public var message: String
    /// Whether there is no such file.
    public var isMissing: Bool

    /// Why a file could not be read.
    public init(path: String, message: String, isMissing: Bool = false) {
        self.path = path
        self.message = message
        self.isMissing = isMissing
    }

    /// Path and message.
    public var description: String { "\(path): \(message)" }
}
