/// Waves cut into batches.
struct WaveSlicing: Sendable {
    /// The waves that are run.
    let waves: [WavePlan.PlannedWave]
    /// The names of waves that are left out because all of their nodes have the target revision, in order.
    let passedOver: [String]

    init(plan: RolloutPlan, assignment: WaveAssignment, survey: FleetSurvey, order: NodeOrder) {
        let all = assignment.groups.map { group in
            Self.wave(
                group, of: plan.waves[group.planIndex], survey: survey, order: order,
                youngestFirst: plan.revision != nil)
        }
        guard let next = all.firstIndex(where: { !$0.batches.isEmpty }) else {
            waves = []
            passedOver = []
            return
        }
        let last = all[..<next].lastIndex { !$0.observed.isEmpty }
        waves = all.indices.filter { index in
            if index >= next { return !all[index].batches.isEmpty || !all[index].observed.isEmpty }
            return index == last && Self.isWatched(assignment.groups[index], plan: plan, survey: survey)
        }.map { all[$0] }
        let kept = Set(waves.map(\.name))
        passedOver = all[..<next].filter { !$0.observed.isEmpty && !kept.contains($0.name) }.map(\.name)
    }

    /// Whether there is anything to see in a wave that has nothing left to update.
    private static func isWatched(_ group: WaveAssignment.Group, plan: RolloutPlan, survey: FleetSurvey) -> Bool {
        let wave = plan.waves[group.planIndex]
        return wave.soakSeconds > 0 || !wave.gates.isEmpty || !plan.gates.isEmpty
            || group.members.contains { survey.standings[$0] == .done(isReady: false) }
    }

    private static func wave(
        _ group: WaveAssignment.Group, of wave: Wave, survey: FleetSurvey, order: NodeOrder, youngestFirst: Bool
    ) -> WavePlan.PlannedWave {
        func sorted(_ indices: [Int]) -> [Int] {
            let spread = order.sorted(indices, spreadOver: wave.spreadOver)
            guard youngestFirst else { return spread }
            // On the way back, what was updated last was seen for the shortest time.
            return spread.enumerated().sorted { left, right in
                let ages = (survey.pods[left.element].createdAt, survey.pods[right.element].createdAt)
                return ages.0 == ages.1
                    ? left.offset < right.offset : (ages.0 ?? Timestamp(0)) > (ages.1 ?? Timestamp(0))
            }.map(\.element)
        }
        let open = group.members.filter { !survey.standings[$0].isDone }
        let ready = open.filter { !survey.standings[$0].isDeferred }
        // Nodes that hold the budget come first: in a later batch they could keep the first one from ever starting.
        let nodes =
            sorted(ready.filter { !survey.pods[$0].hasReadyPod }) + sorted(ready.filter { survey.pods[$0].hasReadyPod })
            + sorted(open.filter { survey.standings[$0].isDeferred })
        let observed = group.members.filter { survey.standings[$0].isDone }.map { survey.nodes[$0].name }.sorted()
        return WavePlan.PlannedWave(
            name: group.name, planIndex: group.planIndex,
            batches: batches(of: nodes.map { survey.nodes[$0].name }, sizes: wave.batches),
            soakSeconds: wave.soakSeconds,
            failuresAllowed: wave.resolvedFailuresAllowed(nodes: group.members.count, isFirst: group.isFirst),
            needsApproval: wave.needsApproval && !nodes.isEmpty, observed: observed)
    }

    /// Cuts nodes into batches; the last size repeats, and without sizes there is one batch.
    static func batches(of nodes: [String], sizes: [Amount]) -> [[String]] {
        var batches: [[String]] = []
        var start = 0
        while start < nodes.count {
            let size =
                sizes.isEmpty ? nodes.count : sizes[min(batches.count, sizes.count - 1)].resolved(of: nodes.count)
            let end = min(start + max(1, size), nodes.count)
            batches.append(Array(nodes[start..<end]))
            start = end
        }
        return batches
    }
}
