import SluiceCore

/// Small runs that come to their end, or to a halt, while the database cannot be written and answers are late: whatever a
/// cluster and people can do reaches a rollout that is over and cannot say so yet. Seeds that draw everything alike hardly
/// ever meet that, so some seeds draw only this.
extension Scenario {
    /// One seed in so many.
    private static let share: UInt64 = 12

    /// The run of a seed.
    static func drawn(seed: UInt64) -> Scenario { seed % share == 0 ? unwrittenEnd(seed: seed) : Scenario(seed: seed) }

    /// What is in the way besides the disk.
    private enum Theme: CaseIterable {
        case lateAnswers, lostDeletes, slowController, people
    }

    private static func unwrittenEnd(seed: UInt64) -> Scenario {
        var random = SeededRandom(seed: seed)
        let end = random.pick([Phase.halted, .completed, .aborted]) ?? .halted
        let theme = random.pick(Theme.allCases + [.lateAnswers, .lateAnswers]) ?? .lateAnswers
        var setting = Setting(nodes: 6, soakSeconds: 20, budget: 3)
        setting.canaryMore = Setting.gate
        setting.more = "deletion: \(random.chance(0.5) ? "evict" : "delete")"
        if end == .aborted { setting.more += "\n  onFailure: abort" }
        if random.chance(0.5) {
            setting.more +=
                "\n  blockers: [{name: paging, policy: halt, alerts: {prometheus: {address: \"\(Wire.server)/prometheus\"}}}]"
        }
        if end != .completed, random.chance(0.3) { setting.newVersion = "refused@node-\(random.int(2...5))" }
        // With so little time the last node is done before a late answer comes.
        (setting.startDelay, setting.termination) = (300, 300)
        var scenario = setting.scenario(named: "seed \(seed)")
        scenario.seed = seed
        scenario.resumes = random.int(0...1)
        // Where the last deletes leave, or where the first wave is watched.
        var from = random.time(22_500...25_700)
        if theme == .slowController { from = random.time(30_000...41_000) }
        if end != .completed, random.chance(0.5) { from = random.time(6_000...23_000) }
        scenario.trouble(theme, end, from: from, &random)
        return scenario
    }

    private mutating func trouble(_ theme: Theme, _ end: Phase, from: Milliseconds, _ random: inout SeededRandom) {
        allow(
            .creationRefused, .podFailed, .podDeleted, .strategyFlipped, .templateReverted, .tainted, .daemonSetDeleted,
            .nodeFallsSilent, .templateChanged, .aborted, .paused, .slowController)
        breakDisk(theme, from: from, &random)
        switch theme {
        case .lateAnswers:
            let kind = random.pick([FaultKind.gatewayTimeouts, .throttled, .unavailable, .stalled, .conflicts])
            // Only what leaves right before is late: what the watches show afterwards comes in time.
            window(.slowAnswers, 1, from - 800, from + (random.pick([0, 0, 0, 30_000]) ?? 0))
            if random.chance(0.4) { window(kind ?? .stalled, 0.3, from - 2_000, from + 20_000) }
            if random.chance(0.5) { acts.append((from - random.time(10...800), .setStrategy("RollingUpdate"))) }
        case .lostDeletes:
            window(.lostAnswers, 1, from - 3_000, from)
            window(.slowAnswers, 0.7, from - 6_000, from + 30_000)
            window(.refused, 1, from, from + random.time(14_000...24_000))
        case .slowController:
            window(.slowAnswers, 0.7, from - 6_000, from + 30_000)
            acts.append((18_000, .setControllerDelay(random.time(6_000...9_000))))
            acts.append((from + 20_000, .setControllerDelay(100)))
        case .people:
            for request in [OperatorRequest.pause(reason: "lunch"), .resume, .abort(reason: "enough")]
            where random.chance(0.8) {
                acts.append((from + random.time(100...2_000), .ask(request)))
            }
            // Nothing waits for it.
            let approval = OperatorRequest.approve(wave: "rest", by: "ann", reason: "looks good")
            let node = "node-\(random.int(0...5))"
            let others = [
                approval, .skip(node: node, by: "ann", reason: "its disk is dead"),
                .retry(node: node, by: "ann", reason: "it was the network"),
            ]
            // Again and again, for hardly one of them comes just when the database can be written and the end not yet.
            for request in others + others + others where random.chance(0.6) {
                acts.append((from + random.time(100...3_000), .ask(request)))
            }
            // Whoever pauses goes on in the end.
            acts.append((from + 120_000, .ask(.resume)))
        }
        if random.chance(0.2) {
            acts.append((from - 4_000, .setDisruptionBudget(minAvailable: 6)))
            acts.append((from + 60_000, .setDisruptionBudget(minAvailable: nil)))
        }
        if end != .completed {
            acts.append((from + random.time(0...2_000), .failPod(node: "node-\(random.int(0...1))")))
        }
        for _ in 0..<random.int(0...8) { acts.append((from + random.spread(500...60_000), Self.anything(&random))) }
        acts.sort { $0.at < $1.at }
        healedAt = from + 130_000
    }

    private mutating func window(_ kind: FaultKind, _ share: Double, _ from: Milliseconds, _ to: Milliseconds) {
        kinds.append(kind)
        windows.append(FaultWindow(kind: kind, from: from, to: to, share: share))
    }

    private mutating func breakDisk(_ theme: Theme, from: Milliseconds, _ random: inout SeededRandom) {
        if theme == .people {
            let times = UInt64(random.int(0...1) * random.int(0...7) + 1)
            acts.append((from, .failDisk(machine: 0, .sync, .inputOutput, times: times)))
        } else {
            acts.append((from, .setDiskFull(machine: 0, true)))
            acts.append((from + 70_000, .setDiskFull(machine: 0, false)))
        }
    }

    private static func anything(_ random: inout SeededRandom) -> Act {
        let node = "node-\(random.int(0...5))"
        switch random.int(0...12) {
        case 0: return .deleteDaemonSet
        case 1: return .removeNode(node)
        case 2: return .addNode(NodeSpec(name: "joined-1", labels: [:]))
        case 3: return .deletePod(node: node)
        case 4: return .failPod(node: node)
        case 5: return .breakStreams
        case 6: return .endStreams
        case 7: return .restartServer(downFor: random.time(100...20_000))
        case 8: return .setImage(FleetSpec.foreignImage)
        case 9: return .setStrategy("RollingUpdate")
        case 10: return .setCordoned(node: node, true)
        case 11: return .silenceStreams
        default: return .suspend(machine: 0, for: 30_000)
        }
    }
}
