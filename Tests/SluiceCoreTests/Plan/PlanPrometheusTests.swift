import SluiceDocuments
import Testing

@testable import SluiceCore

/// What a plan may say about how a gate's server is asked.
@Suite("Plan, how Prometheus is asked")
struct PlanPrometheusTests {
    private static let all = """
        address: https://prom:9090
        query: up
        parameters: {partial_response: "false", "storeMatch[]": '{a="b"}'}
        basicAuth: {username: me, password: {file: /run/password}}
        headers: [{name: X-Scope-OrgID, value: tenant}, {name: X-Api-Key, env: KEY}]
        tls: {caFile: /ca, certFile: /cert, keyFile: /key, serverName: prom.test}
        """

    private func read(_ server: String) throws -> Result<RolloutPlan, PlanProblems> {
        let indented = server.split(separator: "\n").map { "          \($0)" }.joined(separator: "\n")
        let text = """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: x}
            spec:
              daemonSet: {name: x}
              gates:
                - name: g
                  successCondition: "> 0"
                  prometheus:
            \(indented)
              waves: [{name: all, everythingElse: true}]
            """
        return PlanReader.read(try YAMLReader.read(Array(text.utf8)))
    }

    @Test(
        "What does not fit together, and above all a secret, is refused and not repeated",
        arguments: [
            ("{file: /run/password}", "s3cr3t", "basicAuth.password: a plan never holds a secret"),
            ("{file: /run/password}", "{value: s3cr3t}", "basicAuth.password.value: unknown key; a plan never holds a"),
            ("username: me", "username: 'me:s3cr3t'", "basicAuth.username: expected a user's name without a colon"),
            ("basicAuth:", "bearerToken: {env: A}\nbasicAuth:", "basicAuth: expected only one of `bearerToken`"),
            ("env: KEY", "value: s3cr3t", "headers[1].value: a plan never holds a secret"),
            ("env: KEY", "value: \"s3cr3t\\n\"", "headers[1].value: expected a text of one line"),
            ("X-Api-Key", "X-scope-orgid", "a header named `x-scope-orgid` stands at"),
            ("X-Api-Key", "Authorization", "headers[1].name: expected another header: `Authorization` is set"),
            ("X-Api-Key", "X Key", "headers[1].name: expected the name of an HTTP header"),
            ("partial_response", "step", "parameters.step: in the key: expected another parameter"),
            ("partial_response", "a b", "in the key: expected the name of a query's parameter"),
            ("https://prom", "http://prom", "tls: expected no `tls` for an http address"),
            ("certFile: /cert, ", "", "tls.keyFile: expected a `certFile` beside it"),
            ("serverName:", "insecureSkipVerify: true, serverName:", "insecureSkipVerify: expected no `caFile` beside"),
        ])
    func refuses(part: String, replacement: String, problem: String) throws {
        let text = Self.all.replacing(part, with: replacement)
        try #require(text != Self.all)
        guard case .failure(let problems) = try read(text) else {
            Issue.record("read")
            return
        }
        let sentences = problems.problems.map { "\($0.path): \($0.message)" }.joined(separator: "\n")
        #expect(sentences.contains(problem))
        #expect(!sentences.contains("s3cr3t"))
    }
}
