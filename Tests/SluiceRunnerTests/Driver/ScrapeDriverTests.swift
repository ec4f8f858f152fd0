import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner
import Testing

@Suite("A driver reads metrics pages through the API server")
struct ScrapeDriverTests {
    private static let flow = """
        {name: flow, scrape: {port: 9100, metric: collector_sent_records_total}, interval: 30s, \
        comparison: {worse: lower, baseline: 2m}}
        """
    private static let ships = """
        {name: ships, scrape: {port: 9100, metric: collector_sent_records_total}, interval: 30s, \
        successCondition: "> 0"}
        """

    private static func pages(_ scene: DriverScene) -> [ClusterOutside.Sent] {
        scene.outside.sent.filter { $0.request.url.contains("/proxy/") }
    }

    @Test("The wave waits for its baseline, which every node's page gives, and a good version passes")
    func compares() throws {
        let scene = try DriverScene(soak: 120, more: "gates: [\(Self.flow), \(Self.ships)]")
        try scene.expectCleanEnd(of: scene.run())
        let stored = try scene.stored()
        let first = try #require(scene.deleteTimes.first)
        #expect((120_000..<140_000).contains(first))
        let before = Self.pages(scene).filter { $0.time < first }
        #expect(before.count == stored.nodes.count * 5)
        let form = "/api/v1/namespaces/monitoring/pods/http:node-exporter-"
        #expect(before.allSatisfy { $0.request.url.contains(form) && $0.request.url.hasSuffix(":9100/proxy/metrics") })
        // Two gates that ask about the same page at the same time read it once.
        let urls = Self.pages(scene).map { "\($0.request.url) \($0.time)" }
        #expect(Set(urls).count == urls.count)
        #expect(stored.scrapes.values.contains { $0.key.span == .before && ($0.level ?? 0) > 90 })
    }

    @Test("A version that ships nothing is stopped in the canary")
    func shipsNothing() throws {
        let scene = try DriverScene(
            soak: 60, more: "gates: [\(Self.ships)]",
            behaviours: [BehaviourRule(imagePart: ":v2", behaviour: "silent")])
        #expect(scene.run() == .stopped)
        let stored = try scene.stored()
        #expect(stored.rollout.reason == .gateFailed && scene.deleteTimes.count == 2)
        #expect(stored.rollout.message.contains("is not > 0.0 (2 of 2 pods"))
    }

    @Test("A proxy that does not answer is an error of the gate; few requests are out at once, and none for ever")
    func hangs() throws {
        let scene = try DriverScene(soak: 60, more: "gates: [\(Self.flow)]")
        scene.outside.fate = { $0.request.url.contains("/proxy/") ? .hang : .pass }
        #expect(scene.run() == .stopped)
        let stored = try scene.stored()
        #expect(stored.rollout.reason == .gateError && scene.deleteTimes.isEmpty)
        #expect(stored.rollout.message.contains("no answer in time"))
        #expect(Self.pages(scene).allSatisfy { $0.request.timeout == 5_000 })
    }
}
