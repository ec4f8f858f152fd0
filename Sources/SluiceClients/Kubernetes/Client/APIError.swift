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
    /// Where server, certificates and credential were read; nil when it is not known.
    public var origin: AccessOrigin?

    /// Why a request brought no usable answer.
    public init(_ kind: Kind, _ request: APIRequest) {
        self.kind = kind
        self.subject = request.subject
        self.summary = request.summary
    }

    /// The failure that an answer with a status outside 200 to 299 tells of.
    init(status: APIStatus, _ request: APIRequest) {
        // Without a Status it is the pod behind the proxy that refuses, and our credential is as good as before.
        let isPods = request.subject.resource == APIRequest.proxiedPods && status.reason.isEmpty
        switch status.code {
        case _ where isPods: self.init(.status(status), request)
        case 401: self.init(.authentication(status), request)
        case 403 where !status.isAdmission: self.init(.forbidden(status), request)
        default: self.init(.status(status), request)
        }
    }

    /// The same failure, which can say what to look at.
    func locating(_ origin: AccessOrigin?) -> APIError {
        var error = self
        error.origin = origin ?? self.origin
        return error
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

    /// Whether the API server says that there is no such object. A page that was not found says nothing of objects: a
    /// proxy sends it, or a server at another path.
    public var isNotFound: Bool {
        guard let status, status.code == 404 else { return false }
        return status.reason == "NotFound" || status.message.isEmpty
    }

    /// How long the server asks to be left alone, in milliseconds, as far as something that must go on listens to it.
    var askedWait: Milliseconds { min(status?.retryAfter ?? 0, KubernetesLimits.retryAfterCap) }

    /// Whether the same read may succeed a little later without anybody doing anything.
    public var isTemporary: Bool {
        switch kind {
        case .transport(let error):
            switch error.kind {
            case .broken: error.cause != .notHTTP
            case .resolve, .connect, .timeout, .idle: true
            case .tls, .certificate, .proxy, .bodyTooLarge, .commandNotFound, .command: false
            }
        case .status(let status): status.code == 408 || status.code == 429 || (500...504).contains(status.code)
        case .forbidden, .authentication, .credential, .decoding, .notSent, .interrupted: false
        }
    }
}
