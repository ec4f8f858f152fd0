import Foundation
import SluiceCore
import SluiceDocuments

/// Texts of plans for tests, and the files that ship with Sluice.
enum PlanFiles {
    /// The folder of the package.
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The names of the plans that ship with Sluice, sorted.
    static let shipped = ["filebeat", "fluent-bit", "node-exporter", "otel-collector"]

    static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: package.appending(path: path))) }

    /// A database of UTC and one zone of its own.
    static let zones = ZoneDatabase(
        names: { ["UTC", "Test/Zone"] }, offsets: { $0 == "UTC" ? .utc : $0 == zone.name ? zone : nil })

    private static let zone = ZoneOffsets(name: "Test/Zone", firstOffset: 5_400)

    /// Reads a plan's text; what YAML refuses is thrown.
    static func read(_ text: String) throws -> Result<RolloutPlan, PlanProblems> {
        PlanReader.read(try YAMLReader.read(Array(text.utf8)), zones: zones)
    }

    /// A plan with little in it.
    static let small = """
        apiVersion: sluice/v1
        kind: RolloutPlan
        metadata:
          name: small
        spec:
          daemonSet:
            name: node-exporter
          waves:
            - name: canary
              selector:
                matchLabels:
                  env: dev
              batches: [1]
              soak: 10m
            - name: rest
              everythingElse: true

        """

    /// A plan with every key of the format in it.
    static let full = """
        apiVersion: sluice/v1
        kind: RolloutPlan
        metadata:
          name: full
        spec:
          daemonSet: {name: node-exporter, namespace: monitoring}
          images:
            node-exporter: quay.io/prometheus/node-exporter:v1.9.1
            proxy: Registry.example:5000/proxy@sha256:0123
          budget:
            maxUnavailable: 10%
            perLabel:
              - {key: topology.kubernetes.io/zone, maxUnavailable: 2}
              - {key: rack, maxUnavailable: 25%}
            waitTimeout: 1h30m
          readiness: {minReadySeconds: 15, timeout: 4m, restartsAllowed: 2, startupFactor: 10}
          deletion: evict
          onStrategyChanged: halt
          onFailure: abort
          gates:
            - name: up
              prometheus:
                address: https://prometheus.example:9090/prefix
                query: avg(up{instance=~"{{instances}}", node=~"{{ nodes }}"}[{{window}}])
                bearerToken: {file: /var/run/token}
              successCondition: ">= 0.95"
              interval: 1m
              initialDelay: 2m
              count: 5
              failureLimit: 1
              inconclusiveLimit: 2
              consecutiveErrorLimit: 6
              onFailure: halt
              onNoData: {retry: 2}
              onError: warn
          waves:
            - name: canary
              selector:
                matchLabels: {env: dev, empty: ""}
                matchExpressions:
                  - {key: kubernetes.io/arch, operator: In, values: [amd64, arm64]}
                  - {key: gpu, operator: DoesNotExist}
              take: 20%
              spreadOver: topology.kubernetes.io/zone
              forEach: kubernetes.io/arch
              batches: [1, 5, 10%]
              soak: 7d
              failuresAllowed: 0
              onFailure: rollbackAll
              gates:
                - name: memory
                  prometheus:
                    address: http://[::1]:9090
                    query: "max(x{pod=~'{{pods}}'})"
                    bearerToken: {env: PROMETHEUS_TOKEN}
                  comparison:
                    worse: higher
                    tolerance: 125%
                    baseline: 1h
                    nodeLabel: instance
                  onInconclusive: warn
            - name: named
              nodes: [node-1, node-2.example.com]
              soak: 10s
            - name: rest
              everythingElse: true
              failuresAllowed: 2%
              gates:
                - name: asked
                  prometheus:
                    address: https://prom:9090
                    query: up
                    parameters: {partial_response: "false", "storeMatch[]": '{a="b"}'}
                    basicAuth: {username: me, password: {file: /run/password}}
                    headers: [{name: X-Scope-OrgID, value: tenant}, {name: X-Api-Key, env: KEY}]
                    tls: {caFile: /ca, certFile: /cert, keyFile: /key, serverName: prom.test}
                  successCondition: "> 0"
                - {name: unchecked, at: end, dryRun: true,
                  prometheus: {address: "https://prom:9090", query: up, tls: {insecureSkipVerify: true}},
                  successCondition: "> 0"}
                - name: page
                  scrape: {port: 2020, path: /api/v1/metrics, scheme: https, metric: sent_total, labels: {to: a},
                    aggregate: max, type: gauge}
                  comparison: {worse: lower}
                - {name: smoke, webhook: {url: "https://ci.example", signingSecret: {env: KEY}}}
              approval: required
          windows:
            - {days: [tue, mon], from: "22:00", to: "04:30", timeZone: Test/Zone}
            - {from: "00:00", to: "24:00"}
          freeze:
            - {from: 2026-12-20, to: 2027-01-02, reason: holidays, timeZone: Test/Zone}
          leak: park
          maxLeaked: 5%
          onImageChanged: warn
          blockers:
            - name: paging
              policy: halt
              alerts:
                prometheus: {address: "https://prom:9090"}
                matchers: ['severity="page"', 'alertname!~"Watch\\\\.dog|\\\"x"']
            - {name: silenced, alerts: {alertmanager: {address: "https://alerts:9093", tls: {insecureSkipVerify: true}}}}
            - {name: board, webhook: {url: "https://board.example", signingSecret: {env: BOARD}}}
            - {name: secret, webhook: {urlFrom: {file: /run/url}, bearerToken: {file: /run/token}}}
            - {name: backups, pods: {namespace: backup, selector: {matchLabels: {app: restic}}, sameNode: true}}
          notifications:
            - name: oncall
              url: https://hooks.example.com/rollouts
              on: [halted, started]
              signingSecret: {file: /run/signing}
              basicAuth: {username: me, password: {file: /run/password}}
              headers: [{name: X-Scope-OrgID, value: tenant}, {name: X-Api-Key, env: KEY}]
              tls: {caFile: /ca, certFile: /cert, keyFile: /key, serverName: prom.test}
            - {name: chat, format: slack, urlFrom: {env: SLACK_URL}}
            - name: alerts
              format: alertmanager
              url: https://alerts:9093/prefix
              bearerToken: {file: /var/run/token}
              tls: {insecureSkipVerify: true}
          onConfigChanged: halt

        """

    /// What ``full`` says.
    static let fullPlan = RolloutPlan(
        name: "full", namespace: "monitoring", daemonSet: "node-exporter",
        images: [
            ContainerImage(container: "node-exporter", image: "quay.io/prometheus/node-exporter:v1.9.1"),
            ContainerImage(container: "proxy", image: "Registry.example:5000/proxy@sha256:0123"),
        ],
        budget: Budget(
            maxUnavailable: .percent(10),
            perLabel: [
                Budget.LabelCap(key: "topology.kubernetes.io/zone", maxUnavailable: .count(2)),
                Budget.LabelCap(key: "rack", maxUnavailable: .percent(25)),
            ], waitTimeoutSeconds: 5_400),
        readiness: Readiness(minReadySeconds: 15, timeoutSeconds: 240, restartsAllowed: 2, startupFactor: 10),
        calendar: RolloutCalendar(
            windows: [
                .init(days: [.mon, .tue], from: 1_320, to: 270, zone: zone), .init(from: 0, to: 1_440),
            ], freezes: [.init(from: 20_807, to: 20_820, reason: "holidays", zone: zone)]),
        blockers: [
            Blocker(
                name: "paging",
                subject: .alerts(
                    Blocker.AlertQuestion(
                        server: .prometheus, address: "https://prom:9090",
                        matchers: [#"severity="page""#, #"alertname!~"Watch\\.dog|\"x""#])), policy: .halt),
            Blocker(
                name: "silenced",
                subject: .alerts(
                    Blocker.AlertQuestion(
                        server: .alertmanager, address: "https://alerts:9093",
                        access: ServerAccess(tls: ServerAccess.TLS(insecureSkipVerify: true))))),
            Blocker(
                name: "board",
                subject: .webhook(
                    NotificationDestination(
                        name: "board", address: .text("https://board.example"), events: [],
                        signingSecret: .environment("BOARD")))),
            Blocker(
                name: "secret",
                subject: .webhook(
                    NotificationDestination(
                        name: "secret", address: .secret(.file("/run/url")), events: [],
                        access: ServerAccess(bearerToken: .file("/run/token"))))),
            Blocker(
                name: "backups",
                subject: .pods(
                    Blocker.PodQuestion(
                        namespace: "backup", selector: LabelSelector(matchLabels: ["app": "restic"]), isOfNode: true))),
        ],
        deletion: .evict,
        onStrategyChanged: .halt, onFailure: .abort, onImageChanged: .warn, onConfigChanged: .halt,
        leak: .park, maxLeaked: .percent(5),
        gates: [
            Gate(
                name: "up",
                provider: .prometheus(
                    PrometheusQuery(
                        address: "https://prometheus.example:9090/prefix",
                        query: #"avg(up{instance=~"{{instances}}", node=~"{{ nodes }}"}[{{window}}])"#,
                        access: ServerAccess(bearerToken: .file("/var/run/token")))),
                criterion: .threshold(Gate.Condition(.greaterOrEqual, 0.95)), intervalSeconds: 60,
                initialDelaySeconds: 120,
                count: 5, failureLimit: 1, inconclusiveLimit: 2, consecutiveErrorLimit: 6, onFailure: .halt,
                onNoData: .retry(2),
                onError: .warn)
        ],
        waves: [
            Wave(
                name: "canary",
                members: .selector(
                    LabelSelector(
                        matchLabels: ["env": "dev", "empty": ""],
                        matchExpressions: [
                            .init(key: "kubernetes.io/arch", operator: .in, values: ["amd64", "arm64"]),
                            .init(key: "gpu", operator: .doesNotExist),
                        ])),
                take: .percent(20), spreadOver: "topology.kubernetes.io/zone", forEach: "kubernetes.io/arch",
                batches: [.count(1), .count(5), .percent(10)], soakSeconds: 604_800, failuresAllowed: .count(0),
                onFailure: .rollbackAll,
                gates: [
                    Gate(
                        name: "memory",
                        provider: .prometheus(
                            PrometheusQuery(
                                address: "http://[::1]:9090", query: "max(x{pod=~'{{pods}}'})",
                                access: ServerAccess(bearerToken: .environment("PROMETHEUS_TOKEN")))),
                        criterion: .comparison(
                            Comparison(worse: .higher, tolerance: 1.25, nodeLabel: "instance", baselineSeconds: 3_600)),
                        onInconclusive: .warn)
                ]),
            Wave(name: "named", members: .nodes(["node-1", "node-2.example.com"]), soakSeconds: 10),
            Wave(
                name: "rest", members: .everythingElse, failuresAllowed: .percent(2), needsApproval: true,
                gates: [asked, unchecked, page, smoke]),
        ],
        notifications: [
            NotificationDestination(
                name: "oncall", address: .text("https://hooks.example.com/rollouts"), events: [.started, .halted],
                signingSecret: .file("/run/signing"), access: access),
            NotificationDestination(name: "chat", format: .slack, address: .secret(.environment("SLACK_URL"))),
            NotificationDestination(
                name: "alerts", format: .alertmanager, address: .text("https://alerts:9093/prefix"),
                access: ServerAccess(
                    bearerToken: .file("/var/run/token"), tls: ServerAccess.TLS(insecureSkipVerify: true))),
        ])

    private static let access = ServerAccess(
        basicAuth: ServerAccess.BasicAuth(username: "me", password: .file("/run/password")),
        headers: [
            ServerAccess.Header(name: "X-Scope-OrgID", value: .text("tenant")),
            ServerAccess.Header(name: "X-Api-Key", value: .secret(.environment("KEY"))),
        ], tls: ServerAccess.TLS(caFile: "/ca", certFile: "/cert", keyFile: "/key", serverName: "prom.test"))
    private static let asked = Gate(
        name: "asked",
        provider: .prometheus(
            PrometheusQuery(
                address: "https://prom:9090", query: "up",
                parameters: ["partial_response": "false", "storeMatch[]": #"{a="b"}"#], access: access)),
        criterion: .threshold(Gate.Condition(.greater, 0)))
    private static let unchecked = Gate(
        name: "unchecked",
        provider: .prometheus(
            PrometheusQuery(
                address: "https://prom:9090", query: "up",
                access: ServerAccess(tls: ServerAccess.TLS(insecureSkipVerify: true)))),
        criterion: .threshold(Gate.Condition(.greater, 0)), at: .end, isDryRun: true)
    private static let page = Gate(
        name: "page",
        provider: .scrape(
            MetricsScrape(
                port: 2020, path: "/api/v1/metrics", scheme: .https, metric: "sent_total", labels: ["to": "a"],
                aggregate: .max, kind: .gauge)),
        criterion: .comparison(Comparison(worse: .lower, tolerance: 0.5, baselineSeconds: 300)))
    private static let smoke = Gate(
        name: "smoke",
        provider: .webhook(
            NotificationDestination(
                name: "smoke", address: .text("https://ci.example"), events: [], signingSecret: .environment("KEY"))),
        criterion: .consent)
}
