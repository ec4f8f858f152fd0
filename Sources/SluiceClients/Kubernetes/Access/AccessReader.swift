import SluiceCore

/// Reads the chosen cluster of a kubeconfig: where it is, and how it is checked.
struct AccessReader {
    let outside: any Outside
    let options: AccessOptions
    /// The chosen cluster; nil when `--server` stands alone.
    let cluster: KubeconfigField?

    // MARK: Server

    /// The place of the server's URL.
    var serverPlace: AccessPlace {
        if options.server == nil, let cluster { return cluster.place("server") }
        return AccessPlace(file: nil, field: "--server")
    }

    func server() throws(AccessError) -> String {
        if let server = options.server { return try ServerURL.checked(server, serverPlace) }
        guard let cluster else { throw .missing(serverPlace) }
        return try ServerURL.checked(try cluster.required("server"), serverPlace)
    }

    // MARK: Security

    func security() throws(AccessError) -> TransportSecurity {
        var security = TransportSecurity()
        if let path = options.certificateAuthority {
            let place = AccessPlace(file: nil, field: "--certificate-authority")
            security.authorities = try PEM.checked(try file(path, place), .certificate, place)
        } else if let cluster {
            security.authorities = try bytes(cluster, "certificate-authority", .certificate)
            security.isInsecure = try cluster.bool("insecure-skip-tls-verify")
            if security.isInsecure, security.authorities != nil {
                throw .insecureWithAuthority(cluster.place("insecure-skip-tls-verify"))
            }
        }
        // The name in the file belongs to the server in the file.
        security.serverName = options.serverName
        if security.serverName == nil, options.server == nil {
            security.serverName = try cluster?.string("tls-server-name")
        }
        if let cluster, let proxy = try cluster.string("proxy-url") {
            let scheme = URLParts(proxy)?.scheme ?? ""
            guard ["http", "https", "socks5"].contains(scheme), proxy.contains("://") else {
                throw .badProxy(cluster.place("proxy-url"))
            }
            security.proxy = proxy
        }
        return security
    }

    /// Where what ``server()`` and ``security()`` give was read.
    var origin: AccessOrigin {
        func place(_ key: String, _ flag: String, _ isFlag: Bool) -> AccessPlace {
            guard !isFlag, let cluster else { return AccessPlace(file: nil, field: flag) }
            return cluster.place(key)
        }
        let key =
            cluster?.has("certificate-authority-data") == true
            ? "certificate-authority-data" : "certificate-authority"
        return AccessOrigin(
            server: serverPlace,
            authorities: place(key, "--certificate-authority", options.certificateAuthority != nil),
            hasAuthorities: options.certificateAuthority != nil || cluster?.has(key) == true,
            serverName: place(
                "tls-server-name", "--tls-server-name", options.serverName != nil || options.server != nil),
            proxy: cluster?.has("proxy-url") == true ? cluster?.place("proxy-url") : nil)
    }

    // MARK: Files

    /// PEM from `KEY-data` (base64) or, without it, from the file that `KEY` names.
    func bytes(_ body: KubeconfigField, _ key: String, _ kind: PEM.Kind) throws(AccessError) -> [UInt8]? {
        if let text = try body.string(key + "-data") {
            guard let bytes = Base64.decode(text) else { throw .notBase64(body.place(key + "-data")) }
            return try PEM.checked(bytes, kind, body.place(key + "-data"))
        }
        guard let path = try body.filePath(key) else { return nil }
        return try PEM.checked(try file(path, body.place(key)), kind, body.place(key))
    }

    func file(_ path: String, _ place: AccessPlace) throws(AccessError) -> [UInt8] {
        do {
            return try outside.readFile(path)
        } catch {
            throw .fileUnreadable(place, error)
        }
    }
}

/// The URL of an API server.
enum ServerURL {
    /// The URL without slashes at its end.
    static func checked(_ server: String, _ place: AccessPlace) throws(AccessError) -> String {
        let url = URLText.withoutEndingSlashes(server)
        guard let scheme = ["https://", "http://"].first(where: url.lowercased().hasPrefix) else {
            throw .badServer(place, reason: "expected a URL that begins with https://")
        }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard !authority.isEmpty, !authority.hasPrefix(":") else {
            throw .badServer(place, reason: "the URL has no host")
        }
        guard !authority.contains("@") else {
            throw .badServer(place, reason: "the URL must not hold a user or a password")
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace }) else {
            throw .badServer(place, reason: "the URL must end with its path")
        }
        if let port = port(authority), UInt16(port) == nil || port == "0" {
            throw .badServer(place, reason: "\"\(port)\" is no port")
        }
        guard URLParts(scheme + rest) != nil else {
            throw .badServer(place, reason: "\"\(authority)\" is no host")
        }
        return scheme + rest
    }

    private static func port(_ authority: Substring) -> Substring? {
        let behind = authority.hasPrefix("[") ? authority.drop { $0 != "]" } : authority
        return behind.firstIndex(of: ":").map { behind[behind.index(after: $0)...] }
    }

    static func isEncrypted(_ server: String) -> Bool { server.hasPrefix("https://") }

    /// Whether a plain-text server is on this machine: `kubectl proxy`, an SSH tunnel.
    static func isLoopback(_ server: String) -> Bool {
        let host = server.dropFirst("http://".count).prefix { $0 != "/" }
        return ["localhost", "127.0.0.1", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
    }
}

/// Certificates and keys as text.
enum PEM {
    enum Kind: String {
        case certificate = "a certificate"
        case key = "a private key"
    }

    /// The bytes as they are when they are PEM of a kind.
    static func checked(_ bytes: [UInt8], _ kind: Kind, _ place: AccessPlace) throws(AccessError) -> [UInt8] {
        if let problem = problem(bytes, kind) { throw .notPEM(place, reason: problem) }
        return bytes
    }

    /// Why the bytes are not PEM of a kind; nil when they are.
    static func problem(_ bytes: [UInt8], _ kind: Kind) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        let isKind =
            switch kind {
            case .certificate: text.contains("-----BEGIN CERTIFICATE-----")
            case .key: text.contains("PRIVATE KEY-----")
            }
        guard isKind else { return "this is not \(kind.rawValue) in PEM" }
        let isLocked = text.contains("-----BEGIN ENCRYPTED") || text.contains("Proc-Type: 4,ENCRYPTED")
        return kind == .key && isLocked ? "the private key has a passphrase; store it without one" : nil
    }
}
