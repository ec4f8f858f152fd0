import SluiceClients
import SluiceCore

/// Watches the pods beside whoever replaces them: when each began to go, and when its node had a Ready pod again.
///
/// What it sees is what the cluster itself took for each node. Packed as tightly as the budget allows, that is the ideal
/// schedule of this very run; what a rollout took beyond it, it lost by itself.
final class PodObserver {
    /// One node's turn, by the observer's monotonic clock.
    struct Replacement {
        var node: String
        var oldPod: String
        var deletedAt: Milliseconds
        var readyAt: Milliseconds?
    }

    /// In the order in which the old pods began to go.
    private(set) var replacements: [Replacement] = []
    /// The most nodes that were without their pod at once.
    private(set) var mostAtOnce = 0
    /// How many nodes are without their pod now.
    private(set) var openCount = 0
    /// Whether the pods have been listed, so that nothing that follows is missed.
    private(set) var hasBegun = false
    /// Why the figures cannot be trusted; nil when they can.
    private(set) var failure: String?

    private let cluster: RealCluster
    private var watch: ResourceWatch<Pod>?
    /// The latest replacement of each node.
    private var latest: [String: Int] = [:]
    private var leaving: Set<String> = []

    /// Begins to watch, and waits until it sees the pods.
    init(_ cluster: RealCluster) throws {
        self.cluster = cluster
        watch = .pods(cluster.client, namespace: RealCluster.namespace, selector: RealCluster.selector) { [weak self] in
            self?.take($0)
        }
        watch?.start()
        try cluster.pump("for the list of pods", seconds: 60) { hasBegun }
    }

    func stop() { watch?.stop() }

    /// How many nodes have a Ready pod again.
    var replacedCount: Int { replacements.count - openCount }

    /// The first delete, and the last moment at which a node became whole again; nil before there is one.
    var span: (from: Milliseconds, to: Milliseconds)? {
        guard let from = replacements.first?.deletedAt, let to = replacements.compactMap(\.readyAt).max() else {
            return nil
        }
        return (from, to)
    }

    /// The least time in which these nodes could have been replaced within a budget, in the order in which they were:
    /// each delete leaves the moment that an earlier node is whole again, without any delay of network, process or disk.
    func idealMilliseconds(budget: Int) -> Milliseconds {
        var slots = Array(repeating: Milliseconds(0), count: max(1, budget))
        for replacement in replacements {
            guard let readyAt = replacement.readyAt, let free = slots.indices.min(by: { slots[$0] < slots[$1] }) else {
                continue
            }
            slots[free] += readyAt - replacement.deletedAt
        }
        return slots.max() ?? 0
    }

    /// How long a slot of the budget stood empty before the next delete was seen, in milliseconds; the median, nil for a
    /// rollout that fits the budget.
    func medianReaction(budget: Int) -> Milliseconds? {
        let ready = replacements.compactMap(\.readyAt).sorted()
        let deleted = replacements.map(\.deletedAt)
        let waits = zip(ready, deleted.dropFirst(budget)).map { max(0, $1 - $0) }.sorted()
        return waits.isEmpty ? nil : waits[waits.count / 2]
    }

    private func take(_ event: WatchEvent<Pod>) {
        switch event {
        case .listed(let pods, _):
            if hasBegun { failure = "the observer's watch was interrupted" }
            if !hasBegun { leaving.formUnion(pods.filter(\.isTerminating).map(\.uid)) }
            hasBegun = true
            for pod in pods { note(pod) }
        case .changed(let pod): note(pod)
        case .gone(let pod): begin(pod)
        case .refused(let error): failure = error.description
        // What was missed meanwhile shows in the list that follows.
        case .lost, .regained: break
        }
    }

    private func note(_ pod: Pod) {
        if pod.isTerminating { return begin(pod) }
        guard pod.isReady, let node = pod.nodeName, let index = latest[node], replacements[index].readyAt == nil,
            replacements[index].oldPod != pod.uid
        else { return }
        replacements[index].readyAt = cluster.outside.now.monotonic
        openCount -= 1
    }

    private func begin(_ pod: Pod) {
        guard let node = pod.nodeName, leaving.insert(pod.uid).inserted else { return }
        if let index = latest[node], replacements[index].readyAt == nil { openCount -= 1 }
        latest[node] = replacements.count
        replacements.append(
            Replacement(node: node, oldPod: pod.uid, deletedAt: cluster.outside.now.monotonic, readyAt: nil))
        openCount += 1
        mostAtOnce = max(mostAtOnce, openCount)
    }
}
