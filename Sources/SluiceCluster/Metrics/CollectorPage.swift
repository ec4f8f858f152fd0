public import SluiceCore

/// What a collector says of itself at `/metrics`: numbers that follow from the pod alone, so that every scrape of a moment
/// says the same.
///
/// A `silent` collector ships nothing; an `absent` one lacks the metric that would tell.
struct CollectorPage {
    /// A number with its metric's name.
    struct Metric {
        var name: String
        var kind: MetricsScrape.Kind
        var value: Double
    }

    let metrics: [Metric]

    /// Nil when the pod listens on no port.
    init?(_ pod: PodRecord, at now: Timestamp) {
        guard case .running(let since)? = pod.status.container else { return nil }
        let seconds = Double(max(0, now.millisecondsSince1970 - since.millisecondsSince1970)) / 1_000
        // From 100 to 300 records a second, by the node.
        let rate = 100 + Double(Drawing.mix(Drawing.fnv(pod.node)) % 200)
        let shipped = pod.behaviour.has(.silent) ? 0 : rate * seconds
        let sent = Metric(name: "collector_sent_records_total", kind: .counter, value: shipped.rounded())
        let memory = Metric(name: "process_resident_memory_bytes", kind: .gauge, value: 40e6 + 1e5 * rate)
        metrics = pod.behaviour.has(.absent) ? [memory] : [sent, memory]
    }

    /// In Prometheus' text format 0.0.4.
    var text: String {
        metrics.map { "# TYPE \($0.name) \($0.kind.rawValue)\n\($0.name) \(Int64($0.value))\n" }.joined()
    }
}

extension Cluster {
    /// What the metrics page of a pod says about a scrape: the same that a client reads there, without text.
    public func read(_ scrape: MetricsScrape, of target: ScrapeOrder.Target) -> PodScrape.Reading {
        guard let pod = pods[target.podUID] else { return .failed("the pod is gone") }
        guard scrape.port == pod.pattern.port, scrape.path == Self.pagePath, let page = CollectorPage(pod, at: now)
        else {
            return .failed("the pod has no such page")
        }
        guard let metric = page.metrics.first(where: { $0.name == scrape.metric }), scrape.labels.isEmpty else {
            return .noData
        }
        return .value(metric.value, scrape.kind ?? metric.kind)
    }

    private static let pagePath = "/metrics"

    /// The API server's proxy to a pod: `GET …/pods/{scheme}:{name}:{port}/proxy/{path}`. The scheme and the port may be
    /// left out. (kubernetes/pkg/registry/core/pod, `ResourceLocation`)
    func proxy(_ place: Place, _ name: String) throws(Failure) -> ClusterAnswer {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let podName = parts.count > 2 ? parts[1] : parts[0]
        guard let pod = store.object(.pods, place.namespace ?? "", podName)?.pod else {
            throw .notFound(.pods, podName)
        }
        let port = parts.count > 1 ? parts[parts.count - 1] : String(pod.pattern.port)
        let scheme = parts.count > 2 ? parts[0] : "http"
        guard scheme != "https", port == String(pod.pattern.port), let page = CollectorPage(pod, at: now) else {
            return Self.plain(
                502, "error trying to reach service: dial tcp \(pod.podIP):\(port): connect: connection refused")
        }
        guard place.proxiedPath == Self.pagePath else { return Self.plain(404, "404 page not found\n") }
        return ClusterAnswer(status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: page.text)
    }

    private static func plain(_ status: Int, _ body: String) -> ClusterAnswer {
        ClusterAnswer(status: status, contentType: "text/plain; charset=utf-8", body: body)
    }
}
