public import SluiceCore

/// The delays that are drawn for one pod, in milliseconds.
public struct PodDelays: Sendable, Hashable {
    /// From binding to Ready, for a pod that behaves normally.
    public var start: Milliseconds
    /// Of these, Running but not Ready, when the template has a readiness probe.
    public var readyLag: Milliseconds
    /// From the delete of this pod to the end of its containers.
    public var termination: Milliseconds
    /// From the end of its containers to its removal.
    public var linger: Milliseconds
}

extension ClusterOptions {
    /// The delays of the pod that a node gets: a pure function of the seed, the node and the attempt, so that a
    /// schedule can be computed without running the cluster.
    ///
    /// - Parameters:
    ///   - node: the node's name.
    ///   - attempt: 0 for the first pod that a DaemonSet makes there, 1 for the one that replaces it, and so on.
    public func delays(node: String, attempt: Int) -> PodDelays {
        let start = drawn(startDelay, "start", node, attempt)
        return PodDelays(
            start: start, readyLag: min(readyLag, start / 2),
            termination: drawn(termination, "termination", node, attempt),
            linger: drawn(linger, "linger", node, attempt))
    }

    /// A delay off its mean by what is drawn for a pod.
    func drawn(_ mean: Milliseconds, _ purpose: StaticString, _ node: String, _ attempt: Int) -> Milliseconds {
        let unit = Drawing(seed: seed).unit(purpose, node: node, UInt64(max(0, attempt)))
        return max(0, Milliseconds((Double(mean) * (1 + jitter * (2 * unit - 1))).rounded()))
    }

    /// How long a node is without a Ready pod when the pod of an attempt is deleted and all goes well: its termination,
    /// the controller's and the scheduler's reaction, and the next pod's start. In milliseconds.
    public func replacementTime(node: String, attempt: Int) -> Milliseconds {
        delays(node: node, attempt: attempt).termination + 2 * controllerDelay
            + delays(node: node, attempt: attempt + 1).start
    }
}
