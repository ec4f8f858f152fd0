import SluiceCore
import Testing

@Suite("The report on versions")
struct VersionReportTests {
    /// A fleet whose template has been changed to the new image, with the new revision known.
    private func changedFleet(_ count: Int) -> TestFleet {
        var fleet = TestFleet(count)
        fleet.daemonSet.template = TestFleet.template(image: "agent:v2")
        fleet.rememberNew()
        return fleet
    }

    private func state(
        _ fleet: TestFleet, phase: Phase = .updating, message: String = "", pause: String? = nil,
        target: String = "agent:v2", records: [NodeRecord]
    ) -> RolloutState {
        let rollout = RolloutRecord(
            id: "r7", clusterUID: "c", namespace: "monitoring", daemonSet: "collector", daemonSetUID: "ds",
            planText: [], planDigest: "", baseTemplate: TestFleet.template(image: "agent:v1"),
            targetTemplate: TestFleet.template(image: target), maxUnavailable: 1, phase: phase, message: message,
            pauseReason: pause, createdAt: Timestamp(0), changedAt: Timestamp(0))
        let wave = WaveRecord(
            index: 0, name: "prod", planIndex: 0, batchCount: 1, plannedNodes: 1, soakSeconds: 0, failuresAllowed: 0)
        return RolloutState(
            rollout: rollout, waves: [wave],
            nodes: Dictionary(records.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first }))
    }

    private func record(_ status: NodeStatus, message: String = "", wave: Int? = 0) -> NodeRecord {
        NodeRecord(node: "n00", wave: wave, status: status, message: message)
    }

    @Test("Counts, revisions and nodes")
    func table() throws {
        var fleet = changedFleet(5)
        fleet.update(["n03"])
        fleet.pods.removeAll { $0.nodeName == "n04" }
        fleet.add("bare", hash: nil)
        fleet.change("bare") { $0.taints = [Taint(key: "t", effect: "NoSchedule")] }
        fleet.pods.reverse()
        fleet.nodes.reverse()
        let report = VersionReport(fleet: fleet.facts)
        #expect(report.nodes.map(\.node) == ["n00", "n01", "n02", "n03", "n04"])
        #expect((report.totals.nodes, report.totals.updated, report.totals.stale) == (5, 1, 3))
        #expect(report.totals.missing == 1)
        #expect(report.revisions.map(\.hash) == [TestFleet.newHash, TestFleet.oldHash])
        #expect(report.revisions.map(\.nodeCount) == [1, 3])
        #expect(report.revisions.map(\.isUpdateRevision) == [true, false])
        #expect(report.revisions.map(\.revision) == [2, 1])
        #expect(report.revisions[1].images == [ContainerImage(container: "agent", image: "agent:v1")])
        #expect(report.nodes.map(\.isStale) == [true, true, true, false, false])
        #expect(report.nodes[0].runningSince == Timestamp(10_000))
        #expect(report.nodes[0].staleSince == Timestamp(2_000_000))
        #expect(report.nodes[3].staleSince == nil && report.nodes[3].reason.isEmpty)
        #expect(report.nodes[4].pod == nil && report.nodes[4].reason.contains("it should have a pod and has none"))
        #expect(report.notEligible.map(\.node) == ["bare"])
        #expect(report.notEligible.first?.reason.contains("t:NoSchedule") == true)
    }

    @Test("A rollout explains why a node is stale")
    func rolloutReasons() {
        let fleet = changedFleet(1)
        let table: [(RolloutState, String)] = [
            (state(fleet, records: [record(.pending)]), "its turn has not come in wave prod of rollout r7"),
            (
                state(fleet, pause: "lunch", records: [record(.pending)]),
                "rollout r7 is paused (lunch) before its turn"
            ),
            (
                state(fleet, phase: .halted, message: "too many failures", records: [record(.pending)]),
                "wave prod of rollout r7 is halted before its turn: too many failures"
            ),
            (
                state(fleet, phase: .aborted, records: [record(.pending)]),
                "rollout r7 was aborted before its turn"
            ),
            (
                state(fleet, phase: .completed, records: [record(.deferred, message: "the node is not Ready")]),
                "deferred in wave prod of rollout r7: the node is not Ready"
            ),
            (state(fleet, records: [record(.replacing)]), "its pod is being replaced in wave prod of rollout r7"),
            (
                state(fleet, records: [record(.failed, message: "image missing")]),
                "failed in wave prod of rollout r7: image missing"
            ),
            (
                state(fleet, records: [record(.updated)]),
                "had the target revision in wave prod of rollout r7, and got another one again since"
            ),
            (state(fleet, records: [record(.left)]), Self.untouched),
            (state(fleet, records: []), Self.untouched),
            (state(fleet, target: "agent:v9", records: [record(.pending)]), Self.untouched),
        ]
        for (state, expected) in table {
            let report = VersionReport(fleet: fleet.facts, knowledge: .init(rollout: state))
            #expect(report.nodes.map(\.reason) == [expected])
        }
    }

    static let untouched = "no rollout covers it: under OnDelete its pod stays until somebody deletes it"

    @Test("Without a rollout the cluster explains it")
    func clusterReasons() {
        func reason(_ change: (inout TestFleet) -> Void) -> String? {
            var fleet = changedFleet(1)
            change(&fleet)
            return VersionReport(fleet: fleet.facts).nodes.first?.reason
        }
        #expect(reason { _ in } == Self.untouched)
        #expect(reason { $0.change("n00") { $0.ready = .false } } == "the node is not Ready; " + Self.untouched)
        #expect(
            reason { $0.daemonSet.updateStrategy = .rollingUpdate }
                == "the controller's rolling update has not reached it")
        #expect(
            reason { $0.change("n00") { $0.taints = [Taint(key: "t", effect: "NoSchedule")] } }?
                .contains("would not get its pod back after a delete: its taint t:NoSchedule") == true)
        #expect(
            reason { $0.change("n00") { $0.taints = [Taint(key: "t", effect: "NoExecute")] } }?
                .contains("the controller is about to remove its pod") == true)
        #expect(reason { $0.pods[0].isTerminating = true } == "its pod is going, and no new one stands yet")
        #expect(
            reason { $0.revisions.removeLast() }
                == "the DaemonSet controller has not recorded the current template yet")
    }

    @Test("Stale since: the revision's creation, or, when an old one is used again, when that was seen or written")
    func staleSince() {
        func since(_ firstSeen: Int64?, written: Int64?, change: (inout TestFleet) -> Void = { _ in }) -> Int64? {
            var fleet = TestFleet(1)
            fleet.rememberNew()
            fleet.update(["n00"])
            fleet.daemonSet.managers =
                written.map {
                    [
                        DaemonSet.FieldManager(
                            name: "kubectl", operation: "Update", time: Timestamp($0), ownsTemplate: true,
                            ownsUpdateStrategy: false)
                    ]
                } ?? []
            change(&fleet)
            let knowledge = VersionReport.Knowledge(firstSeenAsUpdate: firstSeen.map { Timestamp($0) })
            return VersionReport(fleet: fleet.facts, knowledge: knowledge).nodes[0].staleSince?.millisecondsSince1970
        }
        #expect(since(nil, written: 9_000_000) == 9_000_000)
        #expect(since(8_000_000, written: 9_000_000) == 8_000_000)
        #expect(since(8_000_000, written: nil) == 8_000_000)
        #expect(since(nil, written: nil) == 1_000_000)
        #expect(since(8_000_000, written: 9_000_000) { $0.pods[0].createdAt = Timestamp(8_500_000) } == 8_500_000)
        #expect(
            since(5_000_000, written: 9_000_000) {
                $0.daemonSet.template = TestFleet.template(image: "agent:v3")
                $0.revisions.append(
                    TestFleet.revision("third", number: 3, template: TestFleet.template(image: "agent:v3")))
            } == 3_000_000)
    }

    @Test("While two pods stand on a node, the one that stays counts")
    func twoPods() {
        var fleet = changedFleet(1)
        fleet.pods[0].isTerminating = true
        fleet.addPod(on: "n00", hash: TestFleet.newHash)
        #expect(VersionReport(fleet: fleet.facts).totals.updated == 1)
        fleet.pods[0].isTerminating = false
        fleet.pods[1].isTerminating = true
        #expect(VersionReport(fleet: fleet.facts).totals.stale == 1)
    }
}
