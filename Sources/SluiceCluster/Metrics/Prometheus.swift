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
    ///
    /// - Parameter time: nil for this moment; of an earlier one only what the pod's times tell is known: since when it has
    ///   been there and Ready.
    init?(_ pod: PodRecord, at time: Timestamp?) {
        guard pod.isBound, !pod.isGoneButForItsEntry, !pod.behaviour.has(.absent) else { return nil }
        if let time, time < pod.createdAt { return nil }
        let isReady =
            pod.status.ready.isTrue && time.map { $0.millisecondsSince1970 >= pod.status.readySince } ?? true
        value = isReady && !pod.behaviour.has(.silent) ? 1 : 0
        names = isReady ? Self.allNames : Self.down
    }

    /// What was scraped from a pod that is gone: it was Ready, if it ever was, until it was deleted.
    init?(_ former: FormerPod, at time: Timestamp) {
        let pod = former.pod
        guard pod.isBound, !pod.behaviour.has(.absent), time >= pod.createdAt, time < former.goneAt else { return nil }
        let since = pod.status.readySince
        let until = pod.deletion?.requestedAt ?? former.goneAt
        let isReady = since > 0 && time.millisecondsSince1970 >= since && time < until
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
    /// `count` over one, also `by` labels; functions over a time, such as `avg_over_time`, give the value of this moment.
    public func measure(_ query: String) -> MetricReading {
        do throws(QueryError) {
            let values = try MetricQuery(query, takesRanges: true).evaluate(pods).map(\.value)
            return values.isEmpty ? .noData : .samples(values)
        } catch {
            return .failed(error.description)
        }
    }

    /// What a question over a time brings, by what the pods that stand tell of it and, on each node, the last one that is
    /// gone.
    public func measure(_ query: String, over range: QueryRange) -> MetricReading {
        do throws(QueryError) {
            let series = try self.series(MetricQuery(query, takesRanges: true), over: range)
            return series.isEmpty ? .noData : .series(series)
        } catch {
            return .failed(error.description)
        }
    }

    private func series(_ query: MetricQuery, over range: QueryRange) throws(QueryError) -> [MetricSeries] {
        var points: [[String: String]: [MetricSeries.Point]] = [:]
        for index in 0..<range.pointCount {
            let time = Timestamp(range.start.millisecondsSince1970 + Int64(index) * range.stepSeconds * 1_000)
            for sample in try query.evaluate(pods, at: time) {
                points[sample.labels, default: []].append(MetricSeries.Point(time: time, value: sample.value))
            }
        }
        return points.map { MetricSeries(labels: $0.key, points: $0.value) }
            .sorted {
                $0.labels.sorted { $0.key < $1.key }.description < $1.labels.sorted { $0.key < $1.key }.description
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
        case "api/v1/query_range": return queryRange(request, target)
        default:
            return ClusterAnswer(
                status: 404, contentType: "text/plain; charset=utf-8", body: "404 page not found\n")
        }
    }

    private static func fields(_ request: ClusterRequest, _ target: Target) -> [(name: String, value: String)] {
        guard request.method == "POST" else { return target.query }
        return Target.form(String(decoding: request.body, as: UTF8.self)) + target.query
    }

    private func query(_ request: ClusterRequest, _ target: Target) -> ClusterAnswer {
        let text = Self.fields(request, target).first { $0.name == "query" }?.value ?? ""
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
            return Self.refusal(error.description, isBadData: text.isEmpty)
        }
    }

    /// The most points of one series. (prometheus, `web/api/v1/api.go`)
    private static let pointLimit = 11_000

    private func queryRange(_ request: ClusterRequest, _ target: Target) -> ClusterAnswer {
        let fields = Self.fields(request, target)
        func field(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }
        func time(_ name: String) -> Timestamp? {
            Double(field(name)).map { Timestamp(Int64($0 * 1_000)) } ?? Timestamp(rfc3339: field(name))
        }
        guard let start = time("start"), let end = time("end"), let step = Int64(field("step")), step > 0, start <= end
        else { return Self.refusal("invalid parameter \"start\", \"end\" or \"step\"", isBadData: true) }
        let range = QueryRange(start: start, end: end, stepSeconds: step)
        guard range.pointCount <= Self.pointLimit else {
            return Self.refusal("exceeded maximum resolution of 11,000 points per timeseries", isBadData: true)
        }
        do throws(QueryError) {
            let result = try series(MetricQuery(field("query")), over: range).map { series -> JSONValue in
                let values = series.points.map { point -> JSONValue in
                    [
                        .double(Double(point.time.millisecondsSince1970) / 1_000), .string(Self.number(point.value)),
                    ]
                }
                return ["metric": .object(series.labels.mapValues(JSONValue.string)), "values": .array(values)]
            }
            return Self.prometheusAnswer(
                200, ["status": "success", "data": ["resultType": "matrix", "result": .array(result)]])
        } catch {
            return Self.refusal(error.description, isBadData: field("query").isEmpty)
        }
    }

    private static func refusal(_ why: String, isBadData: Bool) -> ClusterAnswer {
        prometheusAnswer(
            isBadData ? 400 : 422,
            ["status": "error", "errorType": isBadData ? "bad_data" : "execution", "error": .string(why)])
    }

    private static func prometheusAnswer(_ status: Int, _ value: JSONValue) -> ClusterAnswer {
        ClusterAnswer(status: status, body: value.serialized + "\n")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
