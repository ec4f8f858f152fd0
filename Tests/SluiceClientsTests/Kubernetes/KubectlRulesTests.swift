import SluiceClients
import SluiceCore
import Testing

/// Where several things could count, the one that counts for kubectl does (client-go's `tools/clientcmd`).
@Suite("What goes before what is as kubectl has it")
struct KubectlRulesTests {
    private static let pair =
        "client-certificate-data: \(KubeconfigTests.certificateData), client-key-data: \(KubeconfigTests.keyData)"
    private static let exec =
        "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login, provideClusterInfo: true}"

    private static func load(
        _ text: String, _ options: AccessOptions = AccessOptions(kubeconfig: "/k"), files: [String: String] = [:]
    ) throws -> ClusterAccess {
        let outside = ScriptedOutside()
        outside.files = files.merging(["/k": text]) { $1 }.mapValues { Array($0.utf8) }
        return try ClusterAccess.load(options, environment: { _ in nil }, outside: outside)
    }

    private static func load(
        user: String, _ options: AccessOptions = AccessOptions(kubeconfig: "/k"), files: [String: String] = [:]
    ) throws -> ClusterAccess {
        try load(KubeconfigTests.config(user: user), options, files: files)
    }

    @Test("A token file goes before a token, which counts while the file cannot be read")
    func tokenFile() throws {
        let user = "tokenFile: t, token: spare"
        let expected = Credential.tokenFile(path: "/t", fallback: Secret("spare"))
        #expect(try Self.load(user: user, files: ["/t": "new"]).credential == expected)
        let access = try Self.load(user: user)
        #expect(access.credential == expected)
        let stage = Stage(access: access)
        func token() -> String? {
            stage.client.send(.version()) { _ in }
            return stage.outside.requests.last?.headers.first { $0.name == "Authorization" }?.value
        }
        #expect(token() == "Bearer spare")
        stage.outside.files["/t"] = Array("new\n".utf8)
        stage.pass(60_000)
        #expect(token() == "Bearer new")
    }

    @Test("A plugin is not run beside a token, a password or a certificate")
    func plugin() throws {
        #expect(try Self.load(user: "\(Self.exec), token: t").credential == .token(Secret("t")))
        let password = Credential.password(user: "ann", Secret("p"))
        #expect(try Self.load(user: "\(Self.exec), username: ann, password: p").credential == password)
        let access = try Self.load(user: "\(Self.exec), \(Self.pair)")
        #expect(access.credential == .none)
        #expect(access.security.certificate != nil)
    }

    @Test("A token and a certificate are both shown")
    func tokenAndCertificate() throws {
        let access = try Self.load(user: "token: t, \(Self.pair)")
        #expect(access.credential == .token(Secret("t")))
        #expect(access.security.certificate != nil)
    }

    @Test("--token goes before everything that the user has, a certificate aside")
    func tokenFlag() throws {
        let options = AccessOptions(kubeconfig: "/k", token: Secret("flag"))
        for user in ["token: t", "tokenFile: /missing", "username: ann, password: p", Self.exec, ""] {
            #expect(try Self.load(user: user, options).credential == .token(Secret("flag")), "\(user)")
        }
        #expect(try Self.load(user: Self.pair, options).security.certificate != nil)
    }

    @Test("Data go before files")
    func data() throws {
        let cluster = "server: https://kube, certificate-authority: /missing, certificate-authority-data: "
        let user = "\(Self.pair), client-certificate: /missing, client-key: /missing"
        let access = try Self.load(
            KubeconfigTests.config(cluster: cluster + KubeconfigTests.certificateData, user: user))
        #expect(access.security.authorities == Array(KubeconfigTests.certificate.utf8))
        #expect(access.certificateFiles == nil)
    }

    @Test("--cluster, --user and --tls-server-name replace what the context says; --server drops the file's name")
    func names() throws {
        let text = """
            current-context: a
            contexts: [{name: a, context: {cluster: a, user: a, namespace: n}}]
            clusters:
            - {name: a, cluster: {server: https://a, tls-server-name: inner}}
            - {name: b, cluster: {server: https://b, insecure-skip-tls-verify: true}}
            users: [{name: a, user: {token: a}}, {name: b, user: {token: b}}]
            """
        var options = AccessOptions(kubeconfig: "/k")
        #expect(try Self.load(text, options).security.serverName == "inner")
        options.server = "https://c"
        #expect(try Self.load(text, options).security.serverName == nil)
        options.serverName = "given"
        #expect(try Self.load(text, options).security.serverName == "given")
        options = AccessOptions(kubeconfig: "/k", cluster: "b", user: "b", certificateAuthority: "/ca")
        let access = try Self.load(text, options, files: ["/ca": KubeconfigTests.certificate])
        #expect(access.server == "https://b")
        #expect(access.credential == .token(Secret("b")))
        #expect(access.namespace == "n")
        #expect(!access.security.isInsecure, "a given authority is one to check against")
        #expect(access.security.authorities == Array(KubeconfigTests.certificate.utf8))
        let noContext = text.replacing("current-context: a", with: "")
        #expect(
            try Self.load(noContext, AccessOptions(kubeconfig: "/k", cluster: "b", user: "b")).server == "https://b")
    }

    @Test("Impersonation is read from the user, and each flag replaces its part of it")
    func impersonation() throws {
        let user = "token: t, as: ann, as-uid: u1, as-groups: [g, h], as-user-extra: {b/Ü: [y], a: [x, z]}"
        let extra = [
            ClusterAccess.Impersonation.Extra(key: "a", values: ["x", "z"]),
            ClusterAccess.Impersonation.Extra(key: "b/Ü", values: ["y"]),
        ]
        let access = try Self.load(user: user)
        #expect(
            access.impersonation
                == ClusterAccess.Impersonation(user: "ann", uid: "u1", groups: ["g", "h"], extra: extra))
        let stage = Stage(access: access)
        stage.client.send(.version()) { _ in }
        let headers = stage.outside.requests.last?.headers.map { "\($0.name): \($0.value)" } ?? []
        #expect(
            headers.suffix(7) == [
                "Impersonate-User: ann", "Impersonate-Uid: u1", "Impersonate-Group: g", "Impersonate-Group: h",
                "Impersonate-Extra-a: x", "Impersonate-Extra-a: z", "Impersonate-Extra-b%2F%C3%9C: y",
            ])
        let options = AccessOptions(kubeconfig: "/k", impersonatedUser: "bob", impersonatedGroups: ["i"])
        #expect(
            try Self.load(user: user, options).impersonation
                == ClusterAccess.Impersonation(user: "bob", uid: "u1", groups: ["i"], extra: extra))
        let groups = AccessOptions(kubeconfig: "/k", impersonatedGroups: ["i"])
        #expect(try Self.load(user: user, groups).impersonation?.user == "ann")
    }

    @Test("A plugin is told everything about the cluster that a kubeconfig can say")
    func clusterInfo() throws {
        let cluster =
            "server: https://kube, tls-server-name: inner, insecure-skip-tls-verify: true, "
            + "proxy-url: 'socks5://proxy:1080', disable-compression: true, "
            + "extensions: [{name: other, extension: 1}, {name: client.authentication.k8s.io/exec, extension: {a: b}}]"
        let access = try Self.load(KubeconfigTests.config(cluster: cluster, user: Self.exec))
        guard case .plugin(let plugin) = access.credential else {
            Issue.record("\(access)")
            return
        }
        #expect(
            plugin.clusterInfo == [
                "server": "https://kube", "tls-server-name": "inner", "insecure-skip-tls-verify": true,
                "proxy-url": "socks5://proxy:1080", "disable-compression": true, "config": ["a": "b"],
            ])
        #expect(plugin.timeout == 60_000)
        let options = AccessOptions(kubeconfig: "/k", pluginTimeout: "5m")
        guard case .plugin(let slow) = try Self.load(user: Self.exec, options).credential else { return }
        #expect(slow.timeout == 300_000)
    }

    @Test("disable-compression asks for plain answers")
    func compression() throws {
        for (word, expected) in [("", nil), (", disable-compression: true", "identity")] {
            let stage = Stage(access: try Self.load(KubeconfigTests.config(cluster: "server: https://kube\(word)")))
            stage.client.send(.version()) { _ in }
            let headers = stage.outside.requests.last?.headers
            #expect(headers?.first { $0.name == "Accept-Encoding" }?.value == expected)
        }
    }

    @Test("On this machine's own plain HTTP a certificate is not asked for; in a pod --server must not leak the token")
    func plainHTTP() throws {
        let options = AccessOptions(kubeconfig: "/k", server: "http://localhost:8001")
        #expect(try Self.load(user: Self.pair, options).security.certificate == nil)
        let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        let outside = ScriptedOutside()
        outside.files["\(folder)/token"] = Array("t".utf8)
        outside.files["\(folder)/ca.crt"] = Array(KubeconfigTests.certificate.utf8)
        outside.files["\(folder)/namespace"] = Array("n".utf8)
        let environment = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]
        for server in ["http://elsewhere", "elsewhere"] {
            #expect(throws: AccessError.self) {
                try ClusterAccess.load(
                    AccessOptions(server: server), environment: { environment[$0] }, outside: outside)
            }
        }
    }

    @Test("A kubeconfig of several megabytes is read")
    func large() throws {
        let more = (0..<120).map { "- {name: c\($0), cluster: {server: https://c\($0), x: \(filler)}}" }
        let text = KubeconfigTests.config().replacing("users:", with: more.joined(separator: "\n") + "\nusers:")
        #expect(text.utf8.count > 1 << 20)
        #expect(try Self.load(text).server == "https://kube:6443")
    }

    private let filler = String(repeating: "QUJD", count: 2_500)

    // MARK: Files that are renewed

    @Test("A certificate's files are read again: a new pair counts once it stands still, or at once after a 401")
    func renewedCertificate() throws {
        let old = KubeconfigTests.certificate
        let files = ["/c.pem": old, "/k.pem": KubeconfigTests.key]
        let access = try Self.load(user: "client-certificate: c.pem, client-key: k.pem", files: files)
        #expect(
            access.certificateFiles == ClusterAccess.CertificateFiles(certificate: "/c.pem", key: "/k.pem"))
        let stage = Stage(access: access)
        func shown() -> String {
            stage.client.send(.version()) { _ in }
            return String(decoding: stage.outside.requests.last?.security.certificate ?? [], as: UTF8.self)
        }
        func replace(_ text: String) { stage.outside.files["/c.pem"] = Array(text.utf8) }
        stage.outside.files = files.mapValues { Array($0.utf8) }
        #expect(shown() == old)
        let new = old.replacing("MIIB", with: "MIIC")
        replace(new)
        stage.pass(59_999)
        #expect(shown() == old)
        stage.pass(1)
        #expect(shown() == old, "it may be half written")
        stage.pass(1_000)
        #expect(shown() == new)
        replace("half")
        stage.pass(60_000)
        #expect(shown() == new, "what is no PEM is left alone")
        replace(old)
        for _ in 0..<5 { stage.answer(200) }
        stage.client.send(.version()) { _ in }
        stage.answer(401)
        #expect(stage.outside.requests.count == 1, "the request is sent once more")
        #expect(stage.outside.requests.last?.security.certificate == Array(old.utf8))
    }
}
