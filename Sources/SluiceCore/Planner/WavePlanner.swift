/// From a plan and the facts about a fleet to waves of nodes. Pure: the same input gives the same plan, byte for byte,
/// whatever the order of the facts.
public enum WavePlanner {
    /// Plans a rollout.
    ///
    /// Every node that runs the DaemonSet or should is in exactly one wave, or is left out because its pod has the target
    /// revision already. `take` and selectors look at all of these nodes, whether updated or not, and take the updated
    /// ones first; percentages are of the nodes that the wave's selector matches, whether or not an earlier wave took
    /// some of them. So the same plan gives a sane result when it is planned again after an interruption: updated nodes
    /// count towards their wave, and the last wave without anything left to update is watched once more.
    ///
    /// - Parameters:
    ///   - plan: what the plan file says.
    ///   - planText: the plan file's bytes, which decide the order of the nodes and are part of the digest.
    ///   - facts: the cluster as it stands.
    ///   - options: what a person has agreed to.
    /// - Throws: every problem at once; nothing can be planned then.
    public static func plan(
        _ plan: RolloutPlan, planText: [UInt8], facts: FleetFacts, options: PlanningOptions = PlanningOptions()
    ) throws(PlanningFailure) -> WavePlan {
        let target = RolloutTarget(plan: plan, facts: facts)
        let survey = FleetSurvey(facts: facts, target: target)
        let order = NodeOrder(planText: planText, survey: survey)
        let assignment = WaveAssignment(waves: plan.waves, survey: survey, order: order)
        let slicing = WaveSlicing(plan: plan, assignment: assignment, survey: survey, order: order)
        let budget = plan.budget.resolvedMaxUnavailable(eligibleNodes: survey.eligible.count)
        let errors =
            errors(plan: plan, facts: facts, target: target, assignment: assignment)
            + (options.allowWholeFleet ? [] : wholeFleet(slicing.waves, budget: budget, plan: plan, survey: survey))
            + (options.acceptPlacementChange || survey.placementChanges.isEmpty
                ? [] : [.placementChange(survey.placementChanges)])
        guard errors.isEmpty else { throw PlanningFailure(errors: errors) }
        let estimate = PlanEstimate.estimate(
            plan: plan, waves: slicing.waves, maxUnavailable: budget, target: target, survey: survey, facts: facts)
        let leak =
            plan.leak == .allow && !slicing.waves.isEmpty
            ? LeakEstimate(survey: survey, facts: facts, seconds: estimate.seconds) : nil
        let warnings = PlanWarnings(
            plan: plan, facts: facts, target: target, survey: survey, assignment: assignment, slicing: slicing,
            maxUnavailable: budget, estimate: estimate, expectedLeak: leak)
        return WavePlan(
            digest: PlanDigest.digest(
                planText: planText, daemonSetUID: facts.daemonSet.uid, template: target.template, waves: slicing.waves),
            updateRevision: target.revision, targetTemplate: target.template, needsPatch: target.needsPatch,
            eligibleNodes: survey.eligible.map { survey.nodes[$0].name }, maxUnavailable: budget,
            calendar: plan.calendar, waves: slicing.waves,
            excluded: excluded(survey), deferred: deferred(survey), placementChanges: survey.placementChanges,
            warnings: warnings.all, estimate: estimate, expectedLeak: leak)
    }

    /// Whether a wave of a plan that goes back to a revision names its nodes. None of them may run the DaemonSet any more, as
    /// when the bad version brought them down, and the template must be put back nevertheless.
    private static func mayBeEmpty(_ wave: Wave, _ plan: RolloutPlan) -> Bool {
        guard plan.revision != nil, case .nodes = wave.members else { return false }
        return true
    }

    private static func errors(
        plan: RolloutPlan, facts: FleetFacts, target: RolloutTarget, assignment: WaveAssignment
    ) -> [PlanningError] {
        var errors: [PlanningError] = []
        if facts.daemonSet.isBeingDeleted { errors.append(.daemonSetBeingDeleted(facts.daemonSet.name)) }
        if !target.unknownContainers.isEmpty {
            let known = target.template.images.map(\.container)
            errors.append(.unknownContainers(target.unknownContainers, known: known))
        }
        if let known = target.knownRevisions {
            errors.append(.unknownRevision(target.wantedRevision, known: known))
        }
        errors += assignment.unknown.map { .unknownNodes(wave: $0.wave, nodes: $0.nodes) }
        let empty = assignment.empty.filter { name in !plan.waves.contains { $0.name == name && mayBeEmpty($0, plan) } }
        if !empty.isEmpty { errors.append(.emptyWaves(empty)) }
        if !assignment.unmatched.isEmpty { errors.append(.unmatchedNodes(assignment.unmatched)) }
        if plan.leak == .park, let manager = PlanWarnings.manager(of: facts.daemonSet), manager.isAtWork {
            errors.append(.parkingUndone(by: manager.tool))
        }
        return errors
    }

    /// What would leave every node without its pod at once. A fleet of one node has no other way.
    private static func wholeFleet(
        _ waves: [WavePlan.PlannedWave], budget: Int, plan: RolloutPlan, survey: FleetSurvey
    ) -> [PlanningError] {
        let fleet = survey.eligible.count
        guard fleet > 1 else { return [] }
        var errors: [PlanningError] = []
        if budget >= fleet {
            let text = plan.budget.maxUnavailable?.text ?? String(budget)
            errors.append(.wholeFleet(reason: "the budget \(text) is the whole fleet of \(fleet) nodes"))
        }
        for wave in waves where wave.batches.contains(where: { $0.count >= fleet }) {
            let how =
                plan.waves[wave.planIndex].batches.isEmpty ? "has no batches, so its one batch" : "has a batch that"
            errors.append(.wholeFleet(reason: "wave \(wave.name) \(how) is the whole fleet of \(fleet) nodes"))
        }
        return errors
    }

    private static func excluded(_ survey: FleetSurvey) -> [WavePlan.Exclusion] {
        zip(survey.nodes, survey.standings).compactMap { node, standing in
            switch standing {
            case .notEligible(let reason):
                WavePlan.Exclusion(
                    node: node.name, kind: .notEligible, reason: "the DaemonSet does not run there: \(reason)")
            case .done(let isReady):
                WavePlan.Exclusion(
                    node: node.name, kind: .alreadyUpdated,
                    reason: "its pod has the target revision already" + (isReady ? "" : ", but is not Ready"))
            case .deferred, .pending: nil
            }
        }
    }

    private static func deferred(_ survey: FleetSurvey) -> [WavePlan.Deferral] {
        zip(survey.nodes, survey.standings).compactMap { node, standing in
            guard case .deferred(let cause, let reason) = standing else { return nil }
            return WavePlan.Deferral(node: node.name, reason: reason, cause: cause)
        }
    }
}
