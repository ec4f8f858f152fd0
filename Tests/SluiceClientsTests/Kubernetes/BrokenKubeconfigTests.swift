import SluiceClients
import SluiceCore
import Testing

@Suite("Each way a kubeconfig can be broken has its sentence")
struct BrokenKubeconfigTests {
    /// A broken kubeconfig at `/k`, the flags beside it, and the sentence it leads to.
    struct Broken: Sendable, CustomTestStringConvertible {
        var text: String
        var sentence: String
        var options = AccessOptions(kubeconfig: "/k")
        var testDescription: String { sentence }

        init(_ text: String, _ sentence: String, options: AccessOptions = AccessOptions(kubeconfig: "/k")) {
            self.text = text
            self.sentence = sentence
            self.options = options
        }
    }

    private static let tls = "server: https://kube"
    private static let exec = "apiVersion: client.authentication.k8s.io/v1, command: login"

    private static func cluster(_ text: String) -> String { KubeconfigTests.config(cluster: text) }
    private static func user(_ text: String) -> String { KubeconfigTests.config(user: text) }
    private static func context(_ text: String) -> String { KubeconfigTests.config(context: text) }

    static let table: [Broken] = [
        Broken("a: [", "/k:2:1: this is no kubeconfig: this is no YAML: "),
        Broken("\tx: 1", "/k:1:1: this is no kubeconfig: "),
        Broken("a: 1\n---\nb: 2", "/k:3:1: this is no kubeconfig: a second document begins here"),
        Broken("- a", "/k:1:1: the file: expected a mapping, found a list"),
        Broken("kind: Pod", #"/k:1:7: kind: this file is a "Pod"; expected a kubeconfig (kind: Config)"#),
        Broken("", "/k: current-context is not set; choose one with --context (there are none)"),
        Broken(
            "contexts: [{name: b}, {name: a}]",
            "/k: current-context is not set; choose one with --context (there is a, b)"),
        Broken("current-context: 5", "/k:1:18: current-context: expected a string (in quotes), found a whole number"),
        Broken("clusters: {}", "/k:1:11: clusters: expected a list, found a mapping"),
        Broken("users: [5]", "/k:1:9: users[0]: expected a mapping, found a whole number"),
        Broken("users: [{user: {}}]", "/k:1:9: users[0].name: missing"),
        Broken(
            "users: [{name: a}, {name: a}]", #"/k:1:27: users[1].name: a second entry named "a"; give it another name"#),
        Broken(
            KubeconfigTests.config(), #"/k: there is no context "prod" (there is dev)"#,
            options: AccessOptions(kubeconfig: "/k", context: "prod")),
        Broken(context("user: ann"), #"/k:12:12: contexts["dev"].context.cluster: missing"#),
        Broken(
            context("cluster: x, user: ann"),
            #"/k:12:22: contexts["dev"].context.cluster: there is no cluster "x" (there is dev)"#),
        Broken(
            context("cluster: dev, user: x"),
            #"/k:12:33: contexts["dev"].context.user: there is no user "x" (there is ann)"#),
        Broken(cluster(""), #"/k:6:12: clusters["dev"].cluster.server: missing"#),
        Broken(
            cluster("server: kube:6443"),
            #"/k:6:21: clusters["dev"].cluster.server: expected a URL that begins with https://"#),
        Broken(
            cluster("server: 'https://'"), "clusters[\"dev\"].cluster.server: expected a URL that begins with https://"),
        Broken(cluster("server: 'https://:6443'"), "clusters[\"dev\"].cluster.server: the URL has no host"),
        Broken(
            cluster("server: 'https://ann:hunter2@kube'"),
            "clusters[\"dev\"].cluster.server: the URL must not hold a user or a password"),
        Broken(cluster("server: 'https://[::1'"), #"clusters["dev"].cluster.server: "[::1" is no host"#),
        Broken(cluster("server: 'https://kube:99999'"), #"clusters["dev"].cluster.server: "99999" is no port"#),
        Broken(cluster("server: 'https://kube?x'"), #"clusters["dev"].cluster.server: the URL must end with its path"#),
        Broken(
            cluster("\(tls), certificate-authority-data: '!hunter2!'"),
            #"clusters["dev"].cluster.certificate-authority-data: this is no base64"#),
        Broken(
            cluster("\(tls), certificate-authority-data: aHVudGVyMg=="),
            #"clusters["dev"].cluster.certificate-authority-data: this is not a certificate in PEM"#),
        Broken(
            cluster("\(tls), certificate-authority: ca.pem"),
            #"clusters["dev"].cluster.certificate-authority: cannot read /ca.pem: No such file or directory"#),
        Broken(
            cluster(
                "\(tls), insecure-skip-tls-verify: true, certificate-authority-data: \(KubeconfigTests.certificateData)"
            ),
            "insecure-skip-tls-verify: true beside a certificate authority; remove one of the two"),
        Broken(
            cluster("\(tls), insecure-skip-tls-verify: maybe"),
            "insecure-skip-tls-verify: expected true or false, found a string"),
        Broken(
            cluster("\(tls), proxy-url: 'ftp://ann:hunter2@proxy'"),
            "proxy-url: expected a URL that begins with http://, https:// or socks5://"),
        Broken(
            KubeconfigTests.config(cluster: "server: http://kube"),
            #"users["ann"].user.token: would travel unencrypted to http://kube; use an https server"#),
        Broken(
            KubeconfigTests.config(
                cluster: "server: http://kube",
                user: "client-certificate-data: \(KubeconfigTests.certificateData), client-key-data: "
                    + KubeconfigTests.keyData),
            #"client-certificate: would travel unencrypted to http://kube; use an https server"#),
        Broken(
            user("client-certificate-data: \(KubeconfigTests.certificateData)"),
            #"users["ann"].user.client-certificate: given without client-key"#),
        Broken(
            user("client-key-data: \(KubeconfigTests.keyData)"),
            #"users["ann"].user.client-key: given without client-certificate"#),
        Broken(
            user("client-certificate: /c.pem, client-key: /k.pem"),
            #"users["ann"].user.client-certificate: cannot read /c.pem: No such file or directory"#),
        Broken(
            user("client-key-data: \(KubeconfigTests.certificateData)"),
            #"users["ann"].user.client-key-data: this is not a private key in PEM"#),
        Broken(user("client-key: locked.pem"), "client-key: the private key has a passphrase; store it without one"),
        Broken(
            user("token: \"t0k3n\\n\""),
            #"users["ann"].user.token: holds a line break or another control character; remove it"#),
        Broken(user("tokenFile: two.lines"), #"users["ann"].user.tokenFile: holds a line break"#),
        Broken(user("tokenFile: empty"), #"users["ann"].user.tokenFile: /empty is empty"#),
        Broken(user("as-groups: [g]"), #"users["ann"].user.as-groups: given without the user to impersonate"#),
        Broken(user("as: ann, as-user-extra: {scopes: view}"), "as-user-extra.scopes: expected a list, found a string"),
        Broken(user("as: \"ann\\r\""), #"users["ann"].user.as: holds a line break"#),
        Broken(user("tokenFile: t"), #"users["ann"].user.tokenFile: cannot read /t: No such file or directory"#),
        Broken(user("tokenFile: closed"), #"users["ann"].user.tokenFile: cannot read /closed: Permission denied"#),
        Broken(user("token: 12345"), #"users["ann"].user.token: expected a string (in quotes), found a whole number"#),
        Broken(user("username: ann"), #"users["ann"].user.username: given without password"#),
        Broken(user("password: hunter2"), #"users["ann"].user.password: given without username"#),
        Broken(
            user("username: ann, password: hunter2, token: t0k3n"),
            #"users["ann"].user: several credentials (token, username); keep one"#),
        Broken(
            user("username: ann, password: hunter2, tokenFile: two.lines, token: t0k3n"),
            #"users["ann"].user: several credentials (tokenFile, username); keep one"#),
        Broken(
            user("auth-provider: {name: gcp}"),
            #"users["ann"].user.auth-provider: the auth-provider "gcp" is not supported; use a"#),
        Broken(user("exec: {command: login}"), #"users["ann"].user.exec.apiVersion: missing"#),
        Broken(
            user("exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: login}"),
            #"exec.apiVersion: expected client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1, found"#
        ),
        Broken(user("exec: {\(exec)}"), #"users["ann"].user.exec.interactiveMode: missing"#),
        Broken(
            user("exec: {\(exec), interactiveMode: Always}"),
            #"exec.interactiveMode: the plugin always asks a person, but a rollout must go on without one"#),
        Broken(
            user("exec: {\(exec), interactiveMode: Perhaps}"),
            #"exec.interactiveMode: expected Never, IfAvailable or Always, found "Perhaps""#),
        Broken(
            user("exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}"),
            #"users["ann"].user.exec.command: missing"#),
        Broken(
            user("exec: {\(exec), interactiveMode: Never, args: [5]}"),
            #"users["ann"].user.exec.args[0]: expected a string (in quotes), found a whole number"#),
        Broken(
            KubeconfigTests.config(), #"--request-timeout: expected a duration such as 30s or 1m30s"#,
            options: AccessOptions(kubeconfig: "/k", requestTimeout: "soon")),
        Broken(
            KubeconfigTests.config(), #"--as: expected a user beside --as-group and --as-uid"#,
            options: AccessOptions(kubeconfig: "/k", impersonatedGroups: ["g"])),
        Broken(
            KubeconfigTests.config(), #"--cluster: there is no cluster "x" (there is dev)"#,
            options: AccessOptions(kubeconfig: "/k", cluster: "x")),
        Broken(
            KubeconfigTests.config(), #"--user: there is no user "x" (there is ann)"#,
            options: AccessOptions(kubeconfig: "/k", user: "x")),
        Broken(
            KubeconfigTests.config(), "--certificate-authority: cannot read /missing: No such file or directory",
            options: AccessOptions(kubeconfig: "/k", certificateAuthority: "/missing")),
        Broken(
            KubeconfigTests.config(), "--token: holds a line break or another control character",
            options: AccessOptions(kubeconfig: "/k", token: Secret("t0k3n\n"))),
        Broken(
            KubeconfigTests.config(cluster: "server: http://kube"), "--token: would travel unencrypted to http://kube",
            options: AccessOptions(kubeconfig: "/k", token: Secret("t0k3n"))),
        Broken(
            user("exec: {\(exec), interactiveMode: Never}"), "--plugin-timeout: expected a duration such as 30s",
            options: AccessOptions(kubeconfig: "/k", pluginTimeout: "soon")),
        Broken(
            KubeconfigTests.config(), "--server: expected a URL that begins with https://",
            options: AccessOptions(kubeconfig: "/k", server: "kube")),
        Broken("\u{FEFF}kind: Pod", #"/k:1:7: kind: this file is a "Pod""#),
        Broken("kind: Config\r\nclusters: 5\r\n", "/k:2:11: clusters: expected a list, found a whole number"),
        Broken("kind: Config\0", "/k:1:13: this is no kubeconfig: a NUL byte is not allowed in YAML; remove it"),
        Broken("a: &a [*a]", "/k:1:8: this is no kubeconfig: the alias *a has no anchor"),
        Broken(
            "", "cannot read the kubeconfig /missing: No such file or directory",
            options: AccessOptions(kubeconfig: "/missing")),
        Broken(
            "", "cannot read the kubeconfig /closed: Permission denied", options: AccessOptions(kubeconfig: "/closed")),
    ]

    @Test("File, place, field, reason, and never a secret", arguments: table)
    func sentence(broken: Broken) {
        let outside = ScriptedOutside()
        outside.files["/k"] = Array(broken.text.utf8)
        outside.files["/locked.pem"] = Array("-----BEGIN ENCRYPTED PRIVATE KEY-----".utf8)
        outside.files["/two.lines"] = Array("t0k3n\nt0k3n".utf8)
        outside.files["/empty"] = Array("\n".utf8)
        outside.unreadable["/closed"] = "Permission denied"
        do throws(AccessError) {
            let access = try ClusterAccess.load(broken.options, environment: { _ in nil }, outside: outside)
            Issue.record("was accepted: \(access)")
        } catch {
            #expect(error.description.contains(broken.sentence), "\(error)")
            #expect(!error.description.contains("hunter2") && !error.description.contains("t0k3n"), "\(error)")
            #expect(!error.description.contains("\n"))
        }
    }

    @Test("Without a kubeconfig and outside a pod the sentence says what was tried")
    func nothing() {
        #expect {
            try ClusterAccess.load(
                AccessOptions(), environment: { $0 == "HOME" ? "/home/ann" : nil }, outside: ScriptedOutside())
        } throws: {
            "\($0)"
                == "no kubeconfig: tried /home/ann/.kube/config; and KUBERNETES_SERVICE_HOST is not set, so this is "
                + "no pod. Name one with --kubeconfig or in KUBECONFIG"
        }
    }

    @Test("A pod whose service account is broken says so", arguments: ["token", "ca.crt", "port"])
    func brokenPod(part: String) {
        let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        let outside = ScriptedOutside()
        outside.files["\(folder)/token"] = Array("t".utf8)
        outside.files["\(folder)/ca.crt"] = Array(KubeconfigTests.certificate.utf8)
        outside.files["\(folder)/namespace"] = Array("n".utf8)
        outside.files["\(folder)/\(part)"] = nil
        let environment = [
            "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": part == "port" ? "x" : "443",
        ]
        #expect {
            try ClusterAccess.load(AccessOptions(), environment: { environment[$0] }, outside: outside)
        } throws: {
            "\($0)".hasPrefix("cannot use the pod's service account: ")
        }
    }
}
