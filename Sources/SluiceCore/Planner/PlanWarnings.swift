/// What a person should know before saying yes, in a fixed order: what may go wrong first.
struct PlanWarnings {
    let plan: RolloutPlan
    let facts: FleetFacts
    let target: RolloutTarget
    let survey: FleetSurvey
    let assignment: WaveAssignment
    let slicing: WaveSlicing
    let maxUnavailable: Int
    let estimate: WavePlan.Estimate
    let expectedLeak: LeakEstimate?

    /// From this soak on, kubernetes-mixin's alert is expected to fire, in seconds. (kubernetes-mixin,
    /// KubeDaemonSetRolloutStuck: `for: 15m`)
    static let alertSeconds: Int64 = 900
    /// A rollout this long is expected to meet nodes that join, drain or reboot, in seconds.
    static let leakSeconds: Int64 = 3_600

    var all: [String] {
        [
            nothingToDo, placement, observedGeneration, strategy, manager, historyLimit, images, unhashed, probe,
            budgetUse,
            budgetRounding, unreadyDone, deferred, foreign, alert, leak, passedOver, watchedAgain,
        ].compactMap { $0 } + unseenByCanary + gatesThatCannotTell + gatesThatLookBack + overlaps + left + named
    }

    private var nothingToDo: String? {
        if survey.eligible.isEmpty { return "no node runs \(facts.daemonSet.name), so there is nothing to update" }
        guard slicing.waves.isEmpty else { return nil }
        return "all \(PlanText.count(survey.eligible.count, "node")) run the target revision already: nothing to do"
    }

    private var placement: String? {
        guard !survey.placementChanges.isEmpty else { return nil }
        let nodes = survey.placementChanges.map(\.node)
        return
            "\(PlanText.count(nodes.count, "node")) gain or lose a pod at once, outside all waves, by the new template: "
            + "\(PlanText.list(nodes))"
    }

    private var observedGeneration: String? {
        let (seen, current) = (facts.daemonSet.observedGeneration, facts.daemonSet.generation)
        guard seen < current else { return nil }
        return
            "the DaemonSet controller has not acted on the last change yet (observedGeneration \(seen) of \(current)): "
            + "revisions and pods may still change; plan again in a moment"
    }

    private var strategy: String? {
        guard facts.daemonSet.updateStrategy != .onDelete else { return nil }
        return
            "the update strategy is RollingUpdate and will be set to OnDelete; it stays so at the end, and other tools "
            + "no longer update pods by changing the template"
    }
}
