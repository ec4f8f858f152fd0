public import SluiceCore

/// One series at one moment.
struct Sample: Sendable {
    var labels: [String: String]
    var value: Double
}

/// What Prometheus would have scraped from a pod by now: the same value in every series.
///
/// `up` is 1 while a pod is Ready and ships; a `silent` one is down though Ready, an `absent` one has no series.
struct Scrape {
    /// The labels of a series, besides its name.
    enum Label: String, CaseIterable {
        case job, node, pod, namespace, instance, zone, version
    }

    let value: Double
    /// The names of its series.
    let names: [String]

    /// Nil when there is nothing to scrape.
    init?(_ pod: PodRecord) {
        guard pod.isBound, !pod.isGoneButForItsEntry, !pod.behaviour.has(.absent) else { return nil }
        let isReady = pod.status.ready.isTrue
        value = isReady && !pod.behaviour.has(.silent) ? 1 : 0
        names = isReady ? Self.allNames : Self.down
    }

    private static let allNames = ["up", "node_scrape_collector_success"]
    private static let down = ["up"]
}

extension PodRecord {
    /// A label of the pod's series.
    func label(_ label: Scrape.Label) -> String {
        switch label {
        case .job: pattern.daemonSet
        case .node: node
        case .pod: name
        case .namespace: namespace
        case .instance: "\(podIP):\(pattern.port)"
        case .zone: placeLabels["topology.kubernetes.io/zone"] ?? ""
        case .version: pattern.hash
        }
    }

    func sample(_ name: String, _ value: Double) -> Sample {
        var labels = ["__name__": name]
        for key in Scrape.Label.allCases { labels[key.rawValue] = label(key) }
        return Sample(labels: labels, value: value)
    }
}

extension Cluster {
    /// What a question to Prometheus brings at this moment, as values: a selector, or `min`, `max`, `avg`, `sum` or
    /// `count` over one; functions over a time, such as `avg_over_time`, give the value of this moment.
    public func measure(_ query: String) -> MetricReading {
        do throws(QueryError) {
            let values = try MetricQuery(query, takesRanges: true).evaluate(pods).map(\.value)
            return values.isEmpty ? .noData : .samples(values)
        } catch {
            return .failed(error.description)
        }
    }

    /// The HTTP API of Prometheus, as far as it is served.
    func prometheus(_ request: ClusterRequest, _ target: Target) -> ClusterAnswer {
        switch target.segments.dropFirst().joined(separator: "/") {
        case "-/ready", "-/healthy":
            return ClusterAnswer(status: 200, contentType: "text/plain; charset=utf-8", body: "Ready.\n")
        case "api/v1/status/buildinfo":
            return Self.prometheusAnswer(200, ["status": "success", "data": ["version": "2.53.0+sluice"]])
        case "api/v1/query": return query(request, target)
        default:
            return ClusterAnswer(
                status: 404, contentType: "text/plain; charset=utf-8", body: "404 page not found\n")
        }
    }

    private func query(_ request: ClusterRequest, _ target: Target) -> ClusterAnswer {
        let fields =
            request.method == "POST"
            ? Target.form(String(decoding: request.body, as: UTF8.self)) + target.query
            : target.query
        let text = fields.first { $0.name == "query" }?.value ?? ""
        do throws(QueryError) {
            let result = try MetricQuery(text).evaluate(pods)
            let time = Double(now.millisecondsSince1970) / 1_000
            let vector = result.map { sample -> JSONValue in
                [
                    "metric": .object(sample.labels.mapValues(JSONValue.string)),
                    "value": [.double(time), .string(Self.number(sample.value))],
                ]
            }
            return Self.prometheusAnswer(
                200, ["status": "success", "data": ["resultType": "vector", "result": .array(vector)]])
        } catch {
            return Self.prometheusAnswer(
                text.isEmpty ? 400 : 422,
                [
                    "status": "error", "errorType": text.isEmpty ? "bad_data" : "execution",
                    "error": .string(error.description),
                ])
        }
    }

    private static func prometheusAnswer(_ status: Int, _ value: JSONValue) -> ClusterAnswer {
        ClusterAnswer(status: status, body: value.serialized + "\n")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
