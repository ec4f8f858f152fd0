import SluiceClients
import SluiceCore

/// Plays the kubelets of all nodes: binds the pods that the DaemonSet controller makes (no scheduler runs), reports them
/// Ready after a while, and lets deleted ones go after another.
///
/// What the API server did not answer is sent again, byte for byte, and after each of its restarts the last report of
/// every pod is: so the audit log shows each state of a pod, at the revision at which it came about, even when the server
/// was killed before it wrote the line.
final class FakeKubelets {
    /// Where a pod stands with its kubelet.
    private enum Step { case binding, starting, ready, ending }

    private struct Life {
        var pod: Pod
        var step: Step
        /// The report that it is Ready, once it was sent.
        var report: APIRequest?
    }

    /// From a bound pod to a Ready one, and from a deleted pod to its end, in milliseconds, give or take a quarter.
    struct Pace {
        var start: Milliseconds = 1_500
        var termination: Milliseconds = 800
    }

    private let loop: EventLoop
    private let pace: Pace
    private var draw: Draw
    private var watch: ResourceWatch<Pod>?
    /// By uid.
    private var lives: [String: Life] = [:]
    /// How many pods have begun to go since ``beginCounting()``.
    private(set) var ended = 0
    /// How many reports that a pod is Ready have left; a driver may answer each of them with a delete.
    private(set) var readyReports = 0

    /// The wait before something is sent again, in milliseconds.
    private static let retryInterval: Milliseconds = 300

    init(loop: EventLoop, seed: UInt64, pace: Pace = Pace()) {
        self.loop = loop
        self.pace = pace
        draw = Draw(seed: seed)
    }

    /// Connects, after each start of the API server anew: nothing is gained by waiting until a lost watch tries again.
    func connect() {
        watch?.stop()
        let watch = ResourceWatch<Pod>.pods(
            loop.client, namespace: Workload.namespace, selector: LabelSelector()
        ) { [weak self] in self?.take($0) }
        self.watch = watch
        watch.start()
        for (uid, life) in lives where life.step == .ready {
            if let report = life.report { insist(report, while: { $0.lives[uid]?.step == .ready }) }
        }
    }

    func beginCounting() { ended = 0 }

    /// How many nodes have a Ready pod of an image.
    func readyNodes(image: String) -> Int {
        let pods = lives.values.map(\.pod).filter { $0.isReady && !$0.isTerminating && $0.images.first?.image == image }
        return Set(pods.compactMap(\.nodeName)).count
    }

    /// How many pods there are, in whatever state.
    var podCount: Int { lives.count }

    private func take(_ event: WatchEvent<Pod>) {
        switch event {
        case .listed(let pods, _):
            let there = Set(pods.map(\.uid))
            lives = lives.filter { there.contains($0.key) }
            pods.forEach(note)
        case .changed(let pod): note(pod)
        case .gone(let pod): lives[pod.uid] = nil
        // The next list shows what was missed.
        case .lost, .regained, .refused: break
        }
    }

    private func note(_ pod: Pod) {
        let step = lives[pod.uid]?.step
        lives[pod.uid, default: Life(pod: pod, step: .binding)].pod = pod
        if pod.isTerminating {
            guard step != .ending else { return }
            lives[pod.uid]?.step = .ending
            ended += 1
            loop.after(draw.about(pace.termination)) { [weak self] in self?.end(pod) }
        } else if !pod.isScheduled {
            if step == nil { bind(pod) }
        } else if step == nil || step == .binding {
            lives[pod.uid]?.step = pod.isReady ? .ready : .starting
            guard !pod.isReady else { return }
            loop.after(draw.about(pace.start)) { [weak self] in self?.makeReady(pod) }
        }
    }

    private func bind(_ pod: Pod) {
        guard let node = pod.nodeName else { return }
        let body: JSONValue = [
            "apiVersion": "v1", "kind": "Binding",
            "metadata": ["name": .string(pod.name), "uid": .string(pod.uid)],
            "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
        ]
        insist(request(.post, pod, "/binding", body, "create", "pods/binding")) { $0.lives[pod.uid]?.step == .binding }
    }

    private func makeReady(_ pod: Pod) {
        guard lives[pod.uid]?.step == .starting else { return }
        let now = loop.wall.rfc3339
        let container = pod.images.first
        let status: JSONValue = [
            "phase": "Running", "startTime": .string(now), "hostIP": "10.0.0.1", "podIP": "10.1.0.1",
            "conditions": conditions(ready: true, at: now),
            "containerStatuses": [
                [
                    "name": .string(container?.container ?? ""), "image": .string(container?.image ?? ""),
                    "imageID": "", "ready": true, "started": true, "restartCount": 0,
                    "state": ["running": ["startedAt": .string(now)]],
                ]
            ],
        ]
        let report = statusReport(pod, status)
        lives[pod.uid]?.step = .ready
        lives[pod.uid]?.report = report
        readyReports += 1
        insist(report) { $0.lives[pod.uid]?.step == .ready }
    }

    /// As a kubelet since 1.27: the pod is first reported over, then removed.
    private func end(_ pod: Pod) {
        let status: JSONValue = [
            "phase": "Succeeded", "conditions": conditions(ready: false, at: loop.wall.rfc3339),
        ]
        insist(statusReport(pod, status), while: { $0.lives[pod.uid] != nil }) { kubelets in
            let options: JSONValue = [
                "apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0,
                "preconditions": ["uid": .string(pod.uid)],
            ]
            kubelets.insist(kubelets.request(.delete, pod, "", options, "delete", "pods")) {
                $0.lives[pod.uid] != nil
            }
        }
    }

    private func conditions(ready: Bool, at time: String) -> JSONValue {
        .array(
            ["Initialized", "ContainersReady", "Ready"].map { type in
                let holds = ready || type == "Initialized"
                return [
                    "type": .string(type), "status": holds ? "True" : "False", "lastTransitionTime": .string(time),
                ]
            })
    }

    private func statusReport(_ pod: Pod, _ status: JSONValue) -> APIRequest {
        let body: JSONValue = ["metadata": ["uid": .string(pod.uid)], "status": status]
        return request(.patch, pod, "/status", body, "patch", "pods/status")
    }

    private func request(
        _ method: HTTPRequest.Method, _ pod: Pod, _ part: String, _ body: JSONValue, _ verb: String, _ resource: String
    ) -> APIRequest {
        APIRequest(
            method, "/api/v1/namespaces/\(Workload.namespace)/pods/\(pod.name)\(part)", body: body,
            contentType: method == .patch ? "application/strategic-merge-patch+json" : "application/json",
            subject: .init(verb: verb, resource: resource, namespace: Workload.namespace, name: pod.name),
            timeout: 5_000, isRetried: false)
    }

    /// Sends a request until it is answered, as long as it makes sense. That the pod is gone or another one is an answer.
    private func insist(
        _ request: APIRequest, while isWanted: @escaping (FakeKubelets) -> Bool,
        then: @escaping (FakeKubelets) -> Void = { _ in }
    ) {
        loop.client.send(request) { [weak self] result in
            guard let self else { return }
            if case .failure(let error) = result {
                if let code = error.code, [404, 409, 422].contains(code) { return }
                loop.after(Self.retryInterval) { [weak self] in
                    guard let self, isWanted(self) else { return }
                    insist(request, while: isWanted, then: then)
                }
                return
            }
            then(self)
        }
    }
}
