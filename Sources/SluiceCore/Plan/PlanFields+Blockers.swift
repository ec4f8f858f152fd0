/// What keeps a rollout from going on while it is there.
extension PlanFields {
    static let blocker = PlanSection(
        name: "Blocker", summary: "Alerts, pods or a webhook that keep pods from being deleted while they are there.",
        fields: [
            PlanField("name", .text(.waveName), required: true, "Its name, unique in the plan."),
            PlanField("alerts", .section(alerts), "Alerts that fire."),
            PlanField("pods", .section(blockingPods), "Pods that run or are about to."),
            PlanField("webhook", .section(webhook), "A webhook that does not answer with a status of 2xx."),
            PlanField(
                "policy", .choice(Blocker.Policy.allCases.map(\.rawValue)), default: "hold",
                "`hold`: delete nothing until it is gone; `halt`: stop for a person, also in the middle of a batch or a "
                    + "soak. Looked for anew before every batch; what cannot be looked for holds."),
        ], exactlyOneOf: [["alerts", "pods", "webhook"]])

    static let alerts = PlanSection(
        name: "Alerts", summary: "Alerts that fire.",
        fields: [
            PlanField("prometheus", .section(server), "The Prometheus that is asked for its series `ALERTS`."),
            PlanField(
                "alertmanager", .section(server),
                "The Alertmanager that is asked instead; alerts that are silenced or inhibited are left out."),
            PlanField(
                "matchers", .list(.text(.matcher), atLeast: 1), default: "every alert",
                "What an alert's labels must be, such as `severity=\"page\"` or `alertname!~\"Watchdog|InfoInhibitor\"`; all "
                    + "of them."),
        ], exactlyOneOf: [["prometheus", "alertmanager"]])

    static let server = PlanSection(
        name: "Server", summary: "A server that is asked.",
        fields: [
            PlanField(
                "address", .text(.address), required: true,
                "The server's address, `http://alertmanager.monitoring:9093`; a path prefix is kept. Redirects are not "
                    + "followed.")
        ] + accessFields)

    static let webhook = PlanSection(
        name: "Webhook",
        summary:
            "Who is asked, by a POST of one JSON object (`docs/notifications.md`): as a blocker before each batch, whether it "
            + "may begin; as a gate, whether the updated nodes are well.",
        fields: [
            PlanField("url", .text(.webhook), "Who is asked. Redirects are not followed."),
            PlanField("urlFrom", .section(secret), "Instead of `url`: where the URL is found, when it is a secret."),
            PlanField(
                "signingSecret", .section(secret), default: "nothing is signed",
                "Where the secret is found that each question is signed with, as Standard Webhooks has it."),
        ] + accessFields, exactlyOneOf: [["url", "urlFrom"]])

    static let blockingPods = PlanSection(
        name: "BlockingPods", summary: "Pods that run or are about to.",
        fields: [
            PlanField("namespace", .text(.dnsLabel), default: "every namespace", "Their namespace."),
            PlanField("selector", .section(selector), required: true, "Their labels."),
            PlanField(
                "sameNode", .onlyTrue, default: "they keep every node from being updated",
                "Each keeps only its own node from being updated, which then waits for its turn."),
        ])
}
