import SluiceCore

/// The exit code of a container that SIGTERM ended.
private let terminatedCode = 143
/// How long a kubelet needs to remove a pod whose containers have ended already, in milliseconds.
private let removalDelay: Milliseconds = 2

extension Cluster {
    /// Deletes a pod as the API does: a bound one ends in its own time, any other is gone at once.
    ///
    /// - Parameter grace: seconds; nil means what the template says, 0 removes the pod without waiting for the kubelet.
    @discardableResult
    mutating func deletePod(uid: String, grace: Int64?) -> StoredObject {
        guard var pod = pods[uid] else {
            return StoredObject(goneWithUID: uid)
        }
        if pod.deletion != nil, grace != 0 {
            return store.object(.pods, pod.namespace, pod.name) ?? pod.object(version: store.version)
        }
        let isOver = pod.status.isTerminal
        let granted = isOver ? 0 : max(0, grace ?? pod.pattern.grace)
        pod.deletion = PodRecord.Deletion(requestedAt: now, grace: granted)
        if !pod.isBound || grace == 0 {
            pods[uid] = pod
            return removePod(uid)
        }
        pod.token += 1
        pod.isFrozen = false
        pod.hasEnded = isOver
        pods[uid] = pod
        let object = writePod(uid) ?? pod.object(version: store.version)
        if let time = timeToEnd(pod) { after(time, .podEnd(pod: uid, token: pod.token)) }
        if isOver, let owner = pod.owner { requestSync(owner, node: pod.node) }
        return object
    }

    /// What a delete would make of a pod.
    func terminating(_ object: StoredObject, grace: Int64?) -> StoredObject {
        guard var pod = pods[object.uid], pod.deletion == nil else { return object }
        let granted = pod.status.isTerminal ? 0 : max(0, grace ?? pod.pattern.grace)
        pod.deletion = PodRecord.Deletion(requestedAt: now, grace: granted)
        return pod.object(version: object.version)
    }

    /// How long a deleted pod's containers take to end; nil when they never do.
    func timeToEnd(_ pod: PodRecord) -> Milliseconds? {
        if pod.hasEnded { return removalDelay }
        if pod.behaviour.has(.stuckTermination) { return nil }
        if let slow = pod.behaviour.time(.slowTermination) { return slow }
        let grace = milliseconds(seconds: pod.deletion?.grace ?? 0)
        return min(options.drawn(options.termination, "termination", pod.node, pod.attempt), grace)
    }

    /// The kubelet ends the containers of a deleted pod, and then removes it.
    mutating func continueEnd(of uid: String, token: Int) {
        guard var pod = pods[uid], pod.token == token, let deletion = pod.deletion else { return }
        guard nodeFacts[pod.node]?.isDead == false else {
            pods[uid]?.isFrozen = true
            return
        }
        if pod.hasEnded {
            if deletion.grace != 0 {
                pods[uid]?.deletion?.grace = 0
                writePod(uid)
            }
            removePod(uid)
            return
        }
        let time = now.wholeSecond
        if let since = pod.status.runningSince {
            pod.status.container = .terminated(
                code: terminatedCode, reason: "Error", startedAt: since, finishedAt: time)
        }
        pod.status.phase = "Failed"
        if pod.status.sandbox.isTrue { pod.status.sandbox = .init(isTrue: false, since: time) }
        setReady(false, &pod)
        pod.hasEnded = true
        pod.hasSeenDeletion = true
        pods[uid] = pod
        writePod(uid)
        if let owner = pod.owner { requestSync(owner, node: pod.node) }
        after(
            options.drawn(options.linger, "linger", pod.node, pod.attempt), .podEnd(pod: uid, token: token))
    }

    /// Takes a pod out of the store.
    @discardableResult
    mutating func removePod(_ uid: String) -> StoredObject {
        guard var pod = pods[uid] else {
            return StoredObject(goneWithUID: uid)
        }
        if pod.deletion == nil { pod.deletion = PodRecord.Deletion(requestedAt: now, grace: 0) }
        pod.deletion?.grace = 0
        let last = pod.object(version: store.nextVersion)
        if options.detail == .core { noteUnstored(pod, isGone: true) }
        if let change = store.remove(.pods, last: last) { publish(.pods, change) }
        pods.remove(uid)
        if options.detail == .full { pods.former[PodTable.Place(pod)] = FormerPod(pod: pod, goneAt: now) }
        requestBudgets()
        if let owner = pod.owner {
            requestSync(owner, node: pod.node)
            if options.detail == .full { requestStatus(of: owner) }
        }
        return last
    }

    /// What may be patched of a pod: phase, reason and message of its status, as a node under pressure sets them.
    mutating func patchPod(
        _ object: StoredObject, _ change: JSONValue, _ subresource: String?
    ) throws(Failure) -> ClusterAnswer {
        guard subresource == "status", var pod = pods[object.uid], let phase = change.at("status", "phase")?.string
        else { throw .methodNotAllowed }
        pod.status.phase = phase
        pod.status.reason = change.at("status", "reason")?.string ?? ""
        pod.status.message = change.at("status", "message")?.string ?? ""
        pod.token += 1
        pods[object.uid] = pod
        let written = writePod(object.uid) ?? object
        if let owner = pod.owner { requestSync(owner, node: pod.node) }
        return ClusterAnswer(status: 200, body: written.single(.pods) + "\n")
    }
}
