import SluiceCore

extension PodRecord {
    /// The pod as it is stored.
    func object(version: Int) -> StoredObject { StoredObject(pod: self, version: version) }

    /// The pod as it is sent after the opening brace, spliced from the texts of its pattern.
    func text(version: Int) -> String {
        var text = ""
        text.reserveCapacity(6_000)
        text += "\"metadata\":{\"name\":\"\(name)\",\"generateName\":\"\(pattern.daemonSet)-\",\"namespace\":\""
        text += "\(namespace)\",\"uid\":\"\(uid)\",\"resourceVersion\":\"\(version)\",\"generation\":"
        text += "\(deletion == nil ? 1 : 2),\"creationTimestamp\":\"\(createdAt.rfc3339)\","
        if let deletion {
            let time = Timestamp(
                deletion.requestedAt.millisecondsSince1970 + milliseconds(seconds: deletion.grace))
            text += "\"deletionTimestamp\":\"\(time.rfc3339)\",\"deletionGracePeriodSeconds\":\(deletion.grace),"
        }
        text += pattern.labelsText
        for (key, value) in placeLabels.sorted(by: { $0.key < $1.key }) {
            text += ",\"\(key)\":\(JSONValue.string(value).serialized)"
        }
        text += "}"
        text += pattern.metadataTail
        text += ",\"spec\":{"
        if isBound { text += "\"nodeName\":\"\(node)\"," }
        for (index, piece) in pattern.specPieces.enumerated() {
            if index > 0 { text += node }
            text += piece
        }
        text += ",\"status\":{"
        appendStatus(to: &text)
        text += "\"qosClass\":\"\(pattern.qosClass)\"}}"
        return text
    }

    private func appendStatus(to text: inout String) {
        // The kubelet tells what it has seen when it writes next.
        let generation = hasSeenDeletion ? 2 : 1
        if status.startedAt != nil { text += "\"observedGeneration\":\(generation)," }
        text += "\"phase\":\"\(status.phase)\","
        if let scheduledAt = status.scheduledAt {
            text += "\"conditions\":["
            if let startedAt = status.startedAt {
                let initialized = PodStatus.Condition(isTrue: true, since: startedAt)
                text += condition("PodReadyToStartContainers", status.sandbox, generation, explains: false) + ","
                text += condition("Initialized", initialized, generation, explains: false) + ","
                text += condition("Ready", status.ready, generation, explains: true) + ","
                text += condition("ContainersReady", status.containersReady, generation, explains: true) + ","
            }
            text += "{\"type\":\"PodScheduled\",\"status\":\"True\",\"lastProbeTime\":null,"
            text += "\"lastTransitionTime\":\"\(scheduledAt.rfc3339)\"}],"
        }
        if !status.reason.isEmpty {
            text += "\"message\":\(JSONValue.string(status.message).serialized),"
            text += "\"reason\":\(JSONValue.string(status.reason).serialized),"
        }
        guard let startedAt = status.startedAt else { return }
        text += "\"hostIP\":\"\(address)\",\"hostIPs\":[{\"ip\":\"\(address)\"}],"
        if status.phase != "Pending" { text += "\"podIP\":\"\(podIP)\",\"podIPs\":[{\"ip\":\"\(podIP)\"}]," }
        text += "\"startTime\":\"\(startedAt.rfc3339)\",\"containerStatuses\":["
        for (index, container) in pattern.containers.enumerated() {
            if index > 0 { text += "," }
            appendContainer(container, to: &text)
        }
        text += "],"
    }

    /// The pod's own address; with the host's network it is the host's.
    var podIP: String {
        guard !pattern.usesHostNetwork else { return address }
        let bits = Drawing.fnv(uid)
        return "10.\(128 + bits % 60).\(bits >> 8 % 251).\(bits >> 16 % 250 + 2)"
    }

    private func condition(
        _ type: String, _ condition: PodStatus.Condition, _ generation: Int, explains: Bool
    ) -> String {
        var text = "{\"type\":\"\(type)\",\"observedGeneration\":\(generation),\"status\":\""
        text += "\(condition.isTrue ? "True" : "False")\",\"lastProbeTime\":null,\"lastTransitionTime\":\""
        text += "\(condition.since.rfc3339)\""
        if explains, !condition.isTrue {
            switch status.phase {
            case "Failed": text += ",\"reason\":\"PodFailed\""
            case "Succeeded": text += ",\"reason\":\"PodCompleted\""
            default:
                if !status.containersReady.isTrue {
                    text +=
                        ",\"reason\":\"ContainersNotReady\",\"message\":\(pattern.unreadyMessage)"
                }
            }
        }
        return text + "}"
    }

    private func appendContainer(_ container: PodPattern.Container, to text: inout String) {
        text += "{\"name\":\(container.quotedName),\"state\":\(state(status.container, container, status.restarts)),"
        let lastRun = status.restarts - (isWaiting ? 0 : 1)
        text += "\"lastState\":\(status.last.map { state($0, container, lastRun) } ?? "{}"),"
        text += "\"ready\":\(status.containersReady.isTrue),\"restartCount\":\(status.restarts),"
        text += "\"image\":\(container.quotedImage),\"imageID\":\(hasRun ? container.quotedImageID : "\"\""),"
        if hasRun { text += "\"containerID\":\"\(containerID(container, status.restarts))\"," }
        text += "\"started\":\(isRunning)}"
    }

    /// Whether a container of the pod has run, so that its image is known.
    var hasRun: Bool { status.last != nil || !isWaiting }

    private var isRunning: Bool { status.runningSince != nil }

    private var isWaiting: Bool {
        switch status.container {
        case .waiting, nil: true
        case .running, .terminated: false
        }
    }

    private func containerID(_ container: PodPattern.Container, _ run: Int) -> String {
        "containerd://" + Drawing.digest("\(uid)\(container.name)\(run)")
    }

    private func state(_ state: PodStatus.Container?, _ container: PodPattern.Container, _ run: Int) -> String {
        switch state {
        case nil: return "{}"
        case .waiting(let reason, let message):
            let told = message.isEmpty ? "" : ",\"message\":\(JSONValue.string(message).serialized)"
            return "{\"waiting\":{\"reason\":\"\(reason)\"\(told)}}"
        case .running(let since): return "{\"running\":{\"startedAt\":\"\(since.rfc3339)\"}}"
        case .terminated(let code, let reason, let startedAt, let finishedAt):
            return
                "{\"terminated\":{\"exitCode\":\(code),\"reason\":\"\(reason)\",\"startedAt\":\"\(startedAt.rfc3339)\","
                + "\"finishedAt\":\"\(finishedAt.rfc3339)\",\"containerID\":\"\(containerID(container, run))\"}}"
        }
    }
}
