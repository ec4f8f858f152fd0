/// How long the pods of a fleet take to stop and to start, as far as its own pods show it: what the estimate of a plan and
/// a rehearsal both rest on.
public struct PodPace: Sendable, Equatable {
    /// From the delete until the containers have ended, in seconds; assumed.
    public var stopSeconds: Int64
    /// From a pod's creation to Ready, in seconds.
    public var startSeconds: Int64
    /// Where ``startSeconds`` comes from, such as "the median of 60 pods" or "assumed".
    public var startBasis: String

    /// How long a collector is assumed to take to stop after SIGTERM, in seconds; less when its grace period is less.
    static let assumedStop: Int64 = 5
    /// How long a container is assumed to take from its pod's creation until it runs, in seconds.
    static let assumedStart: Int64 = 5
    /// With fewer Ready pods to measure, their start says nothing.
    static let fewestPodsMeasured = 3

    /// Measures the pods that stand; what they do not show is assumed.
    public init(template: PodTemplate, facts: FleetFacts) {
        stopSeconds = min(max(0, template.terminationGracePeriodSeconds), Self.assumedStop)
        let measured = facts.pods.compactMap { pod -> Milliseconds? in
            guard pod.ownerUID == facts.daemonSet.uid, pod.isReady, !pod.isTerminating, let created = pod.createdAt,
                let ready = pod.readyChangedAt, ready >= created
            else { return nil }
            return ready.millisecondsSince1970 - created.millisecondsSince1970
        }.sorted()
        if measured.count >= Self.fewestPodsMeasured {
            startSeconds = (measured[(measured.count - 1) / 2] + 999) / 1_000
            startBasis = "the median of \(measured.count) pods"
        } else {
            startSeconds = Self.assumedStart + template.probeInitialDelaySeconds
            startBasis = "assumed"
        }
    }

    /// The start in a sentence.
    var startSentence: String {
        startBasis == "assumed"
            ? "\(startSeconds) s to start and become Ready (assumed)"
            : "\(startSeconds) s from creation to Ready (\(startBasis))"
    }
}
