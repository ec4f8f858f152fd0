/// The plan file, key by key.
package enum PlanFields {
    /// The `apiVersion` of the plans that are read.
    package static let apiVersion = "sluice/v1"
    /// The `kind` of a plan.
    package static let kind = "RolloutPlan"
    /// The word for a wave that a person has to approve.
    static let approvalRequired = "required"

    /// The file as a whole.
    package static let file = PlanSection(
        name: "RolloutPlan", summary: "A rollout plan.",
        fields: [
            PlanField("apiVersion", .choice([apiVersion]), required: true, "The version of this format."),
            PlanField("kind", .choice([kind]), required: true, "What kind of file this is."),
            PlanField("metadata", .section(metadata), required: true, "What the plan is called."),
            PlanField("spec", .section(spec), required: true, "What the plan says."),
        ])

    static let metadata = PlanSection(
        name: "Metadata", summary: "What the plan is called.",
        fields: [PlanField("name", .text(.dnsSubdomain), required: true, "The plan's name, as it appears in reports.")])

    static let spec = PlanSection(
        name: "Spec", summary: "What is rolled out, where, how fast, and what counts as good.",
        fields: [
            PlanField("daemonSet", .section(daemonSet), required: true, "The DaemonSet that is rolled out."),
            PlanField(
                "images", .texts(key: .dnsLabel, value: .image, atLeast: 1), default: "the template as it stands",
                "The new image of each container that gets one. It is set in the same request that sets OnDelete, so no "
                    + "pod moves before its turn."),
            PlanField(
                "revision", .text(.labelValue), default: "the template as it stands",
                "Instead of images: the hash of a revision that the cluster remembers (`sluice report versions`, or the label "
                    + "`controller-revision-hash` of a pod). Its template is put back exactly, and the nodes that were "
                    + "updated last come first."),
            PlanField(
                "budget", .section(budget), default: "all of its defaults",
                "How many nodes may be without an available pod."),
            PlanField(
                "readiness", .section(readiness), default: "all of its defaults",
                "What counts as available, and how long that may take."),
            PlanField(
                "windows", .list(.section(window), atLeast: 1), default: "always",
                "When pods may be deleted: in any of these windows, and at no other time."),
            PlanField(
                "freeze", .list(.section(freeze), atLeast: 1), default: "never",
                "Days on which no pod is deleted, windows or not."),
            PlanField(
                "blockers", .list(.section(blocker), atLeast: 1), default: "none",
                "Alerts and pods that keep pods from being deleted while they are there."),
            PlanField(
                "deletion", .choice(Deletion.allCases.map(\.rawValue)), default: "delete",
                "How a pod is removed: `delete` it, or `evict` it, which honours PodDisruptionBudgets."),
            PlanField(
                "onStrategyChanged", .choice(StrategyPolicy.allCases.map(\.rawValue)), default: "reassert",
                "What to do when somebody changes the update strategy meanwhile: `reassert` OnDelete, or `halt`."),
            PlanField(
                "onFailure", .choice(FailurePolicy.allCases.map(\.rawValue)), default: "halt",
                "What to do when more nodes fail than allowed, or a gate fails: `halt` for a person, `abort` the rollout, "
                    + "`rollbackAll`: put the version before back on every node that was updated, or `rollbackWave`: on the "
                    + "nodes of the wave that failed, and on those of earlier waves after `sluice approve`."),
            PlanField(
                "onImageChanged", .choice(ImagePolicy.allCases.map(\.rawValue)), default: "halt",
                "What to do when a node gets another image (another digest, on the same architecture) under the same "
                    + "reference than the nodes before it, for the tag was moved: `halt`, or `warn` and go on."),
            PlanField(
                "onConfigChanged", .choice(ConfigPolicy.allCases.map(\.rawValue)), default: "warn",
                "What to do when a ConfigMap or a Secret that the template reads changes meanwhile: `halt`, `warn` and go "
                    + "on, or `ignore` it and do not look."),
            PlanField(
                "leak", .choice(LeakPolicy.allCases.map(\.rawValue)), default: "allow",
                "What becomes of pods that are made while no batch is under way, on nodes that join, are drained or reboot: "
                    + "`allow` gives them the new version at once; `park` puts the template before back between batches, "
                    + "so that they get the version before and their turn comes later. It needs `images` or `revision`."
            ),
            PlanField(
                "maxLeaked", .amount(zeroAllowed: true), default: "any number",
                "How many nodes may get the new version outside their wave before the rollout halts. Percentages are of "
                    + "the nodes."),
            PlanField(
                "gates", .list(.section(gate), atLeast: 1), default: "none",
                "Gates that every wave must pass, besides readiness and its own."),
            PlanField("waves", .list(.section(wave), atLeast: 1), required: true, "The waves, in order."),
            PlanField(
                "notifications", .list(.section(notification), atLeast: 1), default: "nobody",
                "Who is told what the rollout does, besides the DaemonSet's Events."),
        ])

    static let daemonSet = PlanSection(
        name: "DaemonSet", summary: "The DaemonSet that is rolled out.",
        fields: [
            PlanField("name", .text(.dnsSubdomain), required: true, "Its name."),
            PlanField(
                "namespace", .text(.dnsLabel), default: "the namespace of the command line or the kubeconfig",
                "Its namespace."),
        ])

    static let budget = PlanSection(
        name: "Budget", summary: "How many nodes may be without an available pod at the same time.",
        fields: [
            PlanField(
                "maxUnavailable", .amount(zeroAllowed: false), default: "1 under 20 nodes, else 10 % and at most 50",
                "The cap over the fleet. A percentage is rounded down, but is at least 1 node."),
            PlanField(
                "perLabel", .list(.section(labelCap), atLeast: 1), default: "none",
                "Further caps, each for every single value of a node label, such as one per zone."),
            PlanField(
                "waitTimeout", .duration(1...PlanBounds.seconds), default: "30m",
                "How long the rollout waits for the budget before it halts."),
        ])

    static let labelCap = PlanSection(
        name: "LabelCap", summary: "A cap for every single value of a node label.",
        fields: [
            PlanField(
                "key", .text(.labelKey), required: true,
                "The node label. Nodes without it form a group of their own."),
            PlanField(
                "maxUnavailable", .amount(zeroAllowed: false), required: true,
                "The most nodes of one value that may be without an available pod."),
        ])

    static let readiness = PlanSection(
        name: "Readiness", summary: "What counts as available, and how long that may take.",
        fields: [
            PlanField(
                "minReadySeconds", .whole(0...PlanBounds.seconds), default: "0",
                "How long a pod must be Ready before it counts as available, in seconds. The DaemonSet's own value "
                    + "counts when it is larger."),
            PlanField(
                "timeout", .duration(1...PlanBounds.seconds),
                default: "grace period + the probes' delays + minReadySeconds + 5m",
                "How long from deleting the old pod until the new one is available."),
            PlanField(
                "restartsAllowed", .whole(0...PlanBounds.measurements), default: "0",
                "How many container restarts of a new pod are tolerated."),
            PlanField(
                "startupFactor", .whole(0...PlanBounds.factor), default: "4",
                "A new pod that takes this many times as long from its containers' start to Ready as the pod before it on "
                    + "the same node, and at least 30 s longer, fails its node; 0: however long it takes."),
        ])

    static let window = PlanSection(
        name: "Window", summary: "A time of the day at which pods may be deleted.",
        fields: [
            PlanField(
                "days", .list(.choice(RolloutCalendar.Weekday.allCases.map(\.rawValue)), atLeast: 1),
                default: "every day", "The days of the week on which it begins."),
            PlanField("from", .text(.timeOfDay), required: true, "When it begins, by the zone's clocks: `22:00`."),
            PlanField(
                "to", .text(.closingTime), required: true,
                "When it ends: `04:00`, or `24:00`. Earlier than `from` means on the next day."),
            PlanField("timeZone", .text(.timeZone), default: "UTC", "The zone whose clocks count: `Europe/Berlin`."),
        ])

    static let freeze = PlanSection(
        name: "Freeze", summary: "Whole days on which no pod is deleted.",
        fields: [
            PlanField("from", .text(.date), required: true, "The first day: `2026-12-20`."),
            PlanField("to", .text(.date), required: true, "The last day, which is frozen too: `2027-01-02`."),
            PlanField("reason", .text(.sentence), default: "none", "Why; it is shown with the hold."),
            PlanField("timeZone", .text(.timeZone), default: "UTC", "The zone whose days they are: `Europe/Berlin`."),
        ])

    static let wave = PlanSection(
        name: "Wave", summary: "A set of nodes that is updated and watched before the next wave begins.",
        fields: [
            PlanField("name", .text(.waveName), required: true, "The wave's name, unique in the plan."),
            PlanField("selector", .section(selector), "The nodes, by label."),
            PlanField("nodes", .list(.text(.dnsSubdomain), atLeast: 1), "The nodes, by name."),
            PlanField(
                "everythingElse", .onlyTrue,
                "Every node that no other wave takes. It must be the last wave, so that no node is forgotten."),
            PlanField(
                "take", .amount(zeroAllowed: false), default: "all of them",
                "Takes only so many of the nodes, or with `forEach` of the nodes of each value."),
            PlanField(
                "spreadOver", .text(.labelKey), default: "no label",
                "The node label over whose values `take` and the order are spread."),
            PlanField(
                "forEach", .text(.labelKey), default: "one wave",
                "Makes one wave for each value of this node label, in the order of the values."),
            PlanField(
                "batches", .list(.amount(zeroAllowed: false), atLeast: 1), default: "one batch",
                "The sizes of the batches in order; the last one repeats until the wave is done. Percentages are of "
                    + "the wave."),
            PlanField(
                "soak", .duration(0...PlanBounds.seconds), default: "0s",
                "How long the wave is watched after its last node became available. It survives restarts. A node whose pod is "
                    + "replaced or not Ready meanwhile must be available again at its end, and does not begin it anew."),
            PlanField(
                "failuresAllowed", .amount(zeroAllowed: true), default: "0 in the first wave, later max(1, 1 %)",
                "How many nodes of the wave may fail before the rollout stops."),
            PlanField(
                "onFailure", .choice(FailurePolicy.allCases.map(\.rawValue)), default: "the plan's",
                "What to do when this wave fails, as `spec.onFailure`."),
            PlanField(
                "approval", .choice([approvalRequired]), default: "none is needed",
                "`required`: the wave begins only after `sluice approve`. With `forEach` each of its waves needs one."),
            PlanField(
                "gates", .list(.section(gate), atLeast: 1), default: "none", "The wave's own gates."),
        ], exactlyOneOf: [["selector", "nodes", "everythingElse"]])

    static let selector = PlanSection(
        name: "Selector", summary: "A Kubernetes label selector over nodes; all of its requirements must hold.",
        fields: [
            PlanField(
                "matchLabels", .texts(key: .labelKey, value: .labelValue, atLeast: 1), default: "none",
                "Labels that a node must have with exactly these values."),
            PlanField(
                "matchExpressions", .list(.section(expression), atLeast: 1), default: "none",
                "Further requirements."),
        ])

    static let expression = PlanSection(
        name: "Expression", summary: "One requirement of a selector.",
        fields: [
            PlanField("key", .text(.labelKey), required: true, "The label."),
            PlanField(
                "operator", .choice(LabelSelector.Requirement.Operator.allCases.map(\.rawValue)), required: true,
                "The comparison. `NotIn` and `DoesNotExist` hold for nodes without the label too."),
            PlanField(
                "values", .list(.text(.labelValue), atLeast: 1), default: "none",
                "The values of `In` and `NotIn`; the other two have none."),
        ])

    static let gate = PlanSection(
        name: "Gate",
        summary: "A question about the updated nodes that must be answered well before the rollout goes on.",
        fields: [
            PlanField("name", .text(.waveName), required: true, "The gate's name, unique among a wave's gates."),
            PlanField("prometheus", .section(prometheus), "Whom to ask, and what."),
            PlanField("scrape", .section(scrape), "Instead of a Prometheus: what to read from the pods themselves."),
            PlanField(
                "webhook", .section(webhook),
                "Instead of both: who judges by itself. A status of 2xx is a good measurement; 408, 425, 429, 3xx and 5xx "
                    + "are errors, every other one is a failed measurement."),
            PlanField(
                "successCondition", .text(.condition),
                "When a measurement is good, `>= 0.95`: every sample of the answer, or every updated pod, must satisfy it."
            ),
            PlanField(
                "comparison", .section(comparison),
                "Instead of a condition: compare each updated node with itself before, and that change with the others'."
            ),
            PlanField(
                "at", .choice(Gate.Time.allCases.map(\.rawValue)), default: "soak",
                "When it is measured: after each `batch`, before the next one or the soak begins; during the `soak`; or at "
                    + "the soak's `end`."),
            PlanField(
                "dryRun", .onlyTrue, default: "its verdict counts",
                "Measures and tells, and goes on whatever the verdict: to try a gate out."),
            PlanField(
                "interval", .duration(1...PlanBounds.seconds), default: "30s", "The time between two measurements."),
            PlanField(
                "initialDelay", .duration(0...PlanBounds.seconds), default: "0s",
                "The time from the start of the soak to the first measurement; with `at: batch` from the end of the batch."
            ),
            PlanField(
                "count", .whole(1...PlanBounds.measurements),
                default: "for as long as the soak lasts, at least one at its end; else one",
                "How many measurements are needed."),
            PlanField(
                "failureLimit", .whole(0...PlanBounds.measurements), default: "0",
                "How many failed measurements are tolerated."),
            PlanField(
                "inconclusiveLimit", .whole(0...PlanBounds.measurements), default: "3",
                "How many measurements in a row without data are tolerated before `onNoData` applies, and how many "
                    + "after the soak whose data cannot tell before `onInconclusive` does."),
            PlanField(
                "consecutiveErrorLimit", .whole(0...PlanBounds.measurements), default: "4",
                "How many errors in a row are tolerated before `onError` applies."),
            PlanField(
                "onFailure", .choice(FailurePolicy.allCases.map(\.rawValue)), default: "the wave's, else the plan's",
                "What to do when this gate fails, as `spec.onFailure`."),
            doubt("onNoData", "What an answer without data means"),
            doubt("onInconclusive", "What data that cannot tell mean"),
            doubt("onError", "What a question that could not be asked means"),
        ], exactlyOneOf: [["prometheus", "scrape", "webhook"], ["successCondition", "comparison", "webhook"]])

    static let comparison = PlanSection(
        name: "Comparison",
        summary: "How the updated nodes are compared with themselves before, corrected by what the other nodes did. "
            + "The query gives one series a node, of updated nodes and others alike.",
        fields: [
            PlanField(
                "worse", .choice(Comparison.Worse.allCases.map(\.rawValue)), default: "different",
                "Which change is bad: `higher`, `lower`, or both (`different`)."),
            PlanField(
                "tolerance", .text(.percentage), default: "50%",
                "The change that does not matter: 50% is half as much again, or as much less that half as much again "
                    + "undoes it."),
            PlanField(
                "baseline", .duration(60...PlanBounds.seconds), default: "30m, with `scrape` 5m",
                "The time before the wave that the updated nodes are compared with. With `scrape` the wave waits for it."
            ),
            PlanField(
                "nodeLabel", .text(.metricLabel), default: "node",
                "The label of the series that says the node: by its name, or by its pod's address, which stays the same "
                    + "only with hostNetwork. Not with `scrape`."),
        ])
}
