import SluiceCluster
import SluiceCore
import Testing

@Suite("The small Prometheus")
struct PrometheusTests {
    static func ask(_ query: String, _ cluster: inout TestCluster) throws -> (status: Int, value: JSONValue) {
        var encoded = ""
        for byte in query.utf8 { encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        return try cluster.call("GET", "/prometheus/api/v1/query?query=\(encoded)")
    }

    static func values(_ query: String, _ cluster: inout TestCluster) throws -> [String] {
        let answer = try ask(query, &cluster)
        #expect(answer.status == 200 && answer.value["status"] == "success")
        return (answer.value.at("data", "result")?.array ?? []).compactMap { $0["value"]?.array?.last?.string }
    }

    @Test(
        "Selectors and aggregations",
        arguments: [
            ("count(up)", "8"), ("sum(up{job=\"node-exporter\"})", "7"), ("min(up)", "0"), ("max(up)", "1"),
            ("avg(up{node=~\"node-0003|node-0002\"})", "0.5"), ("count(up{node!=\"node-0003\"})", "7"),
            ("count( up{ node !~ 'node-000[34]' , zone=~\"eu-west-1.\", } )", "6"),
            ("sum(node_scrape_collector_success{node=\"node-0003\"})", "0"), ("up{node=\"node-0002\"}", "1"),
            ("count({__name__=\"up\"})", "8"),
            ("min by (node) (up{node=~'node-000[3]'})", "0"), ("sum by(zone,node)(up{node='node-0002'})", "1"),
        ])
    func queries(query: String, value: String) throws {
        var (cluster, pod) = try BehaviourTests.cluster("silent@node-0003", seconds: 10)
        #expect(pod.condition("Ready") == "True")
        #expect(try Self.values(query, &cluster) == [value])
    }

    @Test(
        "Over a time, a pod has a series since its creation, and ships since it is Ready; its predecessor until its end"
    )
    func overTime() throws {
        var (cluster, value) = try BehaviourTests.cluster("slow=3", seconds: 10)
        let pod = try #require(Pod(json: value))
        let created = try #require(pod.createdAt), ready = try #require(pod.readyChangedAt)
        #expect(ready.millisecondsSince1970 >= created.millisecondsSince1970 + 2_000)
        let range = QueryRange(
            start: Timestamp(created.millisecondsSince1970 - 2_000),
            end: Timestamp(ready.millisecondsSince1970 + 2_000), stepSeconds: 1)
        let answer = try cluster.call(
            "GET",
            "/prometheus/api/v1/query_range?query=up%7Bnode%3D%22node-0003%22%7D&start=\(range.start.rfc3339)&end="
                + "\(range.end.millisecondsSince1970 / 1_000)&step=1")
        let series = answer.value.at("data", "result")?.array ?? []
        func points(_ isMeant: (JSONValue) -> Bool) -> [JSONValue] {
            series.first { isMeant($0["metric"]?["pod"] ?? .null) }?["values"]?.array ?? []
        }
        let values = points { $0.string == pod.name }.compactMap { $0.array?.last?.string }
        #expect(values.count == range.pointCount - 2, "nothing before its creation")
        let before = points { $0.string != pod.name }
        #expect(before.first?.array?.last == "1" && before.last?.array?.last == "0", "deleted before it was gone")
        #expect(
            before.allSatisfy {
                ($0.array?.first?.number ?? .infinity) * 1_000 <= Double(created.millisecondsSince1970)
            })
        #expect(values.first == "0" && values.last == "1" && values == values.sorted())
        let tooMany = try cluster.call("GET", "/prometheus/api/v1/query_range?query=up&start=0&end=99999&step=1")
        #expect(tooMany.status == 400)
    }

    @Test("What is absent gives no series, and an aggregation over nothing gives none either")
    func absent() throws {
        var (cluster, _) = try BehaviourTests.cluster("absent@node-0003", seconds: 10)
        #expect(try Self.values("up{node=\"node-0003\"}", &cluster).isEmpty)
        #expect(try Self.values("avg(up{node=\"node-0003\"})", &cluster).isEmpty)
        #expect(try Self.values("sum(up)", &cluster) == ["7"])
    }

    @Test(
        "Other forms are refused with what is served",
        arguments: [
            "rate(up[5m])", "up > 0", "sum without (zone) (up)", "sum by () (up)", "sum by (zone (up)", "up{node}",
            "up{node=~\"(\"}", "sum(up", "{", "🙂",
        ])
    func refusals(query: String) throws {
        var cluster = try TestCluster()
        let answer = try Self.ask(query, &cluster)
        #expect(answer.status == 422)
        #expect(answer.value["status"] == "error")
        #expect(answer.value["error"]?.string?.contains("the embedded cluster answers a selector") == true)
    }

    @Test("The proxy of a pod serves its metrics page, and says what is wrong as the API server does")
    func proxy() throws {
        var (cluster, value) = try BehaviourTests.cluster("silent@node-0003", seconds: 10)
        let pod = try #require(Pod(json: value))
        let root = "/api/v1/namespaces/monitoring/pods"
        let rows: [(target: String, status: Int, says: String)] = [
            ("http:\(pod.name):9100/proxy/metrics", 200, "# TYPE collector_sent_records_total counter"),
            ("\(pod.name):9100/proxy/metrics", 200, "process_resident_memory_bytes"),
            ("http:\(pod.name):9100/proxy/other", 404, "404 page not found"),
            ("http:\(pod.name):9999/proxy/metrics", 502, "error trying to reach service: dial tcp"),
            ("https:\(pod.name):9100/proxy/metrics", 502, "connection refused"),
            ("http:nobody:9100/proxy/metrics", 404, "nobody"),
        ]
        for row in rows {
            guard case .answer(let answer) = cluster.send("GET", "\(root)/\(row.target)") else {
                Issue.record("a watch")
                continue
            }
            #expect(answer.status == row.status && answer.body.contains(row.says), "\(row.target): \(answer.body)")
        }
    }
}
