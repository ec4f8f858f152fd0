import Foundation
import SluiceCore
import SluiceDocuments
import Testing

/// One way for a version to behave, and what `run` makes of it.
struct BehaviourCase: Sendable, CustomTestStringConvertible {
    /// The version's tag, which the kubelets take as an order.
    var tag: String
    /// Why a canary node fails.
    var reason: Reason
    /// What the failure says.
    var sentence: String
    /// A version to roll out first, for behaviours that show when a pod goes.
    var before: String?

    var testDescription: String { before ?? tag }
}

/// What `run` says of each behaviour of a collector: the table for those who read its output at night.
@Suite("Behaviours", .enabled(if: misbehaves, onRequest))
struct BehaviourTests {
    /// How long a new pod may take, in seconds: long enough for a good one.
    private static let timeout = isEmbedded ? 4 : 15

    private static let bad = [
        BehaviourCase(
            tag: "v9-never-ready", reason: .notAvailableInTime, sentence: "runs, but its readiness probe does not pass"),
        BehaviourCase(tag: "v9-slow-60", reason: .notAvailableInTime, sentence: "waits in ContainerCreating"),
        BehaviourCase(
            tag: "v9-crash-loop", reason: .restarted, sentence: "restarted once (0 allowed), last exit Error (1)"),
        BehaviourCase(
            tag: "v9-crash-once-1", reason: .restarted, sentence: "restarted once (0 allowed), last exit Error (2)"),
        BehaviourCase(
            tag: "v9-ready-then-crash-1", reason: .restarted,
            sentence: "restarted once (0 allowed), last exit Error (1)"),
        BehaviourCase(
            tag: "v9-image-pull-backoff", reason: .imagePull,
            // A kubelet goes to and fro between ErrImagePull and ImagePullBackOff; both name the image.
            sentence: "image \"\(TestCluster.image("v9-image-pull-backoff"))\""),
        BehaviourCase(tag: "v9-create-error", reason: .cannotStart, sentence: "waits in CreateContainerConfigError"),
        BehaviourCase(tag: "v9-oom-killed-1", reason: .oomKilled, sentence: "was OOMKilled"),
        BehaviourCase(tag: "v9-flap-1", reason: .unstable, sentence: "lost its readiness 3 times"),
        BehaviourCase(
            tag: "v10", reason: .stuckTerminating, sentence: "is still terminating", before: "v9-stuck-termination"),
    ]

    private func plan(_ fixture: ClusterFixture, _ tag: String, soak: String = "0s", timeout: Int? = nil) throws
        -> String
    {
        try fixture.plan(tag, soak: soak, more: "readiness: {timeout: \(timeout ?? Self.timeout)s}")
    }

    @Test("A bad version halts in the canary, and the sentence says what is wrong", arguments: bad)
    func haltsOnABadVersion(behaviour: BehaviourCase) throws {
        let fixture = try ClusterFixture()
        if let before = behaviour.before {
            let result = try fixture.sluice("run", "-f", try plan(fixture, before, timeout: 60), "--yes")
            #expect(result.code == 0, "\(result.errors)")
        }
        let result = try fixture.sluice(
            "run", "-f", try plan(fixture, behaviour.tag, soak: "30s"), "--yes", "-o", "json")
        #expect(result.code == 2, "\(result.errors)")
        let events = try result.output.split(separator: "\n").map { try JSONReader.read(String($0)) }
        let failures = events.filter { $0["event"] == "failed" }
        #expect(!failures.isEmpty)
        for failure in failures {
            #expect(failure["wave"] == "canary")
            #expect(failure["reason"]?.string == behaviour.reason.rawValue, "\(failure.serialized)")
            #expect(failure["message"]?.string?.contains(behaviour.sentence) == true, "\(failure.serialized)")
        }
        let status = try fixture.status()
        #expect(status["reason"] == "failuresExceeded")
        for failure in failures {
            let node = failure["node"]?.string ?? "?"
            #expect(status["message"]?.string?.contains(node) == true, "\(status.serialized)")
            #expect(result.errors.contains(node), "\(result.errors)")
        }
        let touched = Set(events.filter { $0["event"] == "deleting" }.compactMap { $0["node"]?.string })
        #expect(touched.count <= 2, "more than the canary was touched: \(touched)")
        if behaviour.reason == .unstable {
            let node = failures.first?["node"]
            let losses = events.filter { $0["event"] == "unready" && $0["node"] == node }
            #expect(losses.count == 2)
            #expect(losses.first?["message"]?.string?.contains("1 of 2 times allowed") == true, "\(losses)")
        }
    }

    @Test(
        "A version that is only slow to start or to go is rolled out",
        arguments: [["v9-slow-2"], ["v9-slow-termination-2", "v10"]])
    func waitsForASlowVersion(tags: [String]) throws {
        let fixture = try ClusterFixture()
        for tag in tags {
            let result = try fixture.sluice("run", "-f", try plan(fixture, tag, timeout: 60), "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(try fixture.count(tag: tag) == fixture.images().count)
        }
    }
}
