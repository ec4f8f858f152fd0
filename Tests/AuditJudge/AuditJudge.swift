import SluiceCore

/// Judges rollouts by what the API server's audit log says, and by nothing else.
///
/// The log has to hold the writes to pods, their subresources and the DaemonSet of one namespace, with the answers'
/// objects, and the moment at which each request was received: a server that is killed between its write and its answer
/// leaves only that one.
///
/// One rollout reaches from one change of the DaemonSet's image to the next.
public struct AuditJudge {
    private let user: String
    private let nodes: Int
    private let budget: Int

    /// A judge.
    ///
    /// - Parameters:
    ///   - user: who is judged, as the API server knows it.
    ///   - nodes: how many nodes run the DaemonSet.
    ///   - budget: how many of them may be without an available pod.
    public init(user: String, nodes: Int, budget: Int) {
        self.user = user
        self.nodes = nodes
        self.budget = budget
    }

    /// What the log says.
    public func judge(_ log: [UInt8]) -> AuditVerdict {
        let history = ClusterHistory(log, user: user)
        var verdict = AuditVerdict(tornLines: history.tornLines)
        if history.unknownDeletes > 0 {
            verdict.violations.append("\(history.unknownDeletes) deletes of pods that the log does not show")
        }
        let seen = Set(history.pods.values.compactMap(\.node)).count
        if seen != nodes { verdict.violations.append("the log shows \(seen) nodes, not \(nodes)") }
        if history.templates.count < 2 { verdict.violations.append("the log shows no rollout") }
        for (index, template) in history.templates.enumerated().dropFirst() {
            let next = history.templates.dropFirst(index + 1).first
            let span = Span(
                image: template.image, from: .at(template.revision), to: next.map { .at($0.revision) } ?? .end)
            verdict.rollouts.append(judge(span, history))
        }
        return verdict
    }

    /// One rollout's part of the history; its end belongs to the next one.
    private struct Span {
        var image: String
        var from: Instant
        var to: Instant
    }

    private func judge(_ span: Span, _ history: ClusterHistory) -> RolloutVerdict {
        var verdict = RolloutVerdict(image: span.image)
        let pods = history.pods.values.sorted { $0.name < $1.name }
        let byNode = Dictionary(grouping: pods.filter { $0.node != nil }, by: { $0.node ?? "" })
        var lost: [String: String] = [:]
        for (pod, instant) in ends(of: pods, in: span) {
            guard pod.endedByUser else {
                verdict.endedByOthers += 1
                continue
            }
            verdict.podsEnded += 1
            verdict.repeatedDeletes += max(0, pod.possibleDeletes.count - 1)
            let node = pod.node ?? ""
            if let earlier = lost.updateValue(pod.name, forKey: node) {
                verdict.violations.append("\(node) lost two pods: \(earlier), then \(pod.name)")
            }
            if pod.image == span.image {
                verdict.violations.append("\(node) lost \(pod.name), which ran the new image already")
            }
            let judgedAt = pod.judgedAt ?? instant
            let without = byNode.values.count { !$0.contains { $0.isAvailable(at: judgedAt) } }
            verdict.mostUnavailable = max(verdict.mostUnavailable, without)
            if without > budget {
                verdict.violations.append(
                    "\(without) nodes were without an available pod when \(node) lost \(pod.name); "
                        + "the budget is \(budget)")
            }
        }
        count(pods.flatMap(\.deletes), in: span, &verdict)
        verdict.violations += leftovers(byNode, span)
        return verdict
    }

    /// The pods that went within a span, in the order of their going.
    private func ends(of pods: [PodTrace], in span: Span) -> [(PodTrace, Instant)] {
        pods.compactMap { pod in pod.goesAt.map { (pod, $0) } }
            .filter { span.from <= $0.1 && $0.1 < span.to }
            .sorted { $0.1 < $1.1 }
    }

    private func count(_ deletes: [DeleteRequest], in span: Span, _ verdict: inout RolloutVerdict) {
        for delete in deletes where span.from <= .after(delete.floor) && .after(delete.floor) < span.to {
            verdict.deletesSent += 1
            if delete.isRefused { verdict.deletesRefused += 1 }
            if delete.code == nil { verdict.deletesUnanswered += 1 }
        }
    }

    /// What is not as a finished rollout leaves it.
    private func leftovers(_ byNode: [String: [PodTrace]], _ span: Span) -> [String] {
        // The next rollout's first write is no longer this one's.
        let end = span.to
        return byNode.sorted { $0.key < $1.key }.compactMap { node, pods in
            let staying = pods.filter { $0.isStaying(at: end) }
            guard staying.count == 1, let pod = staying.first else {
                return "\(node) has \(staying.count) pods at the end"
            }
            if pod.image != span.image { return "\(node) still runs \(pod.image) at the end" }
            return pod.isAvailable(at: end) ? nil : "\(node) has no available pod at the end"
        }
    }
}
