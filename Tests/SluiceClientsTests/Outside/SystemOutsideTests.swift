import Foundation
import SluiceCore
import Testing

@testable import SluiceClients

@Suite struct SystemOutsideTests {
    let outside: SystemOutside

    init() throws { outside = try SystemOutside() }

    @Test func thisMachineHasWhatIsNeeded() { #expect(SystemOutside.requirement() == nil) }

    @Test func theFirstSignalArrives() throws {
        try outside.catchSignals([SIGUSR1])
        kill(getpid(), SIGUSR1)
        let arrivals = try outside.arrivals { _ in true }
        guard arrivals.count == 1, case .signal(SIGUSR1) = arrivals[0] else {
            Issue.record("unexpected \(arrivals)")
            return
        }
    }

    @Test func theStoreIsLookedAtUntilItChanges() throws {
        var looks = 0
        outside.storeVersion = {
            looks += 1
            return looks < 3 ? 7 : 8
        }
        let arrivals = try outside.arrivals { _ in true }
        guard arrivals.count == 1, case .storeChanged = arrivals[0] else {
            Issue.record("unexpected \(arrivals)")
            return
        }
        #expect(looks == 3)
    }

    @Test func aPastDeadlineReturnsAtOnce() { #expect(outside.poll(until: 0).isEmpty) }

    @Test func filesAreReadOrNamed() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID().uuidString)").path
        defer { unlink(path) }
        #expect(throws: FileError(path: path, message: "No such file or directory", isMissing: true)) {
            try outside.readFile(path)
        }
        #expect(throws: FileError(path: "/", message: "Is a directory")) { try outside.readFile("/") }
        let content = [UInt8]((0..<200_000).map { UInt8($0 % 251) })
        try Data(content).write(to: URL(fileURLWithPath: path))
        #expect(try outside.readFile(path) == content)
        #expect(throws: FileError(path: "/dev/zero", message: "larger than 16 MiB")) {
            try outside.readFile("/dev/zero")
        }
    }
}

@Suite struct TransferPeerTests {
    /// The peer is checked under the name, reached and addressed under the host.
    @Test(arguments: [
        (
            "https://10.0.0.1:6443/a?b=c", "kubernetes", "https://kubernetes:6443/a?b=c",
            "kubernetes:6443:10.0.0.1:6443", "10.0.0.1:6443"
        ),
        ("https://api.test/a", "::1", "https://[::1]/a", "[::1]:443:api.test:443", "api.test"),
        ("https://api.test/a", "api.test", "https://api.test/a", nil, nil),
        ("http://api.test/a", "other", "http://api.test/a", nil, nil),
    ])
    func aServerNameChangesOnlyTheCheck(
        url: String, name: String, sent: String, connectTo: String?, hostHeader: String?
    ) throws {
        let security = TransportSecurity(serverName: name)
        let peer = try TransferPeer(HTTPRequest(method: .get, url: url, security: security))
        #expect(peer.url == sent)
        #expect(peer.connectTo == connectTo)
        #expect(peer.hostHeader == hostHeader)
    }

    @Test(arguments: ["a b", "a/b", "", "user@host"])
    func aServerNameIsAHostName(name: String) {
        let request = HTTPRequest(method: .get, url: "https://h/", security: TransportSecurity(serverName: name))
        #expect(throws: TransportError.self) { try TransferPeer(request) }
    }
}

/// The table follows Go's `golang.org/x/net/http/httpproxy`, which kubectl uses.
@Suite struct ProxyEnvironmentTests {
    @Test(arguments: [
        ("https", "api.example.com", 443, "s"), ("http", "api.example.com", 80, "h"),
        ("https", "localhost", 6443, nil), ("https", "127.8.0.1", 6443, nil), ("https", "[::1]", 6443, nil),
        ("https", "inside.test", 443, nil), ("https", "a.inside.test", 443, nil), ("https", "ainside.test", 443, "s"),
        ("https", "dotted.test", 443, "s"), ("https", "a.dotted.test", 443, nil), ("https", "A.DOTTED.test.", 443, nil),
        ("https", "star.test", 443, "s"), ("https", "a.star.test", 443, nil),
        ("https", "port.test", 8443, nil), ("https", "port.test", 443, "s"),
        ("https", "10.1.2.3", 443, nil), ("https", "11.1.2.3", 443, "s"), ("https", "192.0.2.7", 1, nil),
        ("https", "[fd00::9]", 443, nil), ("https", "[fe80::9]", 443, "s"), ("https", "[2001:db8::1]", 443, nil),
    ])
    func choosesAsKubectlDoes(scheme: String, host: String, port: Int, proxy: String?) {
        let environment = ProxyEnvironment([
            "HTTPS_PROXY": "s", "http_proxy": "h", "ALL_PROXY": "never",
            "NO_PROXY":
                "inside.test, .dotted.test,*.star.test,port.test:8443,10.0.0.0/8,192.0.2.7,fd00::/8,2001:db8::1",
        ])
        #expect(environment.proxy(scheme: scheme, host: host, port: port) == proxy)
    }

    @Test func anythingMayBeExcepted() {
        let environment = ProxyEnvironment(["https_proxy": "s", "no_proxy": "*"])
        #expect(environment.proxy(scheme: "https", host: "api.example.com", port: 443) == nil)
        #expect(ProxyEnvironment(["HTTPS_PROXY": ""]).proxy(scheme: "https", host: "a", port: 1) == nil)
    }
}
