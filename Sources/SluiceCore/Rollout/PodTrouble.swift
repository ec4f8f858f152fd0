/// Why a node has no working pod, in one sentence: from the pod's conditions and its containers' states.
///
/// The families are those of the seed's question 1 and of the section on what a bad collector looks like.
struct PodTrouble: Sendable, Equatable {
    var reason: Reason
    var message: String

    /// How long pull errors are tolerated, in milliseconds: a registry that stumbles is not a bad version.
    static let pullTolerance: Milliseconds = 30_000

    /// The waiting reasons that mean the image cannot be had. (kubelet, `pkg/kubelet/images/types.go`)
    static func isPullError(_ waitingReason: String) -> Bool {
        ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"].contains(waitingReason)
    }

    /// The waiting reasons that no patience cures. (kubelet, `pkg/kubelet/kuberuntime` and `images`)
    static func isStartError(_ waitingReason: String) -> Bool {
        [
            "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "InvalidImageName",
            "ErrImageNeverPull", "ImageInspectError", "PreCreateHookError", "PreStartHookError", "PostStartHookError",
        ].contains(waitingReason)
    }

    /// What proves that a new pod is bad; nil while it may still become good.
    static func proof(
        _ observed: FleetView.ObservedPod, _ rules: NodeJudgement.Rules, now: Milliseconds
    ) -> PodTrouble? {
        let pod = observed.pod
        if pod.phase == .failed && !pod.isTerminating {
            let why = [pod.reason, pod.message].filter { !$0.isEmpty }.joined(separator: ": ")
            return PodTrouble(reason: .podFailed, message: "pod \(pod.name) failed\(why.isEmpty ? "" : ": \(why)")")
        }
        for container in pod.containers {
            if let ended = container.terminated ?? container.lastTermination, ended.reason == "OOMKilled" {
                return PodTrouble(
                    reason: .oomKilled, message: "container \(container.name) of pod \(pod.name) was OOMKilled")
            }
            guard let waiting = container.waiting else { continue }
            if isStartError(waiting.reason) {
                return PodTrouble(reason: .cannotStart, message: Self.sentence(pod, container, waiting))
            }
            if isPullError(waiting.reason), let since = observed.pullErrorSince, now - since >= pullTolerance {
                return PodTrouble(reason: .imagePull, message: Self.sentence(pod, container, waiting))
            }
        }
        guard pod.restartCount > rules.restartsAllowed else { return nil }
        return PodTrouble(reason: .restarted, message: restartSentence(pod, rules))
    }

    /// Why a node whose pod was deleted has no available pod when the time is up.
    static func atTimeout(pods: [FleetView.ObservedPod], deletedUID: String?, target: String?) -> PodTrouble {
        if let new = pods.last(where: { $0.pod.revisionHash == target && !$0.pod.isTerminating })?.pod {
            return describe(new)
        }
        if let old = pods.first(where: { $0.pod.uid == deletedUID || $0.pod.isTerminating })?.pod {
            return PodTrouble(
                reason: .stuckTerminating,
                message: "pod \(old.name) is still terminating; its node may be unreachable, or a finalizer holds it")
        }
        return PodTrouble(
            reason: .noPod,
            message: "the controller made no new pod; look for FailedCreate events of the DaemonSet")
    }

    /// Why a pod is not available, in one sentence.
    static func describe(_ pod: Pod) -> PodTrouble {
        if let message = pod.unschedulableMessage, !pod.isScheduled {
            return PodTrouble(reason: .unschedulable, message: "pod \(pod.name) cannot be scheduled: \(message)")
        }
        for container in pod.containers {
            guard let waiting = container.waiting else { continue }
            let reason: Reason = isPullError(waiting.reason) ? .imagePull : .notAvailableInTime
            return PodTrouble(reason: reason, message: sentence(pod, container, waiting))
        }
        if let container = pod.containers.first(where: { !$0.isInit && !$0.isReady }) {
            return PodTrouble(
                reason: .notAvailableInTime,
                message: "container \(container.name) of pod \(pod.name) runs, but its readiness probe does not pass")
        }
        return PodTrouble(reason: .notAvailableInTime, message: "pod \(pod.name) is \(pod.phase.rawValue), not Ready")
    }

    private static func sentence(_ pod: Pod, _ container: ContainerStatus, _ waiting: ContainerStatus.Waiting)
        -> String
    {
        let detail = waiting.message.isEmpty ? "" : ": \(waiting.message)"
        return "container \(container.name) of pod \(pod.name) waits in \(waiting.reason)\(detail)"
    }

    /// The exit codes of a container that ended on the kubelet's signals, SIGKILL and SIGTERM. An OOM kill has the first
    /// too, and says so.
    private static let signalledExits = [128 + 9, 128 + 15]

    private static func restartSentence(_ pod: Pod, _ rules: NodeJudgement.Rules) -> String {
        let worst = pod.containers.filter { !$0.isInit }.max { $0.restartCount < $1.restartCount }
        let name = worst?.name ?? "?"
        let times = pod.restartCount == 1 ? "once" : "\(pod.restartCount) times"
        let sentence = "container \(name) of pod \(pod.name) restarted \(times) (\(rules.restartsAllowed) allowed)"
        guard let end = worst?.terminated ?? worst?.lastTermination else { return sentence }
        let isKilled = signalledExits.contains(end.exitCode) && rules.livenessProbed.contains(name)
        return "\(sentence), last exit \(end.reason) (\(end.exitCode))"
            + (isKilled ? ", as when the kubelet ends a container whose liveness probe failed" : "")
    }
}
