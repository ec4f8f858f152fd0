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
        let isBlocked = memory.isBudgetBlocked && !budgetHolders().isEmpty
        memory.budgetBlockedSince = isBlocked ? (memory.budgetBlockedSince ?? turn.now.monotonic) : nil
    }

    private mutating func deleteBrokenPods(in slot: Slot) {
        for node in memory.brokenPending.sorted() {
            guard let record = state.nodes[node], record.wave == slot.wave, record.batch == slot.batch else { continue }
            delete(podOf: node, isBroken: true)
        }
    }

    /// What the budget refuses to one node it refuses to all that follow with the same values of the capped labels; they
    /// are not looked at again in this turn.
    private mutating func deleteHealthyPods(in slot: Slot) {
        let queue = memory.queues[slot] ?? []
        var waiting: [String] = []
        var index = 0
        var refused: Set<[String]> = []
        while index < queue.count {
            let node = queue[index]
            index += 1
            guard state.nodes[node]?.status == .pending else { continue }
            let isBroken = memory.brokenPending.contains(node)
            let group = ledger.group(of: node)
            if !isBroken, refused.contains(group) {
                waiting.append(node)
                continue
            }
            let others = memory.isBudgetBlocked
            memory.isBudgetBlocked = false
            let isDone = delete(podOf: node, isBroken: isBroken)
            let isRefused = memory.isBudgetBlocked
            memory.isBudgetBlocked = others || isRefused
            if isDone { continue }
            waiting.append(node)
            guard isRefused, !isBroken else { continue }
            refused.insert(group)
            if ledger.isUsedUp || refused.count >= ledger.groupCount { break }
        }
        memory.queues[slot] = waiting + queue[index...]
    }

    /// Decides on one pending node.
    ///
    /// - Returns: whether its turn is over: its pod is being deleted, or it cannot be updated now.
    @discardableResult
    private mutating func delete(podOf node: String, isBroken: Bool) -> Bool {
        guard (memory.retryAt[node] ?? 0) <= turn.now.monotonic else { return false }
        if let obstacle = obstacle(on: node) {
            setStatus(node, .deferred, obstacle.reason, obstacle.message)
            log(
                .deferred, wave: state.nodes[node]?.wave, node: node, reason: obstacle.reason, message: obstacle.message
            )
            return true
        }
        guard let pod = oldPod(on: node) else { return false }
        let isCounted = !isBroken && ledger.blindNodes.contains(node)
        guard ledger.allows(labels: view.nodes[node]?.labels ?? [:], isBroken: isBroken, isCounted: isCounted) else {
            memory.isBudgetBlocked = true
            return false
        }
        order(pod, on: node)
        return true
    }

    private mutating func order(_ pod: Pod, on node: String) {
        memory.retryAt[node] = nil
        memory.budgetBlockedSince = nil
        memory.inFlight[pod.uid] = node
        memory.waitingSince[node] = turn.now.monotonic
        setStatus(node, .deleting)
        state.nodes[node]?.podUID = pod.uid
        state.nodes[node]?.deletedAt = turn.now.wall
        state.nodes[node]?.isLeaked = false
        log(.deleting, wave: state.nodes[node]?.wave, node: node, message: "pod \(pod.name)")
        turn.effects.append(.deletePod(deletion(of: pod, on: node)))
        count(node)
    }

    private func deletion(of pod: Pod, on node: String) -> PodDeletion {
        PodDeletion(name: pod.name, uid: pod.uid, node: node, method: plan.deletion)
    }

    /// The pod of an older revision that a delete would take.
    func oldPod(on node: String) -> Pod? {
        view.ownPods(on: node).first {
            $0.pod.revisionHash != state.rollout.updateRevision && !$0.pod.isTerminating
        }?.pod
    }

    // MARK: What speaks against a node

    /// Why a node cannot be updated at the moment; nil when it can. Looked at again just before every delete.
    func obstacle(on name: String) -> (reason: Reason, message: String)? {
        guard let node = view.nodes[name] else { return (.nodeGone, "the Node object is gone") }
        if node.isBeingDeleted { return (.nodeBeingDeleted, "the node is being deleted") }
        if node.ready != .true {
            let why = node.readyReason.isEmpty ? "" : " (\(node.readyReason))"
            return (.nodeNotReady, "the node was NotReady before its pod was touched\(why)")
        }
        if case .no(let reason) = eligibility.shouldRun(on: node) {
            return (.wouldNotReturn, "the node would not get its pod back: \(reason)")
        }
        guard oldPod(on: name) == nil else { return nil }
        if view.ownPods(on: name).contains(where: \.pod.isTerminating) {
            return (.stuckTerminating, "its pod is being deleted by somebody else")
        }
        return (.noPod, "it has no pod to replace; look for FailedCreate events of the DaemonSet")
    }

    func canBeUpdated(_ node: String) -> Bool { obstacle(on: node) == nil }

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
        state.nodes[node]?.podUID = nil
        state.nodes[node]?.deletedAt = nil
        setStatus(node, .pending)
    }

    /// Sends deletes whose fate is unknown again: same pod, same uid, so that it cannot hit a new pod. The pod may be alive
    /// and well, so the budget is asked again.
    private mutating func resendDeletes() {
        for (uid, node) in memory.inFlight.sorted(by: { $0.value < $1.value }) {
            guard let due = memory.retryAt[node], due <= turn.now.monotonic, state.nodes[node]?.podUID == uid,
                state.nodes[node]?.status == .deleting, let pod = view.pods[uid]?.pod
            else { continue }
            let isBroken = !view.ownPods(on: node).contains(where: \.isReady)
            let labels = view.nodes[node]?.labels ?? [:]
            guard ledger.allows(labels: labels, isBroken: isBroken, isCounted: true) else {
                memory.isBudgetBlocked = true
                continue
            }
            memory.retryAt[node] = nil
            // The pod has stood all the while, so the time to replace it begins only now.
            memory.waitingSince[node] = turn.now.monotonic
            state.nodes[node]?.deletedAt = turn.now.wall
            turn.nodes.insert(node)
            turn.effects.append(.deletePod(deletion(of: pod, on: node)))
        }
    }
}
