public import SluiceClients
public import SluiceCore

/// Reads what a halt leaves in the cluster, before it is gone. What cannot be read is said, and the rest is read.
public struct EvidenceReader {
    private let client: KubernetesClient
    private let state: RolloutState
    private var missing: [String] = []

    /// Reads for one rollout.
    public init(client: KubernetesClient, state: RolloutState) {
        self.client = client
        self.state = state
    }

    /// Gathers everything there is. Blocks until it is there, node by node.
    ///
    /// - Parameter journal: the end of the rollout's journal.
    /// - Throws: `APIError` of kind `interrupted`; every other error is one of ``Evidence/missing``.
    public mutating func read(journal: [JournalLine]) throws(APIError) -> Evidence {
        missing = []
        var nodes: [Evidence.NodeFacts] = []
        for subject in Evidence.subjects(of: state) { nodes.append(try facts(subject)) }
        return Evidence(
            state: state, journal: journal, nodes: nodes, missing: missing, gatheredAt: client.outside.now.wall)
    }

    private mutating func facts(_ subject: Evidence.Subject) throws(APIError) -> Evidence.NodeFacts {
        var facts = Evidence.NodeFacts(subject)
        let (node, namespace) = (subject.record.node, state.rollout.namespace)
        let pods = try answers([
            .listNode(node),
            .listPods(namespace: namespace, labelSelector: try selector(), node: node),
        ])
        facts.node = pods[0]?.json?["items"]?.array?.first.map(Evidence.trimmed(node:))
        for pod in pods[1]?.json?["items"]?.array ?? [] {
            facts.pods.append(Evidence.trimmed(pod: pod))
            guard let noun = Pod(json: pod) else { continue }
            let events = try answers([.listEvents(namespace: namespace, about: noun.uid)])
            let items = events[0]?.json?["items"]?.array ?? []
            facts.events += items.map(Evidence.line(ofEvent:)).sorted()
            if !subject.isControl { facts.logs += try logs(of: noun) }
        }
        return facts
    }

    private mutating func logs(of pod: Pod) throws(APIError) -> [Evidence.ContainerLog] {
        let containers = pod.containers.filter { $0.terminated != nil || $0.lastTermination != nil || !$0.isReady }
        let wanted = containers.map { (name: $0.name, isPrevious: $0.lastTermination != nil) }
        let found = try answers(
            wanted.map {
                .podLog(
                    namespace: pod.namespace, pod: pod.name, container: $0.name, isPrevious: $0.isPrevious,
                    lines: Evidence.logLines, bytes: Evidence.logBytes)
            })
        return zip(wanted, found).compactMap { wanted, answer in
            answer.map {
                Evidence.ContainerLog(
                    pod: pod.name, container: wanted.name, isPrevious: wanted.isPrevious,
                    text: Evidence.redacted(String(decoding: $0.body, as: UTF8.self)))
            }
        }
    }

    private var knownSelector: String?

    private mutating func selector() throws(APIError) -> String {
        if let knownSelector { return knownSelector }
        let request = APIRequest.getDaemonSet(namespace: state.rollout.namespace, name: state.rollout.daemonSet)
        let answer = try answers([request])[0]
        let daemonSet = answer?.json.flatMap(DaemonSet.init(json:))
        let text = daemonSet?.selector.queryText ?? ""
        knownSelector = text
        return text
    }

    private mutating func answers(_ requests: [APIRequest]) throws(APIError) -> [APIResponse?] {
        let results = try client.perform(requests)
        return results.map { result in
            switch result {
            case .success(let response): return response
            case .failure(let error):
                missing.append(error.description)
                return nil
            }
        }
    }
}
