import SluiceDocuments
import Testing

@testable import SluiceCore

/// What a plan may say about who is told.
@Suite("Plan, who is told what a rollout does")
struct PlanNotificationsTests {
    private static let all = """
        - {name: oncall, url: "https://hooks.example.com/a", on: [halted, aborted], signingSecret: {file: /run/s}}
        - {name: chat, format: slack, urlFrom: {file: /run/slack}}
        - {name: alerts, format: alertmanager, url: "http://alerts:9093"}
        """

    private func read(_ destinations: String) throws -> Result<RolloutPlan, PlanProblems> {
        let indented = destinations.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        let text = """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: x}
            spec:
              daemonSet: {name: x}
              waves: [{name: all, everythingElse: true}]
              notifications:
            \(indented)
            """
        return PlanReader.read(try YAMLReader.read(Array(text.utf8)))
    }

    @Test(
        "What does not fit together, and above all a secret, is refused and not repeated",
        arguments: [
            ("{file: /run/s}", "s3cr3t", "signingSecret: a plan never holds a secret"),
            (
                "https://hooks.example.com/a", "https://hooks.slack.com/services/s3cr3t",
                "[0].url: a plan never holds a secret"
            ),
            ("https://hooks.example.com/a", "https://x.test/a?sig=s3cr3t", "[0].url: a plan never holds a secret"),
            ("https://hooks.example.com/a", "https://me:s3cr3t@x.test", "[0].url: expected a URL such as"),
            ("https://hooks.example.com/a", "ftp://s3cr3t", "[0].url: expected a URL such as"),
            ("urlFrom: {file: /run/slack}", "on: [halted]", "[1]: expected one of `url`, `urlFrom`, found none"),
            ("urlFrom:", "url: 'https://x.test', urlFrom:", "[1].urlFrom: expected only one of `url`, `urlFrom`"),
            ("[halted, aborted]", "[halted, halted]", "[0].on[1]: expected another name: the event `halted`"),
            ("[halted, aborted]", "[halt]", "[0].on[0]: expected one of started, wavePassed"),
            ("[halted, aborted]", "[]", "[0].on: expected at least one item"),
            ("name: chat", "name: oncall", "[1].name: expected another name: a destination named `oncall`"),
            (
                "format: slack", "format: slack, signingSecret: {env: A}",
                "[1].signingSecret: expected no `signingSecret`"
            ),
            (
                "format: alertmanager", "format: alertmanager, on: [halted]",
                "[2].on: expected no `on` with alertmanager"
            ),
            ("format: alertmanager", "format: pager", "[2].format: expected one of sluice, slack, alertmanager"),
            (
                "http://alerts:9093\"", "http://alerts:9093\", tls: {caFile: /ca}",
                "[2].tls: expected no `tls` for an http"
            ),
        ])
    func refuses(part: String, replacement: String, problem: String) throws {
        let text = Self.all.replacing(part, with: replacement)
        try #require(text != Self.all)
        guard case .failure(let problems) = try read(text) else {
            Issue.record("read")
            return
        }
        let sentences = problems.problems.map { "\($0.path): \($0.message)" }.joined(separator: "\n")
        #expect(sentences.contains("spec.notifications\(problem)") || sentences.contains(problem), "\(sentences)")
        #expect(!sentences.contains("s3cr3t"))
    }

    @Test("Whoever was told of the way there is told of the way back")
    func wayBack() throws {
        let plan = try PlanFiles.read(PlanFiles.full).get()
        let template = PodTemplate(json: [:])
        let rollout = RolloutRecord(
            id: "r", clusterUID: "c", namespace: "n", daemonSet: "d", daemonSetUID: "u", planText: [], planDigest: "",
            baseTemplate: template, targetTemplate: template, previousRevision: "abc", maxUnavailable: 1,
            createdAt: Timestamp(0), changedAt: Timestamp(0))
        let state = RolloutState(rollout: rollout, waves: [], nodes: [:])
        let text = try #require(RollbackPlan.text(undoing: state, plan: plan))
        #expect(try PlanFiles.read(text).get().notifications == plan.notifications)
    }
}
