import SluiceCore

extension NamedScenario {
    /// What a campaign of ten thousand seeds may never meet.
    static let rare: [NamedScenario] = [
        late("Late answers to deletes come") { $0.late(.slowAnswers, from: 64_900) },
        late("The late answer to a patch comes", chancesUntil: 7) { $0.latePatch() },
        late("The late answer to a patch that met a conflict comes", chancesUntil: 7) {
            $0.latePatch()
            $0.late(.conflicts, from: 65_101)
        },
        NamedScenario(
            "A node of the canary leaves while its gate is being measured, and another one takes its place",
            Setting(startDelay: 15_000, canaryMore: ", take: 2" + Setting.gate, canaryNodes: 3)
        ) {
            $0.allow(.nodeLeaves)
            $0.strike(.stalled, from: 30, to: 36)
            $0.at(37, .removeNode("node-1"))
        },
        NamedScenario(
            "A node leaves while nobody knows what became of its delete", Setting(budget: 1, startDelay: 20_000)
        ) {
            $0.allow(.nodeLeaves)
            $0.strike(.reset, from: 103, to: 105)
            // The node and its pod are seen to be gone at once.
            $0.grain = 50
            $0.at(106, .removeNode("node-6"))
        },
        NamedScenario("The canary's pod comes back old in the soak, and its delete is refused for a while") {
            $0.allow(.templateReverted, .podDeleted)
            $0.at(20, .setImage(FleetSpec.oldImage))
            $0.at(21, .deletePod(node: "node-0"))
            $0.strike(.unavailable, from: 29, to: 35)
            $0.at(30, .setImage(FleetSpec.newImage))
        },
        NamedScenario("Nodes leave and come back under their names, with new pods, with old ones, and unseen") {
            $0.allow(.nodeLeaves, .nodeJoins, .templateReverted)
            for node in ["node-4", "node-5", "node-6"] { $0.at(20, .removeNode(node)) }
            $0.at(30, .addNode(NodeSpec(name: "node-4", labels: ["env": "prod"])))
            $0.at(40, .setImage(FleetSpec.oldImage))
            $0.at(41, .addNode(NodeSpec(name: "node-5", labels: ["env": "prod"])))
            $0.at(50, .setImage(FleetSpec.newImage))
            $0.at(52, .restartServer(downFor: 10_000))
            $0.at(53, .addNode(NodeSpec(name: "node-6", labels: ["env": "prod"])))
        },
        NamedScenario(
            "Two PodDisruptionBudgets select the pods, so that no eviction can succeed", endsAs: .halted,
            for: .forbidden, Setting(more: "deletion: evict")
        ) {
            for name in ["one", "two"] { $0.at(20, .addDisruptionBudget(name: name)) }
        },
        NamedScenario("A person approves the rest too early, while the canary is prepared and while it soaks") {
            $0.strike(.conflicts, from: 0, to: 10)
            let early = Act.ask(.approve(wave: "rest", by: "ann", reason: "too early"))
            for time in [5, 45] as [Milliseconds] { $0.at(time, early) }
        },
        NamedScenario(
            "A person gives the rollout up before the DaemonSet is ready", endsAs: .aborted, for: .operatorRequest
        ) {
            $0.allow(.aborted)
            $0.strike(.conflicts, from: 0, to: 60)
            $0.at(20, .ask(.abort(reason: "enough")))
        },
    ]

    /// Answers that come after a halt which the full disk keeps from being written down. The deletes leave a moment before
    /// the 65th second.
    ///
    /// - Parameter chancesUntil: until when chances are drawn, in seconds, so that those that follow are the wanted ones.
    private static func late(
        _ what: String, chancesUntil: Milliseconds = 2, _ change: (inout Scenario) -> Void
    ) -> NamedScenario {
        NamedScenario(
            "\(what) before a halt can be written down", endsAs: .halted, for: .templateChanged,
            Setting(nodes: 5, budget: 3)
        ) {
            $0.allow(.templateChanged)
            $0.strike(.fragments, 0.5, from: 0, to: chancesUntil)
            $0.at(milliseconds: 65_300, .setDiskFull(machine: 0, true))
            $0.at(milliseconds: 65_400, .setImage(FleetSpec.foreignImage))
            $0.at(milliseconds: 95_300, .setDiskFull(machine: 0, false))
            change(&$0)
        }
    }
}

extension Scenario {
    /// A fault strikes every request from a time in milliseconds on, for a moment.
    fileprivate mutating func late(_ kind: FaultKind, from: Milliseconds) {
        kinds.append(kind)
        windows.append(FaultWindow(kind: kind, from: from, to: from + 200, share: 1))
        healedAt = max(healedAt, from + 200)
    }

    fileprivate mutating func latePatch() {
        allow(.strategyFlipped)
        at(milliseconds: 65_100, .setStrategy("RollingUpdate"))
        late(.slowAnswers, from: 65_101)
    }
}
