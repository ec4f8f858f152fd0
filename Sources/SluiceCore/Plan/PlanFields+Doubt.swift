/// What doubt about a gate means for the rollout.
extension PlanFields {
    static func doubt(_ name: String, _ meaning: String) -> PlanField {
        PlanField(
            name, .wordOr(["halt", "warn"], retry), default: "halt",
            "\(meaning): `halt`, or `warn` and go on, or `{retry: 2}` and halt only then.")
    }

    private static let retry = PlanSection(
        name: "Retry",
        summary: "Instead of halting at once: the wave's soak begins anew with all its gates, with `at: batch` the "
            + "measurement after the batch.",
        fields: [
            PlanField(
                "retry", .whole(1...PlanBounds.retries), required: true,
                "How many times at most for this gate in one wave, whatever the doubt; then the rollout halts.")
        ])
}
