public import SluiceCore

/// What a pod's metrics page, read through the API server, says about a scrape.
public enum MetricsPage {
    /// Reads an answer. Whatever is wrong with it is a reason in one sentence, never a number.
    public static func read(
        _ answer: Result<APIResponse, APIError>, for scrape: MetricsScrape
    ) -> PodScrape.Reading {
        switch answer {
        case .failure(let error): return .failed(explain(error, scrape))
        case .success(let response):
            do throws(ExpositionError) {
                let page = try Exposition.read(response.body, contentType: response.header("content-type"))
                return page.reading(for: scrape)
            } catch {
                return .failed("the metrics page at \(place(scrape)) cannot be read: \(error)")
            }
        }
    }

    private static func place(_ scrape: MetricsScrape) -> String {
        "\(scrape.scheme.rawValue) port \(scrape.port)\(scrape.path)"
    }

    private static func explain(_ error: APIError, _ scrape: MetricsScrape) -> String {
        guard let status = error.status, status.reason.isEmpty else { return error.description }
        let place = place(scrape)
        switch status.code {
        case 401, 403:
            return
                "the pod does not let us read \(place) (HTTP status \(status.code)); a page behind a login cannot be read"
        case 404: return "the pod has no page at \(place) (HTTP status 404); is `path` right?"
        case 300..<400: return "the pod redirects \(place) elsewhere (HTTP status \(status.code)); is `path` right?"
        case 502, 503:
            let said = status.message.isEmpty ? "" : "; the API server says: \(status.message)"
            return
                "the API server does not reach \(place) (HTTP status \(status.code)\(said)); are `port` and `scheme` "
                + "right, and does the network let it through?"
        default: return error.description
        }
    }
}

extension Exposition {
    /// The number that a scrape asks for.
    func reading(for scrape: MetricsScrape) -> PodScrape.Reading {
        let values = values(of: scrape.metric, where: scrape.labels)
        guard let first = values.first else { return .noData }
        guard let kind = scrape.kind ?? kind(of: scrape.metric) else {
            return .failed(
                "the page does not say whether \(scrape.metric) is a counter or a gauge; write `type` into the scrape")
        }
        if kind == .counter, scrape.aggregate != .sum {
            return .failed("\(scrape.metric) is a counter, which can only be summed; write `aggregate: sum`")
        }
        let value: Double =
            switch scrape.aggregate {
            case .sum: values.reduce(0, +)
            // A NaN among the values must not get lost in a comparison.
            case .min: values.contains(where: \.isNaN) ? .nan : values.reduce(first, Swift.min)
            case .max: values.contains(where: \.isNaN) ? .nan : values.reduce(first, Swift.max)
            }
        guard value.isFinite else { return .failed("\(scrape.metric) is \(value), which is no number to judge") }
        if kind == .counter, value < 0 {
            return .failed("\(scrape.metric) is \(value), and a counter is never negative; is it a gauge?")
        }
        return .value(value, kind)
    }

    /// What the values of some samples mean, by the TYPE of their family; nil when it says nothing.
    private func kind(of name: String) -> MetricsScrape.Kind? {
        guard let family = families.first(where: { $0.samples.contains { $0.name == name } }) else { return nil }
        switch family.type {
        case .counter: return name.hasSuffix("_created") ? .gauge : .counter
        case .histogram, .summary:
            return ["_bucket", "_count", "_sum"].contains { name == family.name + $0 } ? .counter : .gauge
        case .gauge, .info, .stateset, .gaugehistogram: return .gauge
        case .unknown: return nil
        }
    }
}
