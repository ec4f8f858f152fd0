/// Blockers: alerts and pods outside the rollout that keep it from going on while they are there.
extension RolloutMachine {
    /// What is known of a blocker since this driver started.
    struct BlockerStanding: Sendable {
        /// Since when its answer is awaited; nil when it is not.
        var outSince: Milliseconds?
        /// When it was asked for what is known.
        var askedAt: Milliseconds?
        var reading: BlockerReading?
        /// When the answer came that is known.
        var readAt: Milliseconds?
    }

    /// The time between two looks, in milliseconds.
    static let blockerInterval: Milliseconds = 30_000
    /// How old what is known may be, in milliseconds.
    static let blockerAge: Milliseconds = 60_000

    /// Has what is known count no more: a batch or a wave begins, or a person has taken the rollout up again.
    mutating func forgetLooks() { memory.looksValidFrom = turn.now.monotonic }

    /// The holds of blockers that are there or may be, where a delete is near: elsewhere nobody looks for them.
    func blockerHolds() -> [Hold] {
        plan.blockers.filter(isLookedFor).compactMap { blocker in
            guard let standing = memory.blockers[blocker.name], let reading = standing.reading, isCurrent(standing)
            else {
                return Hold(.observation, "blocker \(blocker.name): being looked for")
            }
            return switch reading {
            case .absent, .onNodes: nil
            case .present(let sentence): Hold(.blocker, "\(blocker.name): \(sentence)")
            case .failed(let why): Hold(.blocker, "\(blocker.name): cannot be looked for: \(why)")
            }
        }
    }

    private func isCurrent(_ standing: BlockerStanding) -> Bool {
        guard let askedAt = standing.askedAt else { return false }
        return askedAt >= memory.looksValidFrom && turn.now.monotonic - askedAt <= Self.blockerAge
    }

    /// Why a node must not be updated now; nil when no pod on it speaks against it.
    func blocker(on node: String) -> String? {
        for blocker in plan.blockers {
            guard case .onNodes(let nodes) = memory.blockers[blocker.name]?.reading, let sentence = nodes[node] else {
                continue
            }
            return "\(blocker.name): \(sentence)"
        }
        return nil
    }

    /// Whether a blocker that is looked for is known to be there, so that no delete is near.
    var isBlocked: Bool {
        plan.blockers.contains { blocker in
            guard isLookedFor(blocker), case .present = memory.blockers[blocker.name]?.reading else { return false }
            return true
        }
    }

    /// Looks for blockers where a delete is near, or where one would halt the rollout.
    mutating func lookForBlockers() {
        for blocker in plan.blockers where isLookedFor(blocker) {
            var standing = memory.blockers[blocker.name] ?? BlockerStanding()
            guard standing.outSince == nil, blockerDue(standing) <= turn.now.monotonic else { continue }
            standing.outSince = turn.now.monotonic
            memory.blockers[blocker.name] = standing
            turn.effects.append(.lookFor(blocker))
        }
    }

    /// When blockers are looked for again.
    var blockersDue: [Milliseconds] {
        plan.blockers.filter(isLookedFor).compactMap { memory.blockers[$0.name] }.filter { $0.outSince == nil }
            .map(blockerDue)
    }

    private func blockerDue(_ standing: BlockerStanding) -> Milliseconds {
        guard let readAt = standing.readAt, let askedAt = standing.askedAt, askedAt >= memory.looksValidFrom else {
            return 0
        }
        return readAt + Self.blockerInterval
    }

    private func isLookedFor(_ blocker: Blocker) -> Bool {
        isDeleteNear || state.rollout.phase == .soaking && blocker.policy == .halt
    }

    /// Whether a pod may be deleted soon, so that what keeps it from being so has to be known.
    var isDeleteNear: Bool {
        switch state.rollout.phase {
        case .preparing, .updating: !isPaused && state.waveToApprove == nil && memory.calendar?.hold == nil
        case .soaking: !openSlots(of: state.rollout.waveIndex).isEmpty
        case .halted, .completed, .aborted: false
        }
    }

    mutating func blockerSeen(_ name: String, _ reading: BlockerReading) {
        guard var standing = memory.blockers[name], let blocker = plan.blockers.first(where: { $0.name == name }) else {
            return
        }
        standing.askedAt = standing.outSince
        standing.outSince = nil
        standing.reading = reading
        standing.readAt = turn.now.monotonic
        memory.blockers[name] = standing
        memory.refusals = memory.refusals.filter { $0.value.kind != .blocker }
        guard case .present(let sentence) = reading, blocker.policy == .halt,
            state.waves.contains(where: { $0.status != .pending })
        else { return }
        halt(.blocked, "blocker \(name): \(sentence)")
    }
}
