/// Gates of a wave: when each is measured, and what its verdict does to the rollout.
extension RolloutMachine {
    /// What is known of the current wave's measurements since this driver started.
    struct GateMemory: Sendable {
        /// When a gate is measured next.
        var nextAt: [String: Milliseconds] = [:]
        /// The gates whose answer is awaited.
        var out: Set<String> = []
        /// Those of them whose answer is about a time that does not count any more.
        var void: Set<String> = []
        /// The time that nobody watched, of the gates that were asked about it.
        var missed: [String: QueryRange] = [:]
        /// The updated nodes of the wave with their pods; nil when something may have changed since they were gathered.
        var targets: Targets?
        /// When the batch settled whose gates are measured; nil while none is.
        var settledAt: Moment?
    }

    /// What a wave's gates are asked about.
    struct Targets: Sendable {
        var wave: Int
        var nodes: [String] = []
        var pods: [String] = []
        var addresses: [String] = []
    }

    func gates(of wave: Int) -> [Gate] {
        guard state.waves.indices.contains(wave), plan.waves.indices.contains(state.waves[wave].planIndex) else {
            return []
        }
        return plan.gates + plan.waves[state.waves[wave].planIndex].gates
    }

    /// Begins gates of the wave anew: what was measured before the soak, or before the batch, says nothing about it.
    mutating func openGates(wave: Int, at times: Set<Gate.Time>) {
        for gate in gates(of: wave) where times.contains(gate.at) {
            clearScrapes(wave: wave, span: .after, gate: gate.name)
            memory.gates.nextAt[gate.name] = nil
            let known = state.gates.firstIndex { $0.wave == wave && $0.gate == gate.name }
            let index = known ?? state.gates.endIndex
            if known == nil { state.gates.append(GateRecord(wave: wave, gate: gate.name)) }
            state.gates[index] = GateRecord(wave: wave, gate: gate.name, retries: state.gates[index].retries)
            turn.gates.insert(index)
        }
        // What was read for an earlier wave, or before this one, is not read on.
        memory.scrapes.readAt = [:]
    }

    /// Orders the measurements that are due.
    ///
    /// - Returns: whether every such gate of the wave has passed, or warned where its policy says so.
    mutating func runGates(wave: Int, at times: Set<Gate.Time>) -> Bool {
        let gates = gates(of: wave).filter { times.contains($0.at) }
        guard !gates.isEmpty else { return true }
        for gate in gates {
            guard let record = record(of: gate.name, wave: wave), record.verdict == .running else { continue }
            let start = watchedSince(gate, wave: wave)?.monotonic ?? turn.now.monotonic
            let end = gate.at == .batch ? turn.now.monotonic : soakEndsAt() ?? turn.now.monotonic
            let first = max(start + gate.firstMeasurementSeconds * 1_000, gate.at == .end ? end : start)
            let isScraped = gate.provider.scrape != nil
            let due =
                memory.gates.nextAt[gate.name] ?? (isScraped ? max(first, nextScrape(of: gate, wave: wave)) : first)
            let isDue = due <= turn.now.monotonic
            // A rate is that of a whole interval, whenever the soak ends.
            let next = end > turn.now.monotonic && !isScraped ? min(due, end) : due
            memory.gates.nextAt[gate.name] = isDue ? nil : next
            guard isDue, memory.gates.out.insert(gate.name).inserted else { continue }
            switch gate.provider {
            case .prometheus(let query):
                turn.effects.append(.measure(measurement(of: gate, query, wave: wave, since: start)))
            case .scrape(let scrape): turn.effects.append(.scrape(soakOrder(of: gate, scrape, wave: wave)))
            case .webhook(let destination):
                turn.effects.append(.ask(question(of: gate, destination, wave: wave)))
            }
        }
        return gates.allSatisfy { gate in
            let verdict = record(of: gate.name, wave: wave)?.verdict
            if gate.isDryRun { return verdict != nil && verdict != .running }
            return switch verdict {
            case .passed: true
            case .noData: gate.onNoData == .warn
            case .inconclusive: gate.onInconclusive == .warn
            case .error: gate.onError == .warn
            case .running, .failed, nil: false
            }
        }
    }

    /// Since when what a gate is about has been watched: the end of the batch, or the start of the soak. By the monotonic
    /// clock what a driver before this one has seen counts.
    private func watchedSince(_ gate: Gate, wave: Int) -> Moment? {
        if gate.at == .batch { return memory.gates.settledAt }
        guard let wall = state.waves[wave].soakStartedAt, let started = soakStartedAt(state.waves[wave])
        else { return nil }
        return Moment(monotonic: started, wall: wall)
    }

    /// Whether a gate's measurements count at the moment.
    func isMeasured(_ gate: Gate, wave: Int) -> Bool {
        guard wave == state.rollout.waveIndex else { return false }
        return gate.at == .batch
            ? state.rollout.phase == .updating && memory.gates.settledAt != nil : state.rollout.phase == .soaking
    }

    /// Whether there is nothing more to come for a gate.
    func isFinal(_ gate: Gate) -> Bool { gate.at == .batch || isSoakOver }

    func record(of gate: String, wave: Int) -> GateRecord? {
        state.gates.first { $0.wave == wave && $0.gate == gate }
    }

    private mutating func measurement(
        of gate: Gate, _ query: PrometheusQuery, wave: Int, since start: Milliseconds
    ) -> GateMeasurement {
        let targets = knownTargets(of: wave)
        let elapsed = (turn.now.monotonic - start) / 1_000
        let context = PrometheusQuery.Context(
            wave: state.waves[wave].name, nodes: targets.nodes, pods: targets.pods,
            addresses: targets.addresses,
            windowSeconds: max(elapsed, gate.intervalSeconds))
        let range = range(of: gate, wave: wave)
        if case .threshold = gate.criterion { memory.gates.missed[gate.name] = range }
        return GateMeasurement(
            wave: wave, gate: gate.name, query: query.filled(with: context), range: range)
    }

    /// The most points of all series together that a question asks for.
    static let pointLimit = 200_000
    /// How many points of one series a question asks for.
    static let pointsOfSeries = 20...120

    /// A comparison looks at the time since its baseline began; a threshold at this moment, and at what nobody watched.
    private func range(of gate: Gate, wave: Int) -> QueryRange? {
        guard case .comparison(let comparison) = gate.criterion else { return missedTime(of: gate, wave: wave) }
        guard let spans = spans(of: comparison, gate, wave: wave) else { return nil }
        let points = min(
            max(Self.pointLimit / max(1, view.nodes.count), Self.pointsOfSeries.lowerBound),
            Self.pointsOfSeries.upperBound)
        let end = turn.now.wall.millisecondsSince1970
        let seconds = (end - spans.before.lowerBound.millisecondsSince1970) / 1_000
        // However long the wave took, the baseline has some points.
        let step = max(1, min(seconds / Int64(points), comparison.baselineSeconds / 4))
        // Points are counted from the start; the last one must be now, or a short time after the update has none.
        return QueryRange(start: Timestamp(end - seconds / step * step * 1_000), end: turn.now.wall, stepSeconds: step)
    }

    /// The time before the wave, and the time since its nodes are up and warm.
    func spans(of comparison: Comparison, _ gate: Gate, wave: Int) -> ComparisonSpans? {
        guard let began = state.waves[wave].startedAt, let soaks = watchedSince(gate, wave: wave)?.wall
        else { return nil }
        let before = Timestamp(began.millisecondsSince1970 - comparison.baselineSeconds * 1_000)
        let warm = Timestamp(soaks.millisecondsSince1970 + gate.initialDelaySeconds * 1_000)
        return ComparisonSpans(before: before...began, after: warm...max(warm, turn.now.wall))
    }

    /// What a measurement says by itself.
    private func meaning(_ reading: MetricReading, of gate: Gate, wave: Int, isFinal: Bool)
        -> GateAssessment.Measurement
    {
        switch (reading, gate.criterion) {
        case (.noData, _): return .noData
        case (.failed(let why), _): return .failed(why)
        case (.samples(let values), .threshold(let condition)):
            return GateAssessment.measurement(values, condition)
        case (.series(let series), .comparison(let comparison)):
            guard let spans = spans(of: comparison, gate, wave: wave) else { return .noData }
            return comparison.measurement(series, spans, compared: compared(wave: wave, since: spans), isFinal: isFinal)
        case (.answer(let isYes, let sentence), .consent): return isYes ? .good(sentence) : .bad(sentence)
        case (.samples, _), (.series, _), (.answer, _):
            return .failed("the answer is of another kind than asked for")
        }
    }

    /// The updated nodes of the wave, and the nodes whose version has not changed since a comparison's baseline began.
    func compared(wave: Int, since spans: ComparisonSpans) -> [ComparedNode] {
        // In one order: sums are rounded, and the test draws by place.
        state.nodes.values.sorted { $0.node < $1.node }.compactMap { record in
            let isUpdated = record.wave == wave && record.status == .updated
            let isSteady =
                record.status == .pending
                || record.status == .updated
                    && (record.updatedAt.map { $0 < spans.before.lowerBound } ?? true)
            guard isUpdated || (isSteady && record.wave != wave) else { return nil }
            let addresses = view.ownPods(on: record.node).map(\.pod.podIP).filter { !$0.isEmpty }
            return ComparedNode(node: record.node, addresses: addresses, isUpdated: isUpdated)
        }
    }

    mutating func knownTargets(of wave: Int) -> Targets {
        let known = memory.gates.targets.flatMap { $0.wave == wave ? $0 : nil }
        let targets = known ?? self.targets(of: wave)
        memory.gates.targets = targets
        return targets
    }

    private func targets(of wave: Int) -> Targets {
        var targets = Targets(wave: wave)
        for record in state.nodes.values where record.wave == wave && record.status == .updated {
            targets.nodes.append(record.node)
        }
        targets.nodes.sort()
        for node in targets.nodes {
            for pod in view.ownPods(on: node).map(\.pod) where pod.revisionHash == state.rollout.updateRevision {
                targets.pods.append(pod.name)
                if !pod.podIP.isEmpty { targets.addresses.append(pod.podIP) }
            }
        }
        return targets
    }

    /// Counts a measurement. One that arrives after its wave or its gate is done says nothing any more.
    mutating func measured(wave: Int, gate name: String, _ reading: MetricReading) {
        memory.gates.out.remove(name)
        let missed = memory.gates.missed.removeValue(forKey: name)
        guard memory.gates.void.remove(name) == nil, let gate = gates(of: wave).first(where: { $0.name == name }),
            isMeasured(gate, wave: wave),
            let index = state.gates.firstIndex(where: { $0.wave == wave && $0.gate == name }),
            state.gates[index].verdict == .running
        else { return }
        let isFinal = isFinal(gate)
        let record =
            missed.map { counting(reading, over: $0, of: gate, into: state.gates[index], isFinal: isFinal) }
            ?? GateAssessment.counting(
                meaning(reading, of: gate, wave: wave, isFinal: isFinal), into: state.gates[index], of: gate,
                isFinal: isFinal, at: turn.now.wall)
        conclude(record, at: index, of: gate, wave: wave)
    }

    var isSoakOver: Bool { (soakEndsAt() ?? 0) <= turn.now.monotonic }

    /// Writes a counted measurement down, and does what its verdict says.
    mutating func conclude(_ record: GateRecord, at index: Int, of gate: Gate, wave: Int) {
        state.gates[index] = record
        turn.gates.insert(index)
        memory.gates.nextAt[gate.name] = turn.now.monotonic + gate.intervalSeconds * 1_000
        let sentence = "gate \(gate.name): \(record.message)"
        log(.measured, wave: wave, message: sentence)
        if gate.isDryRun, record.verdict != .running {
            let event: JournalEvent = record.verdict == .passed ? .gatePassed : .gateWarned
            return log(event, wave: wave, message: "dry run: \(sentence)")
        }
        switch record.verdict {
        case .running: break
        case .passed: log(.gatePassed, wave: wave, message: sentence)
        case .failed: stop(for: .gateFailed, sentence, wave: wave, gate: gate)
        case .noData: doubt(gate.onNoData, .gateNoData, sentence, at: index, of: gate)
        case .inconclusive: doubt(gate.onInconclusive, .gateInconclusive, sentence, at: index, of: gate)
        case .error: doubt(gate.onError, .gateError, sentence, at: index, of: gate)
        }
    }
}
