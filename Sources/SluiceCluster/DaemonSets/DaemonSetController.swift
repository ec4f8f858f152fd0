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
        guard daemonSets[uid]?.isSyncDue(after: node) == false else { return }
        after(options.controllerDelay, .sync(daemonSet: uid))
    }

    mutating func sync(_ uid: String) {
        guard let work = takeWork(of: uid) else { return }
        for node in work.nodes.sorted() { manage(node, uid, work) }
        if work.rolls { roll(uid) }
        requestStatus(of: uid)
    }

    /// What one sync of a DaemonSet has to do.
    private struct SyncWork {
        var nodes: Set<String>
        var placement: Placement
        var pattern: PodPattern
        var rolls: Bool
    }

    /// Takes the nodes that wait; all of them when the template has changed. What is read of the DaemonSet is taken along:
    /// were it held as a whole, its sets of nodes would be copied whenever one changes.
    private mutating func takeWork(of uid: String) -> SyncWork? {
        guard var daemonSet = daemonSets[uid] else { return nil }
        daemonSet.isSyncDue = false
        if daemonSet.isGoing {
            daemonSets[uid] = daemonSet
            finish(daemonSet)
            return nil
        }
        var nodes = daemonSet.waitingNodes
        daemonSet.waitingNodes = []
        let known = daemonSet.observedGeneration == daemonSet.generation ? daemonSet.pattern : nil
        let pattern = known ?? observe(&daemonSet)
        if known == nil { nodes = Set(nodeFacts.keys) }
        daemonSets[uid] = daemonSet
        return SyncWork(
            nodes: nodes, placement: daemonSet.placement, pattern: pattern, rolls: daemonSet.maxUnavailable != nil)
    }

    /// Records a template that the controller has not dealt with yet.
    private mutating func observe(_ daemonSet: inout DaemonSetState) -> PodPattern {
        let hash = ensureRevision(of: daemonSet)
        let made = pattern(of: daemonSet, hash: hash)
        daemonSet.pattern = made
        daemonSet.observedGeneration = daemonSet.generation
        warnOfUnknownBehaviours(in: daemonSet)
        trimHistory(of: daemonSet, current: hash)
        return made
    }

    /// Ends a DaemonSet that was deleted in the foreground: first its pods, then itself.
    private mutating func finish(_ daemonSet: DaemonSetState) {
        let left = pods.of(daemonSet.uid)
        for pod in left { deletePod(uid: pod.uid, grace: nil) }
        guard left.isEmpty, let object = store.object(.daemonSets, daemonSet.namespace, daemonSet.name) else { return }
        erase(.daemonSets, object)
    }

    /// Brings the pods of one node in line with what the two questions answer.
    private mutating func manage(_ node: String, _ uid: String, _ work: SyncWork) {
        let facts = nodeFacts[node]
        let isWanted = facts.map { work.placement.runs(on: node, $0) } ?? false
        if isWanted {
            daemonSets[uid]?.wantedNodes.insert(node)
        } else {
            daemonSets[uid]?.wantedNodes.remove(node)
        }
        let here = pods.on(node: node, daemonSet: uid).filter { !$0.isGoneButForItsEntry }
        guard let facts, work.placement.stays(on: node, facts) else {
            for pod in here where pod.deletion == nil { deletePod(uid: pod.uid, grace: nil) }
            return
        }
        if here.isEmpty {
            if isWanted { createPod(on: node, uid, work.pattern) }
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

    private mutating func createPod(on node: String, _ uid: String, _ pattern: PodPattern) {
        guard let facts = nodeFacts[node] else { return }
        let behaviour = pattern.behaviour(on: node, facts.labels)
        if let refusal = refusal(of: pattern, behaviour) {
            if let daemonSet = daemonSets[uid] { refuse(daemonSet, node, refusal) }
            return
        }
        let attempt = attempts[uid]?[node] ?? 0
        attempts[uid, default: [:]][node] = attempt + 1
        var number = nextPodNumber()
        var name = "\(pattern.daemonSet)-\(drawing.suffix("pod", number))"
        // Of many pods two draw the same name; the API server has the second one draw again.
        while store.object(.pods, pattern.namespace, name) != nil {
            number = nextPodNumber()
            name = "\(pattern.daemonSet)-\(drawing.suffix("pod", number))"
        }
        let record = PodRecord(
            PodRecord.Identity(
                uid: drawing.uuid("pod uid", number), name: name, number: number, node: node, attempt: attempt,
                pattern: pattern, behaviour: behaviour, at: now))
        pods.insert(record)
        writePod(record.uid)
        if options.detail == .full, let daemonSet = daemonSets[uid] {
            reportEvent(daemonSet, "SuccessfulCreate", "Created pod: \(record.name)")
        }
        after(options.controllerDelay, .bind(pod: record.uid))
    }

    /// What the API server has against the pod; nil when nothing.
    private func refusal(of pattern: PodPattern, _ behaviour: Behaviour) -> String? {
        let lacking = lack(of: pattern.templateSpec)
        if lacking != nil || behaviour.isRefused { return lacking ?? Self.securityRefusal }
        return violation(of: pattern.templateSpec, in: pattern.namespace)
    }

    private mutating func reportEvent(_ daemonSet: DaemonSetState, _ reason: String, _ message: String) {
        reportEvent(
            .init(kind: .daemonSets, namespace: daemonSet.namespace, name: daemonSet.name, uid: daemonSet.uid),
            "Normal", reason, message, component: "daemonset-controller")
    }

    /// The API refuses the pod: there is nothing but an event, and another attempt later.
    private mutating func refuse(_ daemonSet: DaemonSetState, _ node: String, _ refusal: String) {
        let reason = "pods \"\(daemonSet.name)-\" is forbidden: \(refusal)"
        let message = "Error creating: \(reason)"
        daemonSets[daemonSet.uid]?.refusal = (reason, now)
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
