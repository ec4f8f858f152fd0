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
    ///   - location: where the answer redirects to, if it says so. Nothing is sent there.
    public static func read(
        status: Int, body: [UInt8], from address: String, isRange: Bool = false, location: String? = nil
    ) -> MetricReading {
        let server = URLText.withoutUser(address)
        if (300..<400).contains(status) { return .failed(redirect(status, server, location)) }
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
        // A store that could not be asked leaves its series out.
        if let warning = warning(in: answer) {
            return .failed("\(server) warns that its answer may be incomplete: \(quoted(warning))")
        }
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

    /// The first warning that is more than advice about the query.
    private static func warning(in answer: JSONValue) -> String? {
        answer["warnings"]?.array?.map { $0.string ?? "a warning without words" }
            .first { !$0.hasPrefix("PromQL info:") }
    }

    private static func vector(_ result: JSONValue, _ server: String) -> MetricReading {
        guard let elements = result.array else { return .failed(unreadable(server)) }
        var samples: [Double] = []
        for element in elements {
            guard let pair = element["value"], element["histogram"] == nil else {
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
            // A series may have been a histogram for a part of the time only.
            guard let pairs = element["values"]?.array, element["histograms"] == nil else {
                return .failed(noNumbers(element, server))
            }
            var points: [MetricSeries.Point] = []
            for pair in pairs {
                guard let value = value(of: pair), let seconds = pair.array?.first?.number,
                    abs(seconds) <= latestSecond
                else {
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

    /// The last second that a point may have, of the year 9999.
    private static let latestSecond = 253_402_300_799.0

    /// The number of a `[time, "value"]` pair; nil when it is none.
    private static func value(of pair: JSONValue) -> Double? {
        guard let elements = pair.array, elements.count == 2, let text = elements[1].string else { return nil }
        switch text {
        case "NaN": return .nan
        case "+Inf", "Inf": return .infinity
        case "-Inf": return -.infinity
        default:
            // Swift reads more than Prometheus writes: "infinity", "nan(1)", "0x1p3", and "1e999" as infinity.
            guard text.utf8.allSatisfy(isOfNumber), let value = Double(text), value.isFinite else { return nil }
            return value
        }
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
    }

    private static func unreadable(_ server: String) -> String {
        "\(server) gave a sample that is no number"
    }

    /// What a redirect says, to which nothing is sent.
    static func redirect(_ status: Int, _ server: String, _ location: String?) -> String {
        guard let location else {
            return "\(server) redirects (HTTP status \(status)); give the address that it redirects to"
        }
        return
            "\(server) redirects to \(quoted(URLText.withoutUser(location))) (HTTP status \(status)), where nothing is "
            + "sent; give the right address in the plan"
    }

    /// What a status that is no success says.
    static func refusal(_ status: Int, _ server: String) -> String {
        switch status {
        case 401:
            "\(server) wants to know who asks (HTTP status 401); give a bearerToken or basicAuth, or the right one"
        case 403: "\(server) does not let us ask (HTTP status 403); the credentials lack the right to query"
        case 404: "\(server) has no such API (HTTP status 404); is a path prefix missing in the address?"
        case 503: "\(server) is not ready to answer (HTTP status 503); is it starting, or the service without a pod?"
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
