/// What people ask of a rollout under way.
extension RolloutMachine {
    mutating func operatorAsked(_ request: OperatorRequest) {
        switch request {
        case .pause(let reason):
            guard !state.rollout.phase.isFinal, state.rollout.pauseReason == nil else { return }
            state.rollout.pauseReason = reason
            turn.rolloutChanged = true
            log(.paused, reason: .operatorRequest, message: reason)
        case .approve(let wave, let who, let reason): approve(wave, by: who, reason)
        case .skip(let node, let who, let reason): skip(node, by: who, reason)
        case .retry(let node, let who, let reason): retry(node, by: who, reason)
        case .abort(let reason): abort(.operatorRequest, reason)
        case .supersede: abort(.superseded, "a new rollout of the DaemonSet takes its place")
        case .resume: unpause()
        }
    }

    private mutating func approve(_ name: String, by who: String, _ reason: String) {
        guard let wave = state.waveToApprove, wave.name == name else { return }
        state.waves[wave.index].approvedAt = turn.now.wall
        state.waves[wave.index].approvedBy = who
        turn.waves.insert(wave.index)
        log(.approved, wave: wave.index, reason: .operatorRequest, message: Self.words(of: who, reason))
    }

    private mutating func unpause() {
        if state.rollout.pauseReason != nil {
            state.rollout.pauseReason = nil
            turn.rolloutChanged = true
            log(.unpaused, reason: .operatorRequest)
        }
        guard state.rollout.phase == .halted else { return }
        takeUpAgain()
    }

    /// A halted rollout goes on: failed nodes and gates are judged anew, with fresh time. What is still bad will halt it
    /// again.
    private mutating func takeUpAgain() {
        for node in state.nodes.values.filter({ $0.status == .failed }).map(\.node).sorted() {
            setStatus(node, .replacing)
            state.nodes[node]?.readinessLosses = 0
            // A start is over; whoever resumes has seen that it was slow.
            state.nodes[node]?.startupBefore = nil
            memory.waitingSince[node] = turn.now.monotonic
            turn.touched.insert(node)
        }
        // What was asked for during the halt has not been looked at.
        turn.touched.formUnion(state.nodes.values.filter(\.isRetried).map(\.node))
        for index in state.gates.indices
        where state.gates[index].wave == state.rollout.waveIndex && state.gates[index].verdict != .passed {
            // From now on: what was measured bad, or was not measured, has been looked at by whoever resumes.
            state.gates[index] = GateRecord(
                wave: state.gates[index].wave, gate: state.gates[index].gate, measuredAt: turn.now.wall)
            turn.gates.insert(index)
        }
        memory.budgetBlockedSince = nil
        forgetLooks()
        if state.rollout.reason == .configChanged { acceptConfig() }
        if state.rollout.reason == .leaksExceeded { memory.acceptedLeaks = leakedNodes.count }
        let isSoaking = state.waves.contains { $0.index == state.rollout.waveIndex && $0.status == .soaking }
        // A target that was rolled out before has its revision already, so only a wave that began says that the DaemonSet
        // was made ready.
        let isPrepared = state.rollout.updateRevision != nil && state.waves.contains { $0.status != .pending }
        setPhase(!isPrepared ? .preparing : isSoaking ? .soaking : .updating)
        // The halt may have come in this very turn.
        memory.endsBy = nil
        turn.effects.removeAll {
            if case .finish = $0 { true } else { false }
        }
        log(.resumed, reason: .operatorRequest, message: "failed nodes and gates are judged anew")
    }

    // MARK: Single nodes

    private mutating func skip(_ node: String, by who: String, _ reason: String) {
        guard let record = state.nodes[node], state.mayBeSkipped(node) else { return }
        let words = Self.words(of: who, reason)
        setStatus(node, .skipped, .operatorRequest, words)
        memory.waitingSince[node] = nil
        memory.unproven.remove(node)
        log(.skipped, wave: record.wave, node: node, reason: .operatorRequest, message: words)
        turn.touched.insert(node)
    }

    /// The node waits for its turn again. That its pod is to be replaced even when it is of the target revision, is what a
    /// pending node's reason says (``NodeRecord/isRetried``).
    private mutating func retry(_ node: String, by who: String, _ reason: String) {
        guard let record = state.nodes[node], state.mayBeRetried(node) else { return }
        let words = Self.words(of: who, reason)
        setStatus(node, .pending, .operatorRequest, words)
        state.nodes[node]?.readinessLosses = 0
        memory.waitingSince[node] = nil
        memory.finallyRetried.remove(node)
        log(.retried, wave: record.wave, node: node, reason: .operatorRequest, message: words)
        if let wave = record.wave, state.waves[wave].status == .soaking {
            takeSoakBack(wave: wave)
            if state.rollout.phase == .soaking { setPhase(.updating) }
        }
        turn.touched.insert(node)
    }

    private static func words(of who: String, _ reason: String) -> String {
        "by \(who)" + (reason.isEmpty ? "" : ": \(reason)")
    }
}

extension RolloutState {
    /// Whether a node may be left out: it is in a wave, and neither updated nor gone nor left out already.
    public func mayBeSkipped(_ node: String) -> Bool {
        guard !rollout.phase.isFinal, let record = nodes[node], record.wave != nil else { return false }
        return switch record.status {
        case .pending, .deleting, .replacing, .deferred, .failed: true
        case .updated, .skipped, .left: false
        }
    }

    /// Whether a node may be given another try: it is in a wave, and failed, was put off or was left out.
    public func mayBeRetried(_ node: String) -> Bool {
        guard !rollout.phase.isFinal, let record = nodes[node], record.wave != nil else { return false }
        return switch record.status {
        case .deferred, .failed, .skipped: true
        case .pending, .deleting, .replacing, .updated, .left: false
        }
    }
}

extension NodeRecord {
    /// Whether a person gave it another try: its pod is replaced even when it is of the target revision, unless it has
    /// become available meanwhile.
    var isRetried: Bool { status == .pending && reason == .operatorRequest }
}
