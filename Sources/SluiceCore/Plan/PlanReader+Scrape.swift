/// Reads whom a gate asks, and what it asks of the pods themselves.
extension PlanReader {
    /// Whom a gate asks, and what.
    func provider(_ item: Document) -> Gate.Provider {
        if let webhook = item["webhook"] { return .webhook(self.webhook(webhook, name: item["name"]?.text ?? "")) }
        guard let value = item["scrape"] else { return .prometheus(prometheus(item["prometheus"])) }
        var scrape = MetricsScrape(
            port: Int(value["port"]?.whole ?? 0), metric: value["metric"]?.text ?? "", kind: value["type"]?.word())
        scrape.path = value["path"]?.text ?? scrape.path
        scrape.scheme = value["scheme"]?.word() ?? scrape.scheme
        scrape.aggregate = value["aggregate"]?.word() ?? scrape.aggregate
        for entry in value["labels"]?.entries ?? [] { scrape.labels[entry.key] = entry.value.text }
        return .scrape(scrape)
    }

    /// What the keys of a gate that reads the pods say together.
    mutating func checkScrape(_ item: Document, at path: String) {
        guard let scrape = item["scrape"] else { return }
        if let label = item["comparison"]?.entry("nodeLabel") {
            checker.report(
                label.keyPosition, "\(path).comparison.nodeLabel",
                "expected no `nodeLabel` beside `scrape`: each page is one pod's, whose node is known")
        }
        if let aggregate = scrape["aggregate"], aggregate.text != MetricsScrape.Aggregate.sum.rawValue,
            scrape["type"]?.text == MetricsScrape.Kind.counter.rawValue
        {
            checker.report(
                aggregate.position, "\(path).scrape.aggregate",
                "expected sum, found \(aggregate.text ?? "something else"): a counter can only be summed")
        }
    }
}
