import SluiceCore

/// Why a request to the API server brought no usable answer.
public struct APIError: Error, Sendable, Equatable {
    /// The kinds of failure.
    public enum Kind: Sendable, Equatable {
        /// No answer at all.
        case transport(TransportError)
        /// The server answered that it failed.
        case status(APIStatus)
        /// 403: a right is missing.
        case forbidden(APIStatus)
        /// 401, also after the credential was renewed.
        case authentication(APIStatus)
        /// There is no credential to send: the plugin or the token file failed. Nothing was sent.
        case credential(String)
        /// The answer is not what it should be.
        case decoding(String)
        /// The request's deadline passed before it could leave. Nothing was sent.
        case notSent(String)
        /// A signal arrived while a one-shot command was waiting.
        case interrupted(Int32)
    }

    /// The kind.
    public var kind: Kind
    /// What was asked for.
    public var subject: APIRequest.Subject
    /// What was asked for, in words.
    public var summary: String

    /// Why a request brought no usable answer.
    public init(_ kind: Kind, _ request: APIRequest) {
        self.kind = kind
        self.subject = request.subject
        self.summary = request.summary
    }

    /// The failure that an answer with a status outside 200 to 299 tells of.
    init(status: APIStatus, _ request: APIRequest) {
        switch status.code {
        case 401: self.init(.authentication(status), request)
        case 403: self.init(.forbidden(status), request)
        default: self.init(.status(status), request)
        }
    }

    /// What the server said; nil when it said nothing.
    public var status: APIStatus? {
        switch kind {
        case .status(let status), .forbidden(let status), .authentication(let status): status
        case .transport, .credential, .decoding, .notSent, .interrupted: nil
        }
    }

    /// The HTTP status code; nil when there was no answer.
    public var code: Int? { status?.code }

    /// How long the server asks to be left alone, in milliseconds, as far as something that must go on listens to it.
    var askedWait: Milliseconds { min(status?.retryAfter ?? 0, KubernetesLimits.retryAfterCap) }

    /// Whether the same read may succeed a little later without anybody doing anything.
    public var isTemporary: Bool {
        switch kind {
        case .transport(let error):
            switch error.kind {
            case .resolve, .connect, .timeout, .idle, .broken: true
            case .tls, .certificate, .proxy, .bodyTooLarge, .commandNotFound, .command: false
            }
        case .status(let status): status.code == 408 || status.code == 429 || (500...504).contains(status.code)
        case .forbidden, .authentication, .credential, .decoding, .notSent, .interrupted: false
        }
    }
}

extension APIError: CustomStringConvertible {
    /// One sentence: what failed, why, and what to do about it where that is known.
    public var description: String {
        switch kind {
        case .transport(let error): "cannot \(summary): \(Self.explain(error))"
        case .status(let status): "cannot \(summary): \(Self.explain(status))"
        case .forbidden(let status): "cannot \(summary): \(missingRight)\(Self.quoted(status))"
        case .authentication(let status):
            "cannot \(summary): the API server does not accept our credential (401\(Self.quoted(status))); "
                + "log in again or renew the token of the kubeconfig's user"
        case .credential(let reason): "cannot \(summary): \(reason)"
        case .decoding(let reason): "cannot \(summary): the answer could not be read: \(reason)"
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

    private static func explain(_ error: TransportError) -> String {
        switch error.kind {
        case .resolve: "the API server's name cannot be resolved: \(error.message)"
        case .connect: "the API server cannot be reached: \(error.message)"
        case .timeout: "no answer in time: \(error.message)"
        case .idle: "the connection went silent: \(error.message)"
        case .tls: "no secure connection: \(error.message)"
        case .certificate:
            "the server's certificate is not accepted: \(error.message); "
                + "check certificate-authority and tls-server-name of the kubeconfig's cluster"
        case .proxy: "the proxy does not let us through: \(error.message)"
        case .bodyTooLarge: "the answer is larger than allowed: \(error.message)"
        case .broken: "the connection broke: \(error.message)"
        case .commandNotFound, .command: error.message
        }
    }
}
