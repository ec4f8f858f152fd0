import SluiceCore

/// What a request needs that stands in no plan.
extension PrometheusClient {
    /// The value of the Authorization header; nil when there is none.
    func authorization(_ query: PrometheusQuery) throws(PrometheusError) -> String? {
        if let source = query.bearerToken {
            let token = try secret(source, "the bearer token")
            guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw PrometheusError(
                    "the bearer token cannot be used: \(Self.place(source)) holds characters that no token has")
            }
            return "Bearer \(token)"
        }
        guard let auth = query.basicAuth else { return nil }
        let password = try secret(auth.password, "the password of \(auth.username)")
        return "Basic \(Base64.encode(Array("\(auth.username):\(password)".utf8)))"
    }

    /// What a header says.
    func value(of header: PrometheusQuery.Header) throws(PrometheusError) -> String {
        switch header.value {
        case .text(let text): text
        case .secret(let source): try secret(source, "the header \(header.name)")
        }
    }

    /// How the server is checked, and who we are.
    func security(_ tls: PrometheusQuery.TLS) throws(PrometheusError) -> TransportSecurity {
        var security = TransportSecurity(serverName: tls.serverName, isInsecure: tls.insecureSkipVerify)
        security.authorities = try file(tls.caFile, "the certificate authorities")
        security.certificate = try file(tls.certFile, "our certificate")
        security.key = try file(tls.keyFile, "the key of our certificate")
        return security
    }

    private func file(_ path: String?, _ what: String) throws(PrometheusError) -> [UInt8]? {
        guard let path else { return nil }
        do throws(FileError) {
            return try outside.readFile(path)
        } catch {
            throw PrometheusError("\(what) cannot be read: \(error)")
        }
    }

    /// A secret without the white space around it, as Prometheus reads its own.
    private func secret(_ source: SecretSource, _ what: String) throws(PrometheusError) -> String {
        let text: String
        switch source {
        case .file(let path): text = String(decoding: try file(path, what) ?? [], as: UTF8.self)
        case .environment(let name):
            guard let value = environment(name) else {
                throw PrometheusError("\(what) cannot be read: \(Self.place(source)) is not set")
            }
            text = value
        }
        var secret = Substring(text)
        while secret.first?.isWhitespace == true { secret.removeFirst() }
        while secret.last?.isWhitespace == true { secret.removeLast() }
        guard !secret.isEmpty else { throw PrometheusError("\(what) cannot be used: \(Self.place(source)) is empty") }
        guard HeaderText.isSendable(String(secret)) else {
            throw PrometheusError("\(what) cannot be used: \(Self.place(source)) holds control characters")
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
