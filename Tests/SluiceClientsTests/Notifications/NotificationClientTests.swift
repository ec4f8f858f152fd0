import SluiceCore
import Testing

@testable import SluiceClients

@Suite("How a notification leaves")
struct NotificationClientTests {
    private let files = Files()
    private static let now = Timestamp(1_614_265_330_999)

    private func request(
        _ destination: NotificationDestination, key: String = "k", body: String = "{}"
    ) throws -> HTTPRequest {
        let message = OutboxMessage(
            address: .destination(destination.name), event: .halted, key: key, body: Array(body.utf8),
            createdAt: Timestamp(0))
        return try NotificationClient(outside: files, environment: { _ in nil })
            .request(for: message, to: destination, at: Self.now).get()
    }

    /// The example of the reference libraries of Standard Webhooks.
    @Test("A signature is that of Standard Webhooks, over id, time and body")
    func signature() throws {
        files.files = ["/s": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "/text": "plain", "/bad": "whsec_%"]
        var destination = NotificationDestination(name: "d", address: .text("https://x.test/a"))
        destination.signingSecret = .file("/s")
        let signed = try request(
            destination, key: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: #"{"test": 2432232314}"#)
        #expect(
            signed.headers.map { "\($0.name): \($0.value)" } == [
                "Content-Type: application/json", "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp: 1614265330", "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ])
        destination.signingSecret = .file("/text")
        let code = SHA256.authenticationCode(Array("k.1614265330.{}".utf8), key: Array("plain".utf8))
        #expect(try request(destination).headers.last?.value == "v1,\(Base64.encode(code))")
        destination.signingSecret = .file("/bad")
        #expect(
            throws: NotificationError("the signing secret cannot be used: what follows `whsec_` is no base64")
        ) { try request(destination) }
    }

    @Test("Each format has its address, its headers and the same patience")
    func formats() throws {
        files.files = ["/url": "https://hooks.slack.com/services/T/B/x\n", "/token": "t0ken"]
        let chat = try request(NotificationDestination(name: "c", format: .slack, address: .secret(.file("/url"))))
        #expect(chat.url == "https://hooks.slack.com/services/T/B/x")
        #expect(chat.headers.map(\.name) == ["Content-Type"])
        #expect((chat.method, chat.timeout) == (.post, 10_000))
        let access = ServerAccess(bearerToken: .file("/token"), tls: ServerAccess.TLS(insecureSkipVerify: true))
        let alerts = try request(
            NotificationDestination(name: "a", format: .alertmanager, address: .text("https://am/p/"), access: access))
        #expect(alerts.url == "https://am/p/api/v2/alerts")
        #expect(alerts.headers.map { "\($0.name): \($0.value)" }.last == "Authorization: Bearer t0ken")
        #expect(alerts.security.isInsecure)
    }

    @Test("A URL that cannot be read or is none is said without being repeated")
    func badAddresses() throws {
        files.files = ["/bad": "s3cr3t"]
        let rows = [
            ("/none", "the URL cannot be read: /none: No such file or directory"),
            ("/bad", "the URL cannot be used: what was read is none (https://host/path)"),
        ]
        for (path, message) in rows {
            #expect(throws: NotificationError(message)) {
                try request(NotificationDestination(name: "d", address: .secret(.file(path))))
            }
        }
    }

    @Test("What is worth another try, and what is not")
    func verdicts() {
        for status in [200, 202, 204] { #expect(NotificationClient.verdict(status: status) == .sent) }
        for status in [408, 425, 429, 500, 503] {
            #expect(NotificationClient.verdict(status: status) == .failed("HTTP \(status)"))
        }
        for status in [400, 401, 403, 404, 410, 422] {
            #expect(NotificationClient.verdict(status: status) == .refused("HTTP \(status)"))
        }
        #expect(
            NotificationClient.verdict(status: 307)
                == .refused("it redirects (HTTP 307), and redirects are not followed"))
        #expect(NotificationClient.verdict(TransportError(.timeout, "slow")) == .failed("slow"))
    }
}

@Suite("A notification over a real connection")
struct NotificationDeliveryTests {
    @Test("A redirect is not followed, so that nothing goes to another host")
    func redirects() throws {
        let elsewhere = try LoopbackServer { $0.answer("") }
        let place = elsewhere.url
        let server = try LoopbackServer { peer in
            _ = peer.request()
            peer.answer("", status: "307 Temporary Redirect", headers: "Location: \(place)\r\n")
        }
        let outside = try SystemOutside()
        let destination = NotificationDestination(name: "d", address: .text(server.url))
        let message = OutboxMessage(
            address: .destination("d"), event: .halted, key: "k", body: Array("{}".utf8), createdAt: Timestamp(0))
        let request = try NotificationClient(outside: outside, environment: { _ in nil })
            .request(for: message, to: destination, at: Timestamp(0)).get()
        let order = outside.start(.http(request))
        var status = 0
        var isOver = false
        while !isOver {
            for arrival in outside.poll(until: outside.now.monotonic + 10_000) {
                if case .head(order, let head) = arrival { status = head.status }
                if case .finished(order, _) = arrival { isOver = true }
            }
        }
        #expect(status == 307)
        #expect(elsewhere.connections == 0)
    }
}
