import SluiceCore

extension PodRecord {
    /// The pod as a client would read it, without the text between.
    var noun: Pod {
        let isKnownToKubelet = status.startedAt != nil
        return Pod(
            name: name, namespace: namespace, uid: uid, nodeName: node, isScheduled: isBound, ownerUID: owner,
            revisionHash: pattern.hash, labels: labels, phase: Pod.Phase(rawValue: status.phase) ?? .unknown,
            createdAt: createdAt, isTerminating: deletion != nil,
            isReady: isKnownToKubelet && status.ready.isTrue,
            readyChangedAt: isKnownToKubelet && status.scheduledAt != nil ? status.ready.since : nil,
            reason: status.reason, message: status.message,
            podIP: isKnownToKubelet && status.phase != "Pending" ? podIP : "",
            containers: isKnownToKubelet ? pattern.containers.map(containerStatus) : [], images: pattern.images)
    }

    private func containerStatus(_ container: PodPattern.Container) -> ContainerStatus {
        ContainerStatus(
            name: container.name, isReady: status.containersReady.isTrue, restartCount: status.restarts,
            runningSince: status.runningSince, waiting: status.container?.waiting,
            terminated: status.container?.termination,
            lastTermination: status.last?.termination, imageID: hasRun ? container.imageID : "")
    }
}

extension PodStatus.Container {
    fileprivate var waiting: ContainerStatus.Waiting? {
        guard case .waiting(let reason, let message) = self else { return nil }
        return ContainerStatus.Waiting(reason: reason, message: message)
    }

    fileprivate var termination: ContainerStatus.Termination? {
        guard case .terminated(let code, let reason, _, _) = self else { return nil }
        return ContainerStatus.Termination(reason: reason, exitCode: code)
    }
}

extension StoredObject {
    /// The node as a client would read it; nil for other kinds.
    var node: Node? { givenNode ?? value.flatMap(Node.init(json:)) }
}

extension Node {
    /// The node as it is stored.
    func json(version: Int) -> JSONValue {
        var whole = json
        whole["metadata"]?["resourceVersion"] = .string(String(version))
        return whole
    }
}
