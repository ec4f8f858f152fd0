import SluiceCore

extension Cluster {
    mutating func daemonSetChanged(_ object: StoredObject) {
        guard let value = object.value else { return }
        let before = daemonSets[object.uid]?.generation
        daemonSets[object.uid, default: DaemonSetState(object, value)].read(value)
        if before != daemonSets[object.uid]?.generation { requestSync(object.uid, node: nil) }
    }

    mutating func daemonSetRemoved(_ object: StoredObject) {
        guard let daemonSet = daemonSets[object.uid] else { return }
        for revision in revisions(of: daemonSet) { erase(.controllerRevisions, revision) }
        daemonSets[object.uid] = nil
        for pod in pods.of(object.uid) { deletePod(uid: pod.uid, grace: nil) }
    }

    /// Lets a DaemonSet's pods live on without it.
    mutating func orphanPods(of daemonSet: String) {
        for pod in pods.of(daemonSet) { pods.orphan(pod.uid) }
    }

    /// Has the controller look at a node, or at all that changed in the DaemonSet itself.
    mutating func requestSync(_ uid: String, node: String?) {
        guard daemonSets[uid] != nil else { return }
        if let node { daemonSets[uid]?.waitingNodes.insert(node) }
        guard daemonSets[uid]?.isSyncDue == false else { return }
        daemonSets[uid]?.isSyncDue = true
        after(options.controllerDelay, .sync(daemonSet: uid))
    }

    mutating func sync(_ uid: String) {
        guard var daemonSet = daemonSets[uid] else { return }
        daemonSet.isSyncDue = false
        if daemonSet.isGoing {
            daemonSets[uid] = daemonSet
            return finish(daemonSet)
        }
        var nodes = daemonSet.waitingNodes
        daemonSet.waitingNodes = []
        if daemonSet.observedGeneration != daemonSet.generation || daemonSet.pattern == nil {
            let hash = ensureRevision(of: daemonSet)
            daemonSet.pattern = pattern(of: daemonSet, hash: hash)
            daemonSet.observedGeneration = daemonSet.generation
            warnOfUnknownBehaviours(in: daemonSet)
            trimHistory(of: daemonSet, current: hash)
            nodes = Set(nodeFacts.keys)
        }
        daemonSets[uid] = daemonSet
        for node in nodes.sorted() { manage(node, uid) }
        if daemonSet.maxUnavailable != nil { roll(uid) }
        requestStatus(of: uid)
    }

    /// Ends a DaemonSet that was deleted in the foreground: first its pods, then itself.
    private mutating func finish(_ daemonSet: DaemonSetState) {
        let left = pods.of(daemonSet.uid)
        for pod in left { deletePod(uid: pod.uid, grace: nil) }
        guard left.isEmpty, let object = store.object(.daemonSets, daemonSet.namespace, daemonSet.name) else { return }
        erase(.daemonSets, object)
    }

    /// Brings the pods of one node in line with what the two questions answer.
    private mutating func manage(_ node: String, _ uid: String) {
        guard let daemonSet = daemonSets[uid] else { return }
        let facts = nodeFacts[node]
        if let facts, daemonSet.placement.runs(on: node, facts) {
            daemonSets[uid]?.wantedNodes.insert(node)
        } else {
            daemonSets[uid]?.wantedNodes.remove(node)
        }
        let here = pods.on(node: node, daemonSet: uid).filter { !$0.isGoneButForItsEntry }
        guard let facts, daemonSet.placement.stays(on: node, facts) else {
            for pod in here where pod.deletion == nil { deletePod(uid: pod.uid, grace: nil) }
            return
        }
        if here.isEmpty {
            if daemonSets[uid]?.wantedNodes.contains(node) == true { createPod(on: node, uid) }
            return
        }
        var living: [PodRecord] = []
        for pod in here where pod.deletion == nil {
            if pod.status.isTerminal {
                report(
                    pod, "Warning", pod.status.phase == "Failed" ? "FailedDaemonPod" : "SucceededDaemonPod",
                    "Found failed daemon pod \(pod.namespace)/\(pod.name) on node \(node), will try to kill it",
                    component: "daemonset-controller")
                deletePod(uid: pod.uid, grace: nil)
            } else {
                living.append(pod)
            }
        }
        for pod in living.sorted(by: { $0.number < $1.number }).dropFirst() { deletePod(uid: pod.uid, grace: nil) }
    }

    private mutating func createPod(on node: String, _ uid: String) {
        guard let daemonSet = daemonSets[uid], let pattern = daemonSet.pattern, let facts = nodeFacts[node] else {
            return
        }
        let behaviour = pattern.behaviour(on: node, facts.labels)
        let spec = daemonSet.template["spec"] ?? [:]
        let violation = behaviour.isRefused ? Self.securityRefusal : violation(of: spec, in: daemonSet.namespace)
        let refusal = lack(of: spec) ?? violation
        if let refusal {
            refuse(daemonSet, node, refusal)
            return
        }
        let attempt = daemonSet.attempts[node] ?? 0
        daemonSets[uid]?.attempts[node] = attempt + 1
        let number = nextNumber()
        let record = PodRecord(
            PodRecord.Identity(
                uid: drawing.uuid("uid", number), name: "\(daemonSet.name)-\(drawing.suffix("pod", number))",
                number: number, node: node, attempt: attempt, pattern: pattern, behaviour: behaviour, at: now))
        pods.insert(record)
        writePod(record.uid)
        reportEvent(daemonSet, "SuccessfulCreate", "Created pod: \(record.name)")
        after(options.controllerDelay, .bind(pod: record.uid))
    }

    private mutating func reportEvent(_ daemonSet: DaemonSetState, _ reason: String, _ message: String) {
        reportEvent(
            .init(kind: .daemonSets, namespace: daemonSet.namespace, name: daemonSet.name, uid: daemonSet.uid),
            "Normal", reason, message, component: "daemonset-controller")
    }

    /// The API refuses the pod: there is nothing but an event, and another attempt later.
    private mutating func refuse(_ daemonSet: DaemonSetState, _ node: String, _ refusal: String) {
        let message = "Error creating: pods \"\(daemonSet.name)-\" is forbidden: \(refusal)"
        reportEvent(
            .init(kind: .daemonSets, namespace: daemonSet.namespace, name: daemonSet.name, uid: daemonSet.uid),
            "Warning", "FailedCreate", message, component: "daemonset-controller")
        after(options.backOff, .retry(daemonSet: daemonSet.uid, node: node))
    }

    /// Says in an Event what of a behaviour annotation means nothing.
    private mutating func warnOfUnknownBehaviours(in daemonSet: DaemonSetState) {
        let annotation = daemonSet.template.at("metadata", "annotations", behaviourAnnotation)?.string ?? ""
        let unknown = BehaviourClause.unknown(in: annotation)
        guard !unknown.isEmpty else { return }
        reportEvent(
            .init(kind: .daemonSets, namespace: daemonSet.namespace, name: daemonSet.name, uid: daemonSet.uid),
            "Warning", "UnknownBehaviour",
            "\(unknown.joined(separator: ", ")): known are \(BehaviourName.list)", component: "sluice-cluster")
    }

    /// RollingUpdate: old pods go while fewer nodes than allowed are without an available pod; broken ones go first.
    private mutating func roll(_ uid: String) {
        guard let daemonSet = daemonSets[uid], let hash = daemonSet.pattern?.hash else { return }
        var candidates: [PodRecord] = []
        var unavailable = 0
        for node in daemonSet.wantedNodes.sorted() {
            let here = pods.on(node: node, daemonSet: uid).filter { !$0.isGoneButForItsEntry }
            let isCovered = here.contains { isAvailable($0, daemonSet) && $0.deletion == nil }
            if !isCovered { unavailable += 1 }
            let old = here.first { $0.pattern.hash != hash && $0.deletion == nil }
            guard let old, !here.contains(where: { $0.pattern.hash == hash }) else { continue }
            if isCovered { candidates.append(old) } else { deletePod(uid: old.uid, grace: nil) }
        }
        let budget = daemonSet.budget(over: daemonSet.wantedNodes.count) ?? 0
        for pod in candidates.prefix(max(0, budget - unavailable)) { deletePod(uid: pod.uid, grace: nil) }
    }

    func isAvailable(_ pod: PodRecord, _ daemonSet: DaemonSetState) -> Bool {
        guard pod.status.ready.isTrue else { return false }
        return now.millisecondsSince1970 - pod.status.readySince >= daemonSet.minReady
    }
}
