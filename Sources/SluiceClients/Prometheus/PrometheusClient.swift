public import SluiceCore
import SluiceDocuments

/// Why a metrics server cannot even be asked.
public struct PrometheusError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence; never holds a secret.
    public var message: String

    /// Why a metrics server cannot be asked.
    public init(_ message: String) { self.message = message }

    /// The sentence.
    public var description: String { message }
}

/// Asks Prometheus, or anything that speaks its API, for the value of a query now or over a time.
///
/// It sends nothing itself: the request goes out through ``Outside``, and what comes back is read by
/// ``read(status:body:from:)`` or ``read(_:from:)``.
public struct PrometheusClient {
    /// The longest time for one question, in milliseconds.
    public static let timeout: Milliseconds = 10_000
    /// The longest time for connecting, in milliseconds.
    public static let connectTimeout: Milliseconds = 5_000
    /// The largest answer, in bytes.
    public static let bodyLimit = 16 << 20
    /// The most characters of a server's own words in a message.
    public static let quoteLimit = 200

    private let outside: any Outside
    private let environment: (String) -> String?

    /// A client.
    ///
    /// - Parameters:
    ///   - outside: reads the files of bearer tokens, anew for each question because other programs rotate them.
    ///   - environment: looks up an environment variable.
    public init(outside: any Outside, environment: @escaping (String) -> String?) {
        self.outside = outside
        self.environment = environment
    }

    /// The request for a query whose placeholders are filled in already.
    ///
    /// - Parameter range: the time to ask for; nil asks for this moment.
    /// - Returns: the request, or why there is none: an address that is no URL, a token that cannot be read.
    public func request(
        for query: PrometheusQuery, over range: QueryRange? = nil, security: TransportSecurity = TransportSecurity()
    ) -> Result<HTTPRequest, PrometheusError> {
        let lowercased = query.address.lowercased()
        guard lowercased.hasPrefix("http://") || lowercased.hasPrefix("https://"),
            !query.address.contains("?"), !query.address.contains("#")
        else {
            let address = URLText.withoutUser(query.address)
            return .failure(PrometheusError("'\(address)' is no address of a metrics server (http://host:port/path)"))
        }
        var headers: [(name: String, value: String)] = [
            ("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        if let source = query.bearerToken {
            switch token(from: source) {
            case .success(let token): headers.append(("Authorization", "Bearer \(token)"))
            case .failure(let error): return .failure(error)
            }
        }
        var address = Substring(query.address)
        while address.hasSuffix("/") { address.removeLast() }
        var form = "query=\(URLText.formEncoded(query.query))"
        if let range {
            let (start, end) = (
                URLText.formEncoded(range.start.rfc3339Micro), URLText.formEncoded(range.end.rfc3339Micro)
            )
            form += "&start=\(start)&end=\(end)&step=\(range.stepSeconds)"
        }
        return .success(
            HTTPRequest(
                method: .post, url: "\(address)/api/v1/query\(range == nil ? "" : "_range")", headers: headers,
                body: Array(form.utf8), security: security,
                connectTimeout: Self.connectTimeout, timeout: Self.timeout, bodyLimit: Self.bodyLimit))
    }

    private func token(from source: SecretSource) -> Result<String, PrometheusError> {
        let text: String
        let place: String
        switch source {
        case .file(let path):
            place = "the file \(path)"
            do throws(FileError) {
                text = String(decoding: try outside.readFile(path), as: UTF8.self)
            } catch {
                return .failure(PrometheusError("the bearer token cannot be read: \(error)"))
            }
        case .environment(let name):
            place = "the environment variable \(name)"
            guard let value = environment(name) else {
                return .failure(PrometheusError("the bearer token cannot be read: \(place) is not set"))
            }
            text = value
        }
        var token = Substring(text)
        while token.first?.isWhitespace == true { token.removeFirst() }
        while token.last?.isWhitespace == true { token.removeLast() }
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            let problem = token.isEmpty ? "is empty" : "holds characters that no token has"
            return .failure(PrometheusError("the bearer token cannot be used: \(place) \(problem)"))
        }
        return .success(String(token))
    }
}
