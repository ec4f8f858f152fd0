import Testing

@testable import SluiceCore

@Suite("Fisher's exact test, and what a halt says of the others")
struct FisherTestTests {
    @Test(
        "Tables whose probabilities are known",
        arguments: [
            // The lady who tastes tea: all four cups right of eight, and three right.
            Table(4, of: 4, 0, of: 4, 1.0 / 70), Table(3, of: 4, 1, of: 4, 17.0 / 70), Table(0, of: 4, 0, of: 4, 1.0),
            Table(1, of: 3, 0, of: 57, 3.0 / 60), Table(3, of: 3, 0, of: 57, 1.0 / 34_220),
            Table(0, of: 0, 3, of: 5, 1.0), Table(2, of: 2, 5, of: 5, 1.0),
        ])
    func known(table: Table) {
        let found = FisherTest.probability(
            ofAtLeast: table.troubled, of: table.count, against: table.others, of: table.otherCount)
        #expect(abs(found - table.expected) < 1e-9)
    }

    struct Table: Sendable {
        var troubled: Int
        var count: Int
        var others: Int
        var otherCount: Int
        var expected: Double

        init(_ troubled: Int, of count: Int, _ others: Int, of otherCount: Int, _ expected: Double) {
            (self.troubled, self.count) = (troubled, count)
            (self.others, self.otherCount) = (others, otherCount)
            self.expected = expected
        }
    }

    @Test("All tables with the same sums are counted once")
    func sumsToOne() {
        let exact = (0...5).map { number in
            FisherTest.probability(ofAtLeast: number, of: 5, against: 7 - number, of: 20)
                - (number == 5 ? 0 : FisherTest.probability(ofAtLeast: number + 1, of: 5, against: 6 - number, of: 20))
        }
        #expect(exact.allSatisfy { $0 > 0 } && abs(exact.reduce(0, +) - 1) < 1e-9)
    }

    @Test("A halt names the others, a common cause, and a busy registry")
    func sentences() throws {
        let version = Attribution(failed: 3, updated: 3, troubled: 0, untouched: 57)
        #expect(version.sentence == "3 of 3 updated nodes failed, 0 of 57 untouched ones are in trouble, p = 3e-05")
        let zone = try #require(Attribution(failed: 1, updated: 3, troubled: 12, untouched: 57).sentence)
        #expect(zone.contains("p = 0.5") && zone.hasSuffix("another cause than the version"))
        let busy = try #require(
            Attribution(failed: 5, updated: 5, troubled: 0, untouched: 55, isRegistryBusy: true).sentence)
        #expect(busy.hasSuffix("not the version's fault"))
        #expect(Attribution.saysBusy("waits in ErrImagePull: toomanyrequests: You have reached your pull rate limit"))
        #expect(!Attribution.saysBusy("waits in ErrImagePull: not found"))
        #expect(Attribution(failed: 1, updated: 1, troubled: 0, untouched: 0).sentence == nil)
    }

    @Test("The machine counts who is in trouble")
    func counted() {
        var scene = RolloutMachineTests.scene()
        for name in ["n001", "n002"] { scene.lives[name] = .crashLoop }
        let uid = scene.pods.values.first { $0.nodeName == "n015" }?.uid ?? ""
        scene.pods[uid]?.isReady = false
        scene.start()
        scene.run()
        #expect(scene.stored.rollout.reason == .failuresExceeded)
        #expect(scene.stored.rollout.message.contains("failed, 1 of 19 untouched ones are in trouble"))
    }
}
