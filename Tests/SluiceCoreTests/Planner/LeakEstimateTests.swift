import SluiceCore
import Testing

@Suite("How many nodes are expected to get the new version outside their wave")
struct LeakEstimateTests {
    private static let day: Int64 = 86_400_000
    private static let now = Timestamp(100 * day)

    private static func before(days: Int64) -> Timestamp { Timestamp(now.millisecondsSince1970 - days * day) }

    /// Sixty nodes that have stood for ninety days, as their pods have, of which some are changed.
    private static func fleet(
        joined: Int = 0, replaced: Int = 0, revisionDays: Int64 = 90, podDays: Int64 = 90
    ) -> FleetFacts {
        var fleet = TestFleet(60)
        for index in fleet.nodes.indices { fleet.nodes[index].createdAt = before(days: index < joined ? 3 : 90) }
        for index in fleet.pods.indices {
            let isYoung = index < joined + replaced
            fleet.pods[index].createdAt = before(days: isYoung ? 2 : podDays)
        }
        fleet.revisions[0].createdAt = before(days: revisionDays)
        var facts = fleet.facts
        facts.readAt = now
        return facts
    }

    /// What is planned for it, with a soak of so many days.
    private static func plan(_ facts: FleetFacts, soakDays: Int64 = 3, leak: LeakPolicy = .allow) throws -> WavePlan {
        let wave = Wave(name: "canary", members: .nodes(["n00"]), soakSeconds: soakDays * 86_400)
        let plan = RolloutPlan(
            name: "test", daemonSet: "collector", images: [TestFleet.newImage], leak: leak, waves: [wave, .rest])
        return try WavePlanner.plan(
            plan, planText: [], facts: facts, options: PlanningOptions(allowWholeFleet: true))
    }

    private static func warning(_ plan: WavePlan) -> String {
        plan.warnings.first { $0.contains("outside their wave") } ?? ""
    }

    @Test("Nodes that joined and pods that were replaced lately, spread over the time that the rollout takes")
    func measured() throws {
        let plan = try Self.plan(Self.fleet(joined: 2, replaced: 5))
        #expect(plan.expectedLeak?.nodes == 3)
        #expect(
            Self.warning(plan).hasPrefix(
                "expected leak: about 3 of 60 nodes in 3 d (2 nodes joined and 5 pods were replaced in the last 7 days; "
                    + "nodes that are gone again are not seen, and windows and other waits are not counted): "))
        #expect(Self.warning(plan).contains("`leak: park`"))
        #expect(try Self.plan(Self.fleet(joined: 2, replaced: 5), soakDays: 700).expectedLeak?.nodes == 60)
        let quiet = try Self.plan(Self.fleet())
        #expect(quiet.expectedLeak?.nodes == 0 && Self.warning(quiet).contains("less than one of 60 nodes"))
    }

    @Test("Pods that a rollout made are no churn: those of a young revision, and after an undo those of an old one")
    func rolledOut() throws {
        let young = try Self.plan(Self.fleet(joined: 7, revisionDays: 4, podDays: 3))
        #expect(young.expectedLeak?.nodes == 3, "seven nodes in seven days")
        #expect(young.expectedLeak?.basis.contains("a rollout made most pods in that time, so no pod counts") == true)
        let undone = try Self.plan(Self.fleet(joined: 7, podDays: 1))
        #expect(undone.expectedLeak == young.expectedLeak)
        // A canary of an earlier try: its five pods are of a revision that is young itself.
        var tried = Self.fleet(replaced: 12)
        for index in 0..<5 { tried.pods[index].revisionHash = "tried" }
        tried.revisions.append(
            ControllerRevision(
                name: "t", uid: "t", ownerUID: "ds", hash: "tried", revision: 9, createdAt: Self.before(days: 3),
                template: TestFleet.template(image: "agent:tried")))
        #expect(try Self.plan(tried).expectedLeak?.nodes == 3, "seven pods in seven days")
    }

    @Test("Where the fleet does not show it, the warning says why and claims nothing; with `leak: park` there is none")
    func unknown() throws {
        let young = try Self.plan(Self.fleet(joined: 60))
        #expect(young.expectedLeak?.nodes == nil)
        #expect(Self.warning(young).contains("how many is not known, for every node is younger than 7 days"))
        var ageless = Self.fleet()
        ageless.nodes[7].createdAt = nil
        #expect(try Self.plan(ageless).expectedLeak?.basis == "it is not known when the nodes were made")
        let parked = try Self.plan(Self.fleet(joined: 2), leak: .park)
        #expect(parked.expectedLeak == nil && Self.warning(parked).isEmpty)
    }
}
