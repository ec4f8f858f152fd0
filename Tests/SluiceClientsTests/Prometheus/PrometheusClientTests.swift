import SluiceCore
import Testing

@testable import SluiceClients

/// Knows files and nothing else.
final class Files: Outside {
    var files: [String: String] = [:]
    var now: Moment { Moment(monotonic: 0, wall: Timestamp(0)) }
    func random() -> UInt64 { 0 }
    func readFile(_ path: String) throws(FileError) -> [UInt8] {
        guard let text = files[path] else { throw FileError(path: path, message: "No such file or directory") }
        return Array(text.utf8)
    }
    func start(_ order: Order) -> OrderID { OrderID(0) }
    func cancel(_ id: OrderID) {}
    func poll(until deadline: Milliseconds?) -> [Arrival] { [] }
}

@Suite struct PrometheusClientTests {
    private let files = Files()

    private func request(
        _ address: String = "http://prom:9090", query: String = "up", token: SecretSource? = nil
    ) -> Result<HTTPRequest, PrometheusError> {
        files.files = ["/token": " abc\n", "/empty": "\n", "/odd": "a\nb", "/odd token": "a b"]
        return PrometheusClient(outside: files, environment: { $0 == "TOKEN" ? "def" : nil })
            .request(for: PrometheusQuery(address: address, query: query, access: ServerAccess(bearerToken: token)))
    }

    @Test func theQueryIsAForm() throws {
        let request = try request("https://prom/prefix/", query: #"sum(up{node=~"a|b"}) >= 1 + é"#).get()
        #expect(request.method == .post)
        #expect(request.url == "https://prom/prefix/api/v1/query")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "query=sum%28up%7Bnode%3D~%22a%7Cb%22%7D%29%20%3E%3D%201%20%2B%20%C3%A9")
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "Accept: application/json", "Content-Type: application/x-www-form-urlencoded",
            ])
        #expect(request.timeout == 10_000)
    }

    @Test func tokensComeFromFilesAndVariables() throws {
        for (source, token) in [(SecretSource.file("/token"), "abc"), (.environment("TOKEN"), "def")] {
            #expect(try request(token: source).get().headers.last?.value == "Bearer \(token)")
        }
        let failures: [(SecretSource, String)] = [
            (.file("/none"), "the bearer token cannot be read: /none: No such file or directory"),
            (.environment("NONE"), "the bearer token cannot be read: the environment variable NONE is not set"),
            (.file("/empty"), "the bearer token cannot be used: the file /empty is empty"),
            (.file("/odd"), "the bearer token cannot be used: the file /odd holds control characters"),
            (
                .file("/odd token"),
                "the bearer token cannot be used: the file /odd token holds characters that no token has"
            ),
        ]
        for (source, message) in failures {
            #expect(throws: PrometheusError(message)) { try request(token: source).get() }
        }
    }

    /// What RFC 7617 has as its example, and where else secrets and files come from.
    @Test func everythingThatAPlanSays() throws {
        files.files = ["/password": "open sesame\n", "/key": "k3y\n", "/ca": "CA", "/cert": "CERT", "/odd": "a\nb"]
        let client = PrometheusClient(outside: files, environment: { _ in nil })
        var query = PrometheusQuery(
            address: "https://prom", query: "up", parameters: ["partial_response": "false", "a[]": "1&2"],
            access: ServerAccess(
                basicAuth: ServerAccess.BasicAuth(username: "Aladdin", password: .file("/password")),
                headers: [
                    ServerAccess.Header(name: "X-Scope-OrgID", value: .text("tenant")),
                    ServerAccess.Header(name: "X-Api-Key", value: .secret(.file("/key"))),
                ], tls: ServerAccess.TLS(caFile: "/ca", certFile: "/cert", serverName: "prom.test")))
        let request = try client.request(for: query).get()
        #expect(
            request.headers.dropFirst(2).map { "\($0.name): \($0.value)" } == [
                "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "X-Scope-OrgID: tenant", "X-Api-Key: k3y",
            ])
        #expect(String(decoding: request.body, as: UTF8.self) == "query=up&a%5B%5D=1%262&partial_response=false")
        #expect(
            request.security
                == TransportSecurity(
                    authorities: Array("CA".utf8), certificate: Array("CERT".utf8), serverName: "prom.test"))
        query.access.headers[1].value = .secret(.file("/odd"))
        #expect(
            throws: PrometheusError("the header X-Api-Key cannot be used: the file /odd holds control characters")
        ) { try client.request(for: query).get() }
        query.access.headers = []
        query.access.tls.caFile = "/none"
        #expect(
            throws: PrometheusError("the certificate authorities cannot be read: /none: No such file or directory")
        ) { try client.request(for: query).get() }
    }

    @Test(arguments: ["prom:9090", "", "ftp://u:secret@prom", "http://prom/?a=b"])
    func addressesAreChecked(address: String) {
        #expect { try request(address).get() } throws: { error in
            "\(error)".contains("no address of a metrics server") && !"\(error)".contains("secret")
        }
    }
}

@Suite struct PrometheusAnswerTests {
    private func read(_ body: String, status: Int = 200) -> MetricReading {
        PrometheusClient.read(status: status, body: Array(body.utf8), from: "http://user:secret@prom:9090/p")
    }

    private func success(_ type: String, _ result: String) -> MetricReading {
        read(#"{"status":"success","data":{"resultType":"\#(type)","result":\#(result)}}"#)
    }

    @Test func numbers() {
        #expect(success("scalar", #"[1.5,"0.25"]"#) == .samples([0.25]))
        #expect(
            success("vector", #"[{"metric":{},"value":[1,"1e-3"]},{"metric":{"a":"b"},"value":[1,"+Inf"]}]"#)
                == .samples([0.001, .infinity]))
        #expect(success("vector", #"[{"value":[1,"-Inf"]}]"#) == .samples([-.infinity]))
        guard case .samples(let samples) = success("vector", #"[{"value":[1,"NaN"]}]"#) else {
            Issue.record("no samples")
            return
        }
        #expect(samples.count == 1 && samples[0].isNaN)
    }

    @Test func nothing() { #expect(success("vector", "[]") == .noData) }

    @Test func errorsOfTheServer() {
        let body = #"{"status":"error","errorType":"bad_data","error":"1:5: parse error:\nunexpected"}"#
        #expect(
            read(body, status: 400)
                == .failed("http://prom:9090/p refused the query (bad_data): 1:5: parse error: unexpected"))
        #expect(read(body) == read(body, status: 400))
    }

    @Test func seriesOverATime() {
        let body = """
            {"status":"success","data":{"resultType":"matrix","result":[
              {"metric":{"node":"a"},"values":[[1,"1.5"],[61.25,"NaN"]]},{"metric":{"node":"b"},"values":[]}]}}
            """
        let asked = { (isRange: Bool) in
            PrometheusClient.read(status: 200, body: Array(body.utf8), from: "http://prom:9090", isRange: isRange)
        }
        guard case .series(let series) = asked(true) else {
            Issue.record("not read: \(asked(true))")
            return
        }
        #expect(series.map(\.labels) == [["node": "a"], ["node": "b"]])
        #expect(series[0].points.map(\.time) == [Timestamp(1_000), Timestamp(61_250)])
        #expect(series[0].points[0].value == 1.5 && series[0].points[1].value.isNaN)
        #expect(
            asked(false)
                == .failed("the query gave a matrix; a gate needs one that gives an instant vector or a scalar"))
    }

    @Test func rangesAreAskedForOverTheirTime() throws {
        let query = PrometheusQuery(address: "http://prom:9090/p", query: "up")
        let range = QueryRange(start: Timestamp(1_500), end: Timestamp(3_600_000), stepSeconds: 15)
        let client = PrometheusClient(outside: Files(), environment: { _ in nil })
        let request = try client.request(for: query, over: range).get()
        #expect(request.url == "http://prom:9090/p/api/v1/query_range")
        let body = String(decoding: request.body, as: UTF8.self)
        #expect(
            body
                == "query=up&start=1970-01-01T00%3A00%3A01.500000Z&end=1970-01-01T01%3A00%3A00.000000Z&step=15")
    }

    /// Doubt must never look like an answer.
    @Test(arguments: [
        ("", 200), ("<html>", 200), ("{}", 200), ("[]", 200), (#"{"status":"success"}"#, 200),
        (#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#, 200),
        (#"{"status":"success","data":{"resultType":"string","result":[1,"2"]}}"#, 200),
        (#"{"status":"success","data":{"resultType":"scalar","result":[1,2]}}"#, 200),
        (#"{"status":"success","data":{"resultType":"scalar","result":[1,"x"]}}"#, 200),
        (#"{"status":"success","data":{"resultType":"vector","result":{}}}"#, 200),
        (#"{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"1"]},{}]}}"#, 200),
        (#"{"status":"success","data":{"resultType":"vector","result":[{"histogram":[1,{}]}]}}"#, 200),
        (#"{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}"#, 204), ("", 302), ("no", 401),
        ("{}", 403), ("404 page not found", 404), ("", 500), ("gateway", 502),
    ])
    func everythingElseFails(body: String, status: Int) {
        guard case .failed(let reason) = read(body, status: status) else {
            Issue.record("taken for an answer: \(body)")
            return
        }
        #expect(!reason.contains("secret"))
        #expect(status == 200 || (reason.contains("http://prom:9090/p") && reason.contains("\(status)")))
    }

    @Test func noAnswerNamesTheAddress() {
        let error = TransportError(.timeout, "prom:9090 gave no complete answer within 10 s")
        #expect(
            PrometheusClient.read(error, from: "http://u:secret@prom:9090")
                == .failed("http://prom:9090 could not be asked: prom:9090 gave no complete answer within 10 s"))
    }
}
