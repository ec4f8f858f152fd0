import Foundation
import Testing

/// Kubeconfigs that can be read and lead nowhere, through the real binary: to TLS servers, proxies and plugins of every
/// bad sort. Each has its own sentence with file and field; nothing is written, nothing secret is said.
@Suite("A broken kubeconfig is explained, and nothing happens")
struct BrokenAccessTests {
    /// What is planted wherever a secret may stand.
    private static let secret = "hunter2-planted"

    /// One kubeconfig and what is said of it.
    struct Broken {
        var name: String
        var cluster: String
        var user = "token: \(BrokenAccessTests.secret)"
        /// The parts of the sentence, in any order.
        var says: [String]
        var daemonSet = "agent"
        var arguments: [String] = []
        var environment: [String: String] = [:]
        var code: Int32 = 1
        /// Whether the sentence is about something in the kubeconfig.
        var namesFile = true
    }

    private func kubeconfig(_ broken: Broken) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: k, user: u, namespace: monitoring}}]
        clusters:
        - name: k
          cluster: {\(broken.cluster)}
        users:
        - name: u
          user: {\(broken.user)}

        """
    }

    private static let server = #"clusters["k"].cluster.server"#
    private static let authority = #"clusters["k"].cluster.certificate-authority-data"#
    private static let proxy = #"clusters["k"].cluster.proxy-url"#
    private static let exec = #"users["u"].user.exec"#
    private static let token = #"users["u"].user.token"#
    private static let certificate = #"users["u"].user.client-certificate-data"#

    /// Runs all of a table, each as a process of its own, and judges each.
    private func judge(_ table: [Broken], _ fixture: AccessFixture) throws {
        let secrets = try [Self.secret, "hunter2-pass"] + fixture.keySecrets()
        #expect(Set(table.map(\.name)).count == table.count)
        // All at once: some wait between attempts.
        let started = try table.map { broken in
            let stem = broken.name.replacing(" ", with: "-")
            let file = try fixture.write("\(stem).kubeconfig", kubeconfig(broken))
            let plan = try fixture.write("\(stem).yaml", Self.plan(broken.daemonSet))
            let state = "\(fixture.folder)/\(stem).db"
            let process = try fixture.start(
                ["plan", "-f", plan, "--kubeconfig", file] + broken.arguments,
                environment: broken.environment.merging(["SLUICE_STATE": state]) { $1 })
            return (broken: broken, file: file, state: state, process: process)
        }
        for (broken, file, state, process) in started {
            let result = try process.wait()
            let said = result.output + result.errors
            #expect(result.code == broken.code, "\(broken.name): \(said)")
            #expect(result.output.isEmpty, "\(broken.name): \(said)")
            for part in broken.says {
                #expect(said.contains(part), "\(broken.name) does not say \(part): \(said)")
            }
            if broken.namesFile { #expect(said.contains(file + ":"), "\(broken.name) names no file: \(said)") }
            #expect(result.errors.split(separator: "\n").count == 1, "\(broken.name): \(said)")
            #expect(!secrets.contains(where: said.contains), "\(broken.name) shows a secret: \(said)")
            #expect(!FileManager.default.fileExists(atPath: state), "\(broken.name) left a database")
        }
    }

    /// A plan for one DaemonSet.
    static func plan(_ daemonSet: String) -> String {
        """
        apiVersion: sluice/v1
        kind: RolloutPlan
        metadata: {name: broken}
        spec:
          daemonSet: {name: \(daemonSet), namespace: monitoring}
          waves: [{name: all, everythingElse: true}]

        """
    }

    @Test("TLS: authority, name, dates, version, our certificate, no TLS at all")
    func handshakes() throws {
        let fixture = try AccessFixture()
        let ca = "certificate-authority-data: \(try fixture.data("ca.pem"))"
        let good = "server: https://127.0.0.1:\(try fixture.serveTLS("server")), \(ca)"
        let port = try fixture.serveTLS("server")
        let asking = try fixture.serveTLS("server", "-Verify", "1", "-verify_return_error", "-CAfile", "../ca.pem")
        let old = try fixture.serveTLS("server", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        let plain = try fixture.serve("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        func own(_ certificate: String, _ key: String) throws -> String {
            "client-certificate-data: \(try fixture.data("\(certificate).pem")), "
                + "client-key-data: \(try fixture.data("\(key).key"))"
        }
        let elsewhere = try fixture.serveTLS("elsewhere")
        try judge(
            [
                Broken(
                    name: "wrong authority",
                    cluster: "server: https://127.0.0.1:\(port), "
                        + "certificate-authority-data: \(try fixture.data("other.pem"))",
                    says: ["unable to get local issuer certificate", "it was checked against \(Self.authority)"]),
                Broken(
                    name: "no authority", cluster: "server: https://127.0.0.1:\(port)",
                    says: ["certificate-authority", "is not set, so the authorities of this machine count"]),
                Broken(
                    name: "other host", cluster: "server: https://127.0.0.1:\(elsewhere), \(ca)",
                    says: [
                        "it is for api.elsewhere.test, 10.0.0.1, not for 127.0.0.1", Self.server,
                        #"into clusters["k"].cluster.tls-server-name"#,
                    ]),
                Broken(
                    name: "other server name", cluster: "\(good), tls-server-name: kube.example",
                    says: ["it is for 127.0.0.1, kube.test, not for kube.example", "tls-server-name"]),
                Broken(
                    name: "server expired",
                    cluster: "server: https://127.0.0.1:\(try fixture.serveTLS("expired")), \(ca)",
                    says: ["certificate has expired", "renew it on the server that \(Self.server)"]),
                Broken(
                    name: "server not yet valid",
                    cluster: "server: https://127.0.0.1:\(try fixture.serveTLS("future")), \(ca)",
                    says: ["certificate is not yet valid", "set this machine's clock"]),
                Broken(
                    name: "old TLS", cluster: "server: https://127.0.0.1:\(old), \(ca)",
                    says: ["no TLS version from 1.2 on", Self.server]),
                Broken(
                    name: "https where http is", cluster: "server: https://127.0.0.1:\(plain), \(ca)",
                    says: ["it answers without TLS: check scheme and port of \(Self.server)"]),
                Broken(
                    name: "wrong key", cluster: good, user: try own("client", "stranger"),
                    says: [
                        "our certificate is not accepted", "do certificate and key belong together", Self.certificate,
                    ]),
                Broken(
                    name: "key with a passphrase", cluster: good,
                    user: "client-certificate-data: \(try fixture.data("client.pem")), client-key: locked.key",
                    says: [#"users["u"].user.client-key: the private key has a passphrase"#]),
                Broken(
                    name: "client expired", cluster: "server: https://127.0.0.1:\(asking), \(ca)",
                    user: try own("stale", "stale"),
                    says: [
                        "refuses our client certificate: certificate expired", "renew \(Self.certificate)",
                        "valid until 2021-01-01T00:00:00Z",
                    ]),
                Broken(
                    name: "client of another authority", cluster: "server: https://127.0.0.1:\(asking), \(ca)",
                    user: try own("stranger", "stranger"),
                    says: ["refuses our client certificate: unknown ca", "renew \(Self.certificate)"]),
                Broken(
                    name: "no client certificate", cluster: "server: https://127.0.0.1:\(asking), \(ca)",
                    says: ["refuses our client certificate: certificate required", Self.token]),
                Broken(
                    name: "authority that is none",
                    cluster: "\(good.replacing(ca, with: "")) "
                        + "certificate-authority: make.sh",
                    says: [#"clusters["k"].cluster.certificate-authority: this is not a certificate in PEM"#]),
                Broken(
                    name: "authority cut off",
                    cluster: good.replacing(
                        ca, with: "certificate-authority-data: \(Self.cutOff(try fixture.data("ca.pem")))"),
                    says: [Self.authority]),
            ], fixture)
    }

    /// The base64 of a PEM whose middle is missing.
    private static func cutOff(_ data: String) -> String {
        let text = String(decoding: Data(base64Encoded: data) ?? Data(), as: UTF8.self)
        var lines = text.split(separator: "\n")
        lines.removeSubrange(2..<max(3, lines.count - 2))
        return Data(lines.joined(separator: "\n").utf8).base64EncodedString()
    }

    @Test("The network: names, ports, proxies, answers that are none")
    func network() throws {
        let fixture = try AccessFixture()
        let ca = "certificate-authority-data: \(try fixture.data("ca.pem"))"
        let good = "server: https://127.0.0.1:\(try fixture.serveTLS("server")), \(ca)"
        let dead = try fixture.deadPort()
        let refuses = try fixture.serve("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        let asks = try fixture.serve(
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
        let https = try fixture.serve(
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
        let alert = try fixture.serveTLS("server")
        func proxied(_ proxy: String) -> String { "\(good), proxy-url: '\(proxy)'" }
        let mute = try fixture.serve("")
        try judge(
            [
                Broken(
                    name: "unknown host", cluster: "server: https://no-such-host.invalid:6443",
                    says: ["cannot resolve the host name 'no-such-host.invalid'", "check the name in \(Self.server)"]),
                Broken(
                    name: "nobody listens", cluster: "server: https://127.0.0.1:\(dead)",
                    says: ["127.0.0.1:\(dead): Connection refused", "is \(Self.server)"]),
                Broken(
                    name: "http where https is", cluster: "server: http://127.0.0.1:\(https)",
                    says: ["the server speaks https: write https:// in \(Self.server)"]),
                Broken(
                    name: "http where a mute https is", cluster: "server: http://127.0.0.1:\(alert)",
                    says: [Self.server]),
                Broken(
                    name: "http elsewhere", cluster: "server: http://kube.example:8080",
                    says: ["\(Self.token): would travel unencrypted to http://kube.example:8080"]),
                Broken(
                    name: "hangs up", cluster: "server: http://127.0.0.1:\(mute)",
                    says: ["closed the connection without an answer", Self.server]),
                Broken(
                    name: "proxy refuses", cluster: proxied("http://ann:\(Self.secret)@127.0.0.1:\(refuses)"),
                    says: ["the proxy 127.0.0.1:\(refuses) refused", "403", "look at \(Self.proxy)"]),
                Broken(
                    name: "proxy wants a password", cluster: proxied("http://127.0.0.1:\(asks)"),
                    says: ["407", "it wants user and password in its URL; look at \(Self.proxy)"]),
                Broken(
                    name: "proxy unreachable", cluster: proxied("http://127.0.0.1:\(dead)"),
                    says: ["cannot connect to the proxy 127.0.0.1:\(dead)", "look at \(Self.proxy)"]),
                Broken(
                    name: "proxy unknown", cluster: proxied("http://no-such-proxy.invalid:3128"),
                    says: ["cannot resolve the host name of the proxy", "look at \(Self.proxy)"]),
                Broken(
                    name: "proxy of the environment", cluster: good.replacing("127.0.0.1", with: "kube.test"),
                    says: ["cannot connect to the proxy 127.0.0.1:\(dead)", "HTTPS_PROXY and NO_PROXY"],
                    environment: ["HTTPS_PROXY": "http://ann:\(Self.secret)@127.0.0.1:\(dead)"], namesFile: false),
                Broken(
                    name: "socks that is none", cluster: proxied("socks5://127.0.0.1:\(refuses)"),
                    says: ["the proxy 127.0.0.1:\(refuses) gave no connection", "look at \(Self.proxy)"]),
                Broken(
                    name: "https proxy that speaks http", cluster: proxied("https://127.0.0.1:\(refuses)"),
                    says: ["no TLS connection to the proxy 127.0.0.1:\(refuses)", "look at \(Self.proxy)"]),
                Broken(
                    name: "proxy of a wrong scheme", cluster: proxied("ftp://ann:\(Self.secret)@proxy"),
                    says: ["\(Self.proxy): expected a URL that begins with http://, https:// or socks5://"]),
            ], fixture)
    }

    @Test("Answers: 401, 403, pages of others, and no JSON")
    func answers() throws {
        let fixture = try AccessFixture()
        let server =
            "server: https://127.0.0.1:\(try fixture.serveTLS("server")), "
            + "certificate-authority-data: \(try fixture.data("ca.pem"))"
        let forbidden = #"daemonsets.apps "x" is forbidden: User "system:anonymous" cannot get resource"#
        let folder = Self.daemonSets
        try fixture.write("\(folder)/unauthorized", Self.status(401, "Unauthorized", "Unauthorized"))
        try fixture.write(
            "\(folder)/forbidden", Self.status(403, "Forbidden", forbidden.replacing("system:anonymous", with: "ann")))
        try fixture.write("\(folder)/anonymous", Self.status(403, "Forbidden", forbidden))
        try fixture.write("\(folder)/page", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Log in</html>")
        try fixture.write("\(folder)/portal", "HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\n\r\n")
        let pair =
            "client-certificate-data: \(try fixture.data("stale.pem")), "
            + "client-key-data: \(try fixture.data("stale.key"))"
        try fixture.write("token", Self.secret)
        try judge(
            [
                Broken(
                    name: "401 of a token", cluster: server,
                    says: ["does not accept our credential (401", "renew \(Self.token)"], daemonSet: "unauthorized"),
                Broken(
                    name: "401 of a token file", cluster: server, user: "tokenFile: token",
                    says: ["(401", #"renew users["u"].user.tokenFile"#], daemonSet: "unauthorized"),
                Broken(
                    name: "401 of a password", cluster: server, user: "username: ann, password: \(Self.secret)",
                    says: ["(401", #"renew users["u"].user.username"#], daemonSet: "unauthorized"),
                Broken(
                    name: "401 of a certificate", cluster: server, user: pair,
                    says: ["(401", "renew \(Self.certificate)", "valid until 2021-01-01T00:00:00Z"],
                    daemonSet: "unauthorized"),
                Broken(
                    name: "401 of nobody", cluster: server, user: "",
                    says: ["(401", #"none was sent: users["u"].user"#], daemonSet: "unauthorized"),
                Broken(
                    name: "403", cluster: server,
                    says: [
                        #"the right to get "daemonsets" of API group "apps" in namespace "monitoring" is missing"#,
                        #"User "ann" cannot get"#, #"users["u"].user.token"#,
                    ], daemonSet: "forbidden"),
                Broken(
                    name: "403 of nobody", cluster: server, user: "",
                    says: ["is missing", "the server has seen no credential", #"users["u"].user"#],
                    daemonSet: "anonymous"),
                Broken(
                    name: "a page", cluster: server, says: ["the answer could not be read", Self.server],
                    daemonSet: "page"),
                Broken(name: "a portal", cluster: server, says: ["302", Self.server], daemonSet: "portal"),
            ], fixture)
    }

    /// The folder of answers about DaemonSets.
    private static let daemonSets = "www/apis/apps/v1/namespaces/monitoring/daemonsets"

    /// A whole answer that tells of a failure.
    private static func status(_ code: Int, _ reason: String, _ message: String) -> String {
        let quoted = message.replacing("\"", with: "\\\"")
        return "HTTP/1.1 \(code) x\r\nContent-Type: application/json\r\n\r\n"
            + #"{"kind":"Status","status":"Failure","code":\#(code),"reason":"\#(reason)","message":"\#(quoted)"}"#
    }

    @Test("Plugins: missing, failing, rubbish, endless, late")
    func plugins() throws {
        let fixture = try AccessFixture()
        let server =
            "server: https://127.0.0.1:\(try fixture.serveTLS("server")), "
            + "certificate-authority-data: \(try fixture.data("ca.pem"))"
        let v1 = "client.authentication.k8s.io/v1"
        func plugin(_ name: String, _ script: String, _ more: String = "") throws -> String {
            try fixture.write(name, "#!/bin/sh\n\(script)\n", executable: true)
            return "exec: {apiVersion: \(v1), command: ./\(name), interactiveMode: Never, args: [\(Self.secret)], "
                + "env: [{name: PLANTED, value: \(Self.secret)}]\(more)}"
        }
        func prints(_ name: String, _ json: String) throws -> String { try plugin(name, "echo '\(json)'") }
        func credential(_ status: String) -> String {
            #"{"kind":"ExecCredential","apiVersion":"\#(v1)","status":\#(status)}"#
        }
        try fixture.write("\(Self.daemonSets)/unauthorized", Self.status(401, "Unauthorized", "Unauthorized"))
        try fixture.write("not-executable", "#!/bin/sh\n")
        try fixture.write("no-interpreter", "#!/no/such/shell\n", executable: true)
        func command(_ name: String) -> String { "exec: {apiVersion: \(v1), command: \(name), interactiveMode: Never}" }
        try judge(
            [
                Broken(
                    name: "missing plugin", cluster: server,
                    user: "exec: {apiVersion: \(v1), command: no-such-login, interactiveMode: Never, "
                        + "installHint: \"get it\\e[31m at example.org\"}",
                    says: ["\"no-such-login\" is not installed", "; get it at example.org", Self.exec]),
                Broken(
                    name: "missing path", cluster: server, user: command("bin/no-such-login"),
                    says: ["\(fixture.folder)/bin/no-such-login", "is not installed", Self.exec]),
                Broken(
                    name: "not executable", cluster: server, user: command("./not-executable"),
                    says: ["cannot be run: Permission denied", Self.exec]),
                Broken(
                    name: "no interpreter", cluster: server, user: command("./no-interpreter"),
                    says: ["its interpreter is missing", Self.exec]),
                Broken(
                    name: "a folder", cluster: server, user: command("./www"), says: ["Permission denied", Self.exec]),
                Broken(
                    name: "fails", cluster: server, user: try plugin("fails", "echo 'please log in' >&2; exit 3"),
                    says: ["ended with status 3; it says: please log in", Self.exec]),
                Broken(
                    name: "killed", cluster: server, user: try plugin("killed", "kill -9 $$"),
                    says: ["ended with status 137", Self.exec]),
                Broken(
                    name: "rubbish", cluster: server, user: try plugin("rubbish", "echo token: $PLANTED $1"),
                    says: ["printed something that is no ExecCredential in JSON", Self.exec]),
                Broken(
                    name: "nothing", cluster: server, user: try plugin("nothing", "exec >&-; exit 0"),
                    says: ["no ExecCredential in JSON", Self.exec]),
                Broken(
                    name: "other version", cluster: server,
                    user: try prints("version", #"{"kind":"ExecCredential","apiVersion":"\#(v1)beta1"}"#),
                    says: ["printed apiVersion \(v1)beta1, but the kubeconfig says \(v1)", Self.exec]),
                Broken(
                    name: "no status", cluster: server, user: try prints("no-status", credential("null")),
                    says: ["printed no status", Self.exec]),
                Broken(
                    name: "empty status", cluster: server, user: try prints("empty-status", credential("{}")),
                    says: ["neither a token nor a client certificate", Self.exec]),
                Broken(
                    name: "half a pair", cluster: server,
                    user: try prints("half", credential(#"{"clientKeyData":"\#(Self.secret)"}"#)),
                    says: ["printed only one of", Self.exec]),
                Broken(
                    name: "no pair", cluster: server,
                    user: try prints(
                        "no-pair",
                        credential(#"{"clientCertificateData":"\#(Self.secret)","clientKeyData":"\#(Self.secret)"}"#)),
                    says: ["printed a clientCertificateData that is none", Self.exec]),
                Broken(
                    name: "two lines of token", cluster: server,
                    user: try plugin("lines", #"printf '%s' '\#(credential(#"{"token":"a\nb"}"#))'"#),
                    says: ["a token with a line break", Self.exec]),
                Broken(
                    name: "endless", cluster: server, user: try plugin("endless", "exec yes $PLANTED"),
                    says: ["printed more than 1 MiB and was stopped", Self.exec]),
                Broken(
                    name: "late", cluster: server,
                    user: try plugin("late", "echo open the browser >&2; exec sleep 600"),
                    says: ["ran for longer than 500 ms and was killed; it says: open the browser", Self.exec],
                    arguments: ["--plugin-timeout", "500ms"]),
                Broken(
                    name: "401 of a plugin", cluster: server,
                    user: try prints("refused", credential(#"{"token":"\#(Self.secret)"}"#)),
                    says: ["(401", Self.exec],
                    daemonSet: "unauthorized"),
            ], fixture)
    }
}
