/// Who is told what a rollout does.
extension PlanFields {
    static let notification = PlanSection(
        name: "Notification", summary: "Somebody who is told what the rollout does.",
        fields: [
            PlanField("name", .text(.waveName), required: true, "Its name, unique in the plan."),
            PlanField(
                "format", .choice(NotificationFormat.allCases.map(\.rawValue)),
                default: NotificationFormat.sluice.rawValue,
                "How it is told: `sluice`, one documented JSON object; `slack`, a message for an incoming webhook; or "
                    + "`alertmanager`, an alert that fires while the rollout is halted."),
            PlanField(
                "url", .text(.webhook),
                "Where it is told; for Alertmanager the server's address, whose path prefix is kept. Redirects are not "
                    + "followed."),
            PlanField(
                "urlFrom", .section(secret),
                "Instead of `url`: where the URL is found. That of an incoming webhook is a secret."),
            PlanField(
                "on", .list(.choice(NotificationEvent.allCases.map(\.rawValue)), atLeast: 1), default: "all of them",
                "What it is told of. An alert has a rule of its own."),
            PlanField(
                "signingSecret", .section(secret), default: "nothing is signed",
                "Where the secret is found that each message of format `sluice` is signed with, as Standard Webhooks "
                    + "has it: text, or `whsec_` and base64."),
        ] + accessFields, exactlyOneOf: [["url", "urlFrom"]])
}
