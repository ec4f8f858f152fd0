/// What a gate reads on the pods' own metrics pages.
extension PlanFields {
    /// The baseline of a comparison that reads the pods themselves, when the plan says none, in seconds: the wave waits for
    /// it.
    static let scrapeBaselineSeconds: Int64 = 300

    static let scrape = PlanSection(
        name: "Scrape",
        summary:
            "A number on the metrics page (text format 0.0.4 or OpenMetrics) of each of the DaemonSet's own pods, read "
            + "through the API server, which takes the right to `get` `pods/proxy`.",
        fields: [
            PlanField(
                "port", .whole(1...65_535), required: true,
                "The container's port, by its number: the proxy of pods knows no names."),
            PlanField("path", .text(.urlPath), default: "`/metrics`", "The path of the page."),
            PlanField(
                "scheme", .choice(MetricsScrape.Scheme.allCases.map(\.rawValue)), default: "http",
                "How the API server speaks to the pod; it checks no certificate."),
            PlanField(
                "metric", .text(.metricName), required: true,
                "The name of the samples, with suffixes such as `_total`."),
            PlanField(
                "labels", .texts(key: .metricLabel, value: .line, atLeast: 1), default: "all series of that name",
                "The labels that a series must have with exactly these values; an empty value asks for series without "
                    + "the label."),
            PlanField(
                "aggregate", .choice(MetricsScrape.Aggregate.allCases.map(\.rawValue)), default: "sum",
                "How several series of one page become one number; a counter can only be summed."),
            PlanField(
                "type", .choice(MetricsScrape.Kind.allCases.map(\.rawValue)), default: "what the page's TYPE line says",
                "`counter`: its rate a second between two scrapes counts; `gauge`: its value does."),
        ])
}
