import SluiceCore

/// The longest back-off, in milliseconds.
private let longestBackOff: Milliseconds = 300_000

extension Cluster {
    /// The scheduler: a pod is bound to the node that it is pinned to.
    mutating func bind(_ uid: String) {
        guard var pod = pods[uid], !pod.isBound, pod.deletion == nil, let facts = nodeFacts[pod.node] else { return }
        pod.place(on: facts, at: now.wholeSecond)
        pods[uid] = pod
        writePod(uid)
        after(0, .podStage(pod: uid, token: pod.token))
    }

    /// One row of the pod's life.
    mutating func runStage(of uid: String, token: Int) {
        guard var pod = pods[uid], pod.token == token, pod.deletion == nil else { return }
        guard nodeFacts[pod.node]?.isDead == false else {
            pods[uid]?.isFrozen = true
            return
        }
        let rows = LifeTable.rows(for: pod.behaviour)
        let stage = rows[pod.row]
        let before = pod.status
        apply(stage.report, to: &pod)
        switch stage.next {
        case .end: pod.token += 1
        case .row(let row): pod.row = row
        case .restart(let first, let later): pod.row = pod.status.restarts == 0 ? first : later
        }
        let next = pod.token == token ? wait(rows[pod.row].wait, &pod) : nil
        pods[uid] = pod
        if pod.status != before { writePod(uid) }
        reportTrouble(of: pod, stage.report)
        switch stage.report {
        case .nodeSilent: silenceNode(pod.node)
        case .memoryPressure: pressNode(pod.node)
        case .creating, .waiting, .running, .terminated, .unhealthy: break
        }
        if pod.status.ready.isTrue != before.ready.isTrue { readinessMoved(pod) }
        if let next { after(next, .podStage(pod: uid, token: token)) }
    }

    private func wait(_ wait: LifeStage.Wait, _ pod: inout PodRecord) -> Milliseconds {
        let start =
            pod.behaviour.time(.slow).map { off($0, &pod) }
            ?? options.drawn(options.startDelay, "start", pod.node, pod.attempt)
        let lag = pod.pattern.hasReadinessProbe ? min(options.readyLag, start / 2) : 0
        switch wait {
        case .none: return 0
        case .start: return start - lag
        case .lag: return pod.behaviour.time(.slowReady).map { off($0, &pod) } ?? lag
        case .halfStart: return off(options.startDelay / 2, &pod)
        case .behaviour(let name): return off(pod.behaviour.time(name) ?? 0, &pod)
        case .exactly(let time): return time
        case .backOffLead: return min(1_000, max(pod.backOff, options.backOff) / 4)
        case .backOff:
            let now = max(pod.backOff, options.backOff)
            pod.backOff = min(now * 2, longestBackOff)
            return now
        }
    }

    private func off(_ mean: Milliseconds, _ pod: inout PodRecord) -> Milliseconds {
        pod.draws += 1
        let unit = drawing.unit(pod.uid, pod.draws)
        return max(0, Milliseconds((Double(mean) * (1 + options.jitter * (2 * unit - 1))).rounded()))
    }

    private func apply(_ report: LifeStage.Report, to pod: inout PodRecord) {
        let time = now.wholeSecond
        switch report {
        case .creating:
            pod.status.startedAt = time
            pod.status.sandbox = .init(isTrue: false, since: time)
            pod.status.ready = .init(isTrue: false, since: time)
            pod.status.containersReady = .init(isTrue: false, since: time)
            pod.status.container = .waiting(reason: "ContainerCreating", message: "")
        case .waiting(let reason):
            if case .terminated = pod.status.container { pod.status.last = pod.status.container }
            pod.status.container = .waiting(reason: reason, message: message(for: reason, pod))
            openSandbox(of: &pod, time)
            setReady(false, &pod)
        case .running(let ready):
            if pod.status.runningSince == nil {
                if case .terminated = pod.status.container { pod.status.last = pod.status.container }
                if pod.status.last != nil { pod.status.restarts += 1 }
                pod.status.container = .running(since: time)
            }
            pod.status.phase = "Running"
            openSandbox(of: &pod, time)
            setReady(ready ?? !pod.pattern.hasReadinessProbe, &pod)
        case .terminated(let code, let reason):
            pod.status.container = .terminated(
                code: code, reason: reason, startedAt: pod.status.runningSince ?? time, finishedAt: time)
            setReady(false, &pod)
        case .unhealthy, .nodeSilent, .memoryPressure: break
        }
    }

    private func openSandbox(of pod: inout PodRecord, _ time: Timestamp) {
        if !pod.status.sandbox.isTrue { pod.status.sandbox = .init(isTrue: true, since: time) }
    }

    func setReady(_ isReady: Bool, _ pod: inout PodRecord) {
        let condition = PodStatus.Condition(isTrue: isReady, since: now.wholeSecond)
        if pod.status.containersReady.isTrue != isReady { pod.status.containersReady = condition }
        if pod.status.ready.isTrue != isReady {
            pod.status.ready = condition
            if isReady { pod.status.readySince = now.millisecondsSince1970 }
        }
    }

    private func message(for reason: String, _ pod: PodRecord) -> String {
        let container = pod.pattern.containers.first
        let image = container?.image ?? ""
        let pull =
            "failed to pull and unpack image \"\(image)\": failed to resolve reference \"\(image)\": \(image): not found"
        switch reason {
        case "ErrImagePull": return pull
        case "ImagePullBackOff": return "Back-off pulling image \"\(image)\": ErrImagePull: \(pull)"
        case "CreateContainerConfigError": return "configmap \"missing\" not found"
        case "CrashLoopBackOff":
            let seconds = max(pod.backOff, options.backOff) / 1_000
            return "back-off \(seconds)s restarting failed container=\(container?.name ?? "") "
                + "pod=\(pod.name)_\(pod.namespace)(\(pod.uid))"
        default: return ""
        }
    }

    private mutating func reportTrouble(of pod: PodRecord, _ report: LifeStage.Report) {
        let container = pod.pattern.containers.first
        switch report {
        case .unhealthy:
            self.report(
                pod, "Warning", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")
        case .waiting("ErrImagePull"):
            let image = container?.image ?? ""
            self.report(
                pod, "Warning", "Failed", "Failed to pull image \"\(image)\": \(message(for: "ErrImagePull", pod))")
        case .waiting("ImagePullBackOff"):
            self.report(pod, "Normal", "BackOff", "Back-off pulling image \"\(container?.image ?? "")\"")
        case .waiting("CreateContainerConfigError"):
            self.report(pod, "Warning", "Failed", "Error: configmap \"missing\" not found")
        case .waiting("CrashLoopBackOff"):
            self.report(
                pod, "Warning", "BackOff",
                "Back-off restarting failed container \(container?.name ?? "") in pod "
                    + "\(pod.name)_\(pod.namespace)(\(pod.uid))")
        default: break
        }
    }

    /// Stores the pod's next version and lets everybody know. Without text it is let go as a value, and nothing is stored.
    @discardableResult
    mutating func writePod(_ uid: String) -> StoredObject? {
        guard let pod = pods[uid] else { return nil }
        guard options.detail == .full else {
            noteUnstored(pod, isGone: false)
            return nil
        }
        let object = pod.object(version: store.nextVersion)
        publish(.pods, store.put(.pods, object))
        if let owner = pod.owner { requestStatus(of: owner) }
        requestBudgets()
        return object
    }

    private mutating func readinessMoved(_ pod: PodRecord) {
        guard let owner = pod.owner, let daemonSet = daemonSets[owner] else { return }
        if daemonSet.maxUnavailable != nil { requestSync(owner, node: pod.node) }
        if daemonSet.minReady > 0, pod.status.ready.isTrue {
            after(daemonSet.minReady, .status(daemonSet: owner))
            if daemonSet.maxUnavailable != nil { after(daemonSet.minReady, .sync(daemonSet: owner)) }
        }
    }

    /// The node is silent: its pods are no longer Ready, and nothing happens to them.
    mutating func loseSight(of uid: String) {
        guard var pod = pods[uid], pod.status.ready.isTrue else { return }
        pod.status.ready = .init(isTrue: false, since: now.wholeSecond)
        pods[uid] = pod
        writePod(uid)
        readinessMoved(pod)
    }

    /// The node is back: its pods are what their containers are, and go on where they stopped.
    mutating func revive(_ uid: String) {
        guard var pod = pods[uid] else { return }
        if pod.status.containersReady.isTrue, !pod.status.ready.isTrue, !pod.status.isTerminal {
            pod.status.ready = .init(isTrue: true, since: now.wholeSecond)
            pod.status.readySince = now.millisecondsSince1970
            pods[uid] = pod
            writePod(uid)
            readinessMoved(pod)
        }
        guard pod.isFrozen else { return }
        pods[uid]?.isFrozen = false
        if pod.deletion == nil {
            after(0, .podStage(pod: uid, token: pod.token))
        } else {
            after(0, .podEnd(pod: uid, token: pod.token))
        }
    }
}
