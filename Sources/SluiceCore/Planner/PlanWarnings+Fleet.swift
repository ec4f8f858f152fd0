/// Warnings about nodes, pods, waves and time.
extension PlanWarnings {
    private func names(where isWanted: (Int) -> Bool) -> [String] {
        survey.eligible.filter(isWanted).map { survey.nodes[$0].name }
    }

    /// Nodes that use up the budget before anything is deleted.
    var budgetUse: String? {
        guard !slicing.waves.isEmpty else { return nil }
        let blind = names { !survey.standings[$0].isDeferred && !survey.pods[$0].hasReadyPod }
        guard !blind.isEmpty else { return nil }
        let effect =
            blind.count < maxUnavailable
            ? "part of the budget of \(maxUnavailable) is used up"
            : "the budget of \(maxUnavailable) is used up, so broken pods are replaced first and healthy ones have to wait"
        return "\(PlanText.count(blind.count, "node")) without a Ready pod (\(PlanText.list(blind))): \(effect)"
    }

    /// What a percentage comes to.
    var budgetRounding: String? {
        guard case .percent(let percent) = plan.budget.maxUnavailable, !survey.eligible.isEmpty else { return nil }
        let exact = survey.eligible.count * percent
        guard exact % 100 != 0 else { return nil }
        let direction = exact < 100 ? "up" : "down"
        return "the budget of \(percent)% of \(PlanText.count(survey.eligible.count, "node")) is \(maxUnavailable), "
            + "rounded \(direction)"
    }

    /// Nodes that have the new version, which does not work there.
    var unreadyDone: String? {
        let nodes = names { survey.standings[$0] == .done(isReady: false) }
        guard !nodes.isEmpty else { return nil }
        return
            "\(PlanText.count(nodes.count, "node")) run\(nodes.count == 1 ? "s" : "") the target revision already, but "
            + "without a Ready pod (\(PlanText.list(nodes))): look at them first"
    }

    /// Nodes that have to wait, with the commonest kinds of reason.
    var deferred: String? {
        let nodes = names { survey.standings[$0].isDeferred }
        guard !nodes.isEmpty else { return nil }
        return
            "\(PlanText.count(nodes.count, "node")) cannot be updated now and \(nodes.count == 1 ? "is" : "are") tried "
            + "again at the end of the wave and of the rollout: \(PlanText.list(nodes))"
    }

    /// Pods that look like the DaemonSet's and are not.
    var foreign: String? {
        guard !survey.foreignPods.isEmpty else { return nil }
        let count = survey.foreignPods.count
        return "\(PlanText.count(count, "pod")) match\(count == 1 ? "es" : "") the DaemonSet's selector but "
            + "\(count == 1 ? "is" : "are") not owned by it and stay\(count == 1 ? "s" : "") untouched: "
            + PlanText.list(survey.foreignPods)
    }

    /// An alert that somebody will see at night.
    var alert: String? {
        let longest = slicing.waves.dropLast().map { PlanEstimate.watchSeconds($0, plan: plan) }.max() ?? 0
        guard longest > Self.alertSeconds else { return nil }
        return "a soak of \(PlanText.duration(seconds: longest)) between waves will fire the alert "
            + "KubeDaemonSetRolloutStuck after \(PlanText.duration(seconds: Self.alertSeconds)), where "
            + "kubernetes-mixin's rules are in use: silence it for \(facts.daemonSet.name)"
    }

    /// What OnDelete lets through.
    var leak: String? {
        guard estimate.seconds > Self.leakSeconds else { return nil }
        return expectedLeak?.warning(fleet: survey.eligible.count, seconds: estimate.seconds)
    }

    /// Waves that are not run again.
    var passedOver: String? {
        let waves = slicing.passedOver
        guard !waves.isEmpty else { return nil }
        return "all nodes of \(waves.count == 1 ? "wave" : "waves") \(PlanText.list(waves)) run the target revision "
            + "already: soaks and gates there are not repeated"
    }

    /// A wave that is watched though nothing is left to do.
    var watchedAgain: String? {
        guard let wave = slicing.waves.first, wave.batches.isEmpty else { return nil }
        return
            "all nodes of wave \(wave.name) run the target revision already; it is watched once more, because whether "
            + "its soak was over cannot be seen in the cluster"
    }

    /// Nodes that two waves match.
    var overlaps: [String] {
        assignment.overlaps.map { overlap in
            let (first, second) = (plan.waves[overlap.first].name, plan.waves[overlap.second].name)
            return
                "\(PlanText.count(overlap.nodes.count, "node")) of wave \(second) belong\(overlap.nodes.count == 1 ? "s" : "") "
                + "to the earlier wave \(first): \(PlanText.list(overlap.nodes))"
        }
    }

    /// Waves whose nodes all went to earlier ones.
    var left: [String] {
        assignment.groups.filter(\.members.isEmpty).compactMap { group in
            guard plan.waves[group.planIndex].members != .everythingElse, !assignment.empty.contains(group.name)
            else { return nil }
            return "wave \(group.name) has no nodes left: all of them belong to earlier waves"
        }
    }

    /// Nodes that a wave names in vain.
    var named: [String] {
        assignment.notEligible.map { wave, nodes in
            "wave \(wave) names \(PlanText.count(nodes.count, "node")) where the DaemonSet does not run: "
                + PlanText.list(nodes)
        }
    }
}
