public import SluiceCore

/// Which pods of a list keep a rollout from going on.
public enum BlockingPods {
    /// The most pods that are listed; more say no more.
    public static let limit = 500

    /// What a list of pods says: those that run or are about to count.
    public static func read(_ list: JSONValue, of question: Blocker.PodQuestion) -> BlockerReading {
        let found = (list["items"]?.array ?? []).filter { pod in
            !["Succeeded", "Failed"].contains(pod.at("status", "phase")?.string ?? "")
        }
        let isCut = list.at("metadata", "continue")?.string.map { !$0.isEmpty } ?? false
        guard question.isOfNode else {
            guard let first = found.map(name).min() else {
                return isCut ? .failed("more than \(limit) pods match, and the first ones have ended") : .absent
            }
            let others = found.count > 1 || isCut ? " and \(isCut ? "more" : "\(found.count - 1) more")" : ""
            return .present("pod \(first)\(others) \(others.isEmpty ? "runs" : "run")")
        }
        guard !isCut else { return .failed("more than \(limit) pods match; narrow the selector or name a namespace") }
        var nodes: [String: String] = [:]
        for pod in found.sorted(by: { name(of: $0) < name(of: $1) }) {
            guard let node = pod.at("spec", "nodeName")?.string, nodes[node] == nil else { continue }
            nodes[node] = "pod \(name(of: pod)) runs there"
        }
        return .onNodes(nodes)
    }

    private static func name(of pod: JSONValue) -> String {
        "\(pod.at("metadata", "namespace")?.string ?? "?")/\(pod.at("metadata", "name")?.string ?? "?")"
    }
}
