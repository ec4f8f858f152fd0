/// One node after the other: judging it, and what it adds to the budget's counters.
extension RolloutMachine {
    /// The order of an earlier driver whose pod still stands was perhaps never sent: the node waits again, and its turn
    /// comes under today's budget and holds.
    mutating func recover() {
        memory.isRecovering = false
        let hasBegun = state.waves.contains { $0.status != .pending }
        if hasBegun, !turn.journal.contains(where: { $0.event == .resumed }) {
            log(.resumed, reason: .previousDriver)
        }
        for record in state.nodes.values.sorted(by: { $0.node < $1.node }) {
            turn.touched.insert(record.node)
            // Nobody deleted a leaked node's pod, so no stored time says since when its new one is waited for.
            if record.status == .replacing, record.deletedAt == nil {
                memory.waitingSince[record.node] = turn.now.monotonic
            }
            guard record.status == .deleting else { continue }
            let stands = view.ownPods(on: record.node).contains {
                $0.pod.uid == record.podUID && !$0.pod.isTerminating
            }
            guard stands else { continue }
            putBack(record.node)
        }
        turn.touched.formUnion(view.nodes.keys)
    }

    /// The time in which the cluster could not be seen does not count towards a node's timeout, for its pod may have become
    /// available in it; nor towards a soak, for nobody watched.
    mutating func keepBlindTime() {
        guard memory.unobserved.isEmpty else {
            memory.unobservedSince = memory.unobservedSince ?? turn.now.monotonic
            return
        }
        guard let lostAt = memory.unobservedSince else { return }
        memory.unobservedSince = nil
        prolongSoak(unseenSince: lostAt)
        for record in state.nodes.values where record.status == .deleting || record.status == .replacing {
            guard let since = waitingSince(record) else { continue }
            memory.waitingSince[record.node] = since + turn.now.monotonic - max(since, lostAt)
            turn.touched.insert(record.node)
        }
    }

    private mutating func prolongSoak(unseenSince lostAt: Milliseconds) {
        let index = state.rollout.waveIndex
        guard state.rollout.phase == .soaking, let wall = state.waves[index].soakStartedAt,
            let started = soakStartedAt(state.waves[index])
        else { return }
        let unseen = turn.now.monotonic - max(lostAt, started)
        memory.soakStartedAt = started + unseen
        state.waves[index].soakStartedAt = Timestamp(wall.millisecondsSince1970 + unseen)
        turn.waves.insert(index)
    }

    /// Judges a node until nothing changes any more, then counts it.
    mutating func judge(_ name: String) {
        let node = view.nodes[name]
        let pods = view.ownPods(on: name)
        if state.rollout.updateRevision != nil && !state.rollout.phase.isFinal && state.rollout.phase != .halted {
            noticeNewcomer(name, node, pods)
            // A node moves through at most three statuses in one turn: deleting, replacing, updated.
            for _ in 0..<4 {
                guard let outcome = judgement(of: name, node, pods)?.outcome() else { break }
                if case .unproven = outcome {
                    memory.unproven.insert(name)
                    break
                }
                apply(outcome, to: name)
            }
            keepReadyTime(of: name, node, pods)
        }
        count(name, node, pods)
    }

    /// Remembers since when an updated node's pod has been Ready, for whoever looks at it next.
    private mutating func keepReadyTime(of name: String, _ node: Node?, _ pods: [FleetView.ObservedPod]) {
        guard let record = state.nodes[name], record.status == .updated, record.readyAt == nil,
            let readyAt = judgement(of: name, node, pods)?.readyAt
        else { return }
        state.nodes[name]?.readyAt = readyAt
        turn.nodes.insert(name)
    }

    private func judgement(of name: String, _ node: Node?, _ pods: [FleetView.ObservedPod]) -> NodeJudgement? {
        guard let record = state.nodes[name], let target = state.rollout.updateRevision else { return nil }
        let isWatched = record.wave.map { state.waves[$0].status != .passed } ?? false
        return NodeJudgement(
            record: record, node: node, pods: pods, view: view,
            rules: NodeJudgement.Rules(
                target: target, restartsAllowed: plan.readiness.restartsAllowed, timeout: availabilityTimeout,
                startup: startupRule, livenessProbed: livenessProbed),
            waitingSince: memory.unobserved.isEmpty ? waitingSince(record) : nil, isWatched: isWatched,
            eligibility: eligibility,
            podlessSince: memory.podlessSince[name], creationRefusal: memory.creationRefusal,
            podsListedAt: memory.podsListedAt,
            now: turn.now.monotonic
        )
    }

    /// A watch can be silent for a while before anybody notices. So before a node fails for what was not seen, the pods are
    /// listed once more.
    mutating func askForProof() {
        let now = turn.now.monotonic
        guard !memory.unproven.isEmpty, memory.unobserved.isEmpty else { return }
        if let asked = memory.proofAskedAt, now - asked < Self.proofInterval { return }
        memory.proofAskedAt = now
        turn.effects.append(.lookAtPods)
    }

    /// The shortest time between two such lists, in milliseconds.
    static let proofInterval: Milliseconds = 10_000

    /// The time from delete to available, in milliseconds.
    var availabilityTimeout: Milliseconds {
        let minReady = max(plan.readiness.minReadySeconds, memory.daemonSet?.minReadySeconds ?? 0)
        return plan.readiness.effectiveTimeoutSeconds(
            template: state.rollout.targetTemplate, minReadySeconds: minReady) * 1_000
    }

    /// On the monotonic clock; after a restart the wall time of the delete says how much has passed, which can only be
    /// wrong towards waiting longer when the wall clock steps back.
    private func waitingSince(_ record: NodeRecord) -> Milliseconds? {
        if let since = memory.waitingSince[record.node] { return since }
        guard let deletedAt = record.deletedAt else { return nil }
        let passed = turn.now.wall.millisecondsSince1970 - deletedAt.millisecondsSince1970
        return turn.now.monotonic - max(0, passed)
    }

    private mutating func apply(_ outcome: NodeJudgement.Outcome, to name: String) {
        let wave = state.nodes[name]?.wave
        switch outcome {
        case .status(let status, let reason, let message):
            let wasFailed = state.nodes[name]?.status == .failed
            setStatus(name, status, reason, message)
            if status == .updated {
                state.nodes[name]?.updatedAt = turn.now.wall
                state.nodes[name]?.readyAt = nil
                memory.waitingSince[name] = nil
            }
            if status == .replacing && memory.waitingSince[name] == nil {
                memory.waitingSince[name] = turn.now.monotonic
            }
            if let event = Self.event(for: status), !wasFailed {
                log(event, wave: wave, node: name, reason: reason, message: message)
            }
            if status == .updated { checkImages(of: name) }
        case .leaked(let status):
            state.nodes[name]?.isLeaked = true
            memory.waitingSince[name] = turn.now.monotonic
            setStatus(name, status)
            log(.leaked, wave: wave, node: name, message: "got the target revision outside its wave")
        case .lostReadiness:
            let losses = (state.nodes[name]?.readinessLosses ?? 0) + 1
            state.nodes[name]?.readinessLosses = losses
            memory.waitingSince[name] = turn.now.monotonic
            let allowed = NodeJudgement.Rules.readinessLossesAllowed
            var message = "its new pod lost its readiness (\(losses) of \(allowed) times allowed)"
            if let again = view.ownPods(on: name).last(where: \.isReady)?.pod.readyChangedAt {
                message += "; it has been Ready again since \(again.rfc3339)"
            }
            setStatus(name, .replacing, .unstable, message)
            log(.unready, wave: wave, node: name, reason: .unstable, message: message)
        case .unproven: break
        }
    }

    private static func event(for status: NodeStatus) -> JournalEvent? {
        switch status {
        case .replacing: .deleted
        case .updated: .updated
        case .failed: .failed
        case .left: .left
        case .deferred: .deferred
        case .pending, .deleting, .skipped: nil
        }
    }

    /// A node that joined gets the current template at once, outside every wave: it is written down as leaked.
    private mutating func noticeNewcomer(_ name: String, _ node: Node?, _ pods: [FleetView.ObservedPod]) {
        guard state.nodes[name] == nil, let node, !pods.isEmpty, eligibility.shouldRun(on: node).isYes else { return }
        if parks, !pods.contains(where: { $0.pod.revisionHash == state.rollout.updateRevision }) { return enlist(name) }
        state.nodes[name] = NodeRecord(node: name, wave: nil, status: .replacing, isLeaked: true)
        memory.waitingSince[name] = turn.now.monotonic
        turn.nodes.insert(name)
        log(.joined, node: name, message: "joined during the rollout and gets the current template at once")
    }

    // MARK: Counting

    /// What the node adds to the budget's counters, and when it must be looked at again.
    mutating func count(_ name: String) { count(name, view.nodes[name], view.ownPods(on: name)) }

    private mutating func count(_ name: String, _ node: Node?, _ pods: [FleetView.ObservedPod]) {
        // Whoever leaves a node out does not want to wait for it.
        guard let node, state.nodes[name]?.status != .skipped else {
            set(BudgetLedger.Standing(), for: name, labels: [:])
            memory.dueAt[name] = nil
            memory.podlessSince[name] = nil
            memory.brokenPending.remove(name)
            return
        }
        let record = state.nodes[name]
        let isInFlight = record.map { $0.status == .deleting || $0.status == .replacing } ?? false
        // The pod that we delete counts as gone, whatever its node has come to and whatever the watch still shows.
        let isAvailable = pods.indices.contains {
            view.isAvailable(pods[$0], at: turn.now.monotonic) && pods[$0].pod.uid != record?.podUID
        }
        let isEligible =
            eligibility.shouldRun(on: node).isYes
            || (!pods.isEmpty || isInFlight) && eligibility.shouldContinue(on: node).isYes
        let isUntouched = record.map { $0.podUID == nil } ?? true
        let wasNotReadyBefore = node.ready != .true && isUntouched
        var standing = BudgetLedger.Standing(isEligible: isEligible)
        standing.isBlind = isEligible && !isAvailable && !wasNotReadyBefore
        standing.isOurs = record?.podUID != nil && !isAvailable && record?.isLeaked == false
        standing.isReplaced = standing.isBlind && isInFlight && record?.isLeaked == false
        set(standing, for: name, labels: node.labels)
        let isBroken = record?.status == .pending && !pods.isEmpty && !pods.contains(where: \.isReady)
        if isBroken { memory.brokenPending.insert(name) } else { memory.brokenPending.remove(name) }
        keepPodlessTime(name, record, hasPods: !pods.isEmpty)
        memory.dueAt[name] = dueAt(record, pods)
    }

    /// A node whose capped labels changed may wait in a group that it is no longer in.
    private mutating func set(_ standing: BudgetLedger.Standing, for name: String, labels: [String: String]) {
        guard ledger.set(standing, for: name, labels: labels), let record = state.nodes[name], let wave = record.wave
        else { return }
        memory.queues[Slot(wave: wave, batch: record.batch)]?.unparkAll()
    }

    private func dueAt(_ record: NodeRecord?, _ pods: [FleetView.ObservedPod]) -> Milliseconds? {
        var earliest = Milliseconds.max
        func consider(_ time: Milliseconds?) {
            if let time, time > turn.now.monotonic { earliest = min(earliest, time) }
        }
        let isPullAwaited = record.map { $0.status.isUnsettled || $0.status == .updated } ?? false
        for index in pods.indices {
            consider(view.availableAt(pods[index]))
            if isPullAwaited { consider(pods[index].pullErrorSince.map { $0 + PodTrouble.pullTolerance }) }
        }
        if let record, record.status == .replacing, let since = waitingSince(record) {
            consider(since + availabilityTimeout)
            podlessDue(record.node).forEach(consider)
        }
        return earliest == .max ? nil : earliest
    }
}
