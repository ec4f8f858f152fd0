import SluiceCore
import Testing

@Suite("Problems of planning")
struct PlanningErrorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var waves: [Wave]
        var images = [TestFleet.newImage]
        var budget = Budget()
        var expected: [PlanningError]
        /// What the first sentence must say.
        var says: String
    }

    static let rows = [
        Row(
            testDescription: "unknown container", waves: [.canary(.count(1)), .rest],
            images: [ContainerImage(container: "agnet", image: "x:1")],
            expected: [.unknownContainers(["agnet"], known: ["agent"])], says: "the containers agent"),
        Row(
            testDescription: "nodes in no wave", waves: [.zone("z1"), .zone("z0")],
            expected: [.unmatchedNodes(["n02", "n05", "n08"])], says: "everythingElse"),
        Row(
            testDescription: "waves without nodes", waves: [.zone("z8"), .zone("z9"), .canary(.count(1)), .rest],
            expected: [.emptyWaves(["z8", "z9"])], says: "waves z8, z9 take no node"),
        Row(
            testDescription: "unknown nodes",
            waves: [Wave(name: "named", members: .nodes(["n01", "zz", "aa"])), .rest],
            expected: [.unknownNodes(wave: "named", nodes: ["aa", "zz"])], says: "wave named names 2 nodes"),
        Row(
            testDescription: "one wave that is everything", waves: [Wave(name: "all", members: .everythingElse)],
            expected: [
                .wholeFleet(reason: "wave all has no batches, so its one batch is the whole fleet of 9 nodes")
            ], says: "--allow-whole-fleet"),
        Row(
            testDescription: "a batch that is everything",
            waves: [Wave(name: "all", members: .everythingElse, batches: [.count(100)])],
            expected: [.wholeFleet(reason: "wave all has a batch that is the whole fleet of 9 nodes")], says: "smaller"),
        Row(
            testDescription: "a budget that is everything", waves: [.canary(.count(1)), .rest],
            budget: Budget(maxUnavailable: .percent(100)),
            expected: [.wholeFleet(reason: "the budget 100% is the whole fleet of 9 nodes")], says: "the budget 100%"),
        Row(
            testDescription: "all at once", waves: [.zone("z9"), Wave(name: "one", members: .nodes(["n01", "gone"]))],
            images: [ContainerImage(container: "x", image: "x:1")], budget: Budget(maxUnavailable: .count(9)),
            expected: [
                .unknownContainers(["x"], known: ["agent"]), .unknownNodes(wave: "one", nodes: ["gone"]),
                .emptyWaves(["z9"]),
                .unmatchedNodes(["n00", "n02", "n03", "n04", "n05", "n06", "n07", "n08"]),
                .wholeFleet(reason: "the budget 9 is the whole fleet of 9 nodes"),
            ], says: "spec.images"),
    ]

    @Test("All problems at once, each with what to do", arguments: rows)
    func problems(row: Row) {
        let problems = TestFleet(9).problems(row.waves, images: row.images, budget: row.budget)
        #expect(problems == row.expected)
        #expect(problems.first?.description.contains(row.says) == true)
    }

    @Test("The flag allows the whole fleet")
    func wholeFleetAllowed() throws {
        let plan = try TestFleet(9).plan(
            [Wave(name: "all", members: .everythingElse)], budget: Budget(maxUnavailable: .count(9)),
            allowWholeFleet: true)
        #expect(plan.waves[0].batches.map(\.count) == [9])
        #expect(plan.maxUnavailable == 9)
    }

    @Test("A DaemonSet that is being deleted is not planned")
    func beingDeleted() {
        var fleet = TestFleet(3)
        fleet.daemonSet.isBeingDeleted = true
        #expect(fleet.problems([.canary(.count(1)), .rest]) == [.daemonSetBeingDeleted("collector")])
    }

    @Test("A thousand names are counted in the sentence and kept in the error")
    func longLists() {
        let error = PlanningError.unmatchedNodes((0..<1_000).map { "n\($0)" })
        #expect(
            error.description.hasPrefix("1000 nodes that would be updated are in no wave (n0, n1, n2, n3, n4 and 995"))
    }
}
