import Foundation
import SluiceClients
import SluiceCore
import Testing

/// Against `openssl s_server`, with certificates made for the run. Needs the `openssl` program.
@Suite(.serialized) struct SystemOutsideTLSTests {
    let outside: SystemOutside

    init() throws { outside = try SystemOutside() }

    @Test func theRightAuthorityAndNamePass() throws {
        let server = try TLSServer(certificate: "server")
        let security = TransportSecurity(authorities: try Certificates.read("ca.pem"), serverName: "sluice.test")
        let (head, result) = try outside.fetch(HTTPRequest(method: .get, url: server.url, security: security))
        #expect(head?.status == 200)
        #expect(try result.text.contains("TLSv1"))
    }

    @Test func anotherAuthorityFails() throws {
        let server = try TLSServer(certificate: "server")
        for authorities in [try Certificates.read("other.pem"), nil] {
            let security = TransportSecurity(authorities: authorities, serverName: "sluice.test")
            let error = try outside.failure(HTTPRequest(method: .get, url: server.url, security: security))
            #expect(error.kind == .certificate)
            #expect(error.message.contains("unable to get local issuer certificate"), "\(error)")
        }
    }

    @Test func anotherNameFails() throws {
        let server = try TLSServer(certificate: "server")
        for name in [nil, "other.test"] {
            let security = TransportSecurity(authorities: try Certificates.read("ca.pem"), serverName: name)
            let error = try outside.failure(HTTPRequest(method: .get, url: server.url, security: security))
            #expect(error.kind == .certificate)
            #expect(error.message.contains(name ?? "127.0.0.1"), "\(error)")
            #expect(!error.message.contains("expired"))
        }
    }

    @Test func anExpiredCertificateFails() throws {
        let server = try TLSServer(certificate: "expired")
        let security = TransportSecurity(authorities: try Certificates.read("ca.pem"), serverName: "sluice.test")
        let error = try outside.failure(HTTPRequest(method: .get, url: server.url, security: security))
        #expect(error.kind == .certificate)
        #expect(error.message.contains("expired"), "\(error)")
    }

    @Test func insecurePassesAndDoesNotSpread() throws {
        let server = try TLSServer(certificate: "server")
        let insecure = TransportSecurity(isInsecure: true)
        let request = HTTPRequest(method: .get, url: server.url, security: insecure)
        #expect(try outside.fetch(request).head?.status == 200)
        #expect(try outside.failure(HTTPRequest(method: .get, url: server.url)).kind == .certificate)
    }

    @Test func ourCertificateIsShown() throws {
        let server = try TLSServer(certificate: "server", asksForOurs: true)
        var security = TransportSecurity(authorities: try Certificates.read("ca.pem"), serverName: "sluice.test")
        let without = try outside.fetch(HTTPRequest(method: .get, url: server.url, security: security))
        #expect(without.head == nil)
        security.certificate = try Certificates.read("client.pem")
        security.key = try Certificates.read("client.key")
        let with = try outside.fetch(HTTPRequest(method: .get, url: server.url, security: security))
        #expect(try with.result.text.contains("CN = tester") || with.result.text.contains("CN=tester"))
    }

    @Test func unusableMaterialIsNamed() throws {
        let server = try TLSServer(certificate: "server")
        let noAuthority = TransportSecurity(authorities: Array("none".utf8))
        let authorityError = try outside.failure(HTTPRequest(method: .get, url: server.url, security: noAuthority))
        #expect(authorityError.kind == .certificate)
        #expect(authorityError.message.contains("authorities"), "\(authorityError)")
        let wrongKey = TransportSecurity(
            authorities: try Certificates.read("ca.pem"), certificate: try Certificates.read("client.pem"),
            key: try Certificates.read("server.key"), serverName: "sluice.test")
        let keyError = try outside.failure(HTTPRequest(method: .get, url: server.url, security: wrongKey))
        #expect(keyError.kind == .certificate)
        #expect(keyError.message.contains("client certificate"), "\(keyError)")
    }

    @Test func plainTextIsNoTLS() throws {
        let server = try LoopbackServer { peer in
            _ = peer.read()
            peer.answer("plain")
        }
        let error = try outside.failure(HTTPRequest(method: .get, url: "https://127.0.0.1:\(server.port)/"))
        #expect(error.kind == .tls)
    }
}

/// Certificates made once for all tests: `ca` signs `server`, `expired` and `client`; `other` is another authority.
enum Certificates {
    private static let folder = Result { try make() }

    static func path(_ name: String) throws -> String { try folder.get().appendingPathComponent(name).path }

    static func read(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: folder.get().appendingPathComponent(name)))
    }

    private static func make() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for name in ["ca", "other"] {
            try openssl(
                ["req", "-x509"] + newKey + ["-keyout", "\(name).key", "-out", "\(name).pem", "-subj", "/CN=\(name)"],
                in: folder)
        }
        let extensions = "subjectAltName=DNS:sluice.test\nbasicConstraints=critical,CA:FALSE\n"
        try extensions.write(to: folder.appendingPathComponent("extensions"), atomically: true, encoding: .utf8)
        for (name, subject, days) in [
            ("server", "sluice.test", "2"), ("expired", "sluice.test", "-1"), ("client", "tester", "2"),
        ] {
            try openssl(
                ["req", "-new"] + newKey + [
                    "-keyout", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(subject)",
                ],
                in: folder)
            try openssl(
                [
                    "x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                    "-out", "\(name).pem", "-days", days, "-extfile", "extensions",
                ], in: folder)
        }
        return folder
    }

    private static func openssl(_ arguments: [String], in folder: URL) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments) failed; is openssl installed?")
    }
}

/// `openssl s_server` on a port of its own, ended with the object.
final class TLSServer {
    let url: String
    private let process = Process()

    init(certificate: String, asksForOurs: Bool = false) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_server", "-www", "-accept", "127.0.0.1:0",
            "-cert", try Certificates.path("\(certificate).pem"), "-key", try Certificates.path("\(certificate).key"),
        ]
        if asksForOurs { process.arguments? += ["-Verify", "1", "-CAfile", try Certificates.path("ca.pem")] }
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = Pipe()
        try process.run()
        var text = ""
        while !text.contains("ACCEPT") || !text.hasSuffix("\n") {
            let piece = output.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "openssl s_server has ended")
            text += String(decoding: piece, as: UTF8.self)
        }
        let port = text.split(separator: "\n").last { $0.hasPrefix("ACCEPT") }?.split(separator: ":").last
        url = "https://127.0.0.1:\(try #require(port))/"
    }

    deinit {
        // It inherits whatever signals the test's thread blocks, so a polite one may never reach it.
        kill(process.processIdentifier, SIGKILL)
    }
}
