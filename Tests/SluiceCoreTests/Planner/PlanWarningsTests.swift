import SluiceCore
import Testing

@Suite("Warnings and estimates of a plan")
struct PlanWarningsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var images = [TestFleet.newImage]
        var budget = Budget()
        var soakSeconds: Int64 = 600
        var change: @Sendable (inout TestFleet) -> Void = { _ in }
        var says: String
    }

    static let rows = [
        Row(
            testDescription: "no readiness probe",
            change: { $0.daemonSet.template = PodTemplate(json: ["spec": ["containers": [["name": "agent"]]]]) },
            says: "no container has a readiness probe"),
        Row(
            testDescription: "configuration without a hash",
            change: {
                $0.daemonSet.template = PodTemplate(json: [
                    "spec": [
                        "containers": [
                            [
                                "name": "agent", "envFrom": [["secretRef": ["name": "token"]]],
                                "env": [["valueFrom": ["configMapKeyRef": ["name": "site-5f6t7k9b2c"]]]],
                            ]
                        ],
                        "volumes": [
                            ["configMap": ["name": "parsers"]],
                            ["projected": ["sources": [["configMap": ["name": "inputs"]]]]],
                        ],
                    ]
                ])
            },
            says: "the template names configmap/inputs, configmap/parsers, secret/token without a hash of the content"),
        Row(
            testDescription: "rolling update", change: { $0.daemonSet.updateStrategy = .rollingUpdate },
            says: "the update strategy is RollingUpdate and will be set to OnDelete"),
        Row(
            testDescription: "history limit", change: { $0.daemonSet.revisionHistoryLimit = 0 },
            says: "revisionHistoryLimit is 0"),
        Row(
            testDescription: "controller behind", change: { $0.daemonSet.generation = 2 },
            says: "observedGeneration 1 of 2"),
        Row(
            testDescription: "latest", images: [ContainerImage(container: "agent", image: "host:5000/agent:latest")],
            says: "(agent: host:5000/agent:latest)"),
        Row(
            testDescription: "no tag", images: [ContainerImage(container: "agent", image: "host:5000/agent")],
            says: "without a tag or with :latest"),
        Row(
            testDescription: "Argo CD by its fields",
            change: {
                $0.daemonSet.managers = [
                    DaemonSet.FieldManager(
                        name: "argocd-controller", operation: "Apply", time: nil, ownsTemplate: true,
                        ownsUpdateStrategy: false)
                ]
            }, says: "Argo CD manages the DaemonSet"),
        Row(
            testDescription: "Helm by its annotation",
            change: { $0.daemonSet.annotations = ["meta.helm.sh/release-name": "logs"] },
            says: "Helm manages the DaemonSet"),
        Row(
            testDescription: "alert", soakSeconds: 3_000,
            says: "a soak of 50 min between waves will fire the alert KubeDaemonSetRolloutStuck after 15 min"),
        Row(testDescription: "leak", soakSeconds: 604_800, says: "during the rollout (about 7 d"),
        Row(
            testDescription: "budget rounded down", budget: Budget(maxUnavailable: .percent(33)),
            says: "the budget of 33% of 10 nodes is 3, rounded down"),
        Row(
            testDescription: "budget rounded up", budget: Budget(maxUnavailable: .percent(1)),
            says: "the budget of 1% of 10 nodes is 1, rounded up"),
        Row(
            testDescription: "budget used up", change: { $0.pods[3].isReady = false },
            says: "1 node without a Ready pod (n03): the budget of 1 is used up"),
        Row(
            testDescription: "budget touched", budget: Budget(maxUnavailable: .count(2)),
            change: { $0.pods.remove(at: 3) },
            says: "1 node without a Ready pod (n03): part of the budget of 2 is used up"),
        Row(
            testDescription: "deferred", change: { $0.change("n04") { $0.ready = .false } },
            says: "1 node cannot be updated now and is tried again at the end of the wave and of the rollout: n04"),
        Row(
            testDescription: "an architecture that the canary lacks",
            change: { fleet in
                for index in fleet.nodes.indices {
                    fleet.nodes[index].labels["kubernetes.io/arch"] =
                        fleet.nodes[index].name == "n04" ? "arm64" : "amd64"
                }
            },
            says: "wave canary has no node of kubernetes.io/arch arm64 (1 node)"),
    ]

    @Test("Said when there is reason to, and only then", arguments: rows)
    func warnings(row: Row) throws {
        let waves = [
            Wave(
                name: "canary", members: .selector(LabelSelector()), take: .count(1), soakSeconds: row.soakSeconds),
            .rest,
        ]
        var fleet = TestFleet(10)
        let quiet = [Wave.canary(.count(1)), .rest]
        #expect(try !fleet.plan(quiet).warnings.contains { $0.contains(row.says) })
        row.change(&fleet)
        let plan = try fleet.plan(waves, images: row.images, budget: row.budget)
        #expect(plan.warnings.contains { $0.contains(row.says) }, "\(plan.warnings)")
    }

    @Test("A quiet plan warns of nothing but the nodes that two waves match")
    func quiet() throws {
        var fleet = TestFleet(10)
        for index in fleet.nodes.indices { fleet.nodes[index].labels[TestFleet.zone] = "z0" }
        #expect(try fleet.plan([.canary(.count(1)), .rest]).warnings.isEmpty)
        #expect(
            try TestFleet(10).plan([.canary(.count(1)), .rest]).warnings.map { $0.contains("has no node of") } == [true]
        )
    }

    private func comparison(_ query: String, baseline: Int64 = 1_800, delay: Int64 = 0) -> Gate {
        Gate(
            name: "lines", provider: .prometheus(PrometheusQuery(address: "http://p", query: query)),
            criterion: .comparison(Comparison(worse: .lower, tolerance: 0.5, baselineSeconds: baseline)),
            initialDelaySeconds: delay)
    }

    @Test(
        "A comparison with too few choices is told before it halts a rollout",
        arguments: [
            (
                1, 10,
                "gate lines in wave canary can never pass: 1 updated node and 9 others give 10 choices, and it takes 20"
            ),
            (
                1, 50,
                "can pass but never convict by numbers: 1 updated node and 49 others give 50 choices, and it takes 100"
            ),
            (3, 50, nil),
        ] as [(Int, Int, String?)])
    func fewChoices(take: Int, nodes: Int, says: String?) throws {
        let canary = Wave(
            name: "canary", members: .selector(LabelSelector()), take: .count(take), soakSeconds: 600,
            gates: [comparison("x")])
        let warnings = try TestFleet(nodes).plan([canary, .rest]).warnings.filter { $0.hasPrefix("gate lines") }
        #expect(warnings.count == (says == nil ? 0 : 1))
        #expect(says.map { words in warnings.contains { $0.contains(words) } } ?? true, "\(warnings)")
    }

    @Test("The last wave has others only where those before were watched for as long as the baseline lasts")
    func lastWave() throws {
        for (baseline, isTold) in [(600, false), (601, true)] as [(Int64, Bool)] {
            let rest = Wave(name: "rest", members: .everythingElse, gates: [comparison("x", baseline: baseline)])
            let warnings = try TestFleet(10).plan([.canary(.count(3)), rest]).warnings
            #expect(warnings.contains { $0.hasPrefix("gate lines in wave rest can never pass: no other") } == isTold)
        }
        let warnings = try TestFleet(10).plan([.canary(.count(3)), scraping]).warnings
        #expect(!warnings.contains { $0.hasPrefix("gate page") }, "the wave waits for its baseline")
    }

    /// A wave of the rest with a gate that samples an hour before it.
    private var scraping: Wave {
        let gate = Gate(
            name: "page", provider: .scrape(MetricsScrape(port: 9100, metric: "x")),
            criterion: .comparison(Comparison(worse: .lower, tolerance: 0.5, baselineSeconds: 3_600)))
        var wave = Wave.rest
        wave.gates = [gate]
        return wave
    }

    @Test("A gate that looks further back than its first measurement is told once")
    func looksBack() throws {
        for (delay, isTold) in [(0, true), (119, true), (120, false)] as [(Int64, Bool)] {
            let gate = comparison("rate(x[2m])", delay: delay)
            let canary = Wave(
                name: "canary", members: .selector(LabelSelector()), take: .count(3), soakSeconds: 600, gates: [gate])
            let warnings = try TestFleet(50).plan([canary, .rest]).warnings.filter { $0.hasPrefix("gate lines looks") }
            #expect(warnings.count == (isTold ? 1 : 0))
        }
    }

    /// 30 nodes, budget 3; each node 5 s to stop and 4 s to start (measured: 3.5 s); a canary of 3 (one round) and two
    /// batches of 14 and 13 (five rounds each).
    @Test("The estimate follows the window, the soaks and the pods that stand")
    func estimate() throws {
        var fleet = TestFleet(30)
        let waves = [Wave.canary(.count(3)), Wave(name: "rest", members: .everythingElse, batches: [.count(14)])]
        let measured = try fleet.plan(waves).estimate
        #expect(measured.seconds == 11 * 9 + 600)
        #expect(measured.basis.contains("4 s from creation to Ready (the median of 30 pods)"))
        fleet.daemonSet.minReadySeconds = 30
        #expect(try fleet.plan(waves).estimate.seconds == 11 * 39 + 600)
        for index in fleet.pods.indices { fleet.pods[index].readyChangedAt = nil }
        let assumed = try fleet.plan(waves).estimate
        #expect(assumed.seconds == 11 * 40 + 600)
        #expect(assumed.basis.contains("(assumed)"))
        let sampled = try TestFleet(30).plan([.canary(.count(3)), scraping]).estimate
        let unsampled = try TestFleet(30).plan([.canary(.count(3)), .rest]).estimate
        #expect(sampled.seconds == unsampled.seconds + 3_600 && sampled.basis.contains("baselines of 1 h"))
    }

    @Test("A cap by label slows the estimate, a gate that needs longer than the soak prolongs it")
    func estimateLimits() throws {
        let fleet = TestFleet(30)
        let gate = Gate(
            name: "g", provider: .prometheus(PrometheusQuery(address: "http://p", query: "up")),
            criterion: .threshold(Gate.Condition(.equal, 1)),
            intervalSeconds: 60, initialDelaySeconds: 30, count: 3)
        let waves = [
            Wave(name: "canary", members: .selector(LabelSelector()), take: .count(3), soakSeconds: 100, gates: [gate]),
            Wave(name: "rest", members: .everythingElse, batches: [.count(14)]),
        ]
        let cap = Budget.LabelCap(key: "absent", maxUnavailable: .count(1))
        let plan = try fleet.plan(waves, budget: Budget(maxUnavailable: .count(3), perLabel: [cap]))
        #expect(plan.estimate.seconds == 30 * 9 + 150)
    }

    @Test("Absurd numbers are estimated too")
    func absurd() throws {
        let gate = Gate(
            name: "g", provider: .prometheus(PrometheusQuery(address: "http://p", query: "up")),
            criterion: .threshold(Gate.Condition(.equal, 1)),
            intervalSeconds: .max, initialDelaySeconds: .max, count: .max)
        var fleet = TestFleet(30)
        fleet.daemonSet.minReadySeconds = .max
        let canary = Wave(
            name: "canary", members: .selector(LabelSelector()), take: .count(1), soakSeconds: .max, gates: [gate])
        #expect(try fleet.plan([canary, .rest]).estimate.seconds > 1 << 40)
        #expect(throws: PlanningFailure.self) {
            try fleet.plan([Wave(name: "none", members: .selector(LabelSelector()), take: .count(.min))])
        }
    }
}
