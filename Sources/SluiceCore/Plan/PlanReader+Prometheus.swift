/// Reads how a gate's server is asked.
extension PlanReader {
    /// The query of a gate.
    func prometheus(_ value: Document?) -> PrometheusQuery {
        var query = PrometheusQuery(
            address: value?["address"]?.text ?? "", query: value?["query"]?.text ?? "", access: access(value))
        for entry in value?["parameters"]?.entries ?? [] { query.parameters[entry.key] = entry.value.text }
        return query
    }
}
