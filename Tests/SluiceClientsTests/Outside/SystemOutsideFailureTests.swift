import Foundation
import SluiceClients
import SluiceCore
import Testing

@Suite struct SystemOutsideFailureTests {
    let outside: SystemOutside

    init() throws { outside = try SystemOutside() }

    @Test func nobodyListens() throws {
        // Bound and closed again: a port on which nobody listens.
        let port = try LoopbackServer { _ in }.port
        let error = try outside.failure(HTTPRequest(method: .get, url: "http://127.0.0.1:\(port)/"))
        #expect(error == TransportError(.connect, "cannot connect to 127.0.0.1:\(port): Connection refused"))
    }

    @Test func unknownHost() throws {
        let error = try outside.failure(HTTPRequest(method: .get, url: "http://no-such-host.invalid/"))
        #expect(error == TransportError(.resolve, "cannot resolve the host name 'no-such-host.invalid'"))
    }

    @Test func silenceEndsARequest() throws {
        let server = try LoopbackServer { peer in while peer.read() != nil {} }
        let error = try outside.failure(HTTPRequest(method: .get, url: server.url, timeout: 150))
        #expect(error.kind == .timeout)
        #expect(error.message == "127.0.0.1:\(server.port) gave no complete answer within 150 ms")
    }

    @Test func silenceEndsAStream() throws {
        let server = try LoopbackServer { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\n\r\nx")
            while peer.read() != nil {}
        }
        let error = try outside.failure(
            HTTPRequest(method: .get, url: server.url, streams: true, timeout: nil, idleTimeout: 150))
        #expect(error == TransportError(.idle, "127.0.0.1:\(server.port) was silent for 150 ms"))
    }

    @Test func aLongBodyIsRefused() throws {
        let server = try LoopbackServer { peer in while peer.request() != nil { peer.answer("12345") } }
        let error = try outside.failure(HTTPRequest(method: .get, url: server.url, bodyLimit: 4))
        #expect(error.kind == .bodyTooLarge)
        #expect(try outside.fetch(HTTPRequest(method: .get, url: server.url, bodyLimit: 5)).result.text == "12345")
    }

    @Test func theLimitCountsDecompressedBytes() throws {
        // 100,000 zeros.
        let middle = String(repeating: "A", count: 128)
        let base64 = "H4sIAAAAAAACA+3BMQEAAADCoErrn84aHkAB\(middle)rwaFwk3FoIYBAA=="
        let zipped = try [UInt8](#require(Data(base64Encoded: base64)))
        let server = try LoopbackServer { peer in
            while peer.request() != nil {
                peer.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(zipped.count)\r\n\r\n")
                peer.write(zipped)
            }
        }
        let whole = try outside.fetch(HTTPRequest(method: .get, url: server.url, bodyLimit: 100_000)).result.get()
        #expect(whole.count == 100_000)
        #expect(Set(whole) == [UInt8(ascii: "0")])
        let error = try outside.failure(HTTPRequest(method: .get, url: server.url, bodyLimit: 99_999))
        #expect(error.kind == .bodyTooLarge)
    }

    @Test func endlessHeadersAreRefused() throws {
        let server = try LoopbackServer { peer in
            _ = peer.request()
            peer.write("HTTP/1.1 200 OK\r\n")
            for _ in 0..<300 { peer.write("X: " + String(repeating: "x", count: 1_024) + "\r\n") }
            peer.write("\r\n")
        }
        let error = try outside.failure(HTTPRequest(method: .get, url: server.url))
        #expect(error.kind == .bodyTooLarge)
        #expect(error.message.contains("headers"))
    }

    @Test(arguments: ["reset", "early end", "no answer"])
    func aBrokenConnection(how: String) throws {
        let server = try LoopbackServer { peer in
            _ = peer.request()
            guard how != "no answer" else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
            if how == "reset" { peer.resetOnClose() }
        }
        let error = try outside.failure(HTTPRequest(method: .get, url: server.url))
        #expect(error.kind == .broken)
        #expect(error.message.contains("127.0.0.1:\(server.port)"))
    }

    @Test func whatHasNotLeftByItsDeadlineNeverLeaves() throws {
        let server = try LoopbackServer { peer in
            while peer.request() != nil { peer.answer("") }
        }
        let late = try outside.failure(HTTPRequest(method: .delete, url: server.url, timeout: 0))
        #expect(late.kind == .timeout)
        _ = try outside.fetch(HTTPRequest(method: .get, url: server.url)).result.get()
        #expect(server.connections == 1, "the late one did not even connect")
    }

    /// libcurl sends a request again by itself when a kept connection dies before the answer begins, whatever the method:
    /// so every write must be harmless when it arrives twice.
    @Test(arguments: [HTTPRequest.Method.delete, .post, .patch, .put])
    func aWriteOnADyingConnectionArrivesTwice(method: HTTPRequest.Method) throws {
        let arrived = DispatchSemaphore(value: 0)
        let server = try LoopbackServer { peer in
            var count = 0
            while let request = peer.request() {
                if request.hasPrefix(method.rawValue) {
                    arrived.signal()
                    guard count == 0 else { return }
                }
                count += 1
                peer.answer("")
            }
        }
        _ = try outside.fetch(HTTPRequest(method: .get, url: server.url)).result.get()
        let write = HTTPRequest(method: method, url: server.url, body: Array("{}".utf8))
        _ = try outside.fetch(write).result.get()
        #expect(arrived.wait(timeout: .now()) == .success)
        #expect(arrived.wait(timeout: .now()) == .success)
    }

    @Test(arguments: ["", "no url", "file:///etc/passwd", "http://", "ftp://user:secret@host/", "https://h:99999/"])
    func whatIsNoURL(url: String) throws {
        let error = try outside.failure(HTTPRequest(method: .get, url: url))
        #expect(error.kind == .broken)
        #expect(error.message.contains("no http or https URL"))
        #expect(!error.message.contains("secret"))
    }

    @Test func aHeaderCannotSmuggleAnother() throws {
        let error = try outside.failure(
            HTTPRequest(method: .get, url: "http://127.0.0.1:1", headers: [("Authorization", "Bearer secret\r\nX: y")]))
        #expect(error.kind == .broken)
        #expect(error.message.contains("Authorization") && !error.message.contains("secret"))
    }

    @Test func aProxyIsUsedAndBlamed() throws {
        let server = try LoopbackServer { peer in
            while let request = peer.request() {
                if request.hasPrefix("CONNECT") {
                    peer.answer("", status: "407 Proxy Authentication Required")
                } else {
                    peer.answer(request)
                }
            }
        }
        let proxy = TransportSecurity(proxy: "http://user:secret@127.0.0.1:\(server.port)")
        let plain = HTTPRequest(method: .get, url: "http://far.invalid/x", security: proxy)
        #expect(try outside.fetch(plain).result.text.hasPrefix("GET http://far.invalid/x HTTP/1.1\r\n"))
        let refused = try outside.failure(HTTPRequest(method: .get, url: "https://far.invalid/x", security: proxy))
        #expect(refused.kind == .proxy)
        #expect(refused.message.contains("127.0.0.1:\(server.port)") && refused.message.contains("407"))
        #expect(!refused.message.contains("secret"))
        let gone = TransportSecurity(proxy: "127.0.0.1:\(try LoopbackServer { _ in }.port)")
        let error = try outside.failure(HTTPRequest(method: .get, url: "http://far.invalid/x", security: gone))
        #expect(error.kind == .proxy)
    }
}
