/// Waves, one after the other: batches, the last round for deferred nodes, the soak, the end.
extension RolloutMachine {
    /// How far the rollout has come.
    private struct Position: Equatable {
        var phase: Phase
        var wave: Int
        var unsettled: Int
    }

    private var position: Position {
        Position(
            phase: state.rollout.phase, wave: state.rollout.waveIndex,
            unsettled: memory.unsettled.values.reduce(0, +))
    }

    /// Applies the rules until nothing moves any more: a node that is put off settles its batch, and no event may come
    /// afterwards that would say so.
    mutating func advance() {
        guard isObserved else { return }
        for _ in 0..<(state.waves.count + 2) * 2 + state.nodes.count {
            let before = position
            switch state.rollout.phase {
            case .preparing: prepare()
            case .updating: update()
            case .soaking: soak()
            case .halted, .completed, .aborted: return
            }
            if before == position { break }
        }
        lookForBlockers()
        lookAtConfig()
        if state.rollout.phase == .updating || state.rollout.phase == .soaking {
            reassertStrategy()
            settleTemplate()
            askForRefusal()
            askForProof()
        }
    }

    /// Whether more nodes of a wave failed than allowed; then the rollout is over or stopped.
    private mutating func stopsOnFailures() -> Bool {
        for wave in state.waves where (memory.failed[wave.index] ?? 0) > wave.failuresAllowed {
            let failed = state.nodes.values.filter { $0.wave == wave.index && $0.status == .failed }
                .sorted { $0.node < $1.node }
            let examples = failed.prefix(3).map { "\($0.node): \($0.message)" }.joined(separator: "; ")
            let more = failed.count > 3 ? "; and \(failed.count - 3) more" : ""
            let message =
                "wave \(wave.name): failed (\(failed.count)) > failuresAllowed (\(wave.failuresAllowed)): "
                + examples + more + (attribution().sentence.map { " (\($0))" } ?? "")
            stop(for: .failuresExceeded, message, wave: wave.index, gate: nil)
            return true
        }
        return false
    }

    private mutating func update() {
        if stopsOnFailures() || stopsOnLeaks() || waitedTooLong() { return }
        guard state.rollout.waveIndex < state.waves.count else { return finish() }
        let index = state.rollout.waveIndex
        if state.waves[index].status == .pending {
            askForApproval(wave: index)
            if mayNotBegin || samplesBaseline(of: index) { return forgetBudgetWait() }
            start(wave: index)
        }
        while unsettled(index, state.waves[index].batchIndex) == 0 {
            guard batchGatesPassed(wave: index) else { return }
            guard state.waves[index].batchIndex < state.waves[index].batchCount else {
                guard openSlots(of: index).isEmpty else { break }
                return settle(wave: index)
            }
            state.waves[index].batchIndex += 1
            forgetLooks()
            turn.waves.insert(index)
            if state.waves[index].batchIndex == state.waves[index].batchCount {
                openLastRound(wave: index)
            } else {
                log(.batchStarted, wave: index, message: "batch \(state.waves[index].batchIndex + 1)")
            }
            // A last round of nobody is no batch.
            if unsettled(index, state.waves[index].batchIndex) > 0 { openBatchGates(wave: index) }
        }
        memory.gates.settledAt = nil
        deletePods(in: openSlots(of: index))
    }

    /// A wave in which nothing was to be done when it was planned needs no approval; one of its nodes may have got another
    /// version since.
    private mutating func askForApproval(wave index: Int) {
        let planned = plan.waves[state.waves[index].planIndex]
        guard planned.needsApproval, !state.waves[index].needsApproval,
            memory.unsettled.contains(where: { $0.key.wave == index && $0.value > 0 })
        else { return }
        state.waves[index].needsApproval = true
        turn.waves.insert(index)
    }

    /// The batches of a wave, up to the current one, in which nodes are not settled: a node of an earlier batch can lose
    /// its new pod again.
    func openSlots(of wave: Int) -> [Slot] {
        guard state.waves.indices.contains(wave) else { return [] }
        return (0...state.waves[wave].batchIndex).map { Slot(wave: wave, batch: $0) }
            .filter { (memory.unsettled[$0] ?? 0) > 0 }
    }

    func unsettled(_ wave: Int, _ batch: Int) -> Int { memory.unsettled[Slot(wave: wave, batch: batch)] ?? 0 }

    private mutating func start(wave index: Int) {
        state.waves[index].status = .updating
        state.waves[index].startedAt = turn.now.wall
        turn.waves.insert(index)
        log(.waveStarted, wave: index, message: "\(state.waves[index].plannedNodes) nodes")
        log(.batchStarted, wave: index, message: "batch 1")
        openBatchGates(wave: index)
    }

    // MARK: The last round of a wave

    /// Tries deferred nodes again, and fills a sample up with nodes of later waves.
    private mutating func openLastRound(wave index: Int) {
        let slot = Slot(wave: index, batch: state.waves[index].batchCount)
        for node in members(of: index) where node.status == .deferred && canBeUpdated(node.node) {
            move(node.node, to: slot)
        }
        topUp(wave: index)
    }

    func members(of wave: Int) -> [NodeRecord] {
        state.nodes.values.filter { $0.wave == wave }.sorted { ($0.position, $0.node) < ($1.position, $1.node) }
    }

    /// Gives a node its turn in a batch, possibly of another wave.
    private mutating func move(_ node: String, to slot: Slot) {
        // Out of the counts of its old batch before it enters those of the new one.
        setStatus(node, .deferred)
        state.nodes[node]?.wave = slot.wave
        state.nodes[node]?.batch = slot.batch
        setStatus(node, .pending)
    }

    /// A sample must not shrink: for nodes that left or had to be deferred, others of the same selector are taken from
    /// later waves.
    mutating func topUp(wave index: Int) {
        let wave = state.waves[index]
        guard plan.waves[wave.planIndex].take != nil, case .selector(let selector) = plan.waves[wave.planIndex].members
        else { return }
        let observed = members(of: index).filter { ![.deferred, .skipped, .left].contains($0.status) }.count
        var missing = wave.plannedNodes - observed
        guard missing > 0 else { return }
        let later = state.nodes.values
            .filter { ($0.wave ?? -1) > index && $0.status == .pending }
            .sorted { ($0.wave ?? 0, $0.position, $0.node) < ($1.wave ?? 0, $1.position, $1.node) }
        for record in later where missing > 0 {
            guard selector.matches(view.nodes[record.node]?.labels ?? [:]), canBeUpdated(record.node) else { continue }
            move(record.node, to: Slot(wave: index, batch: wave.batchCount))
            log(.toppedUp, wave: index, node: record.node)
            missing -= 1
        }
    }

    /// All nodes of the wave are settled: its soak begins, unless nothing was updated.
    private mutating func settle(wave index: Int) {
        let nodes = members(of: index)
        let observed = nodes.filter { $0.status == .updated || $0.status == .failed }.count
        if observed == 0 && !nodes.isEmpty {
            let reasons = nodes.prefix(3).map { "\($0.node): \($0.message)" }.joined(separator: "; ")
            // A wave of which every node may fail is to prove nothing; on the way back it must not keep the others waiting.
            let mayAllFail = state.waves[index].failuresAllowed >= state.waves[index].plannedNodes
            guard index > 0 || mayAllFail else {
                return halt(
                    .nothingObserved, "no node of wave \(state.waves[index].name) could be updated (\(reasons))",
                    wave: index)
            }
            log(.unobserved, wave: index, reason: .nothingObserved, message: reasons)
            return pass(wave: index)
        }
        if state.waves[index].soakStartedAt == nil { beginSoak(wave: index) }
        setPhase(.soaking)
    }

    private mutating func beginSoak(wave index: Int) {
        state.waves[index].status = .soaking
        state.waves[index].soakStartedAt = turn.now.wall
        memory.soakStartedAt = turn.now.monotonic
        memory.gates = GateMemory()
        turn.waves.insert(index)
        if state.waves[index].soakSeconds > 0 || !gates(of: index).isEmpty {
            log(.soakStarted, wave: index, message: "\(state.waves[index].soakSeconds) s")
        }
        openGates(wave: index, at: Self.soakTimes)
    }

    /// When gates of the soak are measured.
    static let soakTimes: Set<Gate.Time> = [.soak, .end]

    // MARK: Soak

    /// The monotonic time at which the soak of the current wave is over; nil outside a soak. What passed before this
    /// driver started counts, by the wall clock.
    func soakEndsAt() -> Milliseconds? {
        guard state.rollout.waveIndex < state.waves.count else { return nil }
        let wave = state.waves[state.rollout.waveIndex]
        guard let started = soakStartedAt(wave) else { return nil }
        return started + wave.soakSeconds * 1_000
    }

    func soakStartedAt(_ wave: WaveRecord) -> Milliseconds? {
        if let started = memory.soakStartedAt { return started }
        guard let started = wave.soakStartedAt else { return nil }
        let passed = turn.now.wall.millisecondsSince1970 - started.millisecondsSince1970
        return turn.now.monotonic - max(0, passed)
    }

    private mutating func soak() {
        let index = state.rollout.waveIndex
        memory.soakStartedAt = soakStartedAt(state.waves[index])
        addUnaskedTime(wave: index)
        let waitsForBudget = !openSlots(of: index).isEmpty
        if !waitsForBudget { forgetBudgetWait() }
        if stopsOnFailures() || stopsOnLeaks() || waitedTooLong() { return }
        if (memory.left[index] ?? 0) > 0 { topUpDuringSoak(wave: index) }
        guard state.rollout.phase == .soaking else { return }
        let open = openSlots(of: index)
        if !open.isEmpty { deletePods(in: open) }
        // A soak that was taken over from the Lease's checkpoint, which knows nothing of the gates.
        if !state.gates.contains(where: { $0.wave == index }) { openGates(wave: index, at: Self.soakTimes) }
        let gatesPassed = runGates(wave: index, at: Self.soakTimes)
        guard state.rollout.phase == .soaking, open.isEmpty, gatesPassed else { return }
        // A canary that nobody could see at the end of its soak has shown nothing: it is looked at once more first.
        guard let end = soakEndsAt(), turn.now.monotonic >= end, memory.unobserved.isEmpty, isSeenAfresh(),
            isConfigSeenAtEnd()
        else { return }
        pass(wave: index)
    }

    /// A watch that is there again tells what was missed a moment later than that it is there. So a wave does not pass on
    /// its word alone: the pods are listed first.
    private mutating func isSeenAfresh() -> Bool {
        guard let regainedAt = memory.regainedAt else { return true }
        if let listedAt = memory.podsListedAt, listedAt > regainedAt {
            memory.regainedAt = nil
            return true
        }
        if !memory.hasAskedAfresh {
            memory.hasAskedAfresh = true
            turn.effects.append(.lookAtPods)
        }
        return false
    }

    private mutating func topUpDuringSoak(wave index: Int) {
        topUp(wave: index)
        guard unsettled(index, state.waves[index].batchCount) > 0, state.rollout.phase == .soaking else { return }
        let isNew = members(of: index).contains { $0.status == .pending }
        guard isNew else { return }
        takeSoakBack(wave: index)
        setPhase(.updating)
    }

    /// A node of the wave is still to be updated: its soak begins anew after the last one is available.
    mutating func takeSoakBack(wave index: Int) {
        state.waves[index].status = .updating
        state.waves[index].soakStartedAt = nil
        memory.soakStartedAt = nil
        turn.waves.insert(index)
    }

    private mutating func pass(wave index: Int) {
        state.waves[index].status = .passed
        state.waves[index].passedAt = turn.now.wall
        turn.waves.insert(index)
        log(.wavePassed, wave: index)
        memory.soakStartedAt = nil
        memory.gates = GateMemory()
        state.rollout.waveIndex = index + 1
        forgetLooks()
        setPhase(.updating)
    }

    // MARK: The end

    /// After the last wave: deferred nodes are tried once more, then the rollout is complete.
    private mutating func finish() {
        for record in state.nodes.values.sorted(by: { $0.node < $1.node }) where record.status == .deferred {
            guard let wave = record.wave, canBeUpdated(record.node),
                memory.finallyRetried.insert(record.node).inserted
            else { continue }
            move(record.node, to: Slot(wave: wave, batch: state.waves[wave].batchCount))
        }
        let open = memory.unsettled.filter { $0.value > 0 }.keys.sorted { ($0.wave, $0.batch) < ($1.wave, $1.batch) }
        guard open.isEmpty else { return deletePods(in: open) }
        guard !isParked, !isTemplateUnderWay else { return }
        let isStale: Set<NodeStatus> = [.deferred, .skipped, .failed, .pending]
        let stale = state.nodes.values.filter { isStale.contains($0.status) }.map(\.node).sorted()
        setPhase(
            .completed, reason: stale.isEmpty ? nil : .deferredNodes,
            message: stale.isEmpty ? "" : "nodes without the target revision: \(Self.names(stale))")
        log(.completed, reason: state.rollout.reason, message: state.rollout.message)
        turn.effects.append(.finish)
    }
}
