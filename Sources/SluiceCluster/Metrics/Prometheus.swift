import SluiceCore

/// One series at one moment.
struct Sample: Sendable {
    var labels: [String: String]
    var value: Double
}

extension Cluster {
    /// What Prometheus would have scraped from the pods by now.
    ///
    /// `up` is 1 while a pod is Ready and ships; a `silent` one is down though Ready, an `absent` one has no series.
    var samples: [Sample] {
        pods.all.filter { $0.isBound && !$0.isGoneButForItsEntry && !$0.behaviour.has(.absent) }.flatMap { pod in
            let ships = pod.status.ready.isTrue && !pod.behaviour.has(.silent)
            let labels = [
                "job": pod.pattern.daemonSet, "node": pod.node, "pod": pod.name, "namespace": pod.namespace,
                "instance": "\(pod.podIP):\(pod.pattern.port)",
                "zone": pod.placeLabels["topology.kubernetes.io/zone"] ?? "",
                "version": pod.pattern.hash,
            ]
            func sample(_ name: String, _ value: Double) -> Sample {
                Sample(labels: labels.merging(["__name__": name]) { $1 }, value: value)
            }
            let up = sample("up", ships ? 1 : 0)
            guard pod.status.ready.isTrue else { return [up] }
            return [up, sample("node_scrape_collector_success", ships ? 1 : 0)]
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
            let result = try MetricQuery(text).evaluate(samples)
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
