/// Something that a plan names and does not hold: a secret, or a file of a certificate.
public struct PlanSecret: Sendable, Hashable {
    /// How it is read.
    public enum Kind: Sendable, Hashable {
        /// One line of text.
        case text
        /// A file as it is.
        case file
    }

    /// Where it is found.
    public var source: SecretSource
    /// How it is read.
    public var kind: Kind
    /// What it is: `the bearer token`.
    public var name: String
    /// Who needs it: `gate up`.
    public var user: String

    /// Something that a plan names and does not hold.
    public init(_ source: SecretSource, _ kind: Kind = .text, name: String, user: String) {
        self.source = source
        self.kind = kind
        self.name = name
        self.user = user
    }
}

extension RolloutPlan {
    /// The secrets and certificates that the plan names, in the order of the plan.
    public var secrets: [PlanSecret] {
        let gates = (gates + waves.flatMap(\.gates)).flatMap { gate -> [PlanSecret] in
            let user = "gate \(gate.name)"
            return switch gate.provider {
            case .prometheus(let query): query.access.secrets(of: user)
            case .scrape: []
            case .webhook(let destination): destination.secrets(of: user)
            }
        }
        let blockers = blockers.flatMap { blocker -> [PlanSecret] in
            let user = "blocker \(blocker.name)"
            return switch blocker.subject {
            case .alerts(let question): question.access.secrets(of: user)
            case .pods: []
            case .webhook(let destination): destination.secrets(of: user)
            }
        }
        return gates + blockers + notifications.flatMap { $0.secrets(of: "notification \($0.name)") }
    }
}

extension NotificationDestination {
    fileprivate func secrets(of user: String) -> [PlanSecret] {
        var secrets: [PlanSecret] = []
        if case .secret(let source) = address { secrets.append(PlanSecret(source, name: "the URL", user: user)) }
        if let signingSecret { secrets.append(PlanSecret(signingSecret, name: "the signing secret", user: user)) }
        return secrets + access.secrets(of: user)
    }
}

extension ServerAccess {
    fileprivate func secrets(of user: String) -> [PlanSecret] {
        var secrets: [PlanSecret] = []
        if let bearerToken { secrets.append(PlanSecret(bearerToken, name: "the bearer token", user: user)) }
        if let basicAuth {
            secrets.append(PlanSecret(basicAuth.password, name: "the password of \(basicAuth.username)", user: user))
        }
        for header in headers {
            guard case .secret(let source) = header.value else { continue }
            secrets.append(PlanSecret(source, name: "the header \(header.name)", user: user))
        }
        let files = [
            (tls.caFile, "the certificate authorities"), (tls.certFile, "our certificate"),
            (tls.keyFile, "the key of our certificate"),
        ]
        return secrets
            + files.compactMap { path, name in
                path.map { PlanSecret(.file($0), .file, name: name, user: user) }
            }
    }
}
