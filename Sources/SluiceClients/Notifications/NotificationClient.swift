public import SluiceCore

/// Why a notification cannot even be sent.
public struct NotificationError: Error, Sendable, Equatable {
    /// One sentence; never holds a secret.
    public var message: String

    /// Why a notification cannot be sent.
    public init(_ message: String) { self.message = message }
}

/// What came of one try to deliver a notification.
public enum DeliveryVerdict: Sendable, Equatable {
    /// The destination has it.
    case sent
    /// It may work a little later without anybody doing anything.
    case failed(String)
    /// It will not work until somebody changes something.
    case refused(String)
}

/// Makes the request that delivers a notification, and reads what came of it.
///
/// It sends nothing itself: the request goes out through ``Outside``.
public struct NotificationClient {
    /// The longest time for one try, in milliseconds.
    public static let timeout: Milliseconds = 10_000
    /// The longest time for connecting, in milliseconds.
    public static let connectTimeout: Milliseconds = 5_000
    /// The largest answer, in bytes; nobody reads it.
    public static let bodyLimit = 1 << 20

    private let secrets: SecretReader

    /// A client.
    ///
    /// - Parameters:
    ///   - outside: reads the files of secrets and certificates, anew for each request.
    ///   - environment: looks up an environment variable.
    public init(outside: any Outside, environment: @escaping (String) -> String?) {
        secrets = SecretReader(outside: outside, environment: environment)
    }

    /// The request that delivers a message.
    ///
    /// - Parameters:
    ///   - now: goes into the signature, so that an old message cannot be sent again by somebody else.
    /// - Returns: the request, or why there is none: a secret that cannot be read, a URL that is none.
    public func request(
        for message: OutboxMessage, to destination: NotificationDestination, at now: Timestamp
    ) -> Result<HTTPRequest, NotificationError> {
        request(key: message.key, body: message.body, to: destination, at: now)
    }

    /// The request that asks or tells something.
    ///
    /// - Parameters:
    ///   - key: names what is asked or told, however often it is sent.
    ///   - now: goes into the signature.
    /// - Returns: the request, or why there is none.
    public func request(
        key: String, body: [UInt8], to destination: NotificationDestination, at now: Timestamp
    ) -> Result<HTTPRequest, NotificationError> {
        do throws(SecretError) {
            return .success(try makeRequest(key, body, destination, now))
        } catch {
            return .failure(NotificationError(error.message))
        }
    }

    private func makeRequest(
        _ key: String, _ body: [UInt8], _ destination: NotificationDestination, _ now: Timestamp
    ) throws(SecretError) -> HTTPRequest {
        var headers: [(name: String, value: String)] = [("Content-Type", "application/json")]
        switch destination.format {
        case .sluice: headers += try signature(key, body, destination, now)
        case .slack, .alertmanager: break
        }
        headers += try secrets.headers(destination.access)
        return HTTPRequest(
            method: .post, url: try url(of: destination), headers: headers, body: body,
            security: try secrets.security(destination.access.tls), connectTimeout: Self.connectTimeout,
            timeout: Self.timeout, bodyLimit: Self.bodyLimit)
    }

    private func url(of destination: NotificationDestination) throws(SecretError) -> String {
        let url: String
        switch destination.address {
        case .text(let text): url = text
        case .secret(let source):
            url = try secrets.secret(source, "the URL")
            let lowercased = url.lowercased()
            guard lowercased.hasPrefix("https://") || lowercased.hasPrefix("http://"), !url.contains(" ") else {
                throw SecretError("the URL cannot be used: what was read is none (https://host/path)")
            }
        }
        return destination.format == .alertmanager ? "\(URLText.withoutEndingSlashes(url))/api/v2/alerts" : url
    }

    /// The headers of Standard Webhooks, version 1: the message's id, the time, and the signature over both and the body.
    private func signature(
        _ id: String, _ body: [UInt8], _ destination: NotificationDestination, _ now: Timestamp
    ) throws(SecretError) -> [(name: String, value: String)] {
        let seconds = now.wholeSecond.millisecondsSince1970 / 1_000
        let headers = [(name: "webhook-id", value: id), (name: "webhook-timestamp", value: String(seconds))]
        guard let source = destination.signingSecret else { return headers }
        let key = try Self.key(try secrets.secret(source, "the signing secret"))
        let code = SHA256.authenticationCode(Array("\(id).\(seconds).".utf8) + body, key: key)
        return headers + [("webhook-signature", "v1,\(Base64.encode(code))")]
    }

    private static func key(_ secret: String) throws(SecretError) -> [UInt8] {
        let prefix = "whsec_"
        guard secret.hasPrefix(prefix) else { return Array(secret.utf8) }
        guard let key = Base64.decode(String(secret.dropFirst(prefix.count))), !key.isEmpty else {
            throw SecretError("the signing secret cannot be used: what follows `whsec_` is no base64")
        }
        return key
    }

    /// What an answer to a question says: only a status of 2xx is a yes.
    ///
    /// - Parameter status: the HTTP status; 0 when there was none.
    public static func consent(status: Int) -> BlockerReading {
        switch status {
        case 200..<300: .absent
        case 300..<400: .failed("it redirects (HTTP \(status)), and redirects are not followed")
        case 100..<600: .present("it says no (HTTP \(status))")
        default: .failed("it gave an answer that is no HTTP")
        }
    }

    /// What an answer to a gate says: a status of 2xx is a yes, one that may be another a little later is no answer.
    ///
    /// - Parameter status: the HTTP status; 0 when there was none.
    public static func judgement(status: Int) -> MetricReading {
        switch status {
        case 200..<300: .answer(isYes: true, "it says yes (HTTP \(status))")
        case 300..<400: .failed("it redirects (HTTP \(status)), and redirects are not followed")
        case 408, 425, 429, 500..<600: .failed("it cannot say (HTTP \(status))")
        case 400..<500: .answer(isYes: false, "it says no (HTTP \(status))")
        default: .failed("it gave an answer that is no HTTP")
        }
    }

    /// What an answer says about the delivery.
    ///
    /// - Parameter status: the HTTP status; 0 when there was none.
    public static func verdict(status: Int) -> DeliveryVerdict {
        switch status {
        case 200..<300: .sent
        case 300..<400: .refused("it redirects (HTTP \(status)), and redirects are not followed")
        case 408, 425, 429, 500...: .failed("HTTP \(status)")
        case 400..<500: .refused("HTTP \(status)")
        default: .failed("an answer that is no HTTP")
        }
    }

    /// What no answer at all says about the delivery.
    public static func verdict(_ error: TransportError) -> DeliveryVerdict {
        switch error.kind {
        // Whoever answers with more than anybody would read has answered.
        case .bodyTooLarge: .sent
        case .resolve, .connect, .timeout, .idle, .tls, .certificate, .proxy, .broken, .commandNotFound, .command:
            .failed(error.message)
        }
    }
}
