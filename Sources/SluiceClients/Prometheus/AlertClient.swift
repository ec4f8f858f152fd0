public import SluiceCore
import SluiceDocuments

/// Asks a Prometheus or an Alertmanager which alerts fire.
///
/// It sends nothing itself: the request goes out through ``Outside``, and what comes back is read by
/// ``read(status:body:of:location:)``.
public struct AlertClient {
    private let prometheus: PrometheusClient
    private let secrets: SecretReader

    /// A client.
    ///
    /// - Parameters:
    ///   - outside: reads the files of secrets and certificates, anew for each question.
    ///   - environment: looks up an environment variable.
    public init(outside: any Outside, environment: @escaping (String) -> String?) {
        prometheus = PrometheusClient(outside: outside, environment: environment)
        secrets = SecretReader(outside: outside, environment: environment)
    }

    /// The request for the alerts that fire.
    ///
    /// - Returns: the request, or why there is none, such as a secret that cannot be read.
    public func request(for question: Blocker.AlertQuestion) -> Result<HTTPRequest, PrometheusError> {
        switch question.server {
        case .prometheus: return prometheus.request(for: question.query)
        case .alertmanager:
            do throws(SecretError) {
                return .success(try alertmanagerRequest(question))
            } catch {
                return .failure(PrometheusError(error.message))
            }
        }
    }

    /// `GET /api/v2/alerts` of Alertmanager's API.
    private func alertmanagerRequest(_ question: Blocker.AlertQuestion) throws(SecretError) -> HTTPRequest {
        let address = URLText.withoutEndingSlashes(question.address)
        let filters = question.matchers.map { "&filter=\(URLText.formEncoded($0))" }.joined()
        let states = "active=true&silenced=false&inhibited=false&unprocessed=false"
        return HTTPRequest(
            method: .get, url: "\(address)/api/v2/alerts?\(states)\(filters)",
            headers: [("Accept", "application/json")] + (try secrets.headers(question.access)),
            body: [], security: try secrets.security(question.access.tls),
            connectTimeout: PrometheusClient.connectTimeout, timeout: PrometheusClient.timeout,
            bodyLimit: PrometheusClient.bodyLimit)
    }

    /// What an answer says.
    ///
    /// - Parameters:
    ///   - status: the HTTP status.
    ///   - body: the whole body.
    ///   - location: where the answer redirects to, if it says so. Nothing is sent there.
    public static func read(
        status: Int, body: [UInt8], of question: Blocker.AlertQuestion, location: String? = nil
    ) -> BlockerReading {
        switch question.server {
        case .prometheus:
            switch PrometheusClient.read(status: status, body: body, from: question.address, location: location) {
            case .noData: return .absent
            case .failed(let why): return .failed(why)
            case .samples, .series, .answer:
                return firing(json(body)?.at("data", "result")?.array ?? [], labels: "metric")
            }
        case .alertmanager: return alertmanager(status, body, question, location)
        }
    }

    /// What no answer at all says.
    public static func read(_ error: TransportError, of question: Blocker.AlertQuestion) -> BlockerReading {
        .failed("\(URLText.withoutUser(question.address)) could not be asked: \(error)")
    }

    private static func alertmanager(
        _ status: Int, _ body: [UInt8], _ question: Blocker.AlertQuestion, _ location: String?
    ) -> BlockerReading {
        let server = URLText.withoutUser(question.address)
        if (300..<400).contains(status) { return .failed(PrometheusClient.redirect(status, server, location)) }
        guard status == 200 else { return .failed(PrometheusClient.refusal(status, server)) }
        guard let alerts = json(body)?.array else {
            return .failed("\(server) gave an answer that is not one of Alertmanager's API v2; is it an Alertmanager?")
        }
        // What is not known to be silent counts as firing.
        let active = alerts.filter { ($0.at("status", "state")?.string ?? "active") == "active" }
        return active.isEmpty ? .absent : firing(active, labels: "labels")
    }

    private static func json(_ body: [UInt8]) -> JSONValue? {
        do throws(JSONError) {
            return try JSONReader.read(body)
        } catch {
            return nil
        }
    }

    private static func name(of labels: JSONValue?) -> String {
        TerminalText.plain(labels?["alertname"]?.string ?? "an alert without a name")
    }

    /// The most names of alerts in a sentence.
    private static let nameLimit = 5

    private static func firing(_ alerts: [JSONValue], labels: String) -> BlockerReading {
        let names = alerts.map { name(of: $0[labels]) }
        let counts = Dictionary(grouping: names) { $0 }.mapValues(\.count).sorted { $0.key < $1.key }
        let shown = counts.prefix(nameLimit).map { $1 == 1 ? $0 : "\($0) (\($1) times)" }
        let more = counts.count > nameLimit ? " and \(counts.count - nameLimit) more" : ""
        return .present("\(names.count == 1 ? "alert fires" : "alerts fire"): \(shown.joined(separator: ", "))\(more)")
    }
}
