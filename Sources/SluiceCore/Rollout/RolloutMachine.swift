/// The state machine of one rollout: facts in, a ``Decision`` out. No clock, no randomness, no I/O.
///
/// ``state`` is what survives the driver; everything else is memory that a fresh list of the cluster fills again. The
/// rules live in the extensions: preparing the DaemonSet, waves and soaks, deletes, gates.
public struct RolloutMachine: Sendable {
    /// What survives the driver.
    public internal(set) var state: RolloutState

    let plan: RolloutPlan
    let eligibility: Eligibility
    let startupRule: StartupRule
    let targetReadinessRules: JSONValue
    let livenessProbed: Set<String>
    var view: FleetView
    var ledger: BudgetLedger
    var memory: Memory
    var turn = Turn()

    /// What is known only since this driver started.
    struct Memory: Sendable {
        var daemonSet: DaemonSet?
        var revisions: [ControllerRevision] = []
        /// What cannot be seen at the moment, with the reason.
        var unobserved = Dictionary(uniqueKeysWithValues: ClusterView.allCases.map { ($0, "not listed yet") })
        var listed: Set<ClusterView> = []
        var leaseReason: String? = RolloutMachine.leaseNotTaken
        var diskReason: String?
        /// What the plan's calendar says at the moment; nil for a plan without one.
        var calendar: RolloutCalendar.Standing?
        /// Since when a node's new pod is waited for.
        var waitingSince: [String: Milliseconds] = [:]
        /// Since when a node that waits for its new pod has none at all.
        var podlessSince: [String: Milliseconds] = [:]
        /// Why the controller could not create a pod, as its latest event says.
        var creationRefusal: String?
        var creationAskedAt: Milliseconds?
        /// When all pods were listed last.
        var podsListedAt: Milliseconds?
        /// The nodes whose time is up and for which a fresh list is awaited, and when it was asked for.
        var unproven: Set<String> = []
        var proofAskedAt: Milliseconds?
        /// When a node must be judged again although nothing arrives.
        var dueAt: [String: Milliseconds] = [:]
        /// The node of each pod whose delete is on its way.
        var inFlight: [String: String] = [:]
        /// The pods of which one delete may have worked: later answers about another try say nothing about it.
        var uncertain: Set<String> = []
        /// When a delete may be sent again, by node.
        var retryAt: [String: Milliseconds] = [:]
        /// Why the last delete of a node's pod did not go through, until one does.
        var refusals: [String: Hold] = [:]
        /// Pending nodes whose pod is broken already: they come first.
        var brokenPending: Set<String> = []
        /// The nodes of each batch in order, those that are done left out lazily.
        var queues: [Slot: NodeQueue] = [:]
        var unsettled: [Slot: Int] = [:]
        /// How many nodes of a wave failed, and how many left it.
        var failed: [Int: Int] = [:]
        var left: [Int: Int] = [:]
        var finallyRetried: Set<String> = []
        var patchIsOut = false
        /// What was written down last about parking the template.
        var templateOrder: JournalEvent?
        /// How many leaked nodes a person has seen and gone on with.
        var acceptedLeaks = 0
        /// Until when the end waits for the template before to be put back; nil when no end is near.
        var endsBy: Milliseconds?
        var patchRetryAt: Milliseconds?
        /// The generation that the controller had acted upon when the revisions were asked last; nil before the first
        /// time. Asked earlier, the list lacks the new template.
        var revisionsAskedFor: Int64?
        var revisionsAreListed = false
        var revisionsRetryAt: Milliseconds?
        var strategyIsForeign = false
        /// Whether the budget refused a pod in this turn.
        var isBudgetBlocked = false
        var preparingSince: Milliseconds?
        var budgetBlockedSince: Milliseconds?
        var templateBlockedSince: Milliseconds?
        /// When a watch that had been lost was last there again; nil when pods have been listed since.
        var regainedAt: Milliseconds?
        /// Whether they were asked for since then.
        var hasAskedAfresh = false
        /// Since when a watch has been lost.
        var unobservedSince: Milliseconds?
        var soakStartedAt: Milliseconds?
        var gates = GateMemory()
        var blockers: [String: BlockerStanding] = [:]
        /// From when on a look for blockers or at the configuration counts.
        var looksValidFrom: Milliseconds = 0
        var config: ConfigMemory
        /// The images that updated nodes are known to run; nil before they were gathered.
        var digests: ImageDigests?
        var scrapes = ScrapeMemory()
        /// Set until the first complete view after the start: orders of an earlier driver are looked up, not trusted.
        var isRecovering = true
    }

    /// One batch of one wave.
    struct Slot: Sendable, Hashable {
        var wave: Int
        var batch: Int
    }

    /// What the events at hand have brought about so far.
    struct Turn: Sendable {
        var now = Moment(monotonic: 0, wall: Timestamp(0))
        var touched: Set<String> = []
        var rolloutChanged = false
        var waves: Set<Int> = []
        var nodes: Set<String> = []
        var gates: Set<Int> = []
        var scrapes: Set<ScrapeRecord.Key> = []
        var configs: Set<ConfigObject> = []
        var journal: [JournalLine] = []
        var effects: [RolloutEffect] = []
    }

    /// Takes up a rollout, new or as it was stored.
    ///
    /// - Parameters:
    ///   - state: as stored.
    ///   - plan: the plan that `state.rollout.planText` holds.
    ///   - minReadySeconds: the larger of the plan's and the DaemonSet's.
    public init(state: RolloutState, plan: RolloutPlan, minReadySeconds: Int64) {
        self.state = state
        self.plan = plan
        memory = Memory(config: ConfigMemory(state.rollout.targetTemplate))
        eligibility = Eligibility(template: state.rollout.targetTemplate)
        startupRule = StartupRule(factor: plan.readiness.startupFactor, target: state.rollout.targetTemplate)
        targetReadinessRules = state.rollout.targetTemplate.readinessRules
        livenessProbed = state.rollout.targetTemplate.livenessProbed
        view = FleetView(daemonSetUID: state.rollout.daemonSetUID, minReadySeconds: minReadySeconds)
        ledger = BudgetLedger(maxUnavailable: state.rollout.maxUnavailable, caps: plan.budget.perLabel)
        for record in state.nodes.values.sorted(by: { ($0.position, $0.node) < ($1.position, $1.node) }) {
            guard let wave = record.wave else { continue }
            let slot = Slot(wave: wave, batch: record.batch)
            memory.queues[slot, default: NodeQueue()].append(record.node)
            if record.status.isUnsettled { memory.unsettled[slot, default: 0] += 1 }
            if record.status == .failed { memory.failed[wave, default: 0] += 1 }
            if record.status == .left { memory.left[wave, default: 0] += 1 }
        }
    }

    /// Takes in what one look at the outside brought, in order, and decides once.
    ///
    /// Facts that arrived together are judged together: a delete that one of them would allow and another forbids never
    /// leaves.
    public mutating func handle(_ events: [RolloutEvent], at now: Moment) -> Decision {
        turn = Turn(now: now)
        lookAtCalendar()
        for event in events { absorb(event) }
        if !turn.touched.isEmpty { memory.gates.targets = nil }
        if isObserved {
            if memory.isRecovering { recover() }
            keepBlindTime()
            for (node, due) in memory.dueAt where due <= now.monotonic { turn.touched.insert(node) }
            for node in turn.touched.sorted() { judge(node) }
        }
        advance()
        settleEnd()
        return endTurn()
    }

    /// Whether nodes, pods and the DaemonSet have all been seen since the driver started.
    public var isObserved: Bool { memory.listed.count == ClusterView.allCases.count }

    private mutating func endTurn() -> Decision {
        let isOver = state.rollout.phase.isFinal || state.rollout.phase == .halted
        let holds = isOver ? [] : currentHolds().map(withItsTime)
        if holds != state.rollout.holds {
            journalHolds(before: state.rollout.holds, after: holds)
            state.rollout.holds = holds
            turn.rolloutChanged = true
        }
        var decision = Decision()
        if turn.rolloutChanged {
            state.rollout.changedAt = turn.now.wall
            decision.changes.rollout = state.rollout
        }
        decision.changes.waves = turn.waves.sorted().map { state.waves[$0] }
        decision.changes.nodes = turn.nodes.sorted().compactMap { state.nodes[$0] }
        decision.changes.gates = turn.gates.sorted().map { state.gates[$0] }
        decision.changes.scrapes = turn.scrapes.sorted().compactMap { state.scrapes[$0] }
        decision.changes.configs = turn.configs.sorted().compactMap { state.configs[$0] }
        decision.journal = turn.journal
        decision.effects = turn.effects
        decision.wakeAt = nextWake()
        decision.wantsLease = wantsLease
        // A Lease that nobody wants is given back; whoever wants it again must be told that it is ours again.
        if !decision.wantsLease { memory.leaseReason = Self.leaseNotTaken }
        return decision
    }

    /// The hold with the time since when one of its kind has stood.
    private func withItsTime(_ hold: Hold) -> Hold {
        let earlier = state.rollout.holds.first { $0.kind == hold.kind }
        return Hold(hold.kind, hold.reason, since: earlier?.since ?? turn.now.wall)
    }

    private mutating func journalHolds(before: [Hold], after: [Hold]) {
        let before = before.filter(Self.isRemarkable)
        let after = after.filter(Self.isRemarkable)
        for hold in after where !before.contains(where: { $0.kind == hold.kind }) {
            log(.held, message: hold.journalText)
        }
        for hold in before where !after.contains(where: { $0.kind == hold.kind }) {
            log(.released, message: hold.kind.rawValue)
        }
    }

    /// Whether a hold is worth a line of the journal. Those that belong to every rollout are not; waiting for a Lease that
    /// another driver has, or that was lost, is.
    private static func isRemarkable(_ hold: Hold) -> Bool {
        switch hold.kind {
        case .soak, .gate, .baseline, .observation, .parking: false
        case .lease: hold.reason != leaseNotTaken
        case .paused, .annotation, .approval, .window, .freeze, .budget, .strategy, .template, .disruptionBudget,
            .server, .disk, .blocker:
            true
        }
    }

    /// Why the Lease holds deletes back before it was asked for.
    static let leaseNotTaken = "not taken yet"

    /// How long before the end of a soak the Lease is taken again, in milliseconds: time enough to list a large cluster
    /// afresh, so that the next wave begins on time. A soak that is no longer keeps the Lease.
    static let leaseLead: Milliseconds = 30_000

    /// Whether a change of the cluster may be near. A soak, and a pause or a wait for an approval or a window without a pod
    /// under way, give the Lease back, so that waiting costs the API server next to nothing.
    var wantsLease: Bool {
        if memory.endsBy != nil { return true }
        if memory.strategyIsForeign && !state.rollout.phase.isFinal && state.rollout.phase != .halted { return true }
        switch state.rollout.phase {
        case .preparing: return !isPaused && !waitsForPlan
        // A pause can last for days: of a delete whose fate is unknown its driver says how long it may still arrive.
        case .updating:
            return !isPaused && !waitsForPlan || isTemplateUnderWay
                || memory.inFlight.keys.contains { !memory.uncertain.contains($0) }
        case .soaking:
            let remaining = (soakEndsAt() ?? 0) - turn.now.monotonic
            let hasPending = openSlots(of: state.rollout.waveIndex).isEmpty == false
            return !isPaused && !isShut && (remaining <= Self.leaseLead || hasPending) || isTemplateUnderWay
        case .halted, .completed, .aborted: return false
        }
    }

    /// Whether a person holds the rollout, here or on the DaemonSet.
    var isPaused: Bool {
        state.rollout.pauseReason != nil || memory.daemonSet?.annotations[Self.pauseAnnotation] != nil
    }

    private func nextWake() -> Milliseconds? {
        if let endsBy = memory.endsBy { return min(endsBy, memory.patchRetryAt ?? endsBy) }
        guard !state.rollout.phase.isFinal, state.rollout.phase != .halted else { return nil }
        var earliest = Milliseconds.max
        // What was due has been looked at in this turn; what still keeps it from happening ends with an event.
        func consider(_ time: Milliseconds?) {
            if let time, time > turn.now.monotonic { earliest = min(earliest, time) }
        }
        memory.dueAt.values.forEach(consider)
        memory.retryAt.values.forEach(consider)
        calendarDue.forEach(consider)
        blockersDue.forEach(consider)
        consider(configDue)
        consider(memory.patchRetryAt)
        consider(memory.revisionsRetryAt)
        let budgetWait = plan.budget.waitTimeoutSeconds * 1_000
        consider(memory.budgetBlockedSince.map { $0 + budgetWait })
        consider(memory.templateBlockedSince.map { $0 + budgetWait })
        if state.rollout.phase == .preparing, let since = memory.preparingSince {
            consider(since + Self.revisionTimeout)
        }
        if !memory.unproven.isEmpty, let asked = memory.proofAskedAt { consider(asked + Self.proofInterval) }
        if state.rollout.phase == .soaking {
            consider(soakEndsAt().map { $0 - Self.leaseLead })
            consider(soakEndsAt())
        }
        if state.rollout.phase == .soaking || memory.gates.settledAt != nil {
            memory.gates.nextAt.values.forEach(consider)
        }
        if state.rollout.phase == .updating { memory.scrapes.nextAt.values.forEach(consider) }
        return earliest == .max ? nil : earliest
    }

    // MARK: Writing down

    mutating func log(
        _ event: JournalEvent, wave: Int? = nil, node: String? = nil, reason: Reason? = nil, message: String = ""
    ) {
        let name = wave.flatMap { state.waves.indices.contains($0) ? state.waves[$0].name : nil }
        turn.journal.append(
            JournalLine(time: turn.now.wall, event: event, wave: name, node: node, reason: reason, message: message))
    }

    mutating func setPhase(_ phase: Phase, reason: Reason? = nil, message: String = "") {
        state.rollout.phase = phase
        state.rollout.reason = reason
        state.rollout.message = message
        if phase.isFinal { state.rollout.finishedAt = turn.now.wall }
        turn.rolloutChanged = true
    }

    /// Stops for a person. Deletes that were decided in the same turn do not leave.
    mutating func halt(_ reason: Reason, _ message: String, wave: Int? = nil) {
        guard !state.rollout.phase.isFinal, state.rollout.phase != .halted else { return }
        withdrawDeletes()
        setPhase(.halted, reason: reason, message: message)
        log(.halted, wave: wave, reason: reason, message: message)
        memory.endsBy = turn.now.monotonic + Self.parkingTimeout
    }

    mutating func abort(_ reason: Reason, _ message: String) {
        guard !state.rollout.phase.isFinal else { return }
        withdrawDeletes()
        setPhase(.aborted, reason: reason, message: message)
        log(.aborted, reason: reason, message: message)
        memory.endsBy = turn.now.monotonic + Self.parkingTimeout
    }

    /// Deletes decided in this turn have not left: their nodes wait again.
    private mutating func withdrawDeletes() {
        for case .deletePod(let deletion) in turn.effects where state.nodes[deletion.node]?.status == .deleting {
            memory.inFlight[deletion.uid] = nil
            putBack(deletion.node)
            turn.journal.removeAll { $0.event == .deleting && $0.node == deletion.node }
        }
        // Nor has a patch.
        if turn.effects.contains(where: { if case .patchDaemonSet = $0 { true } else { false } }) {
            memory.patchIsOut = false
        }
        turn.effects.removeAll {
            if case .finish = $0 { false } else { true }
        }
    }

    /// Moves a node to a status and keeps the counts of its batch and wave.
    mutating func setStatus(_ node: String, _ status: NodeStatus, _ reason: Reason? = nil, _ message: String = "") {
        guard var record = state.nodes[node] else { return }
        if let wave = record.wave {
            let slot = Slot(wave: wave, batch: record.batch)
            if record.status.isUnsettled { memory.unsettled[slot, default: 0] -= 1 }
            if status.isUnsettled { memory.unsettled[slot, default: 0] += 1 }
            if record.status == .failed { memory.failed[wave, default: 0] -= 1 }
            if status == .failed { memory.failed[wave, default: 0] += 1 }
            if record.status == .left { memory.left[wave, default: 0] -= 1 }
            if status == .left { memory.left[wave, default: 0] += 1 }
            if status == .pending && record.status != .pending {
                memory.queues[slot, default: NodeQueue()].putFirst(node)
            }
        }
        if status != .pending && status != .deleting { memory.refusals[node] = nil }
        // What the watch has shown needs no answer any more, and one that was lost never comes.
        if record.status == .deleting, status != .deleting, let uid = record.podUID { memory.inFlight[uid] = nil }
        if record.status != status { memory.gates.targets = nil }
        record.status = status
        record.reason = reason
        record.message = message
        state.nodes[node] = record
        turn.nodes.insert(node)
    }
}
