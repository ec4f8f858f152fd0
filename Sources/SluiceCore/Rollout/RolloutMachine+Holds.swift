/// Every reason not to delete a pod now, in one list that `status` prints.
extension RolloutMachine {
    /// The holds that stand as long as nothing about the wave itself is asked.
    func blockingHolds() -> [Hold] {
        var holds: [Hold] = []
        if let reason = state.rollout.pauseReason { holds.append(Hold(.paused, reason)) }
        if let reason = memory.daemonSet?.annotations[Self.pauseAnnotation] {
            holds.append(Hold(.annotation, "the DaemonSet is annotated \(Self.pauseAnnotation)=\(reason)"))
        }
        if let reason = memory.diskReason { holds.append(Hold(.disk, reason)) }
        if let reason = memory.leaseReason, wantsLease { holds.append(Hold(.lease, reason)) }
        let unseen = memory.unobserved.min { $0.key.rawValue < $1.key.rawValue }
        if let (view, reason) = unseen { holds.append(Hold(.observation, "\(view.rawValue): \(reason)")) }
        if let hold = strategyHold() { holds.append(hold) }
        if let hold = templateHold() ?? parkingHold() { holds.append(hold) }
        return holds + planHolds()
    }

    /// All holds, those of the wave included.
    func currentHolds() -> [Hold] {
        var holds = blockingHolds()
        if memory.isBudgetBlocked {
            let holders = ledger.holders
            if !holders.isEmpty {
                let replaced = ledger.blind - holders.count
                holds.append(
                    Hold(
                        .budget,
                        "\(PlanText.count(ledger.blind, "node")) without an available pod, budget "
                            + "\(ledger.maxUnavailable); it is held by \(Self.names(holders.sorted()))"
                            + (replaced > 0 ? ", and by \(replaced) being replaced" : "")))
            }
        }
        for kind in [HoldKind.disruptionBudget, .server, .blocker] {
            let refused = memory.refusals.filter { $0.value.kind == kind }
            if let (node, refusal) = refused.min(by: { $0.key < $1.key }) {
                holds.append(Hold(kind, "node \(node): \(refusal.reason)"))
            }
        }
        holds += baselineHolds()
        holds += batchGateHolds()
        guard state.rollout.phase == .soaking, state.waves.indices.contains(state.rollout.waveIndex) else {
            return holds
        }
        let wave = state.waves[state.rollout.waveIndex]
        if let end = soakEndsAt(), end > turn.now.monotonic {
            let wall = Timestamp(turn.now.wall.millisecondsSince1970 + end - turn.now.monotonic)
            holds.append(Hold(.soak, "wave \(wave.name) soaks until \(wall.rfc3339)"))
        }
        return holds + gateHolds(wave: wave.index, at: Self.soakTimes)
    }

    private func strategyHold() -> Hold? {
        guard state.rollout.phase != .preparing, let strategy = memory.daemonSet?.updateStrategy, strategy != .onDelete
        else { return nil }
        return Hold(.strategy, "the update strategy is \(strategy.rawValue); nodes change outside the waves")
    }

    private func templateHold() -> Hold? {
        guard memory.templateBlockedSince != nil, let daemonSet = memory.daemonSet else { return nil }
        let who = daemonSet.lastManager(of: \.ownsTemplate).map { " by \($0)" } ?? ""
        return Hold(
            .template, "the template was put back to an older one\(who); pods deleted now would not get the target")
    }

    /// Names for a sentence: the first few, and how many more.
    static func names(_ nodes: [String]) -> String {
        let shown = nodes.prefix(namesInSentence).joined(separator: ", ")
        return nodes.count > namesInSentence ? "\(shown) and \(nodes.count - namesInSentence) more" : shown
    }

    /// Nobody waits for the budget: the time of an earlier wait must not count towards the next.
    mutating func forgetBudgetWait() {
        memory.isBudgetBlocked = false
        memory.budgetBlockedSince = nil
    }

    /// Halts when the budget or a foreign template has blocked the rollout for longer than the plan allows.
    mutating func waitedTooLong() -> Bool {
        let limit = plan.budget.waitTimeoutSeconds * 1_000
        if isPaused || mayNotBegin { forgetBudgetWait() }
        if let since = memory.budgetBlockedSince, turn.now.monotonic - since >= limit {
            halt(
                .budgetWaitExceeded,
                "waited \(plan.budget.waitTimeoutSeconds) s for the budget (\(ledger.maxUnavailable)); it is held by "
                    + Self.names(ledger.holders.sorted()))
            return true
        }
        if let since = memory.templateBlockedSince, turn.now.monotonic - since >= limit {
            halt(.templateChanged, templateHold()?.reason ?? "the template was put back to an older one")
            return true
        }
        return false
    }
}
