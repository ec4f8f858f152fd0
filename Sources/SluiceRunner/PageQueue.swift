import SluiceClients
import SluiceCore

/// Reads metrics pages of pods through the API server, few at a time: they may be thousands, and deletes and watches go
/// through the same server. A page that several gates ask about is read once.
final class PageQueue {
    /// One page of one pod.
    private struct Page: Hashable {
        var target: ScrapeOrder.Target
        var scheme: MetricsScrape.Scheme
        var port: Int
        var path: String
    }

    /// An order of which not every page has come.
    private struct Round {
        var order: ScrapeOrder
        var missing: Int
        var scrapes: [PodScrape] = []
        var then: ([PodScrape]) -> Void
    }

    private let client: KubernetesClient
    private let namespace: String
    private var rounds: [Int: Round] = [:]
    private var lastRound = 0
    /// The pages that wait for their turn, in order, and the time by which each must have come.
    private var waiting: [(page: Page, deadline: Milliseconds)] = []
    /// The rounds that wait for a page.
    private var readers: [Page: [Int]] = [:]
    private var underWay = 0

    init(client: KubernetesClient, namespace: String) {
        self.client = client
        self.namespace = namespace
    }

    /// How many pages wait or are under way.
    var count: Int { readers.count }

    /// Reads the pages of an order; `then` gets one answer for each of its pods.
    func read(_ order: ScrapeOrder, then: @escaping ([PodScrape]) -> Void) {
        guard !order.targets.isEmpty else { return then([]) }
        lastRound += 1
        rounds[lastRound] = Round(order: order, missing: order.targets.count, then: then)
        let deadline = client.outside.now.monotonic + KubernetesLimits.pageRoundTimeout
        for target in order.targets {
            let scrape = order.scrape
            let page = Page(target: target, scheme: scrape.scheme, port: scrape.port, path: scrape.path)
            if readers[page] == nil { waiting.append((page, deadline)) }
            readers[page, default: []].append(lastRound)
        }
        launch()
    }

    private func launch() {
        let room = KubernetesLimits.pagesInFlight - underWay
        guard room > 0, !waiting.isEmpty else { return }
        let next = waiting.prefix(room)
        waiting.removeFirst(next.count)
        underWay += next.count
        for (page, deadline) in next {
            // Of the scrape only the page's place is in the request.
            let scrape = MetricsScrape(port: page.port, path: page.path, scheme: page.scheme, metric: "")
            let request = APIRequest.metricsPage(namespace: namespace, pod: page.target.pod, scrape)
            client.send(request.by(deadline: deadline)) { [weak self] in self?.came(page, $0) }
        }
    }

    private func came(_ page: Page, _ answer: Result<APIResponse, APIError>) {
        underWay -= 1
        let now = client.outside.now
        for number in readers.removeValue(forKey: page) ?? [] {
            guard var round = rounds[number] else { continue }
            round.scrapes.append(
                PodScrape(
                    node: page.target.node, podUID: page.target.podUID, time: now,
                    reading: MetricsPage.read(answer, for: round.order.scrape)))
            round.missing -= 1
            rounds[number] = round.missing == 0 ? nil : round
            if round.missing == 0 { round.then(round.scrapes.sorted { $0.node < $1.node }) }
        }
        launch()
    }
}
