import SluiceCore

/// What a container has said: a line at its start and, when it died, one at its end. `kubectl logs`, with `--previous`.
extension Cluster {
    func podLog(_ place: Place, _ name: String, _ target: Target) throws(Failure) -> ClusterAnswer {
        guard let pod = store.object(.pods, place.namespace ?? "", name)?.pod else { throw .notFound(.pods, name) }
        let container = target["container"] ?? pod.pattern.containers.first?.name ?? ""
        guard pod.pattern.containers.contains(where: { $0.name == container }) else {
            throw Failure(400, "BadRequest", "container \(container) is not valid for pod \(name)")
        }
        let isPrevious = target.isSet("previous")
        guard let run = isPrevious ? pod.status.last : pod.status.container else {
            let what = isPrevious ? "previous terminated container" : "container"
            throw Failure(400, "BadRequest", "\(what) \"\(container)\" in pod \"\(name)\" not found")
        }
        return ClusterAnswer(status: 200, contentType: "text/plain", body: Self.lines(of: run, pod, container))
    }

    private static func lines(of run: PodStatus.Container, _ pod: PodRecord, _ container: String) -> String {
        func line(_ time: Timestamp, _ level: String, _ message: String) -> String {
            "ts=\(time.rfc3339) level=\(level) msg=\"\(message)\" node=\(pod.node)\n"
        }
        switch run {
        case .waiting: return ""
        case .running(let since): return line(since, "info", "\(container) starts")
        case .terminated(let code, let reason, let startedAt, let finishedAt):
            return line(startedAt, "info", "\(container) starts")
                + line(finishedAt, code == 0 ? "info" : "error", "\(container) ends: \(reason), code \(code)")
        }
    }
}
