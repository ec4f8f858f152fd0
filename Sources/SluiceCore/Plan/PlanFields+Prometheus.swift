/// How a gate's server is asked.
extension PlanFields {
    static let prometheus = PlanSection(
        name: "Prometheus", summary: "A query on Prometheus, or on anything that speaks its API.",
        fields: [
            PlanField(
                "address", .text(.address), required: true,
                "The server's address, `http://prometheus.monitoring:9090`; a path prefix is kept. Redirects are not "
                    + "followed."),
            PlanField(
                "query", .text(.query), required: true,
                "The query. "
                    + "`{{nodes}}`, `{{pods}}` and `{{instances}}` become regular expressions that match exactly the "
                    + "wave's updated nodes, their pods, their addresses; `{{wave}}`, `{{nodeCount}}` and `{{window}}` "
                    + "become the wave's name, the number of its updated nodes, and the time watched so far."),
            PlanField(
                "parameters", .texts(key: .parameterName, value: .line, atLeast: 1), default: "none",
                "Further parameters of the query, such as `partial_response: \"false\"` for Thanos."),
        ] + accessFields)
}
