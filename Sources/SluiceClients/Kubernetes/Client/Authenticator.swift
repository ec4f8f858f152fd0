import SluiceCore

/// Keeps the credential that requests carry: reads token files again, runs plugins again.
final class Authenticator {
    /// What a request carries to prove who we are.
    struct Authorization {
        /// The value of the `Authorization` header; nil for none.
        var header: String?
        /// The client certificate and its key in PEM, which a plugin may give; nil leaves the kubeconfig's.
        var certificate: (certificate: [UInt8], key: [UInt8])?
        /// Which credential this is, counted from 1; tells whether a refused one has been replaced meanwhile.
        var generation: Int
    }

    /// What there is to send at the moment.
    enum Answer {
        case ready(Authorization)
        /// A plugin runs; ask again when it has ended.
        case pending
        /// There is nothing to send, with the reason.
        case failed(String)
    }

    private struct Held {
        var authorization: Authorization
        /// The wall time from which it is to be renewed; nil for never.
        var renewAt: Timestamp?
        /// The wall time at which it ends; nil when it does not say.
        var endsAt: Timestamp?
        /// The monotonic time from which its file is to be read again; nil when it comes from no file.
        var rereadAt: Milliseconds?
    }

    private let credential: Credential
    private let outside: any Outside
    private let certificate: RenewedCertificate?
    private var held: Held?
    private var running: OrderID?
    private var failure: String?
    private var generation = 0

    init(access: ClusterAccess, outside: any Outside) {
        credential = access.credential
        self.outside = outside
        certificate = access.certificateFiles.map {
            RenewedCertificate(files: $0, security: access.security, outside: outside)
        }
    }

    /// Whether a refused credential can be replaced by a newer one.
    var canRenew: Bool {
        switch credential {
        case .tokenFile, .plugin: true
        case .none, .token, .password: certificate != nil
        }
    }

    /// What a request is to carry now.
    func current() -> Answer {
        let answer = fromCredential()
        guard case .ready(var authorization) = answer, authorization.certificate == nil, let certificate else {
            return answer
        }
        authorization.certificate = certificate.current()
        return .ready(authorization)
    }

    private func fromCredential() -> Answer {
        switch credential {
        case .none: return .ready(Authorization(generation: 0))
        case .token(let token): return .ready(Authorization(header: "Bearer \(token.value)", generation: 0))
        case .password(let user, let password):
            let pair = Base64.encode(Array("\(user):\(password.value)".utf8))
            return .ready(Authorization(header: "Basic \(pair)", generation: 0))
        case .tokenFile(let path, let fallback): return fromFile(path, fallback)
        case .plugin(let plugin): return fromPlugin(plugin)
        }
    }

    /// Forgets a credential that the server has refused, unless it has been replaced since.
    func renew(after generation: Int) {
        certificate?.readAgain()
        guard generation == self.generation, var current = held else { return }
        switch credential {
        case .tokenFile:
            current.rereadAt = outside.now.monotonic
            held = current
        case .plugin: held = nil
        case .none, .token, .password: break
        }
    }

    // MARK: Token file

    private func fromFile(_ path: String, _ fallback: Secret?) -> Answer {
        let now = outside.now.monotonic
        if let held, let rereadAt = held.rereadAt, now < rereadAt { return .ready(held.authorization) }
        do {
            let token = String(decoding: try outside.readFile(path), as: UTF8.self).trimmed
            let problem = token.isEmpty ? "is empty" : "holds a line break or another control character"
            guard !token.isEmpty, HeaderText.isSendable(token) else {
                return keepLast(fallback, orFail: "the token file \(path) \(problem)", now)
            }
            return hold(Authorization(header: "Bearer \(token)", generation: 0), rereadAt: nextRead(now))
        } catch {
            return keepLast(fallback, orFail: "the token file cannot be read: \(error)", now)
        }
    }

    /// A failed read keeps the last token: rotation may replace the file at this very moment.
    private func keepLast(_ fallback: Secret?, orFail reason: String, _ now: Milliseconds) -> Answer {
        if var last = held {
            last.rereadAt = nextRead(now)
            held = last
            return .ready(last.authorization)
        }
        guard let fallback else { return .failed(reason) }
        return hold(Authorization(header: "Bearer \(fallback.value)", generation: 0), rereadAt: nextRead(now))
    }

    private func nextRead(_ now: Milliseconds) -> Milliseconds { now + KubernetesLimits.tokenFileInterval }

    private func hold(
        _ authorization: Authorization, renewAt: Timestamp? = nil, rereadAt: Milliseconds? = nil
    ) -> Answer {
        var numbered = authorization
        if numbered.header != held?.authorization.header || numbered.certificate != nil || held == nil {
            generation += 1
        }
        numbered.generation = generation
        held = Held(authorization: numbered, renewAt: renewAt, rereadAt: rereadAt)
        return .ready(numbered)
    }

    // MARK: Plugin

    private func fromPlugin(_ plugin: CredentialPlugin) -> Answer {
        if running != nil { return .pending }
        if let held {
            guard let renewAt = held.renewAt, renewAt <= outside.now.wall else { return .ready(held.authorization) }
        }
        running = outside.start(.command(ExecCredential.command(plugin)))
        return .pending
    }

    /// Takes the end of a plugin.
    ///
    /// - Returns: false when the order is not ours.
    func receive(_ order: OrderID, _ result: Result<CommandOutput, TransportError>) -> Bool {
        guard order == running, case .plugin(let plugin) = credential else { return false }
        running = nil
        switch ExecCredential.read(result, of: plugin) {
        case .success(let given):
            failure = nil
            let authorization = Authorization(
                header: given.token.map { "Bearer \($0.value)" }, certificate: given.certificate, generation: 0)
            held = nil
            _ = hold(authorization, renewAt: given.expiry.map(renewalTime))
            held?.endsAt = given.expiry
        case .failure(let reason):
            if keepsLast() { return true }
            held = nil
            failure = reason.text
        }
        return true
    }

    /// Goes on with a credential that could not be renewed while it lasts, and looks for a new one soon.
    private func keepsLast() -> Bool {
        let now = outside.now.wall
        guard let endsAt = held?.endsAt, now < endsAt else { return false }
        let retry = Timestamp(now.millisecondsSince1970 + KubernetesLimits.credentialRetry)
        held?.renewAt = min(retry, endsAt)
        return true
    }

    /// Takes the failure that the waiting requests are to be told, once.
    func takeFailure() -> String? {
        defer { failure = nil }
        return failure
    }

    /// A little before the expiry; but a credential that is short-lived from the start is used for most of its life,
    /// else each request would run the plugin.
    private func renewalTime(_ expiry: Timestamp) -> Timestamp {
        let left = max(0, expiry.millisecondsSince1970 - outside.now.wall.millisecondsSince1970)
        return Timestamp(expiry.millisecondsSince1970 - min(KubernetesLimits.credentialMargin, left / 10))
    }
}

extension String {
    /// The text without white space at both ends.
    var trimmed: String {
        var characters = Substring(self)
        while characters.first?.isWhitespace == true { characters.removeFirst() }
        while characters.last?.isWhitespace == true { characters.removeLast() }
        return String(characters)
    }
}
