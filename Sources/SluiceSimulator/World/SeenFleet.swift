import SluiceCluster
import SluiceCore

/// The fleet as of some version: what is true now, or what a process has been told.
struct SeenFleet {
    private(set) var pods: [String: PodTruth] = [:]
    private(set) var podsByNode: [String: [PodTruth]] = [:]
    private(set) var nodes: [String: NodeTruth] = [:]
    private(set) var daemonSet: DaemonSetTruth?
    /// The nodes without a pod of the DaemonSet that is Ready and stays.
    private(set) var uncovered: Set<String> = []
    /// How much of each kind's log has been taken in.
    private var read = [0, 0, 0]
    /// Up to which version each kind is known.
    private(set) var version = [0, 0, 0]

    /// Takes in everything of a kind up to a version.
    mutating func learn(_ kind: SeenKind, upTo version: Int, from log: TruthLog) {
        guard version > self.version[kind.rawValue] else { return }
        self.version[kind.rawValue] = version
        let entries = log.entries[kind.rawValue]
        var index = read[kind.rawValue]
        while index < entries.count, entries[index].version <= version {
            apply(entries[index].truth)
            index += 1
        }
        read[kind.rawValue] = index
    }

    mutating func apply(_ truth: Truth) {
        switch truth {
        case .pod(let pod):
            let isNew = pods.updateValue(pod, forKey: pod.uid) == nil
            let index = isNew ? nil : podsByNode[pod.node]?.firstIndex { $0.uid == pod.uid }
            if let index {
                podsByNode[pod.node]?[index] = pod
            } else {
                podsByNode[pod.node, default: []].append(pod)
            }
            noteCover(of: pod.node)
        case .podGone(let pod):
            guard pods.removeValue(forKey: pod.uid) != nil else { return }
            podsByNode[pod.node]?.removeAll { $0.uid == pod.uid }
            noteCover(of: pod.node)
        case .node(let node):
            if nodes.updateValue(node, forKey: node.name) == nil { noteCover(of: node.name) }
        case .nodeGone(let name):
            nodes[name] = nil
            uncovered.remove(name)
        case .daemonSet(let found):
            let isSame = daemonSet?.uid == found.uid
            daemonSet = found
            if !isSame { for node in nodes.keys { noteCover(of: node) } }
        case .daemonSetGone(let uid): if daemonSet?.uid == uid { daemonSet = nil }
        case .lease: break
        }
    }

    private mutating func noteCover(of node: String) {
        let owner = daemonSet?.uid
        let isCovered = podsByNode[node]?.contains {
            $0.readySince != nil && !$0.isTerminating && !$0.isTerminal && $0.owner == owner
        }
        if isCovered == true || nodes[node] == nil { uncovered.remove(node) } else { uncovered.insert(node) }
    }

    /// The pods on a node that the DaemonSet owns, oldest first.
    func pods(on node: String) -> [PodTruth] {
        (podsByNode[node] ?? []).filter { $0.owner != nil && $0.owner == daemonSet?.uid }
    }
}

/// Every change of the cluster, by kind and in order.
struct TruthLog {
    private(set) var entries: [[ClusterChange]] = [[], [], []]
    /// Who holds each Lease, by name.
    private(set) var leaseHolders: [String: String] = [:]

    mutating func add(_ change: ClusterChange) {
        switch change.truth {
        case .pod, .podGone: entries[SeenKind.pods.rawValue].append(change)
        case .node, .nodeGone: entries[SeenKind.nodes.rawValue].append(change)
        case .daemonSet, .daemonSetGone: entries[SeenKind.daemonSets.rawValue].append(change)
        case .lease(_, let name, let holder): leaseHolders[name] = holder
        }
    }
}
