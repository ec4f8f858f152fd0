import Foundation
import SluiceCore
import Testing

@testable import SluiceClients

/// What exactly a handshake failed of; against `openssl s_server`.
@Suite(.serialized) struct SystemOutsideHandshakeTests {
    private let outside: SystemOutside

    init() throws { outside = try SystemOutside() }

    private func cause(_ url: String, _ security: TransportSecurity) throws -> TransportError.Cause? {
        try outside.failure(HTTPRequest(method: .get, url: url, security: security)).cause
    }

    @Test func theCertificateIsNamed() throws {
        let server = try TLSServer(certificate: "server")
        let ca = try Certificates.read("ca.pem")
        #expect(
            try cause(server.url, TransportSecurity(authorities: ca))
                == .otherName(wanted: "127.0.0.1", found: ["sluice.test"]))
        #expect(try cause(server.url, TransportSecurity(serverName: "sluice.test")) == .unknownAuthority)
        let expired = try TLSServer(certificate: "expired")
        #expect(try cause(expired.url, TransportSecurity(authorities: ca, serverName: "sluice.test")) == .expired)
    }

    @Test func ourCertificateIsBlamed() throws {
        let server = try TLSServer(certificate: "server", asksForOurs: true)
        var security = TransportSecurity(authorities: try Certificates.read("ca.pem"), serverName: "sluice.test")
        security.certificate = try Certificates.read("client.pem")
        security.key = try Certificates.read("server.key")
        #expect(try cause(server.url, security) == .ourCertificate)
        #expect(try cause(server.url, TransportSecurity(authorities: Array("none".utf8))) == .authorities)
    }

    @Test func whatSpeaksOtherwiseIsRecognised() throws {
        let plain = try LoopbackServer { peer in
            _ = peer.read()
            peer.answer("plain")
        }
        #expect(try cause("https://127.0.0.1:\(plain.port)/", TransportSecurity()) == .notTLS)
        let noise = try LoopbackServer { peer in
            _ = peer.read()
            peer.write("\u{15}\u{3}\u{1}noise")
        }
        #expect(try cause(noise.url, TransportSecurity()) == .notHTTP)
        let mute = try LoopbackServer { peer in _ = peer.read() }
        #expect(try cause(mute.url, TransportSecurity()) == .hungUp)
    }

    /// A replaced certificate must not travel on a connection that was made with the old one.
    @Test func anotherCertificateMakesAnotherConnection() throws {
        let server = try TLSServer(certificate: "server", asksForOurs: true)
        var security = TransportSecurity(authorities: try Certificates.read("ca.pem"), serverName: "sluice.test")
        func subject(_ name: String) throws -> String {
            security.certificate = try Certificates.read("\(name).pem")
            security.key = try Certificates.read("\(name).key")
            let text = try outside.fetch(HTTPRequest(method: .get, url: server.url, security: security)).result.text
            let plain = text.replacing(" ", with: "")
            return ["tester", "sluice.test"].first { plain.contains("Subject:CN=\($0)") } ?? text
        }
        #expect(try subject("client") == "tester")
        #expect(try subject("server") == "sluice.test")
        #expect(try subject("client") == "tester")
    }

    /// For kubectl the proxy resolves the name, so that one behind a bastion can be reached.
    @Test func aSocksProxyGetsTheName() throws {
        let asked = Asked()
        let proxy = try LoopbackServer { peer in
            _ = peer.read()
            peer.write([5, 0])
            asked.add(peer.read() ?? "")
        }
        let security = TransportSecurity(proxy: "socks5://127.0.0.1:\(proxy.port)")
        let error = try outside.failure(
            HTTPRequest(method: .get, url: "https://kube.behind-bastion.invalid:6443/", security: security))
        #expect(error.kind == .proxy)
        #expect(asked.text.contains("kube.behind-bastion.invalid"))
    }

    @Test(arguments: [
        ("socks5://h:1", "socks5h://h:1"), ("SOCKS5://u:p@h", "socks5h://u:p@h"), ("http://h", "http://h"),
        ("h:3128", "h:3128"), ("https://h", "https://h"),
    ])
    func proxies(given: String, sent: String) throws {
        let security = TransportSecurity(proxy: given)
        let peer = try TransferPeer(HTTPRequest(method: .get, url: "https://kube/", security: security))
        #expect(peer.proxy == sent)
        #expect(peer.hasSecureProxy == given.hasPrefix("https"))
    }
}

/// What a proxy was asked. Safe to share: it is behind a lock.
private final class Asked: @unchecked Sendable {
    private let lock = NSLock()
    private var all = ""
    var text: String { lock.withLock { all } }
    func add(_ more: String) { lock.withLock { all += more } }
}

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("two\nlines\r\n\tmore", "two lines more"), ("\u{1B}[1;31mred\u{1B}[0m.", "red."),
        ("a\u{1B}]0;title\u{7}b", "a0;title b"), ("\u{9B}31mx", "31mx"), ("\u{1B}", ""), ("ümläut 日", "ümläut 日"),
    ])
    func onOneLine(given: String, expected: String) { #expect(TerminalText.plain(given) == expected) }

    @Test func longTextIsCut() {
        let text = TerminalText.plain(Array(String(repeating: "x", count: 100_000).utf8))
        #expect(text.count == 2_001)
        #expect(text.hasSuffix("x…"))
    }
}
