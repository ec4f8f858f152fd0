import Foundation
import SluiceClients
import SluiceCore
import Testing

/// What a server answers, or does instead, and what a gate makes of it.
struct BadAnswer: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var isRange = false
    /// The sentence of the failure, in which SERVER stands for the server's address and PEER for it without `http://`.
    var sentence: String
    var timeout: Milliseconds = 10_000
    var serve: @Sendable (Peer) -> Void

    init(
        _ name: String, isRange: Bool = false, timeout: Milliseconds = 10_000, _ sentence: String,
        serve: @escaping @Sendable (Peer) -> Void
    ) {
        testDescription = name
        self.isRange = isRange
        self.timeout = timeout
        self.sentence = sentence
        self.serve = serve
    }

    /// A whole answer.
    init(
        _ name: String, _ body: String, status: String = "200 OK", headers: String = "", isRange: Bool = false,
        _ sentence: String
    ) {
        self.init(name, isRange: isRange, sentence) { $0.answer(body, status: status, headers: headers) }
    }

    /// A result of the query API.
    init(_ name: String, _ type: String, _ result: String, isRange: Bool = false, _ sentence: String) {
        let body = #"{"status":"success","data":{"resultType":"\#(type)","result":\#(result)}}"#
        self.init(name, body, isRange: isRange, sentence)
    }

    static let notNumber = "SERVER gave a sample that is no number"
    static let histogram =
        "the query gave a native histogram; a gate needs plain numbers (histogram_quantile makes one)"

    static let all = [
        // Refused.
        BadAnswer(
            "a syntax error",
            #"{"status":"error","errorType":"bad_data","error":"1:4: parse error: unexpected \")\""}"#,
            status: "400 Bad Request", #"SERVER refused the query (bad_data): 1:4: parse error: unexpected ")""#),
        BadAnswer(
            "an error of execution", #"{"status":"error","errorType":"execution","error":"found duplicate series"}"#,
            status: "422 Unprocessable Entity", "SERVER refused the query (execution): found duplicate series"),
        BadAnswer(
            "no right", "<html>", status: "403 Forbidden",
            "SERVER does not let us ask (HTTP status 403); the credentials lack the right to query"),
        BadAnswer("too many", "slow down", status: "429 Too Many Requests", "SERVER answered with HTTP status 429"),
        BadAnswer("an internal error", "", status: "500 Internal Server Error", "SERVER answered with HTTP status 500"),
        BadAnswer(
            "HTML of a proxy", "<html>no upstream</html>", status: "503 Service Unavailable",
            "SERVER is not ready to answer (HTTP status 503); is it starting, or the service without a pod?"),
        BadAnswer(
            "a login page", "<html>sign in</html>", headers: "Content-Type: text/html\r\n",
            "SERVER gave an answer that is no JSON (expected a value at byte 0); is it a Prometheus?"),
        BadAnswer(
            "the metrics themselves", "# HELP up Up.\nup 1\n",
            "SERVER gave an answer that is no JSON (expected a value at byte 0); is it a Prometheus?"),
        BadAnswer(
            "a warning",
            #"{"status":"success","warnings":["store a\ngone"],"data":{"resultType":"scalar","result":[1,"1"]}}"#,
            "SERVER warns that its answer may be incomplete: store a gone"),
        // Of another kind.
        BadAnswer(
            "a text", "string", #"[1,"1"]"#,
            "the query gave a string; a gate needs one that gives an instant vector or a scalar"),
        BadAnswer(
            "an instant for a time", "vector", #"[{"metric":{},"value":[1,"1"]}]"#, isRange: true,
            "the query gave a vector; a gate needs one that gives series over a time"),
        BadAnswer("a histogram", "vector", #"[{"metric":{},"histogram":[1,{}]}]"#, histogram),
        BadAnswer(
            "a histogram for a part of the time", "matrix",
            #"[{"metric":{},"values":[[1,"1"]],"histograms":[[2,{"count":"1"}]]}]"#, isRange: true, histogram),
        // Not what it says it is.
        BadAnswer("a number that is no text", "vector", #"[{"metric":{},"value":[1,1]}]"#, notNumber),
        BadAnswer("no number", "vector", #"[{"metric":{},"value":[1,"one"]}]"#, notNumber),
        BadAnswer("infinity in other words", "vector", #"[{"metric":{},"value":[1,"Infinity"]}]"#, notNumber),
        BadAnswer("a number out of range", "vector", #"[{"metric":{},"value":[1,"1e999"]}]"#, notNumber),
        BadAnswer("one bad sample among good ones", "vector", #"[{"value":[1,"1"]},{"value":[1]}]"#, notNumber),
        BadAnswer(
            "a time out of range", "matrix", #"[{"metric":{},"values":[[1e300,"1"]]}]"#, isRange: true, notNumber),
        BadAnswer("a time that is none", "matrix", #"[{"metric":{},"values":[["1","1"]]}]"#, isRange: true, notNumber),
        BadAnswer(
            "infinity out of JSON", "vector", #"[{"metric":{},"value":[1,Infinity]}]"#,
            "SERVER gave an answer that is no JSON (expected a value at byte 84); is it a Prometheus?"),
        BadAnswer(
            "half of an answer", #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"val"#,
            "SERVER gave an answer that is no JSON (a string without an end at byte 77); is it a Prometheus?"),
        // Not an answer.
        BadAnswer(
            "cut off", "SERVER could not be asked: PEER closed the connection in the middle of its answer"
        ) { $0.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"status\":\"success\"") },
        BadAnswer(
            "too large", "SERVER could not be asked: PEER sent an answer of more than 16777216 bytes"
        ) { peer in
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(PrometheusClient.bodyLimit + 1)\r\n\r\n")
            for _ in 0..<17 { peer.write([UInt8](repeating: 0x20, count: 1 << 20)) }
        },
        BadAnswer(
            "too slow", timeout: 300, "SERVER could not be asked: PEER gave no complete answer within 300 ms"
        ) { peer in
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
            _ = peer.read()
        },
        BadAnswer("not HTTP", "SERVER could not be asked: PEER gave an answer that is not HTTP") { $0.write("up 1\n") },
        BadAnswer("silence", "SERVER could not be asked: PEER closed the connection without an answer") { _ in },
    ]
}

/// Bad answers over a real connection: each is a failure with a sentence, and so never one that could pass.
@Suite struct PrometheusBadAnswerTests {
    private let outside: SystemOutside

    init() throws { outside = try SystemOutside() }

    private func ask(
        _ address: String, isRange: Bool = false, timeout: Milliseconds = 10_000, token: SecretSource? = nil,
        tls: ServerAccess.TLS? = nil
    ) throws -> MetricReading {
        let client = PrometheusClient(outside: outside, environment: { $0 == "TOKEN" ? "abc" : nil })
        let query = PrometheusQuery(
            address: address, query: "up", access: ServerAccess(bearerToken: token, tls: tls ?? ServerAccess.TLS()))
        let range = QueryRange(start: Timestamp(0), end: Timestamp(60_000), stepSeconds: 1)
        var request = try client.request(for: query, over: isRange ? range : nil).get()
        request.timeout = timeout
        // `openssl s_server` answers nothing else.
        if tls != nil { (request.method, request.body) = (.get, []) }
        let (head, result) = try outside.fetch(request)
        switch result {
        case .success(let body):
            return PrometheusClient.read(
                status: head?.status ?? 0, body: body, from: address, isRange: isRange, location: head?["location"])
        case .failure(let error): return PrometheusClient.read(error, from: address)
        }
    }

    @Test(arguments: BadAnswer.all)
    func isAFailureWithASentence(bad: BadAnswer) throws {
        let server = try LoopbackServer { peer in
            guard peer.request() != nil else { return }
            bad.serve(peer)
        }
        let sentence = bad.sentence.replacingOccurrences(of: "SERVER", with: server.url)
            .replacingOccurrences(of: "PEER", with: "127.0.0.1:\(server.port)")
        let reading = try ask(server.url, isRange: bad.isRange, timeout: bad.timeout)
        #expect(reading == .failed(sentence))
    }

    @Test func aRedirectIsNamedAndNotFollowed() throws {
        let other = try LoopbackServer { $0.answer("{}") }
        let server = try LoopbackServer { peer in
            guard peer.request()?.contains("Authorization: Bearer abc") == true else { return }
            let place = "http://user:secret@127.0.0.1:\(other.port)/login"
            peer.answer("", status: "307 Temporary Redirect", headers: "Location: \(place)\r\n")
        }
        let sentence =
            "\(server.url) redirects to \(other.url)/login (HTTP status 307), where nothing is sent; give the right "
            + "address in the plan"
        #expect(try ask(server.url, token: .environment("TOKEN")) == .failed(sentence))
        #expect(other.connections == 0)
    }

    /// `openssl s_server` answers with a page of its own, so the best that comes back is no answer of Prometheus.
    @Test func theServersCertificateIsChecked() throws {
        let server = try TLSServer(certificate: "server")
        let authority = try Certificates.path("ca.pem")
        let rows: [(tls: ServerAccess.TLS, says: String)] = [
            (ServerAccess.TLS(caFile: authority, serverName: "sluice.test"), "an answer that is no JSON"),
            (ServerAccess.TLS(insecureSkipVerify: true), "an answer that is no JSON"),
            (ServerAccess.TLS(serverName: "sluice.test"), "unable to get local issuer certificate"),
            (ServerAccess.TLS(caFile: try Certificates.path("other.pem")), "unable to get local issuer certificate"),
            (ServerAccess.TLS(caFile: authority), "127.0.0.1"),
            (ServerAccess.TLS(caFile: authority, serverName: "other.test"), "other.test"),
        ]
        for row in rows {
            guard case .failed(let sentence) = try ask(server.url, tls: row.tls) else {
                Issue.record("an answer")
                continue
            }
            #expect(sentence.contains(row.says))
            #expect(
                row.says == "an answer that is no JSON" || sentence.contains("could not be asked: the certificate of"))
        }
    }

    /// Advice about the query is no doubt about its answer, and numbers that satisfy nothing are not good.
    @Test func answersThatAreRead() throws {
        let advice = #""warnings":["PromQL info: metric might not be a counter"],"#
        let server = try LoopbackServer { peer in
            guard peer.request() != nil else { return }
            peer.answer(
                #"{"status":"success",\#(advice)"data":{"resultType":"vector","result":[{"value":[1,"NaN"]}]}}"#)
        }
        guard case .samples(let values) = try ask(server.url) else {
            Issue.record("not read")
            return
        }
        for comparison in Gate.Condition.Operator.allCases {
            guard case .bad = GateAssessment.measurement(values, Gate.Condition(comparison, 0)) else {
                Issue.record("NaN \(comparison.rawValue) 0 is good")
                continue
            }
        }
    }
}
