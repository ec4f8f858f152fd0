import SluiceCore

/// A fleet of 60 nodes in the middle of its rollout, with something of everything that can be reported.
enum Fixtures {
    static let start = Timestamp(1_795_500_000_000)

    static func time(_ seconds: Int64) -> Timestamp { Timestamp(start.millisecondsSince1970 + seconds * 1_000) }

    static func node(_ number: Int) -> String {
        "node-" + String(repeating: "0", count: number < 10 ? 3 : 2) + "\(number)"
    }

    static let template = PodTemplate(json: [
        "spec": [
            "containers": [
                ["name": "node-exporter", "image": "quay.io/prometheus/node-exporter:v1.9.1"],
                ["name": "proxy", "image": "registry.example.com/infra/kube-rbac-proxy:v0.18.2"],
            ]
        ]
    ])

    static var plan: WavePlan {
        let nodes = (1...60).map(node)
        let rest = Array(nodes[10..<52])
        return WavePlan(
            digest: "sha256:" + String(repeating: "0123456789abcdef", count: 4), updateRevision: "5d9f8c7b6",
            targetTemplate: template, needsPatch: true, eligibleNodes: nodes, maxUnavailable: 6,
            calendar: RolloutCalendar(
                windows: [
                    .init(days: [.mon, .thu], from: 1_320, to: 240, zone: .init(name: "Europe/Berlin", firstOffset: 0))
                ],
                freezes: [.init(from: 20_807, to: 20_820, reason: "nobody is here")]),
            waves: [
                .init(
                    name: "canary", planIndex: 0, batches: [[node(7)], [node(3), node(9)]], soakSeconds: 600,
                    failuresAllowed: 0, observed: [node(58)]),
                .init(
                    name: "everything-else-in-the-first-zone", planIndex: 1,
                    batches: stride(from: 0, to: rest.count, by: 6).map { Array(rest[$0..<$0 + 6]) },
                    soakSeconds: 0, failuresAllowed: 1, needsApproval: true),
            ],
            excluded: (53...57).map {
                .init(node: node($0), kind: .notEligible, reason: "taint dedicated=gpu:NoSchedule is not tolerated")
            } + [.init(node: node(58), kind: .alreadyUpdated, reason: "its pod has revision 5d9f8c7b6 already")],
            deferred: [
                .init(
                    node: node(59),
                    reason:
                        "the node is NotReady (NodeStatusUnknown): the kubelet stopped posting its status, so a new "
                        + "pod would not start there")
            ],
            placementChanges: [
                .init(node: node(60), gains: true, reason: "the new template tolerates node-role/infra:NoSchedule"),
                .init(node: "old-1", gains: false, reason: "nodeSelector disk=ssd does not match any more"),
            ],
            warnings: [
                "The container node-exporter has no readiness probe: its pod is Ready as soon as it runs, so the "
                    + "readiness gate proves little."
            ],
            estimate: .init(seconds: 2_520, basis: "45 s per node as in the last rollout, 6 at a time, and the soaks"),
            expectedLeak: LeakEstimate(nodes: 3, basis: "2 nodes joined and 5 pods were replaced in the last 7 days"))
    }

    static let preflight = [
        PreflightFinding(.right, "list nodes in the whole cluster", .passed),
        PreflightFinding(
            .right, "delete pods in namespace monitoring", .refused,
            "the right to delete pods in namespace monitoring is missing, needed to replace pods"),
        PreflightFinding(
            .podCreation, "new pod on node-0007", .notChecked,
            "the right to create pods in namespace monitoring is missing"),
        PreflightFinding(.patch, "patch of the DaemonSet", .passed, "the API server warns: unknown field"),
    ]

    static func record(phase: Phase, reason: Reason? = nil, message: String = "") -> RolloutRecord {
        RolloutRecord(
            id: "node-exporter-3", clusterUID: "c", namespace: "monitoring", daemonSet: "node-exporter",
            daemonSetUID: "d", planText: [], planDigest: "sha256:0", baseTemplate: template, targetTemplate: template,
            updateRevision: "5d9f8c7b6", previousRevision: "77c9d8", maxUnavailable: 6, phase: phase, reason: reason,
            message: message, waveIndex: 1, createdAt: start, changedAt: time(1_490))
    }

    private static let waves = [
        WaveRecord(
            index: 0, name: "canary", planIndex: 0, batchCount: 2, plannedNodes: 3, soakSeconds: 600,
            failuresAllowed: 0, status: .passed, batchIndex: 1, startedAt: time(5), soakStartedAt: time(90),
            passedAt: time(690)),
        WaveRecord(
            index: 1, name: "zone-a", planIndex: 1, batchCount: 3, plannedNodes: 17, soakSeconds: 60,
            failuresAllowed: 2, needsApproval: true, approvedAt: time(699), approvedBy: "ann",
            status: .updating, batchIndex: 1, startedAt: time(700)),
        WaveRecord(
            index: 2, name: "the-rest-of-the-fleet-with-a-long-name", planIndex: 2, batchCount: 5, plannedNodes: 40,
            soakSeconds: 0, failuresAllowed: 1, needsApproval: true),
    ]

    static func state(phase: Phase = .updating, reason: Reason? = nil, message: String = "") -> RolloutState {
        var rollout = record(phase: phase, reason: reason, message: message)
        rollout.holds = [
            Hold(
                .budget, "6 of 6 nodes are without an available pod: node-0011, node-0012 and 4 that we did not touch",
                since: time(1_400))
        ]
        var nodes = (1...60).map { number -> NodeRecord in
            let wave = number <= 3 ? 0 : number <= 20 ? 1 : 2
            return NodeRecord(node: node(number), wave: wave, status: number <= 10 ? .updated : .pending)
        }
        nodes[10].status = .replacing
        nodes[10].deletedAt = time(1_450)
        nodes[11].status = .deleting
        nodes[12] = NodeRecord(
            node: node(13), wave: 1, status: .failed, reason: .restarted,
            message: "container node-exporter crashed 3 times; last exit code 1, \u{1B}[31mpanic:\u{1B}[0m x",
            deletedAt: time(1_200))
        nodes[13].status = .deferred
        nodes[13].reason = .nodeNotReady
        nodes[30].isLeaked = true
        nodes[30].status = .updated
        nodes[59].status = .left
        return RolloutState(
            rollout: rollout, waves: waves, nodes: Dictionary(uniqueKeysWithValues: nodes.map { ($0.node, $0) }),
            gates: [
                GateRecord(
                    wave: 0, gate: "scrape-errors", verdict: .passed, measurements: 20,
                    message: "20 of 20 measurements were good; the last one was 0.002 <= 0.01")
            ])
    }

    static func status(_ state: RolloutState = state(), isDriven: Bool = true) -> RolloutStatus {
        RolloutStatus(state: state, isDriven: isDriven, messages: messages, now: time(1_500))
    }

    /// One that arrived, one that waits, one that was given up, and an Event that was.
    private static var messages: [OutboxRecord] {
        let rows: [(OutboxAddress, OutboxDelivery)] = [
            (.destination("chat"), OutboxDelivery(dueAt: time(0), sentAt: time(1))),
            (
                .destination("oncall"),
                OutboxDelivery(attempts: 3, dueAt: time(1_510), lastError: "could not connect to hooks.example.com:443")
            ),
            (
                .destination("chat"),
                OutboxDelivery(attempts: 1, dueAt: time(0), lastError: "HTTP 404", givenUpAt: time(2))
            ),
            (.cluster, OutboxDelivery(attempts: 1, dueAt: time(0), lastError: "forbidden", givenUpAt: time(2))),
        ]
        return rows.enumerated().map { index, row in
            let message = OutboxMessage(
                address: row.0, event: .wavePassed, key: "k\(index)", body: [], createdAt: time(0))
            return OutboxRecord(number: Int64(index), rollout: "r", message: message, delivery: row.1)
        }
    }

    /// Six nodes: two up to date, two stale, one without a pod, one where the DaemonSet does not run.
    static var versions: VersionReport {
        let old = PodTemplate(json: [
            "spec": ["containers": [["name": "node-exporter", "image": "quay.io/prometheus/node-exporter:v1.8.0"]]]
        ])
        let daemonSet = DaemonSet(
            namespace: "monitoring", name: "node-exporter", uid: "d",
            selector: LabelSelector(), template: template)
        let nodes = (1...6).map { number in
            Node(
                name: node(number), uid: "n\(number)",
                taints: number == 6 ? [Taint(key: "dedicated", value: "gpu", effect: "NoSchedule")] : [])
        }
        let pods = (1...4).map { number in
            let isNew = number <= 2
            return Pod(
                name: "node-exporter-\(number)", namespace: "monitoring", uid: "p\(number)", nodeName: node(number),
                ownerUID: "d", revisionHash: isNew ? "5d9f8c7b6" : "77c9d8", createdAt: time(isNew ? 600 : -604_800),
                isReady: true, images: isNew ? template.images : old.images)
        }
        let revisions = [
            ControllerRevision(
                name: "r1", uid: "r1", ownerUID: "d", hash: "77c9d8", revision: 1, createdAt: time(-864_000),
                template: old),
            ControllerRevision(
                name: "r2", uid: "r2", ownerUID: "d", hash: "5d9f8c7b6", revision: 2, createdAt: time(10),
                template: template),
        ]
        return VersionReport(fleet: FleetFacts(daemonSet: daemonSet, nodes: nodes, pods: pods, revisions: revisions))
    }

    static let journal = [
        JournalLine(time: time(0), event: .started, message: "node-exporter:v1.9.1 to 60 nodes in 3 waves"),
        JournalLine(time: time(5), event: .waveStarted, wave: "canary"),
        JournalLine(time: time(6), event: .deleting, wave: "canary", node: node(1)),
        JournalLine(
            time: time(40), event: .failed, wave: "canary", node: node(1), reason: .imagePull,
            message: "quay.io/prometheus/node-exporter:v1.9.l: not found"),
        JournalLine(time: time(50_000), event: .halted, reason: .failuresExceeded),
    ]
}
