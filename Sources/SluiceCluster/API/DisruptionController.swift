import SluiceCore

extension Cluster {
    /// Has the disruption controller count soon; nothing to do where no budget is.
    mutating func requestBudgets() {
        guard hasBudgets, !isBudgetDue else { return }
        isBudgetDue = true
        after(options.controllerDelay, .budgets)
    }

    /// Writes the status of every budget that has changed.
    mutating func countBudgets() {
        isBudgetDue = false
        let budgets = store.objects(.disruptionBudgets)
        hasBudgets = !budgets.isEmpty
        for budget in budgets {
            guard let before = budget.value else { continue }
            let status = status(of: before, in: budget.namespace)
            guard before["status"] != status else { continue }
            var value = before
            value["status"] = status
            let writer = ManagedFields.Writer(manager: "kube-controller-manager", subresource: "status")
            write(.disruptionBudgets, ManagedFields.noted(value, before: before, writer, at: now))
        }
    }

    /// The pods that a budget guards, in no order.
    func guarded(by budget: JSONValue, in namespace: String) -> [PodRecord] {
        let requirements = Selection.requirements(budget.at("spec", "selector"))
        return pods.inNoOrder.filter { pod in
            pod.namespace == namespace && requirements.allSatisfy { $0.matches(pod.labels) }
        }
    }

    private func status(of budget: JSONValue, in namespace: String) -> JSONValue {
        var condition: JSONValue = ["type": "DisruptionAllowed", "status": "False"]
        // DaemonSets have no scale, so only a number of pods that must be left can be worked out.
        guard let needed = budget.at("spec", "minAvailable")?.integer else {
            var status: JSONValue = [
                "disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0,
            ]
            condition["reason"] = "SyncFailed"
            condition["message"] = "daemonsets.apps does not implement the scale subresource"
            status["conditions"] = [stamped(condition, before: budget)]
            return status
        }
        let selected = guarded(by: budget, in: namespace)
        let healthy = Int64(selected.count { $0.status.ready.isTrue && $0.deletion == nil })
        let allowed = selected.isEmpty ? 0 : max(0, healthy &- max(0, needed))
        condition["status"] = allowed > 0 ? "True" : "False"
        condition["reason"] = allowed > 0 ? "SufficientPods" : "InsufficientPods"
        condition["message"] = ""
        condition["observedGeneration"] = budget.at("metadata", "generation")
        return [
            "observedGeneration": budget.at("metadata", "generation") ?? 1, "disruptionsAllowed": .integer(allowed),
            "currentHealthy": .integer(healthy), "desiredHealthy": .integer(needed),
            "expectedPods": .integer(Int64(selected.count)), "conditions": [stamped(condition, before: budget)],
        ]
    }

    /// The condition with the time since which it has its status.
    private func stamped(_ condition: JSONValue, before: JSONValue) -> JSONValue {
        let old = before.at("status", "conditions")?.array?.first
        var result = condition
        let stays = old?["status"] == condition["status"]
        result["lastTransitionTime"] = stays ? old?["lastTransitionTime"] : .string(now.rfc3339)
        return result
    }
}
