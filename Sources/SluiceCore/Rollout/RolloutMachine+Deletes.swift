/// Deleting pods: which, in what order, and what becomes of each order.
extension RolloutMachine {
    /// When a delete whose fate is unknown is sent again, in milliseconds.
    static let resendInterval: Milliseconds = 5_000
    /// When an eviction that a PodDisruptionBudget refused is tried again, in milliseconds.
    static let evictionRetryInterval: Milliseconds = 10_000
    /// How many nodes a sentence names before it says "and N more".
    static let namesInSentence = 5

    /// Deletes as many pods of these batches as the budget allows now: broken ones first, then in the wave's order.
    mutating func deletePods(in slots: [Slot]) {
        memory.isBudgetBlocked = false
        guard blockingHolds().isEmpty else { return }
        resendDeletes()
        for slot in slots { deleteBrokenPods(in: slot) }
        for slot in slots { deleteHealthyPods(in: slot) }
        let isBlocked = memory.isBudgetBlocked && !ledger.holders.isEmpty
        memory.budgetBlockedSince = isBlocked ? (memory.budgetBlockedSince ?? turn.now.monotonic) : nil
    }

    private mutating func deleteBrokenPods(in slot: Slot) {
        for node in memory.brokenPending.sorted() {
            // One that was put off in an earlier turn has not been counted anew since.
            guard let record = state.nodes[node], record.status == .pending, record.wave == slot.wave,
                record.batch == slot.batch
            else { continue }
            delete(podOf: node, isBroken: true)
        }
    }

    /// What the budget refuses to one node it refuses to all that follow with the same values of the capped labels; they
    /// are not looked at again in this turn.
    private mutating func deleteHealthyPods(in slot: Slot) {
        guard var queue = memory.queues.removeValue(forKey: slot) else { return }
        queue.openAll()
        var later: [(place: NodeQueue.Place, group: [String])] = []
        var closed = 0
        while let place = queue.take() {
            guard state.nodes[place.node]?.status == .pending else { continue }
            let group = ledger.group(of: place.node)
            // Broken pods have been asked about already.
            let outcome =
                queue.isClosed(group)
                ? .refused
                : memory.brokenPending.contains(place.node) ? .notNow : delete(podOf: place.node, isBroken: false)
            switch outcome {
            case .over: break
            case .notNow: later.append((place, group))
            case .refused:
                queue.park(place, with: group)
                closed += queue.close(group) ? 1 : 0
            }
            if closed > 0, ledger.isUsedUp || closed >= ledger.groupCount { break }
        }
        for (place, group) in later { queue.park(place, with: group) }
        memory.queues[slot] = queue
    }

    /// What became of a pending node's turn.
    private enum Attempt {
        /// It is over: its pod is being deleted, or it cannot be updated now.
        case over
        /// It waits, and says nothing about others.
        case notNow
        /// It waits for the budget.
        case refused
    }

    /// Decides on one pending node.
    @discardableResult
    private mutating func delete(podOf node: String, isBroken: Bool) -> Attempt {
        guard (memory.retryAt[node] ?? 0) <= turn.now.monotonic else { return .notNow }
        let pods = view.ownPods(on: node)
        if deferIfObstructed(node) { return .over }
        guard let pod = oldPod(of: node, among: pods) else { return .notNow }
        if let sentence = blocker(on: node) {
            memory.refusals[node] = Hold(.blocker, sentence)
            return .notNow
        }
        // A node that gets another try is blind by our doing already.
        let isCounted = isBroken ? ledger.isOurs(node) : ledger.isBlind(node)
        guard ledger.allows(labels: view.nodes[node]?.labels ?? [:], isBroken: isBroken, isCounted: isCounted) else {
            memory.isBudgetBlocked = true
            return .refused
        }
        order(pod, on: node)
        return .over
    }

    private mutating func order(_ pod: Pod, on node: String) {
        memory.retryAt[node] = nil
        memory.budgetBlockedSince = nil
        memory.inFlight[pod.uid] = node
        memory.waitingSince[node] = turn.now.monotonic
        setStatus(node, .deleting)
        state.nodes[node]?.podUID = pod.uid
        keepStanding(of: node, with: pod)
        state.nodes[node]?.isLeaked = false
        log(.deleting, wave: state.nodes[node]?.wave, node: node, message: "pod \(pod.name)")
        turn.effects.append(.deletePod(deletion(of: pod, on: node)))
        count(node)
    }

    /// What a node is compared with after its delete.
    private mutating func keepStanding(of node: String, with pod: Pod) {
        // Another try replaces a pod of the target revision: what was before it stays.
        if pod.revisionHash != state.rollout.updateRevision {
            let startup = comparableStartup(of: pod)
            state.nodes[node]?.startupBefore = startup
        }
        state.nodes[node]?.deletedAt = turn.now.wall
        state.nodes[node]?.pressuresBefore = view.nodes[node]?.pressures.map(\.kind) ?? []
    }

    /// How long an old pod took to start, where the new one becomes Ready by the same rules; else the two times are those of
    /// two probes and not of two versions.
    private func comparableStartup(of pod: Pod) -> Int64? {
        let template = memory.revisions.first { $0.hash == pod.revisionHash }?.template
        guard startupRule.factor > 0, let template, template.readinessRules == targetReadinessRules else { return nil }
        return StartupTime.before(pod)
    }

    private func deletion(of pod: Pod, on node: String) -> PodDeletion {
        PodDeletion(name: pod.name, uid: pod.uid, node: node, method: plan.deletion)
    }

    /// The pod that a delete would take, among those of a node: one of an older revision, or after a `retry` any.
    private func oldPod(of node: String, among pods: [FleetView.ObservedPod]) -> Pod? {
        let isAny = state.nodes[node]?.isRetried ?? false
        return pods.indices.first {
            (isAny || pods[$0].pod.revisionHash != state.rollout.updateRevision) && !pods[$0].pod.isTerminating
        }.map { pods[$0].pod }
    }

    // MARK: What speaks against a node

    /// Why a node cannot be updated at the moment; nil when it can. Looked at again just before every delete.
    private func obstacle(
        on name: String, with pods: [FleetView.ObservedPod]
    ) -> (reason: Reason, message: String)? {
        guard let node = view.nodes[name] else { return (.nodeGone, "the Node object is gone") }
        if node.isBeingDeleted { return (.nodeBeingDeleted, "the node is being deleted") }
        if node.ready != .true {
            let why = node.readyReason.isEmpty ? "" : " (\(node.readyReason))"
            return (.nodeNotReady, "the node was NotReady before its pod was touched\(why)")
        }
        if case .no(let reason) = eligibility.shouldRun(on: node) {
            return (.wouldNotReturn, "the node would not get its pod back: \(reason)")
        }
        guard oldPod(of: name, among: pods) == nil else { return nil }
        if pods.contains(where: \.pod.isTerminating) {
            return (.stuckTerminating, "its pod is being deleted by somebody else")
        }
        return (.noPod, "it has no pod to replace; look for FailedCreate events of the DaemonSet")
    }

    /// Puts a node off that cannot be updated at the moment; it is tried again in the last round.
    ///
    /// - Returns: whether it is put off.
    @discardableResult
    mutating func deferIfObstructed(_ node: String) -> Bool {
        guard let obstacle = obstacle(on: node, with: view.ownPods(on: node)) else { return false }
        setStatus(node, .deferred, obstacle.reason, obstacle.message)
        log(.deferred, wave: state.nodes[node]?.wave, node: node, reason: obstacle.reason, message: obstacle.message)
        return true
    }

    func canBeUpdated(_ node: String) -> Bool { obstacle(on: node, with: view.ownPods(on: node)) == nil }

    // MARK: What became of an order

    mutating func deleteAccepted(_ uid: String) {
        guard let node = memory.inFlight.removeValue(forKey: uid), state.nodes[node]?.podUID == uid else { return }
        memory.retryAt[node] = nil
        guard state.nodes[node]?.status == .deleting else { return }
        setStatus(node, .replacing)
        log(.deleted, wave: state.nodes[node]?.wave, node: node)
        turn.touched.insert(node)
    }

    mutating func deleteRefused(_ uid: String, _ refusal: DeleteRefusal) {
        guard let node = memory.inFlight[uid], state.nodes[node]?.podUID == uid,
            state.nodes[node]?.status == .deleting
        else { return }
        turn.touched.insert(node)
        switch refusal {
        case .gone: deleteAccepted(uid)
        case .notSent(let reason):
            waitAgain(node, uid: uid, until: turn.now.monotonic + Self.retryInterval)
            memory.refusals[node] = Hold(.server, reason)
        case .throttled(let after, let reason):
            waitAgain(node, uid: uid, until: turn.now.monotonic + after)
            memory.refusals[node] = Hold(.server, reason)
        case .disruptionBudget(let reason):
            waitAgain(node, uid: uid, until: turn.now.monotonic + Self.evictionRetryInterval)
            memory.refusals[node] = Hold(.disruptionBudget, reason)
        case .uncertain(let reason):
            memory.uncertain.insert(uid)
            memory.retryAt[node] = turn.now.monotonic + Self.resendInterval
            memory.refusals[node] = Hold(.server, "whether its pod was deleted is not known: \(reason)")
        case .rejected(let reason):
            waitAgain(node, uid: uid, until: turn.now.monotonic)
            halt(.forbidden, "the pod on node \(node) could not be deleted: \(reason)", wave: state.nodes[node]?.wave)
        }
    }

    /// Nothing happened to the node's pod: it waits for its turn again. Where an earlier try may have worked, the delete
    /// stays on its way and is sent again.
    private mutating func waitAgain(_ node: String, uid: String, until retryAt: Milliseconds) {
        guard !memory.uncertain.contains(uid) else {
            memory.retryAt[node] = max(retryAt, turn.now.monotonic + Self.resendInterval)
            return
        }
        memory.inFlight[uid] = nil
        memory.retryAt[node] = retryAt
        memory.waitingSince[node] = nil
        putBack(node)
    }

    /// A delete that was written down has not left, or did nothing: the node waits for its turn again. Of the target
    /// revision is only the pod of a node that a person gave another try.
    mutating func putBack(_ node: String) {
        let uid = state.nodes[node]?.podUID
        let isRetried =
            state.rollout.updateRevision != nil
            && uid.flatMap { view.ownPod(uid: $0)?.pod.revisionHash } == state.rollout.updateRevision
        setStatus(node, .pending, isRetried ? .operatorRequest : nil, isRetried ? "given another try" : "")
        if !isRetried { state.nodes[node]?.podUID = nil }
        state.nodes[node]?.deletedAt = nil
    }

    /// Sends deletes whose fate is unknown again: same pod, same uid, so that it cannot hit a new pod. The pod may be alive
    /// and well, so the budget is asked again.
    private mutating func resendDeletes() {
        for (uid, node) in memory.inFlight.sorted(by: { $0.value < $1.value }) {
            guard let due = memory.retryAt[node], due <= turn.now.monotonic, state.nodes[node]?.podUID == uid,
                state.nodes[node]?.status == .deleting, let pod = view.ownPod(uid: uid)?.pod
            else { continue }
            let isBroken = !view.ownPods(on: node).contains(where: \.isReady)
            let labels = view.nodes[node]?.labels ?? [:]
            // A node that would not keep its pod, as one that was tainted meanwhile, is not counted any more.
            let isCounted = isBroken || ledger.isBlind(node)
            guard ledger.allows(labels: labels, isBroken: isBroken, isCounted: isCounted) else {
                memory.isBudgetBlocked = true
                continue
            }
            memory.retryAt[node] = nil
            // The pod has stood all the while, so the time to replace it begins only now.
            memory.waitingSince[node] = turn.now.monotonic
            keepStanding(of: node, with: pod)
            turn.nodes.insert(node)
            turn.effects.append(.deletePod(deletion(of: pod, on: node)))
        }
    }
}
