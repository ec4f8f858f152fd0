import SluiceClients
import SluiceCluster
import SluiceCore
import Testing

@testable import SluiceRunner

@Suite("Metrics pages are read a few at a time")
struct PageQueueTests {
    private static let scrape = MetricsScrape(port: 9100, metric: "collector_sent_records_total")

    private static func order(_ outside: ClusterOutside, gate: String = "g") throws -> ScrapeOrder {
        let fleet = try #require(outside.cluster.fleet(namespace: "monitoring", daemonSet: "node-exporter"))
        let targets = fleet.pods.map {
            ScrapeOrder.Target(node: $0.nodeName ?? "", pod: $0.name, podUID: $0.uid)
        }
        return ScrapeOrder(wave: 0, gate: gate, scrape: scrape, targets: targets)
    }

    /// Lets time pass until nothing comes any more.
    private static func settle(_ outside: ClusterOutside, _ client: KubernetesClient) {
        while true {
            let arrivals = outside.poll(until: client.nextWake ?? outside.now.monotonic + 100_000)
            for arrival in arrivals { _ = client.receive(arrival) }
            client.advance()
            if arrivals.isEmpty, client.nextWake == nil { return }
        }
    }

    @Test("Ten are out at once, a page is read once for two gates, and each order gets all of its answers")
    func fewAtATime() throws {
        let outside = try ClusterOutside(ClusterOptions(nodes: 40, jitter: 0))
        let client = KubernetesClient(access: outside.access, outside: outside, userAgent: "sluice/test")
        let queue = PageQueue(client: client, namespace: "monitoring")
        let order = try Self.order(outside)
        var answers: [[PodScrape]] = []
        queue.read(order) { answers.append($0) }
        queue.read(try Self.order(outside, gate: "h")) { answers.append($0) }
        #expect(outside.sent.count == 10 && order.targets.count > 30)
        Self.settle(outside, client)
        #expect(outside.sent.count == order.targets.count && queue.count == 0)
        #expect(answers.map(\.count) == [order.targets.count, order.targets.count])
        let values = answers.joined().count { $0.isValue }
        #expect(values == 2 * order.targets.count)
    }

    @Test("When none answers, those that had to wait too long are not asked any more, and all are told")
    func nobodyAnswers() throws {
        let outside = try ClusterOutside(ClusterOptions(nodes: 200, jitter: 0))
        outside.fate = { _ in .hang }
        let client = KubernetesClient(access: outside.access, outside: outside, userAgent: "sluice/test")
        let queue = PageQueue(client: client, namespace: "monitoring")
        let order = try Self.order(outside)
        var answers: [PodScrape] = []
        queue.read(order) { answers = $0 }
        Self.settle(outside, client)
        // Ten at a time for five seconds each, for a minute.
        #expect(outside.sent.count == 120 && order.targets.count > 150)
        let values = answers.count { $0.isValue }
        #expect(answers.count == order.targets.count && values == 0)
        #expect(outside.elapsed < 70_000)
    }
}

extension PodScrape {
    fileprivate var isValue: Bool { if case .value = reading { true } else { false } }
}
