import Foundation
import SluiceClients
import SluiceCore
import Testing

@Suite struct SystemOutsideHTTPTests {
    let outside: SystemOutside

    init() throws { outside = try SystemOutside() }

    @Test func sendsWhatIsAskedAndNothingElse() throws {
        let server = try LoopbackServer { peer in
            while let request = peer.request() { peer.answer(request, headers: "X-Odd:  a b \r\n") }
        }
        let (head, result) = try outside.fetch(
            HTTPRequest(
                method: .patch, url: "\(server.url)/apis/x?y=z", headers: [("Content-Type", "a/b"), ("Empty", "")],
                body: Array("{}".utf8)))
        let lines = try result.text.components(separatedBy: "\r\n")
        #expect(lines.first == "PATCH /apis/x?y=z HTTP/1.1")
        #expect(
            Set(lines.dropFirst()) == [
                "Host: 127.0.0.1:\(server.port)", "Accept: */*", "Accept-Encoding: gzip", "Content-Type: a/b", "Empty:",
                "Content-Length: 2", "", "{}",
            ])
        #expect(head?.status == 200)
        #expect(head?["x-odd"] == "a b")
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "", nil), (.delete, "", nil), (.delete, "x", "1"), (.post, "", "0"), (.put, "", "0"),
        (.put, "xy", "2"), (.post, "a\0b", "3"),
    ])
    func bodiesHaveALength(method: HTTPRequest.Method, body: String, length: String?) throws {
        let server = try LoopbackServer { peer in while let request = peer.request() { peer.answer(request) } }
        let request = HTTPRequest(method: method, url: server.url, body: Array(body.utf8))
        let text = try outside.fetch(request).result.text
        #expect(text.hasPrefix("\(method.rawValue) / HTTP/1.1\r\n"))
        #expect(text.hasSuffix("\r\n\r\n\(body)"))
        let line = text.components(separatedBy: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        #expect(line == length.map { "Content-Length: \($0)" })
        #expect(!text.contains("Content-Type") && !text.contains("Transfer-Encoding") && !text.contains("Expect"))
    }

    @Test func keepsTheConnection() throws {
        let server = try LoopbackServer { peer in while peer.request() != nil { peer.answer("ok") } }
        for _ in 0..<3 { #expect(try outside.fetch(HTTPRequest(method: .get, url: server.url)).result.text == "ok") }
        #expect(server.connections == 1)
    }

    @Test func skipsInformationAndFollowsNoRedirect() throws {
        let server = try LoopbackServer { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
            peer.answer("", status: "302 Found", headers: "Location: http://127.0.0.1:1/\r\n")
        }
        let (head, result) = try outside.fetch(HTTPRequest(method: .get, url: server.url))
        #expect(head?.status == 302)
        #expect(head?["link"] == nil)
        #expect(try result.text == "")
    }

    @Test func streamsPiecesAsTheyCome() throws {
        let gate = Latch()
        let server = try LoopbackServer { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
            gate.wait()
            peer.write("6\r\n line\n\r\n0\r\n\r\n")
        }
        let id = outside.start(.http(HTTPRequest(method: .get, url: server.url, streams: true, bodyLimit: 1)))
        let first = try outside.arrivals { if case .bytes = $0 { true } else { false } }
        guard case .head(id, _) = first.first, case .bytes(id, let half) = first.last else {
            Issue.record("unexpected \(first)")
            return
        }
        #expect(half == Array("half".utf8))
        gate.open()
        var rest: [UInt8] = []
        for arrival in try outside.arrivals(until: { $0.isEnd(of: id) }) {
            switch arrival {
            case .bytes(id, let piece): rest += piece
            case .finished(id, let result): #expect(try result.get().isEmpty)
            default: Issue.record("unexpected \(arrival)")
            }
        }
        #expect(rest == Array(" line\n".utf8))
    }

    @Test func cancellingHangsUp() throws {
        let gone = Latch()
        let server = try LoopbackServer { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\n\r\nx")
            if peer.read() == nil { gone.open() }
        }
        let id = outside.start(.http(HTTPRequest(method: .get, url: server.url, streams: true)))
        _ = try outside.arrivals { if case .bytes = $0 { true } else { false } }
        outside.cancel(id)
        gone.wait()
        #expect(outside.poll(until: outside.now.monotonic + 20).isEmpty)
    }

    @Test func cancellingForgetsWhatHasNotBeenHandedOver() throws {
        let id = outside.start(.http(HTTPRequest(method: .get, url: "no url")))
        let other = outside.start(.http(HTTPRequest(method: .get, url: "no url either")))
        outside.cancel(id)
        let arrivals = outside.poll(until: nil)
        #expect(arrivals.count == 1)
        #expect(arrivals.first?.isEnd(of: other) == true)
    }

    @Test func manyAtOnce() throws {
        let server = try LoopbackServer { peer in
            while let request = peer.request() { peer.answer(request.components(separatedBy: " ")[1]) }
        }
        var open = Set((0..<200).map { outside.start(.http(HTTPRequest(method: .get, url: "\(server.url)/\($0)"))) })
        var bodies: Set<String> = []
        while !open.isEmpty {
            for case .finished(let id, let result) in try outside.arrivals(until: { _ in true }) {
                open.remove(id)
                bodies.insert(try result.text)
            }
        }
        #expect(bodies == Set((0..<200).map { "/\($0)" }))
    }
}
