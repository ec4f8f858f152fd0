/// How long a rollout takes when nothing fails.
enum PlanEstimate {
    /// How long a collector is assumed to take to stop after SIGTERM, in seconds; less when its grace period is less.
    static let stopSeconds: Int64 = 5
    /// How long a container is assumed to take from its pod's creation until it runs, in seconds.
    static let startSeconds: Int64 = 5
    /// With fewer Ready pods to measure, their start says nothing.
    static let fewestPodsMeasured = 3

    static func estimate(
        plan: RolloutPlan, waves: [WavePlan.PlannedWave], maxUnavailable: Int, target: RolloutTarget,
        survey: FleetSurvey, facts: FleetFacts
    ) -> WavePlan.Estimate {
        let stop = min(max(0, target.template.terminationGracePeriodSeconds), stopSeconds)
        let (start, startBasis) = startTime(template: target.template, facts: facts)
        let minReady = plan.readiness.effectiveMinReadySeconds(daemonSet: facts.daemonSet)
        let parallel = parallel(plan: plan, maxUnavailable: maxUnavailable, survey: survey)
        let perNode = max(1, stop + start + minReady)
        var seconds: Int64 = 0
        var watched: Int64 = 0
        for wave in waves {
            for batch in wave.batches { seconds += Int64((batch.count + parallel - 1) / parallel) * perNode }
            watched += watchSeconds(wave, plan: plan)
        }
        let basis =
            "\(parallel) at a time, each \(PlanText.duration(seconds: perNode)): \(stop) s to stop, \(startBasis)"
            + (minReady > 0 ? ", \(minReady) s of minReadySeconds" : "")
            + "; soaks of \(PlanText.duration(seconds: watched)) in all; without the download of new images"
        return WavePlan.Estimate(seconds: seconds + watched, basis: basis)
    }

    /// How long a wave is watched: its soak, or longer when a gate needs more measurements than fit into it.
    static func watchSeconds(_ wave: WavePlan.PlannedWave, plan: RolloutPlan) -> Int64 {
        let gates = plan.gates + plan.waves[wave.planIndex].gates
        return gates.map { $0.initialDelaySeconds + $0.intervalSeconds * Int64(max(0, ($0.count ?? 1) - 1)) }
            .reduce(wave.soakSeconds, max)
    }

    /// How many nodes are replaced at a time: the budget, or less when a cap by label allows less in all.
    private static func parallel(plan: RolloutPlan, maxUnavailable: Int, survey: FleetSurvey) -> Int {
        let caps = plan.budget.perLabel.map { cap in
            Dictionary(grouping: survey.eligible) { survey.nodes[$0].labels[cap.key] ?? "" }
                .values.reduce(0) { $0 + max(1, cap.maxUnavailable.resolved(of: $1.count)) }
        }
        return max(1, caps.reduce(maxUnavailable, min))
    }

    /// From a pod's creation to Ready, in seconds: measured on the pods that stand, otherwise assumed.
    private static func startTime(template: PodTemplate, facts: FleetFacts) -> (seconds: Int64, basis: String) {
        let measured = facts.pods.compactMap { pod -> Milliseconds? in
            guard pod.ownerUID == facts.daemonSet.uid, pod.isReady, !pod.isTerminating, let created = pod.createdAt,
                let ready = pod.readyChangedAt, ready >= created
            else { return nil }
            return ready.millisecondsSince1970 - created.millisecondsSince1970
        }.sorted()
        if measured.count >= fewestPodsMeasured {
            let median = (measured[(measured.count - 1) / 2] + 999) / 1_000
            return (median, "\(median) s from creation to Ready (the median of \(measured.count) pods)")
        }
        let delay = template.probeInitialDelaySeconds
        return (startSeconds + delay, "\(startSeconds + delay) s to start and become Ready (assumed)")
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
