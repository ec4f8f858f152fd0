import SluiceClients
import SluiceCore
import Testing

@Suite("Kubeconfigs are read by kubectl's rules")
struct KubeconfigTests {
    static let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    static let key = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n"
    /// The two above in base64.
    static let certificateData =
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
    static let keyData =
        "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCk1IY0MKLS0tLS1FTkQgRUMgUFJJVkFURSBLRVktLS0tLQo="

    /// A kubeconfig with one context; the three sections can be replaced.
    static func config(
        cluster: String = "server: https://kube:6443", user: String = "token: t0k3n",
        context: String = "cluster: dev, user: ann, namespace: obs", more: String = ""
    ) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: dev
        clusters:
        - name: dev
          cluster: {\(cluster)}
        users:
        - name: ann
          user: {\(user)}
        contexts:
        - name: dev
          context: {\(context)}
        \(more)
        """
    }

    private static func load(
        _ files: [String: String], _ options: AccessOptions = AccessOptions(),
        environment: [String: String] = ["HOME": "/home/ann"]
    ) throws -> ClusterAccess {
        let outside = ScriptedOutside()
        outside.files = files.mapValues { Array($0.utf8) }
        return try ClusterAccess.load(options, environment: { environment[$0] }, outside: outside)
    }

    private static let path = "/home/ann/.kube/config"

    @Test("A common kubeconfig")
    func common() throws {
        let text = Self.config(
            cluster: "server: 'https://kube:6443/', certificate-authority-data: \(Self.certificateData), "
                + "tls-server-name: inner, proxy-url: 'http://proxy:3128'",
            user: "client-certificate-data: \(Self.certificateData), client-key-data: \(Self.keyData)")
        let access = try Self.load([Self.path: text])
        #expect(access.server == "https://kube:6443")
        #expect(access.namespace == "obs")
        #expect(access.contextName == "dev")
        #expect(access.credential == .none)
        #expect(access.requestTimeout == 30_000)
        #expect(
            access.security
                == TransportSecurity(
                    authorities: Array(Self.certificate.utf8), certificate: Array(Self.certificate.utf8),
                    key: Array(Self.key.utf8), serverName: "inner", proxy: "http://proxy:3128"))
    }

    @Test("Flags go before the file")
    func flags() throws {
        let options = AccessOptions(
            kubeconfig: "/k", context: "dev", namespace: "n", server: "https://other", impersonatedUser: "bob",
            impersonatedGroups: ["g"], requestTimeout: "1m30s")
        let access = try Self.load(["/k": Self.config()], options, environment: ["KUBECONFIG": "/not/read"])
        #expect(access.server == "https://other")
        #expect(access.namespace == "n")
        #expect(access.impersonation == ClusterAccess.Impersonation(user: "bob", groups: ["g"]))
        #expect(access.requestTimeout == 90_000)
        #expect(access.credential == .token(Secret("t0k3n")))
    }

    @Test(
        "Durations of --request-timeout",
        arguments: [("0", nil), ("45", 45_000), ("1.5h", 5_400_000), ("200ms", 200), ("0s", nil)]
            as [(
                String, Milliseconds?
            )])
    func timeouts(text: String, expected: Milliseconds?) throws {
        let access = try Self.load([Self.path: Self.config()], AccessOptions(requestTimeout: text))
        #expect(access.requestTimeout == expected)
    }

    @Test("In a list of files the first counts for each name, missing ones are skipped, paths are the file's own")
    func merging() throws {
        let first = """
            current-context: dev
            contexts: [{name: dev, context: {cluster: dev, user: ann}}]
            users: [{name: ann, user: {tokenFile: secrets/token}}]
            """
        let second = Self.config(cluster: "server: https://second, certificate-authority: ca.pem", user: "token: no")
        let third = Self.config(cluster: "server: https://third")
        let access = try Self.load(
            [
                "/a/config": first, "/b/config": second, "/c/config": third, "/a/secrets/token": "x",
                "/b/ca.pem": Self.certificate, "/b/secrets/token": "wrong",
            ], environment: ["KUBECONFIG": "/missing::/a/config:/b/config:/c/config:/a/config"])
        #expect(access.server == "https://second")
        #expect(access.credential == .tokenFile(path: "/a/secrets/token"))
        #expect(access.namespace == "default", "the first file's context counts as a whole")
        #expect(access.security.authorities == Array(Self.certificate.utf8))
    }

    @Test("In a pod without a kubeconfig its service account counts; a kubeconfig goes before it")
    func inCluster() throws {
        let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443", "HOME": "/root"]
        var files = ["\(folder)/token": "t\n", "\(folder)/ca.crt": Self.certificate, "\(folder)/namespace": "sluice\n"]
        let access = try Self.load(files, environment: environment)
        #expect(access.server == "https://[fd00::1]:443")
        #expect(access.credential == .tokenFile(path: "\(folder)/token"))
        #expect(access.namespace == "sluice")
        #expect(access.contextName == nil)
        files["/root/.kube/config"] = Self.config()
        #expect(try Self.load(files, environment: environment).server == "https://kube:6443")
    }

    @Test("A plugin is told about the cluster when the kubeconfig wants it")
    func plugin() throws {
        let exec =
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/login, args: [--now, '7'], "
            + "env: [{name: A, value: s3cret}], interactiveMode: IfAvailable, provideClusterInfo: true}"
        let cluster =
            "server: https://kube:6443, certificate-authority: ca.pem, extensions: "
            + "[{name: client.authentication.k8s.io/exec, extension: {audience: x}}]"
        let access = try Self.load(
            [Self.path: Self.config(cluster: cluster, user: exec), "/home/ann/.kube/ca.pem": Self.certificate])
        guard case .plugin(let plugin) = access.credential else {
            Issue.record("\(access.credential)")
            return
        }
        #expect(plugin.command == "/home/ann/.kube/bin/login")
        #expect(plugin.arguments == ["--now", "7"])
        #expect(
            plugin.clusterInfo == [
                "server": "https://kube:6443", "certificate-authority-data": .string(Self.certificateData),
                "config": ["audience": "x"],
            ])
    }

    @Test("Only the kubeconfig's own word switches checking off")
    func insecure() throws {
        #expect(try !Self.load([Self.path: Self.config()]).security.isInsecure)
        let text = Self.config(cluster: "server: https://kube, insecure-skip-tls-verify: true")
        #expect(try Self.load([Self.path: text]).security.isInsecure)
    }

    @Test("Nothing that is printed of an access shows a secret")
    func noSecrets() throws {
        let secrets = ["t0k3n", "hunter2", "s3cret", "MHcC", Self.keyData]
        let users = [
            "token: t0k3n", "username: ann, password: hunter2",
            "client-certificate-data: \(Self.certificateData), client-key-data: \(Self.keyData)",
            "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login, args: [s3cret], "
                + "env: [{name: A, value: s3cret}]}",
        ]
        for user in users {
            let access = try Self.load([Self.path: Self.config(user: user)])
            var dumped = ""
            dump(access, to: &dumped)
            dump(access.credential, to: &dumped)
            for text in ["\(access)", String(reflecting: access), String(reflecting: access.credential), dumped] {
                for secret in secrets { #expect(!text.contains(secret), "\(text)") }
            }
        }
    }
}
