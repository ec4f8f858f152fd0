import SluiceCore

/// Reads the chosen cluster and user of a kubeconfig: certificates, keys, tokens, plugins.
struct AccessReader {
    let outside: any Outside

    // MARK: Cluster

    func server(_ options: AccessOptions, _ cluster: KubeconfigFile.Entry?) throws(AccessError) -> String {
        if let server = options.server {
            return try Self.checked(server, AccessPlace(file: nil, field: "--server"))
        }
        guard let body = cluster?.body else { throw .missing(AccessPlace(file: nil, field: "--server")) }
        return try Self.checked(try body.required("server"), body.place("server"))
    }

    private static func checked(_ server: String, _ place: AccessPlace) throws(AccessError) -> String {
        var url = server
        while url.hasSuffix("/") { url.removeLast() }
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
        return scheme + rest
    }

    private static func port(_ authority: Substring) -> Substring? {
        let behind = authority.hasPrefix("[") ? authority.drop { $0 != "]" } : authority
        return behind.firstIndex(of: ":").map { behind[behind.index(after: $0)...] }
    }

    func security(_ cluster: KubeconfigFile.Entry?) throws(AccessError) -> TransportSecurity {
        var security = TransportSecurity()
        guard let body = cluster?.body else { return security }
        let authority = try bytes(body, "certificate-authority", .certificate)
        security.authorities = authority
        security.serverName = try body.string("tls-server-name")
        security.isInsecure = try body.bool("insecure-skip-tls-verify")
        if security.isInsecure, authority != nil {
            throw .insecureWithAuthority(body.place("insecure-skip-tls-verify"))
        }
        if let proxy = try body.string("proxy-url") {
            guard ["http://", "https://", "socks5://"].contains(where: proxy.hasPrefix) else {
                throw .badProxy(body.place("proxy-url"))
            }
            security.proxy = proxy
        }
        return security
    }

    /// PEM from `KEY-data` (base64) or, without it, from the file that `KEY` names.
    private func bytes(
        _ body: KubeconfigField, _ key: String, _ kind: PEM.Kind
    ) throws(AccessError) -> [UInt8]? {
        if let text = try body.string(key + "-data") {
            guard let bytes = Base64.decode(text) else { throw .notBase64(body.place(key + "-data")) }
            return try PEM.checked(bytes, kind, body.place(key + "-data"))
        }
        guard let path = try body.filePath(key) else { return nil }
        return try PEM.checked(try file(path, body.place(key)), kind, body.place(key))
    }

    private func file(_ path: String, _ place: AccessPlace) throws(AccessError) -> [UInt8] {
        do {
            return try outside.readFile(path)
        } catch {
            throw .fileUnreadable(place, error)
        }
    }

    // MARK: User

    func credential(
        _ user: KubeconfigFile.Entry?, cluster: KubeconfigFile.Entry?, server: String,
        security: inout TransportSecurity
    ) throws(AccessError) -> Credential {
        guard let body = user?.body else { return .none }
        if let provider = try body.section("auth-provider") {
            throw .authProvider(body.place("auth-provider"), name: try provider.string("name") ?? "")
        }
        try certificate(body, server, &security)
        var found: [(field: String, credential: Credential)] = []
        if let path = try body.filePath("tokenFile") {
            _ = try file(path, body.place("tokenFile"))
            found.append(("tokenFile", .tokenFile(path: path)))
        } else if let token = try body.string("token") {
            found.append(("token", .token(Secret(token))))
        }
        if let password = try password(body) { found.append(("username", password)) }
        if let exec = try body.section("exec") {
            let reader = PluginReader(
                exec: exec, cluster: cluster?.body, server: server, authorities: security.authorities)
            let plugin = try reader.plugin()
            found.append(("exec", .plugin(plugin)))
        }
        guard found.count <= 1 else {
            throw .severalCredentials(
                AccessPlace(file: body.file, position: body.document.position, field: body.name), found.map(\.field))
        }
        guard let (field, credential) = found.first else { return .none }
        if !Self.isEncrypted(server), !Self.isLoopback(server) {
            throw .plainHTTP(body.place(field), server: server)
        }
        return credential
    }

    private func certificate(
        _ body: KubeconfigField, _ server: String, _ security: inout TransportSecurity
    ) throws(AccessError) {
        let certificate = try bytes(body, "client-certificate", .certificate)
        let key = try bytes(body, "client-key", .key)
        switch (certificate, key) {
        case (nil, nil): return
        case (nil, _): throw .incompletePair(body.place("client-key"), missing: "client-certificate")
        case (_, nil): throw .incompletePair(body.place("client-certificate"), missing: "client-key")
        case (let certificate, let key):
            guard Self.isEncrypted(server) else { throw .plainHTTP(body.place("client-certificate"), server: server) }
            security.certificate = certificate
            security.key = key
        }
    }

    private func password(_ body: KubeconfigField) throws(AccessError) -> Credential? {
        let password = try body.string("password")
        guard let user = try body.string("username") else {
            if password != nil { throw .incompletePair(body.place("password"), missing: "username") }
            return nil
        }
        guard let password else { throw .incompletePair(body.place("username"), missing: "password") }
        return .password(user: user, Secret(password))
    }

    private static func isEncrypted(_ server: String) -> Bool { server.hasPrefix("https://") }

    /// Whether a plain-text server is on this machine: `kubectl proxy`, an SSH tunnel.
    private static func isLoopback(_ server: String) -> Bool {
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
        let text = String(decoding: bytes, as: UTF8.self)
        let isKind =
            switch kind {
            case .certificate: text.contains("-----BEGIN CERTIFICATE-----")
            case .key: text.contains("PRIVATE KEY-----")
            }
        guard isKind else { throw .notPEM(place, reason: "this is not \(kind.rawValue) in PEM") }
        if kind == .key, text.contains("-----BEGIN ENCRYPTED") || text.contains("Proc-Type: 4,ENCRYPTED") {
            throw .notPEM(place, reason: "the private key has a passphrase; store it without one")
        }
        return bytes
    }
}
