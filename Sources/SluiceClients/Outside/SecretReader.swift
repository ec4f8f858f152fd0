public import SluiceCore

/// Why a secret or a certificate cannot be used; never holds the secret itself.
struct SecretError: Error {
    /// One sentence.
    var message: String

    init(_ message: String) { self.message = message }
}

/// What keeps something that a plan names from being used.
public enum SecretProblem {
    /// Why a secret or a certificate cannot be used, in one sentence without it; nil when it can.
    ///
    /// - Parameter environment: looks up an environment variable.
    public static func of(
        _ secret: PlanSecret, outside: any Outside, environment: @escaping (String) -> String?
    ) -> String? {
        let reader = SecretReader(outside: outside, environment: environment)
        do throws(SecretError) {
            switch (secret.kind, secret.source) {
            case (.file, .file(let path)): _ = try reader.file(path, secret.name)
            case (.text, _), (.file, .environment): _ = try reader.secret(secret.source, secret.name)
            }
            return nil
        } catch {
            return error.message
        }
    }
}

/// Reads what a request needs that stands in no plan, anew for each request because other programs rotate it.
struct SecretReader {
    let outside: any Outside
    /// Looks up an environment variable.
    let environment: (String) -> String?

    /// The headers of a server's ``ServerAccess``: `Authorization`, where there is one, and the further ones.
    func headers(_ access: ServerAccess) throws(SecretError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let authorization = try authorization(access) { headers.append(("Authorization", authorization)) }
        for header in access.headers { headers.append((header.name, try value(of: header))) }
        return headers
    }

    private func authorization(_ access: ServerAccess) throws(SecretError) -> String? {
        if let source = access.bearerToken {
            let token = try secret(source, "the bearer token")
            guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw SecretError(
                    "the bearer token cannot be used: \(Self.place(source)) holds characters that no token has")
            }
            return "Bearer \(token)"
        }
        guard let auth = access.basicAuth else { return nil }
        let password = try secret(auth.password, "the password of \(auth.username)")
        return "Basic \(Base64.encode(Array("\(auth.username):\(password)".utf8)))"
    }

    private func value(of header: ServerAccess.Header) throws(SecretError) -> String {
        switch header.value {
        case .text(let text): text
        case .secret(let source): try secret(source, "the header \(header.name)")
        }
    }

    /// How the server is checked, and who we are.
    func security(_ tls: ServerAccess.TLS) throws(SecretError) -> TransportSecurity {
        var security = TransportSecurity(serverName: tls.serverName, isInsecure: tls.insecureSkipVerify)
        security.authorities = try file(tls.caFile, "the certificate authorities")
        security.certificate = try file(tls.certFile, "our certificate")
        security.key = try file(tls.keyFile, "the key of our certificate")
        return security
    }

    func file(_ path: String?, _ what: String) throws(SecretError) -> [UInt8]? {
        guard let path else { return nil }
        do throws(FileError) {
            return try outside.readFile(path)
        } catch {
            throw SecretError("\(what) cannot be read: \(error)")
        }
    }

    /// A secret without the white space around it, as Prometheus reads its own.
    ///
    /// - Parameter what: what it is, as the beginning of an error's sentence.
    func secret(_ source: SecretSource, _ what: String) throws(SecretError) -> String {
        let text: String
        switch source {
        case .file(let path): text = String(decoding: try file(path, what) ?? [], as: UTF8.self)
        case .environment(let name):
            guard let value = environment(name) else {
                throw SecretError("\(what) cannot be read: \(Self.place(source)) is not set")
            }
            text = value
        }
        var secret = Substring(text)
        while secret.first?.isWhitespace == true { secret.removeFirst() }
        while secret.last?.isWhitespace == true { secret.removeLast() }
        guard !secret.isEmpty else { throw SecretError("\(what) cannot be used: \(Self.place(source)) is empty") }
        guard HeaderText.isSendable(String(secret)) else {
            throw SecretError("\(what) cannot be used: \(Self.place(source)) holds control characters")
        }
        return String(secret)
    }

    private static func place(_ source: SecretSource) -> String {
        switch source {
        case .file(let path): "the file \(path)"
        case .environment(let name): "the environment variable \(name)"
        }
    }
}
