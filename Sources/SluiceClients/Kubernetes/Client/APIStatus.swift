public import SluiceCore
import SluiceDocuments

/// A failure as the API server tells it: a Status object, or what can be known from an answer without one.
public struct APIStatus: Sendable, Equatable {
    /// One cause of a failure.
    public struct Cause: Sendable, Equatable {
        /// A word for programs (`DisruptionBudget`, `FieldValueInvalid`); empty when absent.
        public var reason: String
        /// A sentence for people; empty when absent.
        public var message: String
        /// The field that is wrong; empty when absent.
        public var field: String

        /// One cause of a failure.
        public init(reason: String, message: String, field: String = "") {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// The HTTP status code, or the code of a Status inside a watch.
    public var code: Int
    /// A word for programs (`Conflict`, `Expired`); empty when absent.
    public var reason: String
    /// A sentence for people, shortened; empty when the server says nothing.
    public var message: String
    /// When the server wants to be asked again, in milliseconds from its answer; nil when it does not say.
    public var retryAfter: Milliseconds?
    /// The causes.
    public var causes: [Cause]

    /// A failure.
    public init(
        code: Int, reason: String = "", message: String = "", retryAfter: Milliseconds? = nil, causes: [Cause] = []
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
        self.causes = causes
    }

    /// Reads the failure of an answer. The Content-Type is not looked at: a timeout is a Status under `text/plain`, and
    /// "too many requests" is a plain sentence.
    init(head: HTTPHead, body: [UInt8]) {
        if let json = JSONReader.status(body) {
            self.init(json: json)
            code = head.status
        } else {
            self.init(code: head.status, message: Self.plainText(body))
        }
        retryAfter = Self.retryAfter(head) ?? retryAfter
    }

    /// Reads a Status object, as it stands in a watch.
    init(json: JSONValue) {
        let details = json["details"] ?? .null
        let causes = (details["causes"]?.array ?? []).map { cause in
            Cause(
                reason: cause["reason"]?.string ?? "", message: Self.oneLine(cause["message"]?.string ?? ""),
                field: cause["field"]?.string ?? "")
        }
        self.init(
            code: Int(json["code"]?.integer ?? 0), reason: json["reason"]?.string ?? "",
            message: Self.oneLine(json["message"]?.string ?? ""),
            retryAfter: details["retryAfterSeconds"]?.integer.flatMap(Self.milliseconds), causes: causes)
    }

    /// The `Retry-After` of an answer, in seconds or as a date that is measured by the server's own clock.
    private static func retryAfter(_ head: HTTPHead) -> Milliseconds? {
        guard let text = head["retry-after"] else { return nil }
        if let seconds = Int64(text) { return milliseconds(seconds) }
        guard let date = HTTPDate.parse(text), let now = head["date"].flatMap(HTTPDate.parse) else { return nil }
        return max(0, date.millisecondsSince1970 - now.millisecondsSince1970)
    }

    /// Seconds as milliseconds; a day at most, so that a nonsensical number cannot overflow.
    private static func milliseconds(_ seconds: Int64) -> Milliseconds? {
        seconds >= 0 ? min(seconds, 86_400) * 1_000 : nil
    }

    /// A body that is no Status, as one line; a page of HTML, which a proxy sends, is only named.
    private static func plainText(_ body: [UInt8]) -> String {
        let line = oneLine(String(decoding: body.prefix(4 * KubernetesLimits.messageCharacters), as: UTF8.self))
        return line.hasPrefix("<") ? "a page of HTML, probably from a proxy" : line
    }

    /// A text on one line, shortened: some messages repeat the whole object that was sent.
    static func oneLine(_ text: String) -> String {
        let limit = KubernetesLimits.messageCharacters
        let line = text.prefix(4 * limit).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > limit ? line.prefix(limit) + "…" : line
    }

    /// Whether a cause has this word as its reason.
    func hasCause(_ reason: String) -> Bool { causes.contains { $0.reason == reason } }
}

extension JSONReader {
    /// The Status object in a body; nil when it holds something else. Some failures come without a `kind`.
    fileprivate static func status(_ body: [UInt8]) -> JSONValue? {
        do {
            let json = try read(body)
            let isStatus = json["kind"]?.string == "Status" || json["status"]?.string == "Failure"
            return isStatus ? json : nil
        } catch {
            return nil
        }
    }
}
