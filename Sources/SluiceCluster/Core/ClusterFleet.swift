public import SluiceCore

/// How long a pod that shows no trouble may be on its way to Ready, in milliseconds; one that is older stays as it is.
private let longestStart: Milliseconds = 300_000

extension Cluster {
    /// A cluster that begins in the state of a fleet: its nodes with their taints and health, its DaemonSet with its
    /// revisions, and its pods as they are.
    ///
    /// What is Ready stays Ready, what is broken stays broken until it is deleted, and a NotReady node stays silent. A pod
    /// without trouble that is younger than five minutes goes on to Ready; a terminating one goes on to its end.
    public init(options: ClusterOptions, start: Timestamp, fleet: FleetFacts) {
        var empty = options
        empty.nodes = 0
        self.init(options: empty, start: start)
        let daemonSet = fleet.daemonSet
        if store.object(.namespaces, "", daemonSet.namespace) == nil { insertNamespace(daemonSet.namespace) }
        for (index, node) in fleet.nodes.sorted(by: { $0.name < $1.name }).enumerated() {
            _ = store.put(.nodes, StoredObject(node: node, version: store.nextVersion))
            nodeFacts[node.name] = NodeFacts(node, number: index)
        }
        for revision in fleet.revisions {
            let json = revision.json(namespace: daemonSet.namespace)
            _ = store.put(.controllerRevisions, StoredObject(value: json, version: store.nextVersion))
        }
        adopt(daemonSet, fleet.revisions)
        adoptPods(fleet)
    }

    /// The DaemonSet as the controller knows it. With a template that it has not recorded yet it sets to work at once.
    private mutating func adopt(_ daemonSet: DaemonSet, _ revisions: [ControllerRevision]) {
        var json = daemonSet.json
        json["metadata"]?["resourceVersion"] = .string(String(store.nextVersion))
        let object = StoredObject(value: json, version: store.nextVersion)
        _ = store.put(.daemonSets, object)
        var state = DaemonSetState(object, json)
        let current = ControllerRevision.remembering(daemonSet.template, of: daemonSet, in: revisions)
        if let current, daemonSet.observedGeneration == daemonSet.generation {
            state.observedGeneration = daemonSet.generation
            state.pattern = pattern(of: state, hash: current.hash)
        }
        for (name, facts) in nodeFacts where state.placement.runs(on: name, facts) { state.wantedNodes.insert(name) }
        daemonSets[daemonSet.uid] = state
        if state.pattern == nil { requestSync(daemonSet.uid, node: nil) }
    }

    private mutating func adoptPods(_ fleet: FleetFacts) {
        guard let daemonSet = daemonSets[fleet.daemonSet.uid] else { return }
        var patterns: [String: PodPattern] = [:]
        let own = fleet.pods.filter { $0.ownerUID == fleet.daemonSet.uid && $0.nodeName != nil }
        let ordered = own.sorted { ($0.createdAt ?? Timestamp(0), $0.uid) < ($1.createdAt ?? Timestamp(0), $1.uid) }
        for pod in ordered {
            let hash = pod.revisionHash ?? ""
            var made = daemonSet
            let template = fleet.revisions.first { $0.hash == hash && $0.ownerUID == daemonSet.uid }?.template
            if let template { made.template = template.json }
            let pattern = patterns[hash] ?? pattern(of: made, hash: hash)
            patterns[hash] = pattern
            adopt(pod, pattern)
            if let node = pod.nodeName { attempts[daemonSet.uid, default: [:]][node] = 1 }
        }
    }

    private mutating func adopt(_ pod: Pod, _ pattern: PodPattern) {
        guard let node = pod.nodeName, let facts = nodeFacts[node] else { return }
        var record = PodRecord(
            PodRecord.Identity(
                uid: pod.uid, name: pod.name, number: nextPodNumber(), node: node, attempt: 0, pattern: pattern,
                behaviour: Behaviour([], on: node, facts.labels), at: pod.createdAt ?? now))
        if pod.isScheduled { record.place(on: facts, at: record.createdAt) }
        record.status.take(pod, at: record.createdAt)
        let age = now.millisecondsSince1970 - record.createdAt.millisecondsSince1970
        let isStarting = !pod.isReady && !pod.isTerminating && pod.hasNoTrouble && age < longestStart
        if isStarting { record.status = PodStatus(scheduledAt: record.status.scheduledAt) }
        if pod.isTerminating {
            record.deletion = PodRecord.Deletion(requestedAt: now, grace: pattern.grace)
            record.hasEnded = record.status.isTerminal
        }
        pods.insert(record)
        if options.detail == .full { _ = store.put(.pods, record.object(version: store.nextVersion)) }
        if pod.isTerminating, let time = timeToEnd(record) { after(time, .podEnd(pod: pod.uid, token: record.token)) }
        guard isStarting else { return }
        after(0, pod.isScheduled ? .podStage(pod: pod.uid, token: record.token) : .bind(pod: pod.uid))
    }

    /// Has pods that are made from now on behave in other ways.
    public mutating func setBehaviours(_ behaviours: [BehaviourRule]) {
        options.behaviours = behaviours
        for uid in daemonSets.keys.sorted() {
            guard let daemonSet = daemonSets[uid], let hash = daemonSet.pattern?.hash else { continue }
            let pattern = pattern(of: daemonSet, hash: hash)
            daemonSets[uid]?.pattern = pattern
        }
    }

    /// Draws with another seed from now on.
    public mutating func draw(seed: UInt64) {
        options.seed = seed
        drawing = Drawing(seed: seed)
    }
}

extension Pod {
    /// Whether nothing says that the pod will not become Ready.
    fileprivate var hasNoTrouble: Bool {
        guard phase == .pending || phase == .running, unschedulableMessage == nil else { return false }
        return containers.allSatisfy { container in
            let waits = container.waiting.map { ["ContainerCreating", "PodInitializing"].contains($0.reason) } ?? true
            return waits && container.restartCount == 0 && container.lastTermination == nil
        }
    }
}

extension PodStatus {
    /// What a kubelet had said about a pod that the model did not make.
    fileprivate mutating func take(_ pod: Pod, at created: Timestamp) {
        phase = pod.phase.rawValue
        reason = pod.reason
        message = pod.message
        restarts = pod.restartCount
        let own = pod.containers.filter { !$0.isInit }
        guard pod.isScheduled, pod.phase != .pending || !own.isEmpty else { return }
        startedAt = created
        let changed = (pod.readyChangedAt ?? created).wholeSecond
        ready = Condition(isTrue: pod.isReady, since: changed)
        readySince = changed.millisecondsSince1970
        containersReady = Condition(isTrue: !own.isEmpty && own.allSatisfy(\.isReady) || pod.isReady, since: changed)
        sandbox = Condition(isTrue: pod.phase == .running, since: created)
        guard let first = own.first(where: { !$0.isReady }) ?? own.first else { return }
        if let waiting = first.waiting {
            container = .waiting(reason: waiting.reason, message: waiting.message)
        } else if let end = first.terminated {
            container = .terminated(code: end.exitCode, reason: end.reason, startedAt: created, finishedAt: changed)
        } else {
            container = .running(since: own.compactMap(\.runningSince).min() ?? created)
        }
        if let end = first.lastTermination {
            last = .terminated(code: end.exitCode, reason: end.reason, startedAt: created, finishedAt: changed)
        }
    }
}
