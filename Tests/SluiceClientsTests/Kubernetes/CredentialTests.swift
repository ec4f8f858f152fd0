import SluiceClients
import SluiceCore
import SluiceDocuments
import Testing

@Suite("Credentials are renewed and never shown")
struct CredentialTests {
    private static let server = "https://kube:6443"

    /// A stage whose newest request is asked for its token.
    private static func token(_ stage: Stage) -> String? {
        stage.outside.requests.last?.headers.first { $0.name == "Authorization" }?.value
    }

    // MARK: Token file

    private static func fileStage() -> Stage {
        let stage = Stage(access: ClusterAccess(server: server, credential: .tokenFile(path: "/token")))
        stage.outside.files["/token"] = Array(" one\n".utf8)
        return stage
    }

    @Test("A token file is read again after a minute, and a failed read keeps the last token")
    func rotation() {
        let stage = Self.fileStage()
        func ask() -> String? {
            stage.client.send(.version()) { _ in }
            return Self.token(stage)
        }
        #expect(ask() == "Bearer one")
        stage.outside.files["/token"] = Array("two".utf8)
        stage.pass(59_999)
        #expect(ask() == "Bearer one")
        stage.pass(1)
        #expect(ask() == "Bearer two")
        stage.outside.files["/token"] = nil
        stage.pass(60_000)
        #expect(ask() == "Bearer two")
        stage.outside.files["/token"] = []
        stage.pass(60_000)
        #expect(ask() == "Bearer two")
        #expect(stage.outside.reads.count == 4)
    }

    @Test("Without a first token nothing is sent, and the sentence names the file")
    func missingFile() {
        let stage = Self.fileStage()
        stage.outside.files = [:]
        var result: Result<APIResponse, APIError>?
        stage.client.send(.version()) { result = $0 }
        #expect(stage.outside.requests.isEmpty)
        #expect(result == nil, "never from inside send")
        stage.client.advance()
        #expect(
            Self.sentence(result)
                == "cannot get version: the token file cannot be read: /token: No such file or directory")
    }

    @Test("401 reads the file again at once and repeats the request once, writes too")
    func unauthorized() {
        let stage = Self.fileStage()
        var results: [Result<APIResponse, APIError>] = []
        let deletion = PodDeletion(name: "p", uid: "u", node: "n", method: .delete)
        stage.client.send(.remove(deletion, namespace: "m")) { results.append($0) }
        stage.outside.files["/token"] = Array("two".utf8)
        stage.answer(401)
        #expect(Self.token(stage) == "Bearer two")
        #expect(results.isEmpty)
        stage.answer(401)
        #expect(stage.outside.requests.isEmpty)
        #expect(Self.sentence(results.first)?.contains("does not accept our credential (401)") == true)
    }

    @Test("A fixed token that is refused is refused at once")
    func fixedToken() {
        let stage = Stage(access: ClusterAccess(server: Self.server, credential: .token(Secret("t0k3n"))))
        var result: Result<APIResponse, APIError>?
        stage.client.send(.version()) { result = $0 }
        #expect(Self.token(stage) == "Bearer t0k3n")
        stage.answer(401)
        #expect(Self.sentence(result)?.contains("log in again") == true)
        #expect(Self.sentence(result)?.contains("t0k3n") == false)
    }

    private static func sentence(_ result: Result<APIResponse, APIError>?) -> String? {
        if case .failure(let error)? = result { error.description } else { nil }
    }

    // MARK: Plugins

    private static func pluginStage() -> Stage {
        let plugin = CredentialPlugin(
            command: "login", arguments: ["--now"],
            environment: [CredentialPlugin.Variable(name: "A", value: Secret("s3cret"))],
            installHint: "install it from example.org", clusterInfo: ["server": .string(server)])
        return Stage(access: ClusterAccess(server: server, credential: .plugin(plugin)))
    }

    private static func credential(_ status: String) -> [UInt8] {
        Array(#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":\#(status)}"#.utf8)
    }

    private static func exit(_ stage: Stage, _ output: [UInt8], status: Int32 = 0, said: String = "") {
        let result = CommandOutput(status: status, output: output, diagnostics: Array(said.utf8))
        _ = stage.client.receive(.exited(stage.outside.take(), .success(result)))
    }

    @Test("A plugin runs once for all that wait, is told who it works for, and again shortly before the expiry")
    func plugin() throws {
        let stage = Self.pluginStage()
        stage.client.send(.version()) { _ in }
        stage.client.send(.listNodes()) { _ in }
        #expect(stage.outside.requests.isEmpty)
        let command = try #require(stage.outside.commands.first)
        #expect(stage.outside.commands.count == 1)
        #expect(command.program == "login" && command.arguments == ["--now"])
        #expect(command.environment.map(\.name) == ["A", "KUBERNETES_EXEC_INFO"])
        #expect(
            try JSONReader.read(command.environment[1].value) == [
                "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                "spec": ["interactive": false, "cluster": ["server": .string(Self.server)]],
            ])
        Self.exit(stage, Self.credential(#"{"token":"t1","expirationTimestamp":"2026-11-24T05:10:00Z"}"#))
        #expect(stage.outside.requests.count == 2)
        #expect(Self.token(stage) == "Bearer t1")
        stage.pass(589_999)
        stage.client.send(.version()) { _ in }
        #expect(stage.outside.commands.isEmpty)
        stage.pass(1)
        stage.client.send(.version()) { _ in }
        #expect(stage.outside.commands.count == 1, "ten seconds before it expires")
    }

    @Test("A renewal that fails costs nothing while the last credential lasts")
    func failedRenewal() {
        let stage = Self.pluginStage()
        stage.client.send(.version()) { _ in }
        Self.exit(stage, Self.credential(#"{"token":"t1","expirationTimestamp":"2026-11-24T05:10:00Z"}"#))
        stage.answer(200)
        stage.pass(590_000)
        stage.client.send(.version()) { _ in }
        Self.exit(stage, [], status: 1)
        #expect(Self.token(stage) == "Bearer t1")
        stage.answer(200)
        stage.client.send(.version()) { _ in }
        #expect(Self.token(stage) == "Bearer t1", "not each request asks again")
        stage.answer(200)
        stage.pass(2_000)
        var result: Result<APIResponse, APIError>?
        stage.client.send(.version()) { result = $0 }
        #expect(stage.outside.commands.count == 1)
        stage.pass(8_000)
        Self.exit(stage, [], status: 1)
        stage.client.advance()
        #expect(Self.sentence(result)?.contains("ended with status 1") == true, "it has ended meanwhile")
    }

    @Test("A plugin may give a certificate, which goes before the kubeconfig's")
    func pluginCertificate() {
        let stage = Self.pluginStage()
        stage.client.send(.version()) { _ in }
        let certificate = KubeconfigTests.certificate
        let pair: JSONValue = [
            "clientCertificateData": .string(certificate), "clientKeyData": .string(KubeconfigTests.key),
        ]
        Self.exit(stage, Self.credential(pair.serialized))
        #expect(stage.outside.requests.last?.security.certificate == Array(certificate.utf8))
        #expect(stage.outside.requests.last?.security.key == Array(KubeconfigTests.key.utf8))
        #expect(Self.token(stage) == nil)
    }

    @Test("401 runs the plugin again, once for all whose token was refused")
    func refusedPluginToken() {
        let stage = Self.pluginStage()
        stage.client.send(.version()) { _ in }
        stage.client.send(.listNodes()) { _ in }
        Self.exit(stage, Self.credential(#"{"token":"t1"}"#))
        stage.answer(401)
        stage.answer(401)
        #expect(stage.outside.commands.count == 1)
        Self.exit(stage, Self.credential(#"{"token":"t2"}"#))
        #expect(stage.outside.requests.count == 2)
        #expect(Self.token(stage) == "Bearer t2")
    }

    @Test("A late 401 for a token that has been replaced does not cost the new one")
    func lateRefusal() {
        let stage = Self.pluginStage()
        stage.client.send(.version()) { _ in }
        stage.client.send(.listNodes()) { _ in }
        Self.exit(stage, Self.credential(#"{"token":"t1"}"#))
        stage.answer(401)
        let late = stage.outside.take()
        Self.exit(stage, Self.credential(#"{"token":"t2"}"#))
        _ = stage.client.receive(.head(late, HTTPHead(status: 401, headers: [])))
        _ = stage.client.receive(.finished(late, .success([])))
        #expect(stage.outside.commands.isEmpty)
        #expect(Self.token(stage) == "Bearer t2")
        #expect(stage.outside.requests.count == 2)
    }

    @Test(
        "A plugin that gives nothing usable says why; what it printed is not repeated",
        arguments: [
            (
                "t0k3n, not JSON", Int32(0), "no login",
                "printed something that is no ExecCredential in JSON; it says: no login"
            ),
            ("", 3, "  please log in\n", #"the credential plugin "login" ended with status 3; it says: please log in"#),
            (#"{"kind":"Secret","data":"t0k3n"}"#, 0, "", "printed JSON that is no ExecCredential"),
            (
                #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"}"#, 0, "",
                "printed apiVersion client.authentication.k8s.io/v1beta1, but the kubeconfig says client.authentication.k8s.io/v1"
            ),
            (
                #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"}"#, 0, "",
                "printed no status, so no credential"
            ),
            (
                #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{}}"#, 0, "",
                "printed neither a token nor a client certificate"
            ),
            (
                #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"t0k3n"}}"#,
                0, "", "printed only one of clientCertificateData and clientKeyData"
            ),
            (
                #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":"#
                    + #"{"clientCertificateData":"t0k3n","clientKeyData":"t0k3n"}}"#,
                0, "", "printed a clientCertificateData that is none: this is not a certificate in PEM"
            ),
            (
                #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t0k3n\n"}}"#,
                0, "\u{1B}[31mred\u{1B}[0m\nline",
                "printed a token with a line break or another control character in it; it says: red line"
            ),
            (
                #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t0k3n","#
                    + #""expirationTimestamp":"tomorrow"}}"#, 0, "",
                "printed an expirationTimestamp that is no time of RFC 3339"
            ),
        ])
    func uselessPlugin(output: String, status: Int32, said: String, expected: String) {
        let stage = Self.pluginStage()
        var result: Result<APIResponse, APIError>?
        stage.client.send(.version()) { result = $0 }
        Self.exit(stage, Array(output.utf8), status: status, said: said)
        stage.client.advance()
        let sentence = Self.sentence(result) ?? "no failure"
        #expect(sentence.contains(expected), "\(sentence)")
        #expect(!sentence.contains("t0k3n"))
        stage.client.send(.version()) { _ in }
        #expect(stage.outside.commands.count == 1, "the next request gives it another chance")
    }

    @Test(
        "A plugin that is missing or hangs says what to do",
        arguments: [
            (TransportError.Kind.commandNotFound, "is not installed: no luck; install it from example.org"),
            (.timeout, "did not end in time: no luck; run it by hand to see what it waits for"),
            (.command, "could not be run: no luck"), (.bodyTooLarge, "could not be run: no luck"),
        ])
    func pluginThatDoesNotRun(kind: TransportError.Kind, expected: String) {
        let stage = Self.pluginStage()
        var results: [String?] = []
        for _ in 0..<2 { stage.client.send(.version()) { results.append(Self.sentence($0)) } }
        _ = stage.client.receive(.exited(stage.outside.take(), .failure(TransportError(kind, "no luck"))))
        stage.client.advance()
        #expect(results.count == 2)
        for sentence in results { #expect(sentence?.contains(expected) == true, "\(sentence ?? "")") }
    }

    // MARK: Printing

    @Test("Nothing that is printed of an order or an arrival shows a secret")
    func printing() {
        var security = TransportSecurity()
        security.key = Array("s3cret".utf8)
        security.proxy = "http://ann:s3cret@proxy"
        let request = HTTPRequest(
            method: .get, url: "https://ann:s3cret@kube/x", headers: [(name: "Authorization", value: "s3cret")],
            body: Array("s3cret".utf8), security: security)
        let command = Command(
            program: "login", arguments: ["s3cret"], environment: [(name: "A", value: "s3cret")])
        let output = CommandOutput(status: 0, output: Array("s3cret".utf8), diagnostics: [])
        let access = ClusterAccess(
            server: "https://kube", security: security, credential: .password(user: "ann", Secret("s3cret")))
        let key = Array("s3cret".utf8).map(String.init).joined(separator: ", ")
        for value in [security, request, command, output, access, Order.http(request), Order.command(command)] as [Any]
        {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(!text.contains("s3cret") && !text.contains(key), "\(text)")
            }
        }
    }
}
