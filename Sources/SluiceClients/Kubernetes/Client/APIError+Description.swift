import SluiceCore

extension APIError: CustomStringConvertible {
    /// One sentence: what failed, why, and what to do about it where that is known.
    public var description: String {
        switch kind {
        case .transport(let error): "cannot \(summary): \(Self.words(for: error))\(advice(on: error))"
        case .status(let status): "cannot \(summary): \(Self.explain(status))\(advice(on: status))"
        case .forbidden(let status): "cannot \(summary): \(missingRight)\(Self.quoted(status))\(advice(on: status))"
        case .authentication(let status):
            "cannot \(summary): the API server does not accept our credential (401\(Self.quoted(status))); \(renewal)"
        case .credential(let reason):
            "cannot \(summary): \(reason)\(look(at: origin?.credential))"
        case .decoding(let reason):
            "cannot \(summary): the answer could not be read: \(reason)\(isAPIServer)"
        case .notSent(let reason): "did not \(summary): \(reason)"
        case .interrupted(let signal): "cannot \(summary): interrupted by signal \(signal)"
        }
    }

    /// The right a role must grant, as a rule.
    private var missingRight: String {
        let group = subject.group.isEmpty ? "" : " of API group \"\(subject.group)\""
        let scope = subject.namespace.map { "in namespace \"\($0)\"" } ?? "in the whole cluster (a ClusterRole)"
        return "the right to \(subject.verb) \"\(subject.resource)\"\(group) \(scope) is missing"
    }

    private static func quoted(_ status: APIStatus) -> String {
        status.message.isEmpty ? "" : "; the server says: \(status.message)"
    }

    private static func explain(_ status: APIStatus) -> String {
        // Most messages repeat their causes.
        let cause = status.causes.map(\.message).first { !$0.isEmpty && !status.message.contains($0.prefix(80)) }
        let text = [status.message, cause ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
        let said = text.isEmpty ? "the API server answered without a reason" : text
        let reason = status.reason.isEmpty ? "" : " \(status.reason)"
        let wait = status.retryAfter.map { "; it wants to be asked again in \(($0 + 999) / 1_000) s" } ?? ""
        return "\(said) (\(status.code)\(reason)\(wait))"
    }

    private static func words(for error: TransportError) -> String {
        switch error.kind {
        case .resolve: "the API server's name cannot be resolved: \(error.message)"
        case .connect: "the API server cannot be reached: \(error.message)"
        case .timeout: "no answer in time: \(error.message)"
        case .idle: "the connection went silent: \(error.message)"
        case .tls: "no secure connection: \(error.message)"
        case .certificate where error.isOurs: "our certificate is not accepted: \(error.message)"
        case .certificate: "the server's certificate is not accepted: \(error.message)"
        case .proxy: "the proxy does not let us through: \(error.message)"
        case .bodyTooLarge: "the answer is larger than allowed: \(error.message)"
        case .broken: "the connection broke: \(error.message)"
        case .commandNotFound, .command: error.message
        }
    }
}

extension TransportError {
    /// Whether it is our certificate that is wrong rather than the peer's.
    fileprivate var isOurs: Bool {
        switch cause {
        case .ourCertificate, .ourCertificateRefused: true
        default: false
        }
    }
}

// What to look at: a field of a file, a flag, a variable.
extension APIError {
    private func look(at place: AccessPlace?) -> String { place.map { "; look at \($0.phrase)" } ?? "" }

    private var isAPIServer: String { origin.map { "; is \($0.server.phrase) an API server?" } ?? "" }

    private var server: String { origin?.server.phrase ?? "the server's address" }

    /// What to do about a credential that the server refuses.
    private var renewal: String {
        guard let origin else { return "log in again or renew the token of the kubeconfig's user" }
        if let place = origin.credential { return "log in again or renew \(place.phrase)" }
        if let place = origin.certificate { return "renew \(place.phrase)\(validity)" }
        return "none was sent\(origin.user.map { ": \($0.phrase) has none" } ?? ", for the context names no user")"
    }

    private var validity: String {
        origin?.certificateEnd.map { ", which is valid until \($0.rfc3339)" } ?? ""
    }

    private func advice(on status: APIStatus) -> String {
        if status.code == 400, status.message.contains("HTTP request"), status.message.contains("HTTPS") {
            return "; the server speaks https: write https:// in \(server)"
        }
        // Every answer of an API server about its objects is a Status; a page that was not found is not.
        if (300..<400).contains(status.code) || status.code == 404 && status.reason.isEmpty { return isAPIServer }
        guard status.code == 403, let origin else { return "" }
        let place = origin.credential ?? origin.certificate ?? origin.user
        if status.message.contains("system:anonymous") {
            return "; the server has seen no credential\(look(at: place))"
        }
        return place.map { "; we come with \($0.phrase)" } ?? ""
    }

    private func advice(on error: TransportError) -> String {
        guard let origin else { return "" }
        switch error.kind {
        case .resolve:
            return "; check the name in \(server), and whether it is known only behind a VPN or a proxy"
        case .connect:
            return "; is the API server up, does the network let us through, and is \(server) right?"
        case .timeout where error.cause == .connectTimeout:
            return "; does the network (VPN, firewall) let us through, and is \(server) right?"
        case .tls: return handshakeAdvice(error.cause)
        case .certificate: return certificateAdvice(error.cause, origin)
        case .proxy:
            let proxy = origin.proxy?.phrase ?? "HTTPS_PROXY and NO_PROXY in the environment"
            let hint = error.cause == .proxyAuthentication ? "; it wants user and password in its URL" : ""
            return "\(hint); look at \(proxy)"
        case .broken where error.cause == .notHTTP: return "; check scheme and port of \(server)"
        case .broken where error.cause == .hungUp: return isAPIServer
        case .timeout, .idle, .bodyTooLarge, .broken, .commandNotFound, .command: return ""
        }
    }

    private func handshakeAdvice(_ cause: TransportError.Cause?) -> String {
        switch cause {
        case .notTLS: "; it answers without TLS: check scheme and port of \(server)"
        case .noCommonVersion: "; it knows no TLS version from 1.2 on: is \(server) an API server?"
        case .unknownName: "; it has no certificate for that name\(look(at: origin?.serverName))"
        default: isAPIServer
        }
    }

    private func certificateAdvice(_ cause: TransportError.Cause?, _ origin: AccessOrigin) -> String {
        switch cause {
        case .unknownAuthority, .authorities:
            return origin.hasAuthorities
                ? "; it was checked against \(origin.authorities.phrase)"
                : "; \(origin.authorities.phrase) is not set, so the authorities of this machine count"
        case .otherName(let wanted, let found):
            let names = found.isEmpty ? "" : "; it is for \(found.joined(separator: ", ")), not for \(wanted)"
            return "\(names); is \(server) right? If it is, write one of those names into \(origin.serverName.phrase)"
        case .expired, .notYetValid:
            return "; renew it on the server that \(server) names, or set this machine's clock"
        case .ourCertificate:
            return "; do certificate and key belong together?\(look(at: origin.certificate ?? origin.credential))"
        case .ourCertificateRefused:
            guard let place = origin.certificate ?? origin.credential else {
                return "; the server of \(server) wants one, and the context has no user with one"
            }
            return "; renew \(place.phrase)\(origin.certificate == nil ? "" : validity)"
        case nil, .connectTimeout, .notTLS, .noCommonVersion, .unknownName, .hungUp, .notHTTP, .proxyAuthentication:
            return look(at: origin.authorities)
        }
    }
}
