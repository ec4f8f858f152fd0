/// The levels before a wave, of gates that read the pods themselves: sampled from the moment the wave is next, and the wave
/// begins when they are.
extension RolloutMachine {
    /// What is known of scrapes since this driver started.
    struct ScrapeMemory: Sendable {
        /// When a gate samples its baseline next.
        var nextAt: [String: Milliseconds] = [:]
        /// The gates that wait for what a baseline's pages say.
        var out: Set<String> = []
        /// When a record's last value was read, by the monotonic clock.
        var readAt: [ScrapeRecord.Key: Milliseconds] = [:]
        /// Whether the time before this driver has been looked at.
        var hasLookedBack = false
    }

    /// The most nodes of a wave, and the most others, that a comparison reads. Each is a request through the API server,
    /// and more nodes would hardly make a verdict surer.
    static let mostCompared = (updated: 100, others: 50)

    /// Orders the scrapes of a baseline that are due.
    ///
    /// - Returns: whether the wave still waits for a baseline.
    mutating func samplesBaseline(of wave: Int) -> Bool {
        let gates = baselineGates(of: wave)
        guard !gates.isEmpty else { return false }
        putOffUnsampled(wave: wave)
        if !state.gates.contains(where: { $0.wave == wave }) { openGates(wave: wave, at: Set(Gate.Time.allCases)) }
        for (gate, scrape, comparison) in gates {
            forgetOldBaseline(of: gate, comparison, wave: wave)
            guard isSampling(gate, comparison, wave: wave) else { continue }
            let due = memory.scrapes.nextAt[gate.name] ?? nextScrape(of: gate, wave: wave)
            guard due <= turn.now.monotonic else {
                memory.scrapes.nextAt[gate.name] = due
                continue
            }
            guard memory.scrapes.out.insert(gate.name).inserted else { continue }
            memory.scrapes.nextAt[gate.name] = nil
            let nodes = baselineNodes(of: wave)
            turn.effects.append(
                .scrape(
                    ScrapeOrder(
                        wave: wave, gate: gate.name, scrape: scrape,
                        targets: nodes.flatMap { self.targets(on: $0, revision: nil) })))
        }
        return gates.contains { isSampling($0.gate, $0.comparison, wave: wave) }
    }

    /// Of a sample none of whose nodes can be updated, those that take their places are sampled; in the last round of the wave
    /// it would be too late for a level before.
    private mutating func putOffUnsampled(wave: Int) {
        let pending = members(of: wave).filter { $0.status == .pending }.map(\.node)
        guard !pending.contains(where: canBeUpdated) else { return }
        for node in pending { deferIfObstructed(node) }
        topUp(wave: wave)
    }

    /// When a gate is to be scraped that an earlier driver scraped: two scrapes are at least an interval apart.
    func nextScrape(of gate: Gate, wave: Int) -> Milliseconds {
        guard let last = record(of: gate.name, wave: wave)?.measuredAt else { return turn.now.monotonic }
        let since = turn.now.wall.millisecondsSince1970 - last.millisecondsSince1970
        let interval = gate.intervalSeconds * 1_000
        return turn.now.monotonic + min(max(0, interval - since), interval)
    }

    /// The holds of a wave that waits for its baselines.
    func baselineHolds() -> [Hold] {
        let wave = state.rollout.waveIndex
        guard state.rollout.phase == .updating, state.waves.indices.contains(wave),
            state.waves[wave].status == .pending, !mayNotBegin
        else { return [] }
        return baselineGates(of: wave).filter { isSampling($0.gate, $0.comparison, wave: wave) }.map {
            Hold(.baseline, "gate \($0.gate.name): \(baselineProgress($0.gate, $0.comparison, wave: wave))")
        }
    }

    private func baselineGates(of wave: Int) -> [(gate: Gate, scrape: MetricsScrape, comparison: Comparison)] {
        gates(of: wave).compactMap { gate in
            guard let scrape = gate.provider.scrape, case .comparison(let comparison) = gate.criterion else {
                return nil
            }
            return (gate, scrape, comparison)
        }
    }

    /// So many scrapes span the baseline.
    private static func scrapes(for comparison: Comparison, _ gate: Gate) -> Int {
        let interval = max(1, gate.intervalSeconds)
        return Int((comparison.baselineSeconds + interval - 1) / interval) + 1
    }

    private func isSampling(_ gate: Gate, _ comparison: Comparison, wave: Int) -> Bool {
        guard let record = record(of: gate.name, wave: wave) else { return true }
        return record.verdict == .running && record.successes < Self.scrapes(for: comparison, gate)
    }

    private func baselineProgress(_ gate: Gate, _ comparison: Comparison, wave: Int) -> String {
        guard let record = record(of: gate.name, wave: wave) else { return "its baseline is not sampled yet" }
        let sampled = Int64(max(0, record.successes - 1)) * gate.intervalSeconds
        let text =
            "\(PlanText.duration(seconds: min(sampled, comparison.baselineSeconds))) of "
            + "\(PlanText.duration(seconds: comparison.baselineSeconds)) of its baseline sampled"
        let isInDoubt = record.consecutiveErrors > 0 || record.consecutiveNoData > 0
        return isInDoubt ? "\(text); \(record.message)" : text
    }

    /// A baseline from before a long gap is no level just before the wave.
    private mutating func forgetOldBaseline(of gate: Gate, _ comparison: Comparison, wave: Int) {
        guard let index = state.gates.firstIndex(where: { $0.wave == wave && $0.gate == gate.name }),
            let last = state.gates[index].measuredAt, state.gates[index].verdict == .running
        else { return }
        let gap = turn.now.wall.millisecondsSince1970 - last.millisecondsSince1970
        guard gap > max(comparison.baselineSeconds, 2 * gate.intervalSeconds) * 1_000 else { return }
        beginBaseline(at: index)
    }

    /// Begins a gate's baseline anew.
    mutating func beginBaseline(at index: Int) {
        let record = state.gates[index]
        state.gates[index] = GateRecord(wave: record.wave, gate: record.gate, retries: record.retries)
        turn.gates.insert(index)
        clearScrapes(wave: record.wave, span: .before, gate: record.gate)
    }

    /// The nodes whose level before is kept: those of the wave, and others that will hardly change in it.
    private func baselineNodes(of wave: Int) -> [String] {
        let records = state.nodes.values.sorted { $0.node < $1.node }
        let own = records.filter { $0.wave == wave && [.pending, .deferred].contains($0.status) }.map(\.node)
        let others = records.filter { $0.wave != wave && [.pending, .updated].contains($0.status) }.map(\.node)
        return
            (Self.evenly(own, Self.mostCompared.updated) + Self.evenly(others, Self.mostCompared.others)).sorted()
    }

    /// So many of some elements, at even distances.
    static func evenly<Element>(_ elements: [Element], _ most: Int) -> [Element] {
        guard elements.count > most else { return elements }
        return (0..<most).map { elements[$0 * elements.count / most] }
    }

    /// The DaemonSet's own pod on a node whose page can be read; of the target revision when that is asked for.
    func targets(on node: String, revision: String?) -> [ScrapeOrder.Target] {
        let pods = view.ownPods(on: node).map(\.pod).filter {
            !$0.isTerminating && (revision == nil || $0.revisionHash == revision)
        }
        return pods.prefix(1).map { ScrapeOrder.Target(node: node, pod: $0.name, podUID: $0.uid) }
    }

    // MARK: What the pages said

    /// Takes in what metrics pages said. What comes when nobody waits for it any more says nothing.
    mutating func scraped(wave: Int, gate name: String, _ pods: [PodScrape]) {
        let isBaseline = memory.scrapes.out.remove(name) != nil
        if !isBaseline { memory.gates.out.remove(name) }
        guard isBaseline || memory.gates.void.remove(name) == nil else { return }
        guard wave == state.rollout.waveIndex, let gate = gates(of: wave).first(where: { $0.name == name }),
            let index = state.gates.firstIndex(where: { $0.wave == wave && $0.gate == name }),
            state.gates[index].verdict == .running
        else { return }
        switch (state.rollout.phase, gate.criterion) {
        case (.updating, .comparison(let comparison)) where isBaseline && state.waves[wave].status == .pending:
            baselineScraped(pods, at: index, of: gate, comparison)
        case _ where !isBaseline && isMeasured(gate, wave: wave): soakScraped(pods, at: index, of: gate)
        default: break
        }
    }

    private mutating func baselineScraped(
        _ pods: [PodScrape], at index: Int, of gate: Gate, _ comparison: Comparison
    ) {
        let wave = state.gates[index].wave
        memory.scrapes.nextAt[gate.name] = turn.now.monotonic + gate.intervalSeconds * 1_000
        let own = pods.filter { state.nodes[$0.node]?.wave == wave }
        guard own.contains(where: \.isValue) else {
            let failed = Self.failed(own, of: "pod")
            let none: GateAssessment.Measurement = failed.map { .failed($0) } ?? .noData
            let record = GateAssessment.counting(
                none, into: state.gates[index], of: gate, isFinal: false, at: turn.now.wall)
            return concludeBaseline(record, at: index, of: gate, wave: wave)
        }
        for pod in pods { take(pod, wave: wave, gate: gate.name, span: .before) }
        state.gates[index].measurements += 1
        state.gates[index].successes += 1
        (state.gates[index].consecutiveNoData, state.gates[index].consecutiveErrors) = (0, 0)
        state.gates[index].measuredAt = turn.now.wall
        state.gates[index].message = baselineProgress(gate, comparison, wave: wave)
        turn.gates.insert(index)
        if !isSampling(gate, comparison, wave: wave) {
            memory.scrapes.nextAt[gate.name] = nil
            log(.measured, wave: wave, message: "gate \(gate.name): \(state.gates[index].message)")
        }
    }

    private mutating func concludeBaseline(_ record: GateRecord, at index: Int, of gate: Gate, wave: Int) {
        state.gates[index] = record
        turn.gates.insert(index)
        let sentence = "gate \(gate.name), before the wave: \(record.message)"
        log(.measured, wave: wave, message: sentence)
        guard !gate.isDryRun else { return }
        switch record.verdict {
        case .noData: doubt(gate.onNoData, .gateNoData, sentence, at: index, of: gate)
        case .error: doubt(gate.onError, .gateError, sentence, at: index, of: gate)
        case .running, .passed, .failed, .inconclusive: break
        }
    }

    // MARK: Records

    /// Takes a page's number into its record.
    ///
    /// - Returns: what the number says by itself: a gauge's value, a counter's rate since the last scrape.
    @discardableResult
    mutating func take(_ pod: PodScrape, wave: Int, gate: String, span: ScrapeRecord.Span) -> Double? {
        guard case .value(let value, let kind) = pod.reading else { return nil }
        let key = ScrapeRecord.Key(wave: wave, gate: gate, span: span, node: pod.node)
        var record = state.scrapes[key] ?? ScrapeRecord(key: key)
        // The wall clock may have been set since; the other one knows nothing of an earlier driver's scrapes.
        let elapsed =
            memory.scrapes.readAt[key].map { pod.time.monotonic - $0 }
            ?? (pod.time.wall.millisecondsSince1970 - record.measuredAt.millisecondsSince1970)
        let result = record.take(value, kind, podUID: pod.podUID, at: pod.time.wall, elapsed: elapsed)
        memory.scrapes.readAt[key] = pod.time.monotonic
        state.scrapes[key] = record
        turn.scrapes.insert(key)
        return result
    }

    /// Begins the records of a wave anew, of one gate or of all.
    mutating func clearScrapes(wave: Int, span: ScrapeRecord.Span, gate: String? = nil) {
        let keys = state.scrapes.keys.filter {
            $0.wave == wave && $0.span == span && (gate == nil || $0.gate == gate)
        }
        for key in keys {
            state.scrapes[key]?.clear()
            memory.scrapes.readAt[key] = nil
            turn.scrapes.insert(key)
        }
    }
}

extension PodScrape {
    /// Whether the page had the number.
    var isValue: Bool { if case .value = reading { true } else { false } }
}
