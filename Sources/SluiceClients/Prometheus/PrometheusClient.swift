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

    private let secrets: SecretReader

    /// A client.
    ///
    /// - Parameters:
    ///   - outside: reads the files of secrets and certificates, anew for each question because other programs rotate them.
    ///   - environment: looks up an environment variable.
    public init(outside: any Outside, environment: @escaping (String) -> String?) {
        secrets = SecretReader(outside: outside, environment: environment)
    }

    /// The request for a query whose placeholders are filled in already.
    ///
    /// - Parameter range: the time to ask for; nil asks for this moment.
    /// - Returns: the request, or why there is none: an address that is no URL, a secret that cannot be read.
    public func request(
        for query: PrometheusQuery, over range: QueryRange? = nil
    ) -> Result<HTTPRequest, PrometheusError> {
        do throws(PrometheusError) {
            return .success(try makeRequest(query, range))
        } catch {
            return .failure(error)
        }
    }

    private func makeRequest(_ query: PrometheusQuery, _ range: QueryRange?) throws(PrometheusError) -> HTTPRequest {
        let lowercased = query.address.lowercased()
        guard lowercased.hasPrefix("http://") || lowercased.hasPrefix("https://"),
            !query.address.contains("?"), !query.address.contains("#")
        else {
            let address = URLText.withoutUser(query.address)
            throw PrometheusError("'\(address)' is no address of a metrics server (http://host:port/path)")
        }
        var headers: [(name: String, value: String)] = [
            ("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        let security: TransportSecurity
        do throws(SecretError) {
            headers += try secrets.headers(query.access)
            security = try secrets.security(query.access.tls)
        } catch {
            throw PrometheusError(error.message)
        }
        let address = URLText.withoutEndingSlashes(query.address)
        var form = "query=\(URLText.formEncoded(query.query))"
        if let range {
            let (start, end) = (
                URLText.formEncoded(range.start.rfc3339Micro), URLText.formEncoded(range.end.rfc3339Micro)
            )
            form += "&start=\(start)&end=\(end)&step=\(range.stepSeconds)"
        }
        for (name, value) in query.parameters.sorted(by: { $0.key < $1.key }) {
            form += "&\(URLText.formEncoded(name))=\(URLText.formEncoded(value))"
        }
        return HTTPRequest(
            method: .post, url: "\(address)/api/v1/query\(range == nil ? "" : "_range")", headers: headers,
            body: Array(form.utf8), security: security,
            connectTimeout: Self.connectTimeout, timeout: Self.timeout, bodyLimit: Self.bodyLimit)
    }
}
