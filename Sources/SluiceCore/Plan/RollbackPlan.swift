/// The way back of a rollout: a plan like any other, whose target is the revision that the nodes ran before.
public enum RollbackPlan {
    /// The plan file of the way back, as JSON.
    ///
    /// One wave of all nodes, those first that were updated last, under twice the rollout's budget, but never more than
    /// half of the fleet. Gates, soaks, approvals and windows are left out, for what is put back has been seen and is wanted
    /// now; readiness stays, and who is told. A node that fails does not keep the others from being put back. With a wave,
    /// its nodes come first, and all others only after an approval.
    ///
    /// - Parameters:
    ///   - state: the rollout that is undone.
    ///   - plan: its plan.
    ///   - revision: the revision to go back to; nil takes the one that most of its nodes ran when it was planned.
    ///   - maxUnavailable: the budget; nil takes the one described above.
    ///   - onlyWave: the wave, by its index, whose nodes need no approval; nil for all nodes.
    /// - Returns: the file's text; nil when no revision is known to go back to.
    public static func text(
        undoing state: RolloutState, plan: RolloutPlan, revision: String? = nil, maxUnavailable: Int? = nil,
        onlyWave: Int? = nil
    ) -> String? {
        guard let revision = revision ?? state.rollout.previousRevision else { return nil }
        let half = state.nodes.values.count { $0.status != .left } / 2
        let budget = maxUnavailable ?? max(1, min(2 * state.rollout.maxUnavailable, half))
        var file: JSONValue = [
            "apiVersion": .string(PlanFields.apiVersion), "kind": .string(PlanFields.kind),
            "metadata": ["name": .string(plan.name)],
            "spec": [
                "daemonSet": [
                    "name": .string(state.rollout.daemonSet), "namespace": .string(state.rollout.namespace),
                ],
                "revision": .string(revision),
                "budget": self.budget(plan.budget, maxUnavailable: budget),
                "readiness": readiness(plan.readiness),
                "deletion": .string(plan.deletion.rawValue),
                "onStrategyChanged": .string(plan.onStrategyChanged.rawValue),
                // What goes back does not wait for looks, and is no judgement on a version.
                "onConfigChanged": .string(ConfigPolicy.ignore.rawValue),
                "waves": .array(waves(state, onlyWave)),
            ],
        ]
        if !plan.notifications.isEmpty {
            file["spec"]?["notifications"] = .array(plan.notifications.map(notification))
        }
        return file.prettySerialized + "\n"
    }

    private static func waves(_ state: RolloutState, _ only: Int?) -> [JSONValue] {
        let common: JSONValue = ["batches": ["50%"], "failuresAllowed": "100%"]
        var (first, rest) = (common, common)
        rest["everythingElse"] = true
        let nodes = state.nodes.values.filter { $0.wave == only && $0.podUID != nil && $0.status != .left }.map(\.node)
        guard only != nil else {
            rest["name"] = "back"
            return [rest]
        }
        first["name"] = "back"
        first["nodes"] = .array(nodes.sorted().map(JSONValue.string))
        rest["name"] = "earlier"
        rest["approval"] = .string(PlanFields.approvalRequired)
        // A wave whose new pods could never be made has none to delete; that says nothing about the earlier ones.
        return nodes.isEmpty ? [rest] : [first, rest]
    }

    private static func budget(_ budget: Budget, maxUnavailable: Int) -> JSONValue {
        var result: JSONValue = [
            "maxUnavailable": .integer(Int64(maxUnavailable)),
            "waitTimeout": .string(PlanDuration.text(budget.waitTimeoutSeconds)),
        ]
        let caps = budget.perLabel.map { cap -> JSONValue in
            ["key": .string(cap.key), "maxUnavailable": amount(cap.maxUnavailable)]
        }
        if !caps.isEmpty { result["perLabel"] = .array(caps) }
        return result
    }

    private static func readiness(_ readiness: Readiness) -> JSONValue {
        var result: JSONValue = [
            "minReadySeconds": .integer(readiness.minReadySeconds),
            "restartsAllowed": .integer(Int64(readiness.restartsAllowed)),
            // What goes back may well start more slowly than what it replaces.
            "startupFactor": 0,
        ]
        if let seconds = readiness.timeoutSeconds { result["timeout"] = .string(PlanDuration.text(seconds)) }
        return result
    }

    private static func amount(_ amount: Amount) -> JSONValue {
        switch amount {
        case .count(let count): .integer(Int64(count))
        case .percent(let percent): .string("\(percent)%")
        }
    }
}

extension RollbackPlan {
    /// What a halted rollout is to be rolled back for.
    public struct Due: Sendable, Equatable {
        /// The wave that failed, by its index.
        public var wave: Int
        /// Whether the nodes of earlier waves wait for an approval.
        public var isOfWave: Bool
    }

    /// Whether a rollout stands halted to be rolled back by its plan's policy; nil when it does not. It is derived from what
    /// is stored and not kept besides: a driver that dies between the halt and the way back leaves nothing undone for the
    /// next one.
    ///
    /// - Parameters:
    ///   - state: the rollout as stored.
    ///   - plan: its plan.
    public static func due(for state: RolloutState, plan: RolloutPlan) -> Due? {
        let rollout = state.rollout
        guard rollout.phase == .halted, let reason = rollout.reason, rollout.previousRevision != nil else { return nil }
        let wave: WaveRecord?
        var gate: Gate?
        switch reason {
        case .gateFailed:
            let failed = state.gates.last { record in
                record.verdict == .failed && !plan.isDryRun(record, in: state)
            }
            wave = failed.flatMap { failed in state.waves.first { $0.index == failed.wave } }
            let planWave = wave.map(\.planIndex) ?? -1
            let gates = plan.gates + (plan.waves.indices.contains(planWave) ? plan.waves[planWave].gates : [])
            gate = gates.first { $0.name == failed?.gate }
        case .failuresExceeded:
            let failed = Dictionary(grouping: state.nodes.values.filter { $0.status == .failed }) { $0.wave ?? -1 }
            wave = state.waves.first { (failed[$0.index]?.count ?? 0) > $0.failuresAllowed }
        default: return nil
        }
        guard let wave else { return nil }
        let policy = plan.policy(for: reason, planWave: wave.planIndex, gate: gate)
        return policy.rollsBack ? Due(wave: wave.index, isOfWave: policy == .rollbackWave) : nil
    }
}

extension RolloutPlan {
    /// Whether a gate that was measured in a wave is only tried out.
    fileprivate func isDryRun(_ record: GateRecord, in state: RolloutState) -> Bool {
        let wave = state.waves.first { $0.index == record.wave }.map(\.planIndex) ?? -1
        let all = gates + (waves.indices.contains(wave) ? waves[wave].gates : [])
        return all.first { $0.name == record.gate }?.isDryRun ?? false
    }
}
