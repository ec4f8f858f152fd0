import Testing

/// A plan with one mistake, and what must be said about it.
struct BadPlan: Sendable, CustomTestStringConvertible {
    var text: String
    /// `line:column`.
    var place: String
    var path: String
    /// The decisive part of the message.
    var message: String
    /// A second complaint that the same mistake deserves.
    var second: (place: String, message: String)?
    /// Whether the JSON Schema sees it too; what fields say together only the reader knows.
    var isSeenBySchema: Bool
    var testDescription: String

    /// The full plan with the first occurrence of a text replaced by another.
    init(
        _ old: String, _ new: String, _ place: String, _ path: String, _ message: String, schema isSeen: Bool = true,
        also secondPlace: String? = nil, _ secondMessage: String = ""
    ) {
        second = secondPlace.map { ($0, secondMessage) }
        let parts = PlanFiles.full.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        text = parts.joined(separator: new)
        (self.place, self.path, self.message, isSeenBySchema) = (place, path, message, isSeen)
        testDescription = parts.count == 2 ? "\(old) → \(new)" : "NOT IN THE PLAN: \(old)"
    }

    /// A text of its own.
    init(whole text: String, _ place: String, _ path: String, _ message: String) {
        (self.text, self.place, self.path, self.message) = (text, place, path, message)
        (isSeenBySchema, testDescription) = (true, text)
    }

    static let all = shapes + names + amounts + durations + selectors + waves + gates + scrapes + times

    private static let shapes: [BadPlan] = [
        BadPlan(whole: "- a\n- b\n", "1:1", "", "expected a mapping, found a list"),
        BadPlan(whole: "just a text\n", "1:1", "", "expected a mapping, found `just a text`"),
        BadPlan("apiVersion: sluice/v1", "apiVersion: v1", "1:13", "apiVersion", "expected sluice/v1, found `v1`"),
        BadPlan("kind: RolloutPlan", "kind: Plan", "2:7", "kind", "expected RolloutPlan, found `Plan`"),
        BadPlan("kind: RolloutPlan\n", "", "1:1", "kind", "this key is missing: what kind of file this is"),
        BadPlan("  deletion:", "  deletoin:", "17:3", "spec.deletoin", "unknown key; did you mean `deletion`?"),
        BadPlan("  deletion:", "  Deletion:", "17:3", "spec.Deletion", "unknown key; did you mean `deletion`?"),
        BadPlan(
            "deletion: evict", "maxUnavailable: 1", "17:3", "spec.maxUnavailable",
            "it belongs under `spec.budget` or `spec.budget.perLabel[]`"),
        BadPlan(
            "onFailure: abort", "color: red", "19:3", "spec.color", "unknown key; expected one of daemonSet, images"),
        BadPlan("deletion: evict", "deletion: evictt", "17:13", "spec.deletion", "did you mean evict?"),
        BadPlan("deletion: evict", "deletion: true", "17:13", "spec.deletion", "found the boolean true"),
        BadPlan("deletion: evict", "deletion:", "17:12", "spec.deletion", "found nothing; give the key a value"),
        BadPlan("timeout: 4m, ", "timeout: null, ", "16:45", "spec.readiness.timeout", "found nothing"),
        BadPlan("waitTimeout: 1h30m", "waitTimeout: [1h]", "15:18", "spec.budget.waitTimeout", "found a list"),
        BadPlan("{name: node-exporter, namespace: monitoring}", "node-exporter", "6:14", "spec.daemonSet", "a mapping"),
        BadPlan("{env: dev, empty: \"\"}", "{}", "39:22", "spec.waves[0].selector.matchLabels", "at least one entry"),
    ]

    private static let names: [BadPlan] = [
        BadPlan("name: full", "name: Full", "4:9", "metadata.name", "found `Full`"),
        BadPlan("name: full", "name: \"\"", "4:9", "metadata.name", "found an empty text"),
        BadPlan("name: full", "name: 12", "4:9", "metadata.name", "found the number 12; put it in quotes"),
        BadPlan(
            "namespace: monitoring", "namespace: \(String(repeating: "a", count: 64))", "6:47",
            "spec.daemonSet.namespace", "expected at most 63 characters, found 64"),
        BadPlan("    proxy: ", "    Proxy_1: ", "9:5", "spec.images.Proxy_1", "in the key: expected a name"),
        BadPlan("Registry.example:5000/proxy@sha256:0123", "\"\"", "9:12", "spec.images.proxy", "found an empty text"),
        BadPlan("5000/proxy@", "5000/Proxy@", "9:12", "spec.images.proxy", "in lower case", schema: false),
        BadPlan(
            "Registry.example:5000/proxy@sha256:0123", "\"proxy:\"", "9:12", "spec.images.proxy",
            "a tag after the colon", schema: false),
        BadPlan("nodes: [node-1,", "nodes: [Node_1,", "63:15", "spec.waves[1].nodes[0]", "found `Node_1`"),
        BadPlan(
            "nodes: [node-1, node-2.example.com]", "nodes: []", "63:14", "spec.waves[1].nodes", "at least one item"),
        BadPlan("node-2.example.com", "node-1", "63:23", "spec.waves[1].nodes[1]", "stands at 63:15", schema: false),
    ]

    private static let amounts: [BadPlan] = [
        BadPlan(
            "maxUnavailable: 10%", "maxUnavailable: 0", "11:21", budget, "expected a count from 1 to 1000000, found 0"),
        BadPlan("maxUnavailable: 10%", "maxUnavailable: -1", "11:21", budget, "from 1 to 1000000, found -1"),
        BadPlan("maxUnavailable: 10%", "maxUnavailable: 101%", "11:21", budget, "from 1% to 100%, found 101%"),
        BadPlan("maxUnavailable: 10%", "maxUnavailable: 0%", "11:21", budget, "from 1% to 100%, found 0%"),
        BadPlan("maxUnavailable: 10%", "maxUnavailable: -5%", "11:21", budget, "from 1% to 100%, found -5%"),
        BadPlan("maxUnavailable: 10%", "maxUnavailable: 1.5", "11:21", budget, "found the number 1.5"),
        BadPlan("maxUnavailable: 10%", "maxUnavailable: ten", "11:21", budget, "a percentage such as 10%, found `ten`"),
        BadPlan("maxUnavailable: 10%", "maxUnavailable: 1000001", "11:21", budget, "found 1000001"),
        BadPlan("maxUnavailable: 10%", "maxUnavailable: 99999999999999999999", "11:21", budget, "beyond 64 bits"),
        BadPlan("maxUnavailable: 10%", "maxUnavailable: 99999999999999999999%", "11:21", budget, "from 1% to 100%"),
        BadPlan("[1, 5, 10%]", "[1, 0]", "46:20", "spec.waves[0].batches[1]", "found 0"),
        BadPlan("[1, 5, 10%]", "5", "46:16", "spec.waves[0].batches", "expected a list, found the number 5"),
        BadPlan("[1, 5, 10%]", "[]", "46:16", "spec.waves[0].batches", "at least one item"),
        BadPlan("failuresAllowed: 0", "failuresAllowed: -1", "48:24", "spec.waves[0].failuresAllowed", "from 0 to"),
        BadPlan("take: 20%", "take: 0", "43:13", "spec.waves[0].take", "found 0"),
        BadPlan(
            "{key: rack,", "{key: topology.kubernetes.io/zone,", "14:15", "spec.budget.perLabel[1].key", "13:15",
            schema: false),
        BadPlan(", maxUnavailable: 2}", "}", "13:9", "spec.budget.perLabel[0].maxUnavailable", "this key is missing"),
        BadPlan(
            "startupFactor: 10", "startupFactor: 1.5", "16:84", "spec.readiness.startupFactor",
            "whole number from 0 to 1000"),
        BadPlan(
            "restartsAllowed: 2", "restartsAllowed: two", "16:66", "spec.readiness.restartsAllowed",
            "whole number from 0"),
        BadPlan(
            "minReadySeconds: 15", "minReadySeconds: 15s", "16:32", "spec.readiness.minReadySeconds", "found `15s`"),
        BadPlan("count: 5", "count: 9223372036854775808", "29:14", "spec.gates[0].count", "a number beyond 64 bits"),
    ]

    private static let budget = "spec.budget.maxUnavailable"

    private static let durations: [BadPlan] = [
        BadPlan("soak: 7d", "soak: 7", "47:13", "spec.waves[0].soak", "found the number 7; write 7s for seconds"),
        BadPlan("soak: 7d", "soak: -7d", "47:13", "spec.waves[0].soak", "found `-7d`"),
        BadPlan(
            "soak: 7d", "soak: 1 week", "47:13", "spec.waves[0].soak", "such as 90s, 5m, 1h30m or 7d, found `1 week`"),
        BadPlan(
            "soak: 7d", "soak: 366d", "47:13", "spec.waves[0].soak", "expected at most 365d, found `366d`",
            schema: false),
        BadPlan(
            "soak: 7d", "soak: 99999999999999999999d", "47:13", "spec.waves[0].soak", "at most 365d", schema: false),
        BadPlan("soak: 7d", "soak: \"\"", "47:13", "spec.waves[0].soak", "found an empty text"),
        BadPlan(
            "timeout: 4m", "timeout: 0s", "16:45", "spec.readiness.timeout", "at least 1s, found 0s", schema: false),
    ]

    private static let selectors: [BadPlan] = [
        BadPlan("{env: dev,", "{env: yes please,", "39:28", "\(labels).env", "expected a label value"),
        BadPlan("{env: dev,", "{env: true,", "39:28", "\(labels).env", "found the boolean true; put it in quotes"),
        BadPlan(
            "{env: dev,", "{-env: dev,", "39:23", "\(labels).-env", "in the key: expected a label key",
            schema: true),
        BadPlan("{env: dev,", "{a/b/c: dev,", "39:23", "\(labels)[\"a/b/c\"]", "in the key: expected a label key"),
        BadPlan("operator: In,", "operator: in,", "41:49", "\(expression(0)).operator", "did you mean In?"),
        BadPlan(
            "operator: In,", "operator: Gt,", "41:49", "\(expression(0)).operator", "In, NotIn, Exists, DoesNotExist"),
        BadPlan(
            ", values: [amd64, arm64]", "", "41:13", "\(expression(0)).values", "at least one value for In",
            schema: false),
        BadPlan("[amd64, arm64]", "[]", "41:61", "\(expression(0)).values", "at least one item"),
        BadPlan(
            "DoesNotExist}", "DoesNotExist, values: [x]}", "42:48", "\(expression(1)).values", "no values",
            schema: false),
        BadPlan(
            "spreadOver: topology.kubernetes.io/zone", "spreadOver: a b", "44:19", "spec.waves[0].spreadOver",
            "a label key"),
    ]

    private static let labels = "spec.waves[0].selector.matchLabels"
    private static func expression(_ index: Int) -> String { "spec.waves[0].selector.matchExpressions[\(index)]" }

    private static let waves: [BadPlan] = [
        BadPlan(
            "approval: required", "approval: true", "86:17", "spec.waves[2].approval",
            "expected required, found the boolean true"),
        BadPlan(whole: head + "  waves: []\n", "7:10", "spec.waves", "expected at least one item, found none"),
        BadPlan(whole: head + "  waves:\n", "7:9", "spec.waves", "expected a list, found nothing"),
        BadPlan(whole: head, "5:3", "spec.waves", "this key is missing: the waves, in order"),
        BadPlan(whole: head + "  waves: {name: a}\n", "7:10", "spec.waves", "expected a list, found a mapping"),
        BadPlan(whole: head + "  waves: [{name: a}]\n", "7:11", "spec.waves[0]", "expected one of `selector`, `nodes`"),
        BadPlan(
            "- name: named", "- name: canary", "62:13", "spec.waves[1].name", "`canary` stands at 37:13", schema: false),
        BadPlan("- name: named", "- name: two words", "62:13", "spec.waves[1].name", "expected a name"),
        BadPlan(
            "nodes: [node-1, node-2.example.com]", "everythingElse: true", "63:7", "spec.waves[1].everythingElse",
            "only in the last wave", schema: false, also: "66:7", "a second one; spec.waves[1] has it"),
        BadPlan(
            "everythingElse: true",
            "everythingElse: true\n    - {name: x, nodes: [y]}\n    - name: z\n      nodes: [z]",
            "66:7", "spec.waves[2].everythingElse", "the waves after it would get no node", schema: false),
        BadPlan(
            "everythingElse: true", "everythingElse: false", "66:23", "spec.waves[2].everythingElse",
            "leave the key out"),
        BadPlan("everythingElse: true", "everythingElse: yes", "66:23", "spec.waves[2].everythingElse", "found `yes`"),
        BadPlan(
            "everythingElse: true", "everythingElse: true\n      take: 5", "67:7", "spec.waves[2].take",
            "the nodes that it leaves out would be in no wave", schema: false),
        BadPlan(
            "nodes: [node-1,", "selector: {matchLabels: {a: b}}\n      nodes: [node-1,", "64:7", "spec.waves[1].nodes",
            "expected only one of `selector`, `nodes`, `everythingElse`, found `nodes` beside `selector`"),
        BadPlan(
            "nodes: [node-1, node-2.example.com]", "selector: {}", "63:17", "spec.waves[1].selector",
            "write `everythingElse: true`", schema: false),
        BadPlan(
            "forEach: kubernetes.io/arch", "forEach: topology.kubernetes.io/zone", "44:19", "spec.waves[0].spreadOver",
            "expected another label than that of `forEach`", schema: false),
    ]

    private static let head = """
        apiVersion: sluice/v1
        kind: RolloutPlan
        metadata: {name: x}
        spec:
          daemonSet: {name: x}
          deletion: delete

        """

    private static let scrapes: [BadPlan] = [
        BadPlan("port: 2020", "port: metrics", "82:26", "spec.waves[2].gates[2].scrape.port", "from 1 to 65535"),
        BadPlan(
            "path: /api/v1/metrics", "path: metrics", "82:38", "spec.waves[2].gates[2].scrape.path", "such as /metr"),
        BadPlan(
            "path: /api/v1/metrics", "path: /m?x=1", "82:38", "spec.waves[2].gates[2].scrape.path", "found `/m?x=1`"),
        BadPlan(
            "metric: sent_total", "metric: 1x", "82:78", "spec.waves[2].gates[2].scrape.metric", "the name of a metric"),
        BadPlan(
            "type: gauge", "type: counter", "83:24", "spec.waves[2].gates[2].scrape.aggregate",
            "a counter can only be summed", schema: false),
        BadPlan(
            "{worse: lower}", "{nodeLabel: node}", "84:24", "spec.waves[2].gates[2].comparison.nodeLabel",
            "expected no `nodeLabel` beside `scrape`", schema: false),
        BadPlan(
            "scrape: {port", "prometheus: {address: http://p, query: up}\n          scrape: {port", "83:11",
            "spec.waves[2].gates[2].scrape", "expected only one of `prometheus`, `scrape`"),
    ]

    private static let times: [BadPlan] = [
        BadPlan(
            "to: \"04:30\"", "to: \"22:00\"", "88:45", "spec.windows[0].to",
            "another time than that of `from`; for whole days write 00:00 and 24:00", schema: false),
        BadPlan("from: \"22:00\"", "from: \"24:00\"", "88:32", "spec.windows[0].from", "such as 22:00, found `24:00`"),
        BadPlan("from: \"00:00\"", "from: 0", "89:14", "spec.windows[1].from", "put it in quotes"),
        BadPlan(
            "[tue, mon]", "[tue, tue]", "88:20", "spec.windows[0].days[1]", "the day `tue` stands at 88:15",
            schema: false),
        BadPlan("[tue, mon]", "[tues, mon]", "88:15", "spec.windows[0].days[0]", "did you mean tue?"),
        BadPlan(
            "timeZone: Test/Zone", "timeZone: Test/Zome", "88:64", "spec.windows[0].timeZone",
            "unknown time zone `Test/Zome`; did you mean Test/Zone?", schema: false),
        BadPlan("timeZone: Test/Zone", "timeZone: GMT+5", "88:64", "spec.windows[0].timeZone", "or UTC, found `GMT+5`"),
        BadPlan(
            "to: 2027-01-02", "to: 2026-12-19", "91:30", "spec.freeze[0].to",
            "2026-12-20, the day of `from`, or a later",
            schema: false),
        BadPlan("to: 2027-01-02", "to: 2027-02-29", "91:30", "spec.freeze[0].to", "found `2027-02-29`", schema: false),
        BadPlan(
            "'severity=\"page\"'", "severity=page", "100:20", "spec.blockers[0].alerts.matchers[0]",
            "a matcher such as severity=\"page\""),
        BadPlan(
            "backups, pods", "backups, policy: halt, pods", "104:31", "spec.blockers[4].policy",
            "expected `hold` with `sameNode`",
            schema: false),
        BadPlan("reason: holidays", "reason: \" \"", "91:50", "spec.freeze[0].reason", "a few words"),
        BadPlan(
            "  images:\n    node-exporter: quay.io/prometheus/node-exporter:v1.9.1\n"
                + "    proxy: Registry.example:5000/proxy@sha256:0123\n", "", "89:9", "spec.leak",
            "expected `images` or `revision` beside `park`", schema: false),
    ]

    private static let gates: [BadPlan] = [
        BadPlan(
            "{file: /var/run/token}", "s3cr3t", "25:22", token, "a plan never holds a secret"),
        BadPlan(
            "{file: /var/run/token}", "{value: s3cr3t}", "25:23", "\(token).value", "a plan never holds a secret",
            also: "25:22", "one of `file`, `env`"),
        BadPlan("{file: /var/run/token}", "{file: a, env: B}", "25:32", "\(token).env", "only one of `file`, `env`"),
        BadPlan(
            "PROMETHEUS_TOKEN", "PROMETHEUS-TOKEN", "55:32", "\(memory).prometheus.bearerToken.env",
            "an environment variable"),
        BadPlan(
            "https://prometheus.example:9090/prefix", "prometheus:9090", "23:18", address, "such as http://prometheus"),
        BadPlan(
            "https://prometheus.example", "https://me:pass@prometheus.example", "23:18", address,
            "a plan never holds a secret"),
        BadPlan(":9090/prefix", ":90900/prefix", "23:18", address, "a port from 1 to 65535", schema: false),
        BadPlan(":9090/prefix", ":9090/?q=1", "23:18", address, "belongs into `query`"),
        BadPlan("https://prometheus.example:9090/prefix", "http://", "23:18", address, "expected an address"),
        BadPlan("{{instances}}", "{{instnaces}}", "24:16", query, "did you mean `{{instances}}`?", schema: false),
        BadPlan("{{window}}", "{{zone_id}}", "24:16", query, "known are {{nodes}}, {{pods}}", schema: false),
        BadPlan("{{window}}", "{{window", "24:16", query, "without an end", schema: false),
        BadPlan("\"max(x{pod=~'{{pods}}'})\"", "\" \"", "54:20", "\(memory).prometheus.query", "an empty text"),
        BadPlan("\">= 0.95\"", "0.95", "26:25", condition, "found the number 0.95; put it in quotes"),
        BadPlan("\">= 0.95\"", "\"=> 0.95\"", "26:25", condition, "found `=> 0.95`"),
        BadPlan("\">= 0.95\"", "\">= nan\"", "26:25", condition, "found `>= nan`"),
        BadPlan("\">= 0.95\"", "\">= 1e999\"", "26:25", condition, "found `>= 1e999`", schema: false),
        BadPlan(
            "failureLimit: 1", "failureLimit: 5", "30:21", "spec.gates[0].failureLimit", "could never fail",
            schema: false),
        BadPlan(
            "{name: smoke, webhook", "{name: smoke, successCondition: \"> 0\", webhook", "85:50", "\(smoke).webhook",
            "expected only one of `successCondition`, `comparison`, `webhook`"),
        BadPlan(
            "https://ci.example\"", "https://ci.example?key=1\"", "85:40", "\(smoke).webhook.url",
            "such a URL is one; write `urlFrom"),
        BadPlan(
            "- name: memory", "- name: up", "51:17", "\(memory).name", "a gate named `up` stands at 21:13",
            schema: false),
        BadPlan(
            "      onError: warn\n", "      onError: ignore\n", "35:16", "spec.gates[0].onError",
            "one of halt, warn, or a mapping with `retry`, found `ignore`"),
        BadPlan(
            "onNoData: {retry: 2}", "onNoData: {retry: 0}", "34:25", "spec.gates[0].onNoData.retry",
            "whole number from 1 to 100"),
        BadPlan(
            "onNoData: {retry: 2}", "onNoData: {times: 2}", "34:18", "spec.gates[0].onNoData.times", "unknown key",
            also: "34:17", "this key is missing"),
        BadPlan(
            "      interval: 1m\n", "      interval: 60\n", "27:17", "spec.gates[0].interval", "write 60s for seconds"),
        BadPlan(
            "      interval: 1m\n", "      intervalSeconds: 60\n", "27:7", "spec.gates[0].intervalSeconds",
            "unknown key"),
    ]

    private static let smoke = "spec.waves[2].gates[3]"
    private static let memory = "spec.waves[0].gates[0]"
    private static let address = "spec.gates[0].prometheus.address"
    private static let query = "spec.gates[0].prometheus.query"
    private static let token = "spec.gates[0].prometheus.bearerToken"
    private static let condition = "spec.gates[0].successCondition"
}
