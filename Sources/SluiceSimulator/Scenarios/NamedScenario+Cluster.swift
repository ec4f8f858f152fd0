import SluiceCore

extension NamedScenario {
    /// What happens in the cluster.
    static let cluster: [NamedScenario] = [
        NamedScenario(
            "Somebody edits the ConfigMap that the pods read, in the soak", endsAs: .halted, for: .configChanged,
            Setting(more: "onConfigChanged: halt")
        ) {
            $0.fleet.readsConfig = true
            $0.allow(.configEdited)
            $0.at(30, .editConfig("another pipeline"))
        },
        NamedScenario(
            "The node of a delete that was lost is tainted, and the budget is used up elsewhere",
            endsAs: .completed, for: .deferredNodes, Setting(budget: 1, startDelay: 20_000)
        ) {
            $0.strike(.reset, from: 103, to: 105)
            $0.at(105, .setControllerDelay(60_000))
            $0.at(106, .setTaint(node: "node-6", effect: "NoExecute"))
            $0.at(106, .deletePod(node: "node-8"))
            $0.at(200, .setControllerDelay(15))
        },
        NamedScenario(
            "A bad version is stopped in the canary", endsAs: .halted, for: .failuresExceeded,
            Setting(newVersion: "crash-loop")
        ) { $0.allow(.badVersion) },
        NamedScenario(
            "The new version fails on one of the canary's two nodes, and nothing follows", endsAs: .halted,
            for: .failuresExceeded, Setting(newVersion: "crash-loop@node-1")
        ) { $0.allow(.badVersion) },
        NamedScenario(
            "Pods of the new version are refused", endsAs: .halted, for: .failuresExceeded,
            Setting(newVersion: "refused")
        ) { $0.allow(.creationRefused) },
        NamedScenario("A delete whose fate is unknown is sent again only within the budget", Setting(budget: 1)) {
            $0.allow(.podFailed)
            $0.strike(.unavailable, from: 65, to: 67)
            $0.at(66, .failPod(node: "node-8"))
        },
        NamedScenario(
            "A node is put off because its pod is being deleted by somebody else, and the rollout goes on",
            endsAs: .completed, for: .deferredNodes, Setting(nodes: 3, oldVersion: "stuck-termination@node-2")
        ) {
            $0.allow(.stuckTermination, .podDeleted)
            $0.at(20, .deletePod(node: "node-2"))
        },
        NamedScenario(
            "A leaked node whose new pod never becomes ready fails after a restart too",
            endsAs: .completed, for: .deferredNodes, Setting(newVersion: "never-ready@node-8", more: "onFailure: halt")
        ) {
            $0.allow(.badVersion, .podDeleted)
            $0.at(20, .deletePod(node: "node-8"))
            $0.at(40, .kill(machine: 0))
        },
        NamedScenario("The template is put back by kubectl for a minute") {
            $0.allow(.templateReverted)
            $0.at(67, .setImage(FleetSpec.oldImage))
            $0.at(127, .setImage(FleetSpec.newImage))
        },
        NamedScenario(
            "Somebody sets a third image", endsAs: .halted, for: .templateChanged
        ) {
            $0.allow(.templateChanged)
            $0.at(67, .setImage(FleetSpec.foreignImage))
        },
        NamedScenario("Somebody sets RollingUpdate, and OnDelete comes back") {
            $0.allow(.strategyFlipped)
            $0.at(30, .setStrategy("RollingUpdate"))
        },
        NamedScenario("The strategy is flipped in the middle of a batch, and the patches meet conflicts for a while") {
            $0.allow(.strategyFlipped)
            $0.at(66, .setStrategy("RollingUpdate"))
            $0.strike(.conflicts, from: 66, to: 76)
        },
        NamedScenario("Old and new pods stand side by side on every node for a while", Setting(linger: 8_000)) { _ in },
        NamedScenario("Somebody sets a third image, and sets it right again before the rollout is taken up again") {
            $0.allow(.templateChanged)
            $0.at(67, .setImage(FleetSpec.foreignImage))
            $0.at(69, .setImage(FleetSpec.newImage))
            $0.resumes = 1
        },
        NamedScenario("The DaemonSet is deleted", endsAs: .halted, for: .daemonSetGone) {
            $0.allow(.daemonSetDeleted)
            $0.at(67, .deleteDaemonSet)
        },
        NamedScenario("Nodes join and leave while the canary soaks") {
            $0.allow(.nodeJoins, .nodeLeaves)
            $0.at(20, .addNode(NodeSpec(name: "joined-1", labels: ["env": "prod"])))
            $0.at(30, .removeNode("node-4"))
            $0.at(31, .removeNode("node-0"))
        },
        NamedScenario("A node dies before its turn and comes back before the end") {
            $0.allow(.nodeFallsSilent)
            $0.at(10, .setAlive(node: "node-5", false))
            $0.at(70, .setAlive(node: "node-5", true))
        },
        NamedScenario("Evictions are refused for a while by a PodDisruptionBudget", Setting(more: "deletion: evict")) {
            $0.allow(.disruptionBudget)
            $0.at(0, .setDisruptionBudget(minAvailable: 9))
            $0.at(120, .setDisruptionBudget(minAvailable: nil))
        },
        NamedScenario("The annotation sluice/pause holds everybody") {
            $0.allow(.annotated)
            $0.at(67, .annotate(reason: "incident"))
            $0.at(367, .annotate(reason: nil))
        },
    ]
}
