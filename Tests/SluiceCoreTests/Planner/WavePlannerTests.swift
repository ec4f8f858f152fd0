import SluiceCore
import Testing

@Suite("Planning waves")
struct WavePlannerTests {
    private func nodes(_ plan: WavePlan, _ wave: String) -> [String] {
        plan.waves.first { $0.name == wave }?.nodes ?? []
    }

    @Test("Canary, batches by count and percent, and everything else")
    func waves() throws {
        let fleet = TestFleet(30)
        let middle = Wave(
            name: "middle", members: .selector(LabelSelector(matchLabels: [TestFleet.zone: "z0"])),
            batches: [.count(1), .count(3)], failuresAllowed: .count(2))
        let plan = try fleet.plan([.canary(.count(3), spreadOver: TestFleet.zone), middle, .rest])
        #expect(plan.waves.map(\.name) == ["canary", "middle", "rest"])
        #expect(Set(nodes(plan, "canary").map { Int($0.dropFirst()).map { $0 % 3 } }) == [0, 1, 2])
        #expect(plan.waves[1].batches.map(\.count) == [1, 3, 3, 2])
        #expect(plan.waves[2].batches.map(\.count) == [9, 9])
        #expect(plan.waves.map(\.failuresAllowed) == [0, 2, 1])
        #expect(plan.maxUnavailable == 3)
        #expect(plan.needsPatch && plan.updateRevision == nil)
        #expect(plan.targetTemplate == TestFleet.template(image: "agent:v2"))
        #expect(plan.eligibleNodes == fleet.nodes.map(\.name))
    }

    @Test("One wave for each value of a label, nodes without it last")
    func forEach() throws {
        var fleet = TestFleet(6)
        fleet.add("unlabelled")
        let wave = Wave(
            name: "zone", members: .selector(LabelSelector()), take: .percent(50), forEach: TestFleet.zone)
        let plan = try fleet.plan([wave, .rest])
        #expect(plan.waves.map(\.name) == ["zone/z0", "zone/z1", "zone/z2", "zone/none", "rest"])
        #expect(plan.waves.map(\.nodes.count) == [1, 1, 1, 1, 3])
        #expect(plan.waves.map(\.failuresAllowed) == [0, 1, 1, 1, 1])
    }

    @Test("A take spread over a label gives every value a node, then each its share")
    func spread() throws {
        var fleet = TestFleet()
        for index in 0..<40 { fleet.add("big\(index)", labels: ["pool": "big"]) }
        for index in 0..<10 { fleet.add("small\(index)", labels: ["pool": "small"]) }
        fleet.add("alone", labels: ["pool": "alone"])
        let plan = try fleet.plan([.canary(.count(11), spreadOver: "pool"), .rest])
        let counts = Dictionary(grouping: nodes(plan, "canary")) { $0.filter(\.isLetter) }.mapValues(\.count)
        #expect(counts == ["big": 8, "small": 2, "alone": 1])
    }

    @Test("The order depends on the plan's bytes")
    func order() throws {
        let fleet = TestFleet(60)
        let one = try fleet.plan([.canary(.count(5)), .rest], text: "one")
        let two = try fleet.plan([.canary(.count(5)), .rest], text: "two")
        #expect(nodes(one, "canary") != nodes(two, "canary"))
        #expect(nodes(one, "canary") != Array(fleet.nodes.map(\.name).prefix(5)))
        #expect(one.digest != two.digest)
        #expect(one.digest.hasPrefix("sha256:") && one.digest.utf8.count == 71)
    }

    @Test("The digest covers template, DaemonSet and the nodes of every batch")
    func digest() throws {
        let fleet = TestFleet(12)
        let waves = [Wave.canary(.count(2)), .rest]
        let base = try fleet.plan(waves).digest
        var other = fleet
        other.daemonSet.template = TestFleet.template(image: "agent:v1", spec: ["priorityClassName": "high"])
        #expect(try other.plan(waves).digest != base)
        other = fleet
        other.daemonSet.uid = "made anew"
        #expect(try other.plan(waves).digest != base)
        other = TestFleet(13)
        #expect(try other.plan(waves).digest != base)
        let smaller = [Wave.canary(.count(2)), Wave(name: "rest", members: .everythingElse, batches: [.percent(40)])]
        #expect(try fleet.plan(smaller).digest != base)
        #expect(try fleet.plan(waves).digest == base)
    }

    @Test("Of revisions with the target's template the controller's last one counts, and only an owned one")
    func updateRevision() throws {
        var fleet = TestFleet(3)
        let new = TestFleet.template(image: "agent:v2")
        fleet.revisions += [
            TestFleet.revision("again", number: 5, template: new),
            TestFleet.revision("first", number: 2, template: new),
            TestFleet.revision("orphan", number: 9, template: new, owner: "somebody"),
            TestFleet.revision("later", number: 8, template: TestFleet.template(image: "agent:v3")),
        ]
        #expect(try fleet.plan([.canary(.count(1)), .rest]).updateRevision == "again")
        fleet.revisions.reverse()
        #expect(try fleet.plan([.canary(.count(1)), .rest]).updateRevision == "again")
    }

    @Test("Without images the template as it stands is rolled out, and only the strategy may need a patch")
    func withoutImages() throws {
        var fleet = TestFleet(4)
        fleet.daemonSet.template = TestFleet.template(image: "agent:v2")
        fleet.rememberNew()
        var plan = try fleet.plan([.canary(.count(1)), .rest], images: [])
        #expect(!plan.needsPatch && plan.updateRevision == TestFleet.newHash)
        fleet.daemonSet.updateStrategy = .rollingUpdate
        plan = try fleet.plan([.canary(.count(1)), .rest], images: [])
        #expect(plan.needsPatch)
    }

    @Test("Nodes that must wait are in a wave, come last, and say why")
    func deferred() throws {
        var fleet = TestFleet(9)
        fleet.change("n00") {
            $0.ready = .unknown
            $0.readyReason = "NodeStatusUnknown"
            $0.taints = [Taint(key: "node.kubernetes.io/unreachable", effect: "NoSchedule")]
        }
        fleet.change("n01") { $0.isBeingDeleted = true }
        fleet.change("n02") { $0.taints = [Taint(key: "ToBeDeletedByClusterAutoscaler", effect: "NoSchedule")] }
        let plan = try fleet.plan([Wave(name: "all", members: .everythingElse, batches: [.count(3)])])
        #expect(Set(plan.waves[0].nodes.suffix(3)) == ["n00", "n01", "n02"])
        #expect(plan.deferred.map(\.cause) == [.nodeNotReady, .nodeBeingDeleted, .wouldNotReturn])
        #expect(plan.deferred[0].reason == "the node is not Ready (NodeStatusUnknown)")
        #expect(
            plan.deferred[2].reason.hasSuffix("its taint ToBeDeletedByClusterAutoscaler:NoSchedule is not tolerated"))
    }

    @Test("A canary is not drawn from nodes that must wait")
    func canaryIsHealthy() throws {
        var fleet = TestFleet(10)
        for name in fleet.nodes.map(\.name) where name != "n07" { fleet.change(name) { $0.ready = .false } }
        let plan = try fleet.plan([.canary(.count(1)), .rest])
        #expect(nodes(plan, "canary") == ["n07"])
    }

    @Test("Nodes that do not run the pod, and nodes that are done, are left out with the reason")
    func excluded() throws {
        var fleet = TestFleet(4)
        fleet.update(["n01"])
        fleet.add("tainted", hash: nil)
        fleet.change("tainted") { $0.taints = [Taint(key: "dedicated", value: "gpu", effect: "NoSchedule")] }
        fleet.add("foreign", hash: nil)
        fleet.addPod(on: "foreign", hash: TestFleet.newHash) { $0.ownerUID = "somebody" }
        let plan = try fleet.plan([.canary(.count(1)), .rest])
        #expect(plan.excluded.map(\.node) == ["n01", "tainted"])
        #expect(plan.excluded.map(\.kind) == [.alreadyUpdated, .notEligible])
        #expect(plan.excluded[1].reason.contains("dedicated=gpu:NoSchedule"))
        #expect(plan.waves.flatMap(\.nodes).contains("foreign"))
        #expect(plan.warnings.contains { $0.contains("not owned by it") && $0.contains("collector-foreign-new2") })
    }

    @Test("A going pod of the target revision makes no node done, a Failed old pod keeps no node eligible")
    func goingPods() throws {
        var fleet = TestFleet(3)
        fleet.update(["n00"])
        fleet.pods[fleet.pods.count - 1].isTerminating = true
        fleet.change("n01") { $0.taints = [Taint(key: "x", effect: "NoSchedule")] }
        for index in fleet.pods.indices where fleet.pods[index].nodeName == "n01" { fleet.pods[index].phase = .failed }
        let plan = try fleet.plan([.canary(.count(1)), .rest])
        #expect(plan.excluded.map(\.node) == ["n01"])
        #expect(plan.excluded.map(\.kind) == [.notEligible])
        #expect(Set(plan.waves.flatMap(\.nodes)) == ["n00", "n02"])
    }

    @Test("A new template that places differently changes nodes at once, outside waves")
    func placement() throws {
        var fleet = TestFleet(6)
        for name in ["n00", "n01"] { fleet.change(name) { $0.labels["pool"] = "old" } }
        fleet.add("control", hash: nil)
        fleet.change("control") { $0.taints = [Taint(key: TestFleet.controlPlane, effect: "NoSchedule")] }
        fleet.daemonSet.template = TestFleet.template(
            image: "agent:v1",
            spec: [
                "tolerations": [["operator": "Exists"]],
                "affinity": [
                    "nodeAffinity": [
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            "nodeSelectorTerms": [["matchExpressions": [["key": "pool", "operator": "DoesNotExist"]]]]
                        ]
                    ]
                ],
            ])
        let problems = fleet.problems([.canary(.count(1)), .rest])
        guard case .placementChange(let changes) = problems.first else {
            Issue.record("planned, though nodes change at once: \(problems)")
            return
        }
        #expect(changes.map(\.node) == ["control", "n00", "n01"])
        #expect(changes.map(\.gains) == [true, false, false])
        #expect(problems[0].description.contains("--accept-placement-change"))
        let plan = try fleet.plan([.canary(.count(1)), .rest], acceptPlacementChange: true)
        #expect(plan.placementChanges == changes)
        #expect(Set(plan.waves.flatMap(\.nodes)) == ["control", "n02", "n03", "n04", "n05"])
        #expect(plan.excluded.map(\.node) == ["n00", "n01"])
    }

    @Test("A node that the changed template has given a pod already is still named")
    func placementInThePast() {
        var fleet = TestFleet(4)
        fleet.daemonSet.template = TestFleet.template(
            image: "agent:v2", spec: ["tolerations": [["operator": "Exists"]]])
        fleet.revisions.append(
            TestFleet.revision(TestFleet.newHash, number: 2, template: fleet.daemonSet.template))
        fleet.add("control", hash: TestFleet.newHash)
        fleet.change("control") { $0.taints = [Taint(key: TestFleet.controlPlane, effect: "NoSchedule")] }
        let problems = fleet.problems([.canary(.count(1)), .rest], images: [])
        guard case .placementChange(let changes) = problems.first else {
            Issue.record("planned, though a node was gained outside all waves: \(problems)")
            return
        }
        #expect(changes.map(\.node) == ["control"])
        #expect(changes.map(\.gains) == [true])
    }

    @Test("A node that two waves match goes to the first, and the plan says so once for all")
    func overlap() throws {
        let fleet = TestFleet(30)
        let plan = try fleet.plan([.zone("z0"), .canary(.percent(50)), .rest])
        #expect(nodes(plan, "z0").count == 10)
        #expect(nodes(plan, "canary").count == 15)
        let said = plan.warnings.filter { $0.contains("belong to the earlier wave z0") }
        #expect(said == ["10 nodes of wave canary belong to the earlier wave z0: n00, n03, n06, n09, n12 and 5 more"])
    }

    @Test("A fleet of one node needs no flag")
    func oneNode() throws {
        let plan = try TestFleet(1).plan([Wave(name: "all", members: .everythingElse)])
        #expect(plan.waves.map(\.nodes) == [["n00"]])
    }
}
