/// How long a rollout takes when nothing fails.
enum PlanEstimate {
    /// Longer than this nothing is estimated, in seconds (about 35,000 years), so that no sum can overflow.
    static let longestSeconds: Int64 = 1 << 40
    /// More measurements than this are not counted.
    static let mostMeasurements = 1 << 20

    static func estimate(
        plan: RolloutPlan, waves: [WavePlan.PlannedWave], maxUnavailable: Int, target: RolloutTarget,
        survey: FleetSurvey, facts: FleetFacts
    ) -> WavePlan.Estimate {
        let pace = PodPace(template: target.template, facts: facts)
        let minReady = plan.readiness.effectiveMinReadySeconds(daemonSet: facts.daemonSet)
        let parallel = parallel(plan: plan, maxUnavailable: maxUnavailable, survey: survey)
        let perNode = min(max(1, pace.stopSeconds + pace.startSeconds + min(minReady, longestSeconds)), longestSeconds)
        var seconds: Int64 = 0
        var watched: Int64 = 0
        var sampled: Int64 = 0
        for wave in waves {
            for batch in wave.batches { seconds += Int64((batch.count + parallel - 1) / parallel) * perNode }
            watched += watchSeconds(wave, plan: plan)
            sampled += baselineSeconds(wave, plan: plan)
        }
        let basis =
            "\(parallel) at a time, each \(PlanText.duration(seconds: perNode)): \(pace.stopSeconds) s to stop, "
            + pace.startSentence
            + (minReady > 0 ? ", \(minReady) s of minReadySeconds" : "")
            + "; soaks of \(PlanText.duration(seconds: watched)) in all"
            + (sampled > 0 ? ", baselines of \(PlanText.duration(seconds: sampled))" : "")
            + "; without the download of new images"
            + (waves.contains(where: \.needsApproval) ? ", the wait for approvals" : "")
            + (plan.calendar.isEmpty ? "" : ", the wait for windows and the end of a freeze")
        return WavePlan.Estimate(seconds: seconds + watched + sampled, basis: basis)
    }

    /// How long a wave is watched: its soak, or longer when a gate needs more measurements than fit into it.
    static func watchSeconds(_ wave: WavePlan.PlannedWave, plan: RolloutPlan) -> Int64 {
        let gates = plan.gates + plan.waves[wave.planIndex].gates
        return gates.map { gate in
            let pauses = Int64(min(max(0, (gate.count ?? 1) - 1), mostMeasurements))
            return min(gate.initialDelaySeconds, longestSeconds) + min(gate.intervalSeconds, longestSeconds) * pauses
        }.reduce(min(wave.soakSeconds, longestSeconds)) { min(max($0, $1), longestSeconds) }
    }

    /// How long a wave is held while gates that read the pods themselves sample the level before it.
    private static func baselineSeconds(_ wave: WavePlan.PlannedWave, plan: RolloutPlan) -> Int64 {
        let baselines = (plan.gates + plan.waves[wave.planIndex].gates).compactMap { gate -> Int64? in
            guard gate.provider.scrape != nil, case .comparison(let comparison) = gate.criterion else { return nil }
            return comparison.baselineSeconds
        }
        return min(baselines.max() ?? 0, longestSeconds)
    }

    /// How many nodes are replaced at a time: the budget, or less when a cap by label allows less in all.
    private static func parallel(plan: RolloutPlan, maxUnavailable: Int, survey: FleetSurvey) -> Int {
        let caps = plan.budget.perLabel.map { cap in
            Dictionary(grouping: survey.eligible) { survey.nodes[$0].labels[cap.key] ?? "" }
                .values.reduce(0) { $0 + max(1, cap.maxUnavailable.resolved(of: $1.count)) }
        }
        return max(1, caps.reduce(maxUnavailable, min))
    }
}

extension PodTemplate {
    /// The longest time that the containers' startup and readiness probes wait before they ask first, in seconds.
    var probeInitialDelaySeconds: Int64 {
        (json.at("spec", "containers")?.array ?? []).map { container in
            ["startupProbe", "readinessProbe"].reduce(0) {
                $0 + (container.at($1, "initialDelaySeconds")?.integer ?? 0)
            }
        }.max() ?? 0
    }
}
