/// How long a pod takes from its containers' start to Ready, by the kubelet's clock, which tells whole seconds. Creating the
/// pod and pulling its images come before, and do not count.
///
/// Where a pod has several containers it is not known which of them Ready waited for. So of the pod before the time from the
/// first start counts, of the new one that from the last: what cannot be told speaks for the new version.
enum StartupTime {
    /// However quickly the pod before started, this much longer is nothing, in seconds.
    static let leastDifference: Int64 = 30
    /// A pod that just misses a probe waits for the next one: so many periods of the slowest probe are nothing either.
    static let periods: Int64 = 3

    /// Of a pod that has run for a while, in seconds; nil when it is not Ready, or when a container was started again. A
    /// readiness that was lost meanwhile only makes it longer.
    static func before(_ pod: Pod) -> Int64? {
        guard pod.isReady, let starts = starts(of: pod), let first = starts.min() else { return nil }
        return pod.readyChangedAt.flatMap { seconds(from: first, to: $0) }
    }

    /// Of a pod that becomes Ready between two looks with nothing unseen between them, in seconds; nil when it does not, or
    /// when it has been Ready before.
    static func watched(from earlier: Pod, to pod: Pod) -> Int64? {
        guard !earlier.isReady, pod.isReady, let readyAt = pod.readyChangedAt, let starts = starts(of: pod),
            let first = starts.min(), let last = starts.max(),
            earlier.readyChangedAt.map({ $0 <= first }) ?? true
        else { return nil }
        return seconds(from: last, to: readyAt)
    }

    private static func starts(of pod: Pod) -> [Timestamp]? {
        guard pod.restartCount == 0 else { return nil }
        let starts = pod.containers.filter { !$0.isInit }.map(\.runningSince)
        return starts.contains(nil) ? nil : starts.compactMap(\.self)
    }

    private static func seconds(from start: Timestamp, to end: Timestamp) -> Int64? {
        let passed = end.millisecondsSince1970 - start.millisecondsSince1970
        return passed >= 0 ? passed / 1_000 : nil
    }
}

/// When a start counts as slow.
struct StartupRule: Sendable, Equatable {
    /// So many times as long as the pod before is slow; 0 when none is.
    var factor: Int64
    /// And so much longer, in seconds.
    var difference: Int64

    init(factor: Int64, target: PodTemplate) {
        self.factor = factor
        difference = max(StartupTime.leastDifference, StartupTime.periods * target.longestProbePeriodSeconds)
    }

    /// What is slow about a start, in one sentence; nil when nothing is. Both in seconds.
    func complaint(about pod: String, _ seconds: Int64, before: Int64) -> String? {
        guard factor > 0, seconds - before >= difference, seconds >= factor * max(1, before) else { return nil }
        return "pod \(pod) was Ready \(seconds) s after its containers' start, the pod before it on this node after "
            + "\(before) s: at least \(factor) times as long (startupFactor) and \(difference) s longer"
    }
}
