/// Gates that read the pods themselves, in the soak: what is read, and what it says.
extension RolloutMachine {
    // MARK: Orders

    /// A threshold asks every updated pod; a comparison those nodes whose level before is known.
    func soakOrder(of gate: Gate, _ scrape: MetricsScrape, wave: Int) -> ScrapeOrder {
        let targets: [ScrapeOrder.Target] =
            switch gate.criterion {
            case .threshold: updatedNodes(of: wave).flatMap { updatedTargets(on: $0) }
            case .consent: []
            case .comparison(let comparison):
                comparedNodes(gate, comparison, wave: wave).flatMap { node in
                    node.isUpdated ? updatedTargets(on: node.node) : self.targets(on: node.node, revision: nil)
                }
            }
        return ScrapeOrder(wave: wave, gate: gate.name, scrape: scrape, targets: targets)
    }

    private func updatedTargets(on node: String) -> [ScrapeOrder.Target] {
        targets(on: node, revision: state.rollout.updateRevision)
    }

    private func updatedNodes(of wave: Int) -> [String] {
        state.nodes.values.filter { $0.wave == wave && $0.status == .updated }.map(\.node).sorted()
    }

    /// The nodes that take part in a comparison: the wave's updated ones and others that kept their version, as far as
    /// they were read before.
    private func comparedNodes(_ gate: Gate, _ comparison: Comparison, wave: Int) -> [ComparedNode] {
        guard let spans = spans(of: comparison, gate, wave: wave) else { return [] }
        return compared(wave: wave, since: spans).filter { levelBefore($0.node, gate, comparison, wave: wave) != nil }
    }

    /// A node's level before the wave; nil when its scrapes span less than a tenth of the baseline.
    private func levelBefore(_ node: String, _ gate: Gate, _ comparison: Comparison, wave: Int) -> Double? {
        let key = ScrapeRecord.Key(wave: wave, gate: gate.name, span: .before, node: node)
        guard let record = state.scrapes[key],
            record.covered(intervalSeconds: gate.intervalSeconds) * 10 >= comparison.baselineSeconds * 1_000
        else { return nil }
        return record.level
    }

    // MARK: What the pages said

    /// Counts what the pages of a soak said. While a pod was read for the first time, its counter has no rate, and nothing
    /// is counted.
    mutating func soakScraped(_ pods: [PodScrape], at index: Int, of gate: Gate) {
        let wave = state.gates[index].wave
        var numbers: [String: Double] = [:]
        for pod in pods {
            if let number = take(pod, wave: wave, gate: gate.name, span: .after) { numbers[pod.node] = number }
        }
        let answers = Dictionary(pods.map { ($0.node, $0) }) { first, _ in first }
        let measurement: GateAssessment.Measurement?
        switch gate.criterion {
        case .threshold(let condition): measurement = threshold(condition, answers, numbers, wave: wave)
        case .comparison(let comparison): measurement = changes(comparison, answers, numbers, of: gate, wave: wave)
        case .consent: measurement = .failed("a page says neither yes nor no")
        }
        guard let measurement else {
            // The next driver must not take the second scrape sooner.
            state.gates[index].measuredAt = turn.now.wall
            turn.gates.insert(index)
            memory.gates.nextAt[gate.name] = turn.now.monotonic + gate.intervalSeconds * 1_000
            return
        }
        var record = GateAssessment.counting(
            measurement, into: state.gates[index], of: gate, isFinal: isFinal(gate), at: turn.now.wall)
        let without = updatedNodes(of: wave).filter { answers[$0]?.reading == .noData || answers[$0] == nil }
        if measurement == .noData, !without.isEmpty {
            record.message += ": nothing of \(Self.names(without)) has the series"
        }
        conclude(record, at: index, of: gate, wave: wave)
    }

    /// Every updated pod must satisfy the condition, and none is left out.
    private func threshold(
        _ condition: Gate.Condition, _ answers: [String: PodScrape], _ numbers: [String: Double], wave: Int
    ) -> GateAssessment.Measurement? {
        let nodes = updatedNodes(of: wave)
        let bad = nodes.filter { numbers[$0].map { !condition.holds(for: $0) } ?? false }
        if let first = bad.first, let value = numbers[first] {
            let how = "\(Self.rounded(value)) on \(first) is not \(condition.text)"
            return .bad(bad.count == 1 ? how : "\(how) (\(bad.count) of \(nodes.count) pods: \(Self.names(bad)))")
        }
        if let failed = Self.failed(nodes.compactMap { answers[$0] }, of: "updated pod") { return .failed(failed) }
        if nodes.isEmpty || nodes.contains(where: { answers[$0].map { $0.reading == .noData } ?? true }) {
            return .noData
        }
        guard nodes.allSatisfy({ numbers[$0] != nil }) else { return nil }
        let least = numbers.values.min() ?? 0
        let most = numbers.values.max() ?? 0
        let range = Self.rounded(least) + (least == most ? "" : " to \(Self.rounded(most))")
        return .good("\(range) on \(PlanText.count(nodes.count, "pod")) \(condition.text)")
    }

    /// The updated nodes against themselves before, less what the others did.
    private func changes(
        _ comparison: Comparison, _ answers: [String: PodScrape], _ numbers: [String: Double], of gate: Gate, wave: Int
    ) -> GateAssessment.Measurement? {
        let nodes = comparedNodes(gate, comparison, wave: wave)
        let updated = nodes.filter(\.isUpdated).map(\.node)
        if let failed = Self.failed(updated.compactMap { answers[$0] }, of: "updated pod") { return .failed(failed) }
        let levels = nodes.compactMap { node -> NodeLevel? in
            // Of another node that could not be read nothing is known; that a page lacks the series is known.
            guard let answer = answers[node.node] else { return node.isUpdated ? level(of: node, nil) : nil }
            switch answer.reading {
            case .failed: return nil
            case .noData: return level(of: node, nil)
            case .value:
                let key = ScrapeRecord.Key(wave: wave, gate: gate.name, span: .after, node: node.node)
                return state.scrapes[key]?.level.flatMap { level(of: node, $0) }
            }
        }
        func level(of node: ComparedNode, _ after: Double?) -> NodeLevel? {
            NodeLevel(
                node: node.node, isUpdated: node.isUpdated,
                before: levelBefore(node.node, gate, comparison, wave: wave), after: after)
        }
        let isFirst = updated.contains { answers[$0]?.isValue == true && numbers[$0] == nil }
        return isFirst ? nil : comparison.judge(levels, isFinal: isFinal(gate))
    }

    /// A number for a sentence: three digits behind the point are enough for one that is not small.
    private static func rounded(_ value: Double) -> String {
        (1..<1e12).contains(abs(value)) ? "\((value * 1_000).rounded() / 1_000)" : "\(value)"
    }

    /// Those of some pods that could not be read, in one sentence; nil when all could.
    static func failed(_ pods: [PodScrape], of what: String) -> String? {
        var failed: [(node: String, why: String)] = []
        for pod in pods.sorted(by: { $0.node < $1.node }) {
            if case .failed(let why) = pod.reading { failed.append((pod.node, why)) }
        }
        guard let first = failed.first else { return nil }
        let share =
            failed.count == 1 && pods.count == 1 ? "" : "\(failed.count) of \(PlanText.count(pods.count, what)), "
        return "\(share)node \(first.node): \(first.why)"
    }

    // MARK: What nobody saw

    /// The time of a soak in which no process was alive is added to it, when a gate asks the pods themselves or a webhook:
    /// neither can be asked afterwards. A counter of the same pod carries over such a time: its rate was measured.
    mutating func addUnaskedTime(wave: Int) {
        guard !memory.scrapes.hasLookedBack else { return }
        memory.scrapes.hasLookedBack = true
        guard let soaks = state.waves[wave].soakStartedAt, let started = soakStartedAt(state.waves[wave]) else {
            return
        }
        let unseen = gates(of: wave).compactMap { gate -> Milliseconds? in
            guard gate.provider.query == nil, let record = record(of: gate.name, wave: wave),
                record.verdict == .running, !carriesOver(gate, wave: wave)
            else { return nil }
            let first = soaks.millisecondsSince1970 + gate.firstMeasurementSeconds * 1_000
            let last = max(first, record.measuredAt?.millisecondsSince1970 ?? first)
            let missed = turn.now.wall.millisecondsSince1970 - last
            return missed >= 2 * gate.intervalSeconds * 1_000 ? missed : nil
        }.max()
        guard let unseen else { return }
        memory.soakStartedAt = started + unseen
        state.waves[wave].soakStartedAt = Timestamp(soaks.millisecondsSince1970 + unseen)
        turn.waves.insert(wave)
    }

    /// Whether a gate has a counter of each updated pod from before the gap.
    private func carriesOver(_ gate: Gate, wave: Int) -> Bool {
        guard gate.provider.scrape != nil else { return false }
        let nodes = updatedNodes(of: wave)
        return nodes.allSatisfy { node in
            let record = state.scrapes[ScrapeRecord.Key(wave: wave, gate: gate.name, span: .after, node: node)]
            guard let record, record.kind == .counter else { return false }
            return updatedTargets(on: node).contains { $0.podUID == record.podUID }
        }
    }
}
