import Foundation
import SluiceClients
import SluiceCore
import Testing

/// What comes instead of a metrics page, and what a gate makes of it.
struct BadPage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The decisive part of the sentence.
    var sentence: String
    var timeout: Milliseconds = 10_000
    var serve: @Sendable (Peer) -> Void

    init(
        _ name: String, timeout: Milliseconds = 10_000, _ sentence: String, serve: @escaping @Sendable (Peer) -> Void
    ) {
        (testDescription, self.timeout, self.sentence, self.serve) = (name, timeout, sentence, serve)
    }

    /// A whole answer.
    init(_ name: String, _ body: String, status: String = "200 OK", headers: String = "", _ sentence: String) {
        self.init(name, sentence) { $0.answer(body, status: status, headers: headers) }
    }

    private static let forbidden = """
        {"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \\"p\\" is forbidden: User \\"u\\" cannot \
        get resource \\"pods/proxy\\" in API group \\"\\"","reason":"Forbidden","code":403}
        """
    private static let gone = """
        {"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \\"p\\" not found","reason":"NotFound",\
        "details":{"name":"p","kind":"pods"},"code":404}
        """
    private static let type = "# TYPE sent_total counter\n"

    static let all = [
        // The API server refuses, or does not reach the pod.
        BadPage(
            "no right", forbidden, status: "403 Forbidden", "the right to get \"pods/proxy\" in namespace \"ns\" is"),
        BadPage("no pod", gone, status: "404 Not Found", "pods \"p\" not found (404 NotFound)"),
        BadPage(
            "nobody listens", "error trying to reach service: dial tcp 10.0.0.7:9100: connect: connection refused",
            status: "502 Bad Gateway",
            "the API server does not reach http port 9100/metrics (HTTP status 502; the API server says: error trying"),
        BadPage(
            "no way", "", status: "503 Service Unavailable", "does not reach http port 9100/metrics (HTTP status 503)"),
        // The pod refuses.
        BadPage("a login", "Unauthorized", status: "401 Unauthorized", "the pod does not let us read http port 9100"),
        BadPage("no entry", "", status: "403 Forbidden", "the pod does not let us read http port 9100/metrics (HTTP"),
        BadPage(
            "no page", "404 page not found\n", status: "404 Not Found", "the pod has no page at http port 9100/metr"),
        BadPage("elsewhere", "", status: "302 Found", "the pod redirects http port 9100/metrics elsewhere"),
        BadPage("an internal error", "boom", status: "500 Internal Server Error", "boom (500)"),
        // No page of metrics.
        BadPage("nothing", "", "the answer is empty"),
        BadPage("HTML", "<html>metrics are elsewhere</html>", "the answer is an HTML page; is the path"),
        BadPage("JSON", "{\"uptime\": 3}", "cannot be read: line 1"),
        BadPage(
            "binary", "\0", headers: "Content-Type: application/vnd.google.protobuf\r\n", "expected the text format"),
        BadPage("a line cut short", type + "sent_total{a=\"b", "the text is cut off here"),
        BadPage(
            "an end cut off", "# TYPE sent counter\nsent_total 1\n",
            headers: "Content-Type: application/openmetrics-text; version=1.0.0\r\n", "cut off here"),
        BadPage("a duplicate", type + "sent_total 1\nsent_total 2\n", "the series 'sent_total' is already in line 2"),
        // A page whose number is none.
        BadPage("NaN", type + "sent_total NaN\n", "sent_total is nan, which is no number to judge"),
        BadPage("NaN in a sum", type + "sent_total{a=\"1\"} 1\nsent_total{a=\"2\"} NaN\n", "sent_total is nan"),
        BadPage("infinity", type + "sent_total +Inf\n", "sent_total is inf"),
        BadPage("a falling counter", type + "sent_total -1\n", "a counter is never negative; is it a gauge?"),
        BadPage("no type", "sent_total 1\n", "the page does not say whether sent_total is a counter or a gauge"),
        // No answer.
        BadPage("cut off", "closed the connection in the middle of its answer") {
            $0.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nsent_total 1\n")
        },
        BadPage("too large", "sent an answer of more than 8388608 bytes") { peer in
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(KubernetesLimits.metricsPageBytes + 1)\r\n\r\n")
            for _ in 0..<9 { peer.write([UInt8](repeating: 0x20, count: 1 << 20)) }
        },
        BadPage("too slow", timeout: 300, "no answer in time") { peer in
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ns")
            _ = peer.read()
        },
        BadPage("silence", "closed the connection without an answer") { _ in },
    ]
}

/// Bad pages over a real connection: each is a failure with a sentence, and so never one that could pass.
@Suite struct MetricsPageTests {
    private static let scrape = MetricsScrape(port: 9100, metric: "sent_total")

    private func read(
        _ scrape: MetricsScrape, timeout: Milliseconds = 10_000, _ serve: @escaping @Sendable (Peer, String) -> Void
    ) throws -> PodScrape.Reading {
        let server = try LoopbackServer { peer in
            guard let request = peer.request() else { return }
            serve(peer, request)
        }
        let client = KubernetesClient(
            access: ClusterAccess(server: server.url), outside: try SystemOutside(), userAgent: "sluice/test")
        var request = APIRequest.metricsPage(namespace: "ns", pod: "p", scrape)
        request.timeout = timeout
        return MetricsPage.read(try #require(try client.perform([request]).first), for: scrape)
    }

    @Test(arguments: BadPage.all)
    func isAFailureWithASentence(bad: BadPage) throws {
        let reading = try read(Self.scrape, timeout: bad.timeout) { peer, _ in bad.serve(peer) }
        guard case .failed(let sentence) = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(sentence.contains(bad.sentence), "\(sentence)")
    }

    @Test func aPodsOwnRefusalDoesNotRenewOurCredential() throws {
        let server = try LoopbackServer { peer in
            guard peer.request() != nil else { return }
            peer.answer("", status: "401 Unauthorized")
        }
        let client = KubernetesClient(
            access: ClusterAccess(server: server.url), outside: try SystemOutside(), userAgent: "sluice/test")
        _ = try client.perform([.metricsPage(namespace: "ns", pod: "p", Self.scrape)])
        #expect(server.connections == 1)
    }

    @Test func thePageIsAskedForThroughTheProxy() throws {
        let page =
            "# TYPE sent_total counter\nsent_total{to=\"a\",zone=\"b\"} 2\nsent_total{to=\"a\"} 3\nsent_total 4\n"
        let scrape = MetricsScrape(
            port: 2020, path: "/api/v1/metrics/prometheus", scheme: .https, metric: "sent_total", labels: ["to": "a"])
        let reading = try read(scrape) { peer, request in
            let line = "GET /api/v1/namespaces/ns/pods/https:p:2020/proxy/api/v1/metrics/prometheus HTTP/1.1"
            peer.answer(request.hasPrefix(line) ? page : "", headers: "Content-Type: text/plain; version=0.0.4\r\n")
        }
        #expect(reading == .value(5, .counter))
    }

    @Test func whatAMetricMeansIsInItsTypeOrInThePlan() throws {
        let page = """
            # TYPE up gauge
            up{c="a"} 1
            up{c="b"} 0
            # TYPE latency histogram
            latency_bucket{le="+Inf"} 7
            latency_sum 9
            latency_count 7
            plain 3

            """
        func reading(_ metric: String, _ aggregate: MetricsScrape.Aggregate = .sum, _ kind: MetricsScrape.Kind? = nil)
            throws -> PodScrape.Reading
        {
            try read(MetricsScrape(port: 1, metric: metric, aggregate: aggregate, kind: kind)) { peer, _ in
                peer.answer(page)
            }
        }
        #expect(try reading("up", .min) == .value(0, .gauge))
        #expect(try reading("up", .max) == .value(1, .gauge))
        #expect(try reading("up") == .value(1, .gauge))
        #expect(try reading("latency_count") == .value(7, .counter))
        #expect(try reading("plain", .sum, .counter) == .value(3, .counter))
        #expect(try reading("absent") == .noData)
        guard case .failed(let why) = try reading("latency_count", .max) else {
            Issue.record("the largest of counters")
            return
        }
        #expect(why.contains("can only be summed"))
    }
}
