import SluiceCore

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func maybe<Value>(_ value: (inout SeededGenerator) -> Value) -> Value? {
        next() % 3 == 0 ? nil : value(&self)
    }
}

/// Draws states that exercise every column: awkward texts, extreme numbers, absent values.
extension SeededGenerator {
    mutating func text() -> String {
        pick([
            "", "a", "it's \"quoted\"", "naïve – 集群 🚦", "line\nbreak\ttab", "'; DROP TABLE node; --", "{}", "0", "NULL",
        ])
    }

    mutating func number() -> Int { pick([0, 1, 7, 5_000, Int(Int32.max), Int(Int64.max)]) }

    mutating func time() -> Timestamp { Timestamp(pick([0, 1, 1_795_000_000_000, -1, Int64.max])) }

    mutating func json(depth: Int = 0) -> JSONValue {
        switch below(depth > 3 ? 5 : 7) {
        case 0: .bool(below(2) == 0)
        case 1: .integer(pick([0, -1, Int64.min, Int64.max]))
        case 2: .double(pick([0.5, 1.0, -2.5e-300, 1e300, 0.1 + 0.2]))
        case 3, 4: .string(text())
        case 5: .array((0..<below(4)).map { _ in json(depth: depth + 1) })
        default: .object(Dictionary((0..<below(4)).map { ("k\($0)", json(depth: depth + 1)) }) { $1 })
        }
    }

    mutating func template() -> PodTemplate {
        PodTemplate(json: ["metadata": ["labels": json()], "spec": ["containers": [json(), json()], "x": json()]])
    }

    mutating func rollout(id: String, daemonSetUID: String) -> RolloutRecord {
        RolloutRecord(
            id: id, clusterUID: "cluster-1", namespace: "monitoring", daemonSet: "node-exporter",
            daemonSetUID: daemonSetUID, planText: (0..<below(300)).map { _ in UInt8(truncatingIfNeeded: next()) },
            planDigest: text(), baseTemplate: template(), targetTemplate: template(),
            updateRevision: maybe { $0.text() }, previousRevision: maybe { $0.text() },
            previousTemplate: maybe { $0.template() }, maxUnavailable: number(),
            phase: pick(Phase.allCases), reason: maybe { $0.pick(Reason.allCases) }, message: text(),
            waveIndex: number(), pauseReason: maybe { $0.text() },
            holds: (0..<below(4)).map { _ in hold() }, createdAt: time(),
            changedAt: time(), finishedAt: maybe { $0.time() }
        )
    }

    private mutating func hold() -> Hold {
        Hold(pick(HoldKind.allCases), text(), since: maybe { $0.time() })
    }

    mutating func wave(_ index: Int) -> WaveRecord {
        WaveRecord(
            index: index, name: text(), planIndex: number(), batchCount: number(), plannedNodes: number(),
            soakSeconds: Int64(number()), failuresAllowed: number(), needsApproval: below(2) == 0,
            approvedAt: maybe { $0.time() }, approvedBy: maybe { $0.text() },
            status: pick([.pending, .updating, .soaking, .passed]), batchIndex: number(),
            startedAt: maybe { $0.time() }, soakStartedAt: maybe { $0.time() }, passedAt: maybe { $0.time() }
        )
    }

    mutating func node(_ name: String, waves: Int) -> NodeRecord {
        NodeRecord(
            node: name, wave: maybe { $0.below(waves) }, batch: number(), position: number(),
            status: pick(NodeStatus.allCases), reason: maybe { $0.pick(Reason.allCases) }, message: text(),
            podUID: maybe { $0.text() }, deletedAt: maybe { $0.time() },
            pressuresBefore: NodePressure.Kind.allCases.filter { _ in below(2) == 0 },
            startupBefore: maybe { Int64($0.number()) }, updatedAt: maybe { $0.time() },
            isLeaked: below(2) == 0, readinessLosses: number(), readyAt: maybe { $0.time() }
        )
    }

    mutating func gate(_ name: String, wave: Int) -> GateRecord {
        GateRecord(
            wave: wave, gate: name, verdict: pick([.running, .passed, .failed, .inconclusive, .error]),
            measurements: number(), failures: number(), successes: number(), consecutiveNoData: number(),
            consecutiveErrors: number(), retries: number(), message: text(), measuredAt: maybe { $0.time() }
        )
    }

    mutating func scrape(_ node: String, wave: Int) -> ScrapeRecord {
        ScrapeRecord(
            key: ScrapeRecord.Key(wave: wave, gate: "gate-0", span: pick(ScrapeRecord.Span.allCases), node: node),
            podUID: text(), kind: pick(MetricsScrape.Kind.allCases), value: pick([0, -0.5, 1e300, 0.1 + 0.2]),
            measuredAt: time(), total: pick([0, 2.5e-300, 1e300]), weight: Int64(number()))
    }

    mutating func config(_ name: String) -> ConfigRecord {
        ConfigRecord(
            object: ConfigObject(pick(ConfigObject.Kind.allCases), name),
            standing: pick(ConfigRecord.Standing.allCases), uid: text(), resourceVersion: text(), seenAt: time())
    }

    mutating func state(id: String = "r-1", daemonSetUID: String = "ds-1") -> RolloutState {
        let waves = (0..<1 + below(4)).map { wave($0) }
        let nodes = (0..<below(30)).map { node("node-\($0)", waves: waves.count) }
        let gates = waves.indices.flatMap { wave in (0..<below(3)).map { gate("gate-\(9 - $0)", wave: wave) } }
        let scrapes = waves.indices.flatMap { wave in (0..<below(5)).map { scrape("node-\($0)", wave: wave) } }
        let configs = (0..<below(4)).map { config("config-\($0)") }
        return RolloutState(
            rollout: rollout(id: id, daemonSetUID: daemonSetUID), waves: waves,
            nodes: Dictionary(nodes.map { ($0.node, $0) }) { $1 }, gates: gates,
            scrapes: Dictionary(scrapes.map { ($0.key, $0) }) { $1 },
            configs: Dictionary(configs.map { ($0.object, $0) }) { $1 }
        )
    }

    mutating func line() -> JournalLine {
        JournalLine(
            time: time(), event: pick(JournalEvent.allCases), wave: maybe { $0.text() }, node: maybe { $0.text() },
            reason: maybe { $0.pick(Reason.allCases) }, message: text()
        )
    }

    /// Changes rows of a state in memory, adds a node now and then, and says which rows it changed.
    mutating func change(_ state: inout RolloutState) -> RowChanges {
        var changes = RowChanges()
        if below(2) == 0 {
            var rollout = rollout(id: state.rollout.id, daemonSetUID: state.rollout.daemonSetUID)
            if below(2) == 0 {
                rollout.planText = state.rollout.planText
                rollout.baseTemplate = state.rollout.baseTemplate
                rollout.targetTemplate = state.rollout.targetTemplate
                rollout.previousTemplate = state.rollout.previousTemplate
            }
            state.rollout = rollout
            changes.rollout = rollout
        }
        for index in state.waves.indices where below(3) == 0 {
            state.waves[index] = wave(index)
            changes.waves.append(state.waves[index])
        }
        let joined = below(4) == 0 ? ["joined-\(below(5))"] : []
        for name in state.nodes.keys.sorted() + joined where below(4) == 0 || joined.contains(name) {
            state.nodes[name] = node(name, waves: state.waves.count)
        }
        for name in state.nodes.keys.sorted() { changes.nodes += state.nodes[name].map { [$0] } ?? [] }
        for index in state.gates.indices where below(2) == 0 {
            state.gates[index] = gate(state.gates[index].gate, wave: state.gates[index].wave)
            changes.gates.append(state.gates[index])
        }
        for _ in 0..<below(4) {
            let scrape = scrape("node-\(below(5))", wave: below(state.waves.count))
            state.scrapes[scrape.key] = scrape
            changes.scrapes.removeAll { $0.key == scrape.key }
            changes.scrapes.append(scrape)
        }
        for _ in 0..<below(3) {
            let config = config("config-\(below(5))")
            state.configs[config.object] = config
            changes.configs.removeAll { $0.object == config.object }
            changes.configs.append(config)
        }
        return changes
    }
}
