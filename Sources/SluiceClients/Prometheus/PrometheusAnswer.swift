public import SluiceCore
import SluiceDocuments

extension PrometheusClient {
    /// What an answer says about the query.
    ///
    /// - Parameters:
    ///   - status: the HTTP status.
    ///   - body: the whole body.
    ///   - address: the server's address as in the plan, for messages.
    ///   - isRange: whether it was asked for over a time.
    public static func read(
        status: Int, body: [UInt8], from address: String, isRange: Bool = false
    ) -> MetricReading {
        let server = URLText.withoutUser(address)
        let answer: JSONValue
        do throws(JSONError) {
            answer = try JSONReader.read(body)
        } catch {
            guard status == 200 else { return .failed(refusal(status, server)) }
            return .failed("\(server) gave an answer that is no JSON (\(error)); is it a Prometheus?")
        }
        if answer["status"]?.string == "error" {
            let type = answer["errorType"]?.string ?? "error"
            let words = answer["error"]?.string ?? "no reason given"
            return .failed("\(server) refused the query (\(type)): \(quoted(words))")
        }
        guard status == 200 else { return .failed(refusal(status, server)) }
        guard answer["status"]?.string == "success", let data = answer["data"], let type = data["resultType"]?.string,
            let result = data["result"]
        else { return .failed("\(server) gave an answer that is not one of Prometheus' query API") }
        switch type {
        case "matrix" where isRange: return matrix(result, server)
        case "scalar" where !isRange:
            guard let value = value(of: result) else { return .failed(unreadable(server)) }
            return .samples([value])
        case "vector" where !isRange: return vector(result, server)
        default:
            let wanted = isRange ? "series over a time" : "an instant vector or a scalar"
            return .failed("the query gave a \(quoted(type)); a gate needs one that gives \(wanted)")
        }
    }

    /// What no answer at all says about the query.
    public static func read(_ error: TransportError, from address: String) -> MetricReading {
        .failed("\(URLText.withoutUser(address)) could not be asked: \(error)")
    }

    private static func vector(_ result: JSONValue, _ server: String) -> MetricReading {
        guard let elements = result.array else { return .failed(unreadable(server)) }
        var samples: [Double] = []
        for element in elements {
            guard let pair = element["value"] else {
                return .failed(noNumbers(element, server))
            }
            guard let value = value(of: pair) else { return .failed(unreadable(server)) }
            samples.append(value)
        }
        return samples.isEmpty ? .noData : .samples(samples)
    }

    private static func matrix(_ result: JSONValue, _ server: String) -> MetricReading {
        guard let elements = result.array else { return .failed(unreadable(server)) }
        var series: [MetricSeries] = []
        for element in elements {
            guard let pairs = element["values"]?.array else { return .failed(noNumbers(element, server)) }
            var points: [MetricSeries.Point] = []
            for pair in pairs {
                guard let value = value(of: pair), let seconds = pair.array?.first?.number else {
                    return .failed(unreadable(server))
                }
                points.append(
                    MetricSeries.Point(time: Timestamp(Milliseconds((seconds * 1_000).rounded())), value: value))
            }
            let labels = element["metric"]?.strings ?? [:]
            series.append(MetricSeries(labels: labels, points: points))
        }
        return series.isEmpty ? .noData : .series(series)
    }

    private static func noNumbers(_ element: JSONValue, _ server: String) -> String {
        element["histogram"] != nil || element["histograms"] != nil
            ? "the query gave a native histogram; a gate needs plain numbers (histogram_quantile makes one)"
            : unreadable(server)
    }

    /// The number of a `[time, "value"]` pair; nil when it is none.
    private static func value(of pair: JSONValue) -> Double? {
        guard let elements = pair.array, elements.count == 2, let text = elements[1].string else { return nil }
        switch text {
        case "NaN": return .nan
        case "+Inf", "Inf": return .infinity
        case "-Inf": return -.infinity
        default: return Double(text)
        }
    }

    private static func unreadable(_ server: String) -> String {
        "\(server) gave a sample that is no number"
    }

    private static func refusal(_ status: Int, _ server: String) -> String {
        switch status {
        case 300..<400: "\(server) redirects (HTTP status \(status)); give the address that it redirects to"
        case 401: "\(server) wants to know who asks (HTTP status 401); give a bearerToken"
        case 403: "\(server) does not let us ask (HTTP status 403); the bearerToken lacks the right to query"
        case 404: "\(server) has no query API (HTTP status 404); is a path prefix missing in the address?"
        default: "\(server) answered with HTTP status \(status)"
        }
    }

    /// A server's words on one line, cut to ``quoteLimit`` characters.
    private static func quoted(_ words: String) -> String {
        let line = String(
            words.map { $0.isNewline ? " " : $0 }.filter { !$0.unicodeScalars.contains { $0.value < 0x20 } })
        return line.count <= quoteLimit ? line : line.prefix(quoteLimit) + "…"
    }
}
