/// Taking facts in: what an event changes in the view, before any rule is applied.
extension RolloutMachine {
    mutating func absorb(_ event: RolloutEvent) {
        let now = turn.now.monotonic
        switch event {
        case .daemonSetObserved(let daemonSet): observe(daemonSet)
        case .revisionsListed(let revisions): list(revisions)
        case .nodesListed(let nodes):
            observed(.nodes)
            turn.touched.formUnion(view.replaceNodes(nodes))
        case .nodeChanged(let node):
            view.setNode(node)
            turn.touched.insert(node.name)
        case .nodeGone(let name):
            view.removeNode(name)
            turn.touched.insert(name)
        case .podsListed(let pods, let serverTime):
            observed(.pods)
            turn.touched.formUnion(view.replacePods(pods, serverTime: serverTime, now: now))
            turn.touched.formUnion(memory.unproven)
            memory.unproven = []
            memory.podsListedAt = now
        case .podChanged(let pod):
            if let node = view.setPod(pod, now: now) { turn.touched.insert(node) }
        case .podGone(let uid):
            if let node = view.removePod(uid: uid) { turn.touched.insert(node) }
        case .observationLost(let view, let reason, let since):
            memory.unobserved[view] = reason
            if let since { memory.unobservedSince = min(memory.unobservedSince ?? since, since) }
        case .observationRegained(let view):
            if memory.unobserved[view] != nil {
                memory.regainedAt = turn.now.monotonic
                memory.hasAskedAfresh = false
            }
            memory.unobserved[view] = memory.listed.contains(view) ? nil : "not listed yet"
        case .deleteAccepted(let uid): deleteAccepted(uid)
        case .deleteRefused(let uid, let refusal): deleteRefused(uid, refusal)
        case .patchAccepted(let daemonSet): patchAccepted(daemonSet)
        case .patchRefused(let refusal): patchRefused(refusal)
        case .creationRefusalRead(let reason): creationRefusalRead(reason)
        case .measured(let wave, let gate, let reading): measured(wave: wave, gate: gate, reading)
        case .scraped(let wave, let gate, let pods): scraped(wave: wave, gate: gate, pods)
        case .blockerSeen(let name, let reading): blockerSeen(name, reading)
        case .configSeen(let object, let reading): configSeen(object, reading)
        case .leaseHeld: memory.leaseReason = nil
        case .leaseLost(let reason): memory.leaseReason = reason
        case .storeFailed(let reason): memory.diskReason = reason
        case .storeRecovered: memory.diskReason = nil
        case .operatorAsked(let request): operatorAsked(request)
        case .wakeReached: break
        }
    }

    private mutating func observed(_ view: ClusterView) {
        memory.unobserved[view] = nil
        memory.listed.insert(view)
    }

    // MARK: The DaemonSet

    private mutating func observe(_ daemonSet: DaemonSet?) {
        observed(.daemonSet)
        // What a watch says late would take back what an answer has said about the template.
        if parks, let known = memory.daemonSet, let daemonSet, known.uid == daemonSet.uid,
            daemonSet.generation < known.generation
        {
            return
        }
        memory.daemonSet = daemonSet
        let name = "\(state.rollout.namespace)/\(state.rollout.daemonSet)"
        guard let daemonSet, !daemonSet.isBeingDeleted else {
            return halt(.daemonSetGone, "DaemonSet \(name) is gone or being deleted")
        }
        guard daemonSet.uid == state.rollout.daemonSetUID else {
            return halt(
                .daemonSetReplaced,
                "DaemonSet \(name) has uid \(daemonSet.uid), the rollout began with \(state.rollout.daemonSetUID)")
        }
        if memory.revisionsAskedFor != daemonSet.observedGeneration { askForRevisions() }
        guard state.rollout.phase == .updating || state.rollout.phase == .soaking else { return }
        checkTemplate(daemonSet)
        checkStrategy(daemonSet)
    }

    /// A template that is known but not the target holds the rollout; one that nobody knows halts it, once the revisions
    /// that could know it have been read.
    private mutating func checkTemplate(_ daemonSet: DaemonSet) {
        if daemonSet.template == state.rollout.targetTemplate || isParked {
            memory.templateBlockedSince = nil
        } else if isKnown(daemonSet.template) || !memory.revisionsAreListed {
            memory.templateBlockedSince = memory.templateBlockedSince ?? turn.now.monotonic
        } else {
            let who = daemonSet.lastManager(of: \.ownsTemplate).map { " by \($0)" } ?? ""
            halt(
                .templateChanged,
                "the template of \(daemonSet.namespace)/\(daemonSet.name) was changed\(who) to one this rollout does "
                    + "not know; plan again, or restore the target")
        }
    }

    /// The answer to a patch says what the watch has yet to say.
    mutating func checkTemplateAgain() {
        guard parks, let daemonSet = memory.daemonSet,
            state.rollout.phase == .updating || state.rollout.phase == .soaking
        else { return }
        checkTemplate(daemonSet)
    }

    /// Whether a template is one this rollout has met: where it came from, or a revision that stood when it began. The
    /// controller records every new template as a revision too, so a revision only counts when it is older than the
    /// rollout.
    private func isKnown(_ template: PodTemplate) -> Bool {
        template == state.rollout.baseTemplate
            || memory.revisions.contains {
                $0.template == template
                    && ($0.createdAt ?? state.rollout.createdAt) < state.rollout.createdAt
            }
    }

    private mutating func checkStrategy(_ daemonSet: DaemonSet) {
        let wasForeign = memory.strategyIsForeign
        memory.strategyIsForeign = daemonSet.updateStrategy != .onDelete
        guard memory.strategyIsForeign, !wasForeign else { return }
        let who = daemonSet.lastManager(of: \.ownsUpdateStrategy).map { " by \($0)" } ?? ""
        let message =
            "the update strategy was set to \(daemonSet.updateStrategy.rawValue)\(who): nodes keep changing outside "
            + "the waves until it is OnDelete again"
        if plan.onStrategyChanged == .halt { return halt(.strategyChanged, message) }
        log(.strategyChanged, reason: .strategyChanged, message: message)
    }

    private mutating func list(_ revisions: [ControllerRevision]) {
        memory.revisionsAreListed = true
        memory.revisions = revisions.filter { $0.ownerUID == state.rollout.daemonSetUID }
        let match = memory.revisions.filter { $0.template == state.rollout.targetTemplate }
        if let found = match.max(by: { $0.revision < $1.revision }), state.rollout.updateRevision != found.hash {
            state.rollout.updateRevision = found.hash
            turn.rolloutChanged = true
            log(.revisionFound, message: found.hash)
            turn.touched.formUnion(view.nodes.keys)
        }
        guard let daemonSet = memory.daemonSet, state.rollout.phase == .updating || state.rollout.phase == .soaking
        else { return }
        checkTemplate(daemonSet)
    }
}

extension DaemonSet {
    /// Who wrote last among the managers that own a part of the spec, such as "argocd-controller (Apply)".
    func lastManager(of part: KeyPath<FieldManager, Bool>) -> String? {
        let owners = managers.filter { $0[keyPath: part] && $0.name != "sluice" }
        let last = owners.max { ($0.time ?? Timestamp(0)) < ($1.time ?? Timestamp(0)) }
        return last.map { "\($0.name) (\($0.operation))" }
    }
}
