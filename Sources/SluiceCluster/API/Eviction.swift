import SluiceCore

extension Cluster {
    /// The eviction subresource: a delete that a PodDisruptionBudget may refuse.
    mutating func evict(
        _ place: Place, _ name: String, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterAnswer {
        let eviction = try Self.object(request, kind: "Eviction")
        guard let object = store.object(.pods, place.namespace ?? "", name) else { throw .notFound(.pods, name) }
        let options = eviction["deleteOptions"] ?? [:]
        try checkPreconditions(.pods, object, options)
        try askBudgets(about: object)
        let isDryRun = target["dryRun"] == "All" || options["dryRun"]?.array?.contains("All") == true
        if !isDryRun { deletePod(uid: object.uid, grace: options["gracePeriodSeconds"]?.integer) }
        let status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
        ]
        return ClusterAnswer(status: 201, body: status.serialized + "\n")
    }

    private func askBudgets(about pod: StoredObject) throws(Failure) {
        let budgets = store.objects(.disruptionBudgets, Selection(namespace: pod.namespace)).filter { budget in
            Selection.requirements(budget.value?.at("spec", "selector")).allSatisfy { $0.matches(pod.labels) }
        }
        guard let budget = budgets.first, let spec = budget.value?["spec"] else { return }
        guard budgets.count == 1 else {
            throw Failure(
                500, nil,
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
        }
        let healthy = guarded(by: budget.value ?? [:], in: pod.namespace).filter {
            $0.status.ready.isTrue && $0.deletion == nil
        }.count
        guard let needed = spec["minAvailable"]?.integer else {
            throw Self.budgetRefusal("The disruption budget \(budget.name) is still being processed by the server.", 10)
        }
        if Int64(healthy) - 1 < needed {
            throw Self.budgetRefusal(
                "The disruption budget \(budget.name) needs \(needed) healthy pods and has \(healthy) currently", nil)
        }
    }

    private static func budgetRefusal(_ message: String, _ retryAfter: Int64?) -> Failure {
        var details: JSONValue = [
            "causes": [["reason": "DisruptionBudget", "message": .string(message)]]
        ]
        if let retryAfter { details["retryAfterSeconds"] = .integer(retryAfter) }
        var failure = Failure(
            429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
            details: details)
        if let retryAfter { failure.headers = [("Retry-After", String(retryAfter))] }
        return failure
    }
}
