import SluiceCore

extension Cluster {
    /// Has the controller write the status soon, but not more often than the interval allows.
    mutating func requestStatus(of uid: String) {
        guard let daemonSet = daemonSets[uid], !daemonSet.isStatusDue else { return }
        if options.detail == .core, daemonSet.observedGeneration == daemonSet.statusGeneration { return }
        daemonSets[uid]?.isStatusDue = true
        let earliest = daemonSet.statusWritten + options.statusInterval
        after(max(options.controllerDelay, earliest - now.millisecondsSince1970), .status(daemonSet: uid))
    }

    /// Writes the status, or leaves that to the time at which it is due.
    mutating func writeStatus(of uid: String) {
        if let written = daemonSets[uid]?.statusWritten,
            now.millisecondsSince1970 < written + options.statusInterval
        {
            return requestStatus(of: uid)
        }
        guard let daemonSet = daemonSets[uid],
            var value = store.object(.daemonSets, daemonSet.namespace, daemonSet.name)?.value
        else { return }
        daemonSets[uid]?.isStatusDue = false
        daemonSets[uid]?.statusWritten = now.millisecondsSince1970
        daemonSets[uid]?.statusGeneration = daemonSet.observedGeneration
        let status: JSONValue =
            options.detail == .core
            ? ["observedGeneration": .integer(daemonSet.observedGeneration)] : status(of: daemonSet)
        guard value["status"] != status else { return }
        let before = value
        value["status"] = status
        let writer = ManagedFields.Writer(manager: "kube-controller-manager", subresource: "status")
        write(.daemonSets, ManagedFields.noted(value, before: before, writer, at: now))
    }

    /// The counts as the controller takes them: terminating pods count as long as they are Ready.
    private func status(of daemonSet: DaemonSetState) -> JSONValue {
        var desired = 0
        var current = 0
        var misscheduled = 0
        var ready = 0
        var available = 0
        var updated = 0
        for node in nodeFacts.keys {
            let oldest = pods.oldest(on: node, daemonSet: daemonSet.uid) { !$0.isGoneButForItsEntry }
            guard daemonSet.wantedNodes.contains(node) else {
                if oldest != nil { misscheduled += 1 }
                continue
            }
            desired += 1
            guard let pod = oldest else { continue }
            current += 1
            if pod.status.ready.isTrue { ready += 1 }
            if isAvailable(pod, daemonSet) { available += 1 }
            if pod.pattern.hash == daemonSet.pattern?.hash { updated += 1 }
        }
        func count(_ number: Int) -> JSONValue { .integer(Int64(number)) }
        var status: JSONValue = [
            "currentNumberScheduled": count(current), "numberMisscheduled": count(misscheduled),
            "desiredNumberScheduled": count(desired), "numberReady": count(ready),
            "observedGeneration": .integer(daemonSet.observedGeneration),
        ]
        if updated > 0 { status["updatedNumberScheduled"] = count(updated) }
        if available > 0 { status["numberAvailable"] = count(available) }
        if desired > available { status["numberUnavailable"] = count(desired - available) }
        return status
    }
}
