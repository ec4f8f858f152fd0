import SluiceCore
import Testing

@Suite("Planning again, and the state a rollout begins with")
struct ReplanningTests {
    static let waves = [Wave.canary(.count(3), spreadOver: TestFleet.zone), .zone("z0"), .rest]

    @Test("An interrupted canary keeps its nodes")
    func interruptedCanary() throws {
        var fleet = TestFleet(30)
        let first = try fleet.plan(Self.waves)
        let canary = first.waves[0].nodes
        fleet.update(canary.prefix(2))
        let again = try fleet.plan(Self.waves)
        #expect(again.waves[0].nodes == [canary[2]])
        #expect(again.waves[0].observed == canary.prefix(2).sorted())
        #expect(Set(again.waves[1].nodes) == Set(first.waves[1].nodes))
    }

    @Test("A canary whose nodes are all updated is watched again, and takes no further nodes")
    func finishedCanary() throws {
        var fleet = TestFleet(30)
        let canary = try fleet.plan(Self.waves).waves[0].nodes
        fleet.update(canary)
        let again = try fleet.plan(Self.waves)
        #expect(again.waves.map(\.name) == ["canary", "z0", "rest"])
        #expect(again.waves[0].batches.isEmpty)
        #expect(again.waves[0].observed == canary.sorted())
        #expect(again.waves[0].soakSeconds == 600)
        #expect(again.warnings.contains { $0.contains("wave canary") && $0.contains("watched once more") })
    }

    @Test("Leaked nodes count as the canary's sample")
    func leakedBeforehand() throws {
        var fleet = TestFleet(30)
        fleet.update(["n10", "n20"])
        let plan = try fleet.plan([.canary(.count(3)), .rest])
        #expect(plan.waves[0].observed == ["n10", "n20"])
        #expect(plan.waves[0].nodes.count == 1)
    }

    @Test("Waves before the last finished one are passed over")
    func passedOver() throws {
        var fleet = TestFleet(30)
        let first = try fleet.plan([.canary(.count(3)), .zone("z0"), .rest])
        fleet.update(first.waves[0].nodes + first.waves[1].nodes)
        let soaked = [Wave.canary(.count(3)), Wave.zone("z0"), .rest]
        #expect(try fleet.plan(soaked).waves.map(\.name) == ["rest"])
        var watched = Wave.zone("z0")
        watched.soakSeconds = 60
        let again = try fleet.plan([.canary(.count(3)), watched, .rest])
        #expect(again.waves.map(\.name) == ["z0", "rest"])
        #expect(again.warnings.contains { $0.contains("wave canary run the target revision already") })
    }

    @Test("The fix for a version that broke a node goes to that node first, which holds the budget")
    func brokenNodeFirst() throws {
        var fleet = TestFleet(6)
        for name in fleet.nodes.map(\.name) {
            var broken = fleet
            broken.pods.removeAll { $0.nodeName == name }
            broken.addPod(on: name, hash: "bad") { $0.isReady = false }
            #expect(try broken.plan([.canary(.count(2)), .rest]).waves[0].nodes.first == name)
        }
        fleet.change("n00") { $0.ready = .false }
        fleet.pods.removeAll { $0.nodeName == "n00" }
        #expect(try !fleet.plan([.canary(.count(2)), .rest]).waves[0].nodes.contains("n00"))
    }

    @Test("A bad version shows in the same canary again")
    func unreadyCanary() throws {
        var fleet = TestFleet(30)
        fleet.update(["n10"])
        fleet.update(["n11"], isReady: false)
        let plan = try fleet.plan([Wave(name: "canary", members: .selector(LabelSelector()), take: .count(1)), .rest])
        #expect(plan.waves[0].observed == ["n11"])
        #expect(plan.warnings.contains { $0.contains("without a Ready pod (n11)") })
    }

    @Test("When all nodes are updated there is nothing to do")
    func allDone() throws {
        var fleet = TestFleet(5)
        fleet.update(fleet.nodes.map(\.name))
        let plan = try fleet.plan(Self.waves)
        #expect(plan.waves.isEmpty && plan.estimate.seconds == 0)
        #expect(plan.warnings.contains { $0.contains("nothing to do") })
    }

    @Test("The state holds every eligible node once, in the order of the plan")
    func state() throws {
        var fleet = TestFleet(12)
        fleet.update(["n00", "n01", "n02", "n03"])
        fleet.change("n05") { $0.ready = .false }
        fleet.change("n06") { $0.taints = [Taint(key: "x", effect: "NoSchedule")] }
        let waves = [Wave.canary(.count(5)), Wave(name: "rest", members: .everythingElse, batches: [.count(2)])]
        let plan = try fleet.plan(waves, text: "text")
        let state = plan.makeState(
            id: "r1", clusterUID: "cluster", planText: Array("text".utf8), facts: fleet.facts, at: Timestamp(77))
        #expect(state.nodes.keys.sorted() == plan.eligibleNodes)
        for (index, wave) in plan.waves.enumerated() {
            let records = state.nodes.values.filter { $0.wave == index }
            let planned = records.filter { $0.reason != .alreadyUpdated }.sorted { $0.position < $1.position }
            #expect(planned.map(\.node) == wave.nodes)
            #expect(planned.map(\.position) == Array(wave.nodes.indices))
            for (batch, nodes) in wave.batches.enumerated() {
                #expect(Set(planned.filter { $0.batch == batch }.map(\.node)) == Set(nodes))
            }
            #expect(state.waves[index].plannedNodes == records.count)
        }
        #expect(state.nodes["n05"]?.status == .deferred && state.nodes["n05"]?.reason == .nodeNotReady)
        #expect(state.nodes["n06"]?.reason == .wouldNotReturn)
        #expect(state.nodes["n00"]?.status == .updated && state.nodes["n00"]?.wave == 0)
        #expect(state.waves.map(\.name) == ["canary", "rest"])
        #expect(state.rollout.previousRevision == TestFleet.oldHash)
        #expect(state.rollout.updateRevision == TestFleet.newHash)
        #expect(state.rollout.baseTemplate == TestFleet.template(image: "agent:v1"))
        #expect(state.rollout.targetTemplate == TestFleet.template(image: "agent:v2"))
        #expect(state.rollout.planDigest == plan.digest && state.rollout.createdAt == Timestamp(77))
        #expect(state.rollout.phase == .preparing)
    }

    @Test("Updated nodes of waves that are passed over stand outside the waves")
    func stateOutside() throws {
        var fleet = TestFleet(30)
        let first = try fleet.plan([.canary(.count(3)), .zone("z0"), .rest])
        fleet.update(first.waves[0].nodes + first.waves[1].nodes)
        let plan = try fleet.plan([.canary(.count(3)), .zone("z0"), .rest])
        let state = plan.makeState(id: "r", clusterUID: "c", planText: [], facts: fleet.facts, at: Timestamp(0))
        let outside = state.nodes.values.filter { $0.wave == nil }
        #expect(Set(outside.map(\.node)) == Set(first.waves[0].nodes + first.waves[1].nodes))
        #expect(outside.allSatisfy { $0.status == .updated && $0.reason == .alreadyUpdated })
    }
}

@Suite("Planning the way back")
struct RollbackPlanTests {
    @Test("It targets the revision before, moves only what has another one, the youngest first, under twice the budget")
    func planOfTheWayBack() throws {
        var fleet = TestFleet(30)
        let first = try fleet.plan(ReplanningTests.waves)
        let touched = Array(first.waves[0].nodes.prefix(2)) + ["n05"]
        let state = first.makeState(
            id: "r", clusterUID: "", planText: [], facts: fleet.facts, at: Timestamp(0))
        fleet.update(touched)
        for index in fleet.pods.indices {
            guard let place = touched.firstIndex(of: fleet.pods[index].nodeName ?? "") else { continue }
            fleet.pods[index].createdAt = Timestamp(Int64(1_000_000 + place * 60_000))
        }
        fleet.daemonSet.template = TestFleet.template(image: "agent:v2")
        let plan = RolloutPlan(name: "p", daemonSet: "collector", waves: ReplanningTests.waves)
        let text = try #require(RollbackPlan.text(undoing: state, plan: plan))
        let back = try PlanFiles.read(text).get()
        #expect(back.revision == TestFleet.oldHash)
        #expect(back.budget.maxUnavailable == .count(2 * first.maxUnavailable))
        let waves = try WavePlanner.plan(back, planText: Array(text.utf8), facts: fleet.facts)
        #expect(waves.waves.map(\.nodes) == [touched.reversed()])
        #expect(waves.targetTemplate == TestFleet.template(image: "agent:v1"))
        #expect(waves.updateRevision == TestFleet.oldHash)
        #expect(waves.needsPatch)
    }

    @Test(
        "A way back is planned although none of the nodes that it names runs the pod any more; any other plan is refused"
    )
    func nobodyLeft() throws {
        var fleet = TestFleet(4)
        fleet.rememberNew()
        fleet.pods.removeAll { $0.nodeName == "n00" }
        fleet.change("n00") { node in
            node.ready = .unknown
            node.taints = [Taint(key: "node.kubernetes.io/unreachable", effect: "NoSchedule")]
        }
        fleet.daemonSet.template = TestFleet.template(image: "agent:v2")
        let waves = [Wave(name: "back", members: .nodes(["n00"])), Wave.rest]
        let back = RolloutPlan(name: "p", daemonSet: "collector", revision: TestFleet.oldHash, waves: waves)
        let planned = try WavePlanner.plan(back, planText: [], facts: fleet.facts)
        #expect(planned.waves.isEmpty && planned.needsPatch)
        #expect(planned.targetTemplate == TestFleet.template(image: "agent:v1"))
        #expect(fleet.problems(waves) == [.emptyWaves(["back"])])
    }

    @Test("A revision that is not remembered is refused with those that are")
    func unknownRevision() throws {
        let fleet = TestFleet(3)
        let plan = RolloutPlan(
            name: "p", daemonSet: "collector", revision: "gone", waves: [Wave(name: "all", members: .everythingElse)])
        let error = #expect(throws: PlanningFailure.self) {
            try WavePlanner.plan(
                plan, planText: [], facts: fleet.facts, options: PlanningOptions(allowWholeFleet: true))
        }
        #expect(error?.errors == [.unknownRevision("gone", known: [TestFleet.oldHash])])
    }
}
