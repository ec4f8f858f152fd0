import SluiceCore

extension PodRecord {
    /// The pod as it is stored.
    func object(version: Int) -> StoredObject { StoredObject(pod: self, version: version) }

    /// The pod as it is sent after the opening brace, spliced from the texts of its pattern. Most of what a cluster says
    /// is pods, so pieces are appended one by one: interpolations take longer than all the rest.
    func text(version: Int) -> String {
        var text = ""
        text.reserveCapacity(4_096)
        text += "\"metadata\":{\"name\":\""
        text += name
        text += "\",\"generateName\":\""
        text += pattern.daemonSet
        text += "-\",\"namespace\":\""
        text += namespace
        text += "\",\"uid\":\""
        text += uid
        text += "\",\"resourceVersion\":\""
        text += String(version)
        text += "\",\"generation\":"
        text += deletion == nil ? "1" : "2"
        text += ",\"creationTimestamp\":\""
        text += createdAt.rfc3339
        if let deletion {
            text += "\",\"deletionTimestamp\":\""
            text +=
                Timestamp(deletion.requestedAt.millisecondsSince1970 + milliseconds(seconds: deletion.grace)).rfc3339
            text += "\",\"deletionGracePeriodSeconds\":"
            text += String(deletion.grace)
            text += ","
        } else {
            text += "\","
        }
        text += pattern.labelsText
        text += placeLabelsText
        text += "}"
        text += pattern.metadataTail
        text += ",\"spec\":{"
        if isBound {
            text += "\"nodeName\":\""
            text += node
            text += "\","
        }
        for (index, piece) in pattern.specPieces.enumerated() {
            if index > 0 { text += node }
            text += piece
        }
        text += ",\"status\":{"
        appendStatus(to: &text)
        text += "\"qosClass\":\""
        text += pattern.qosClass
        text += "\"}}"
        return text
    }

    private func appendStatus(to text: inout String) {
        // The kubelet tells what it has seen when it writes next.
        let generation = hasSeenDeletion ? "2" : "1"
        if status.startedAt != nil {
            text += "\"observedGeneration\":"
            text += generation
            text += ","
        }
        text += "\"phase\":\""
        text += status.phase
        text += "\","
        if let scheduledAt = status.scheduledAt {
            text += "\"conditions\":["
            if let startedAt = status.startedAt {
                let initialized = PodStatus.Condition(isTrue: true, since: startedAt)
                append("PodReadyToStartContainers", status.sandbox, generation, to: &text)
                append("Initialized", initialized, generation, to: &text)
                append("Ready", status.ready, generation, explains: true, to: &text)
                append("ContainersReady", status.containersReady, generation, explains: true, to: &text)
            }
            text += "{\"type\":\"PodScheduled\",\"status\":\"True\",\"lastProbeTime\":null,\"lastTransitionTime\":\""
            text += scheduledAt.rfc3339
            text += "\"}],"
        }
        if !status.reason.isEmpty {
            text += "\"message\":\(JSONValue.string(status.message).serialized),"
            text += "\"reason\":\(JSONValue.string(status.reason).serialized),"
        }
        guard let startedAt = status.startedAt else { return }
        append("hostIP", address, to: &text)
        if status.phase != "Pending" { append("podIP", podIP, to: &text) }
        text += "\"startTime\":\""
        text += startedAt.rfc3339
        text += "\",\"containerStatuses\":["
        for (index, container) in pattern.containers.enumerated() {
            if index > 0 { text += "," }
            append(container, to: &text)
        }
        text += "],"
    }

    /// The pod's own address; with the host's network it is the host's.
    var podIP: String {
        guard !pattern.usesHostNetwork else { return address }
        let bits = Drawing.fnv(uid)
        return "10.\(128 + bits % 60).\(bits >> 8 % 251).\(bits >> 16 % 250 + 2)"
    }

    /// One address, and the list of that one.
    private func append(_ key: String, _ address: String, to text: inout String) {
        text += "\""
        text += key
        text += "\":\""
        text += address
        text += "\",\""
        text += key
        text += "s\":[{\"ip\":\""
        text += address
        text += "\"}],"
    }

    private func append(
        _ type: String, _ condition: PodStatus.Condition, _ generation: String, explains: Bool = false,
        to text: inout String
    ) {
        text += "{\"type\":\""
        text += type
        text += "\",\"observedGeneration\":"
        text += generation
        text += condition.isTrue ? ",\"status\":\"True\"" : ",\"status\":\"False\""
        text += ",\"lastProbeTime\":null,\"lastTransitionTime\":\""
        text += condition.since.rfc3339
        text += "\""
        if explains, !condition.isTrue {
            switch status.phase {
            case "Failed": text += ",\"reason\":\"PodFailed\""
            case "Succeeded": text += ",\"reason\":\"PodCompleted\""
            default:
                if !status.containersReady.isTrue {
                    text += ",\"reason\":\"ContainersNotReady\",\"message\":"
                    text += pattern.unreadyMessage
                }
            }
        }
        text += "},"
    }

    private func append(_ container: PodPattern.Container, to text: inout String) {
        text += "{\"name\":"
        text += container.quotedName
        text += ",\"state\":"
        append(status.container, container, status.restarts, to: &text)
        text += ",\"lastState\":"
        append(status.last, container, status.restarts - (isWaiting ? 0 : 1), to: &text)
        text += ",\"ready\":"
        text += status.containersReady.isTrue ? "true" : "false"
        text += ",\"restartCount\":"
        text += String(status.restarts)
        text += ",\"image\":"
        text += container.quotedImage
        text += ",\"imageID\":"
        text += hasRun ? container.quotedImageID : "\"\""
        if hasRun {
            text += ",\"containerID\":\""
            text += containerID(container, status.restarts)
            text += "\""
        }
        text += isRunning ? ",\"started\":true}" : ",\"started\":false}"
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

    private func append(
        _ state: PodStatus.Container?, _ container: PodPattern.Container, _ run: Int, to text: inout String
    ) {
        switch state {
        case nil: text += "{}"
        case .waiting(let reason, let message):
            text += "{\"waiting\":{\"reason\":\"\(reason)\""
            if !message.isEmpty { text += ",\"message\":\(JSONValue.string(message).serialized)" }
            text += "}}"
        case .running(let since):
            text += "{\"running\":{\"startedAt\":\""
            text += since.rfc3339
            text += "\"}}"
        case .terminated(let code, let reason, let startedAt, let finishedAt):
            text += "{\"terminated\":{\"exitCode\":\(code),\"reason\":\"\(reason)\","
            text += "\"startedAt\":\"\(startedAt.rfc3339)\",\"finishedAt\":\"\(finishedAt.rfc3339)\","
            text += "\"containerID\":\"\(containerID(container, run))\"}}"
        }
    }
}
