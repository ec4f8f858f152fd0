import Testing

@testable import SluiceCore

@Suite("Which journal lines the world is told of")
struct NotificationTests {
    private static let time = Timestamp(1_795_000_000_000)
    private static let template = PodTemplate(json: [:])

    private static func state(_ phase: Phase = .updating, holds: [Hold] = []) -> RolloutState {
        let rollout = RolloutRecord(
            id: "r", clusterUID: "c", namespace: "monitoring", daemonSet: "node-exporter", daemonSetUID: "d",
            planText: [], planDigest: "", baseTemplate: template, targetTemplate: template, maxUnavailable: 1,
            phase: phase, waveIndex: 1, holds: holds, createdAt: time, changedAt: time)
        let waves = ["canary", "rest"].enumerated().map {
            WaveRecord(
                index: $0, name: $1, planIndex: $0, batchCount: 1, plannedNodes: 1, soakSeconds: 0, failuresAllowed: 0)
        }
        return RolloutState(rollout: rollout, waves: waves, nodes: ["a": NodeRecord(node: "a", wave: 0)])
    }

    private static func plan(revision: String? = nil) -> RolloutPlan {
        RolloutPlan(
            name: "p", daemonSet: "node-exporter", revision: revision,
            waves: [Wave(name: "canary", members: .everythingElse)])
    }

    private func told(
        _ events: [JournalEvent], before: Phase? = .updating, in state: RolloutState = state(),
        plan: RolloutPlan = plan()
    ) -> [Notification] {
        let lines = events.map { JournalLine(time: Self.time, event: $0, message: "m") }
        return Notification.all(about: lines, before: before, in: state, plan: plan)
    }

    @Test("Turning points are told, and nothing that happens to single nodes")
    func turningPoints() {
        #expect(told(JournalEvent.allCases).map(\.event) == [.started, .wavePassed, .halted, .aborted, .completed])
        #expect(told([.started], before: nil).map(\.event) == [.started])
        #expect(told([.completed], plan: Self.plan(revision: "abc")).map(\.event) == [.rolledBack])
    }

    @Test("A halt ends with whatever follows it, once")
    func haltsEnd() {
        let resumed = told([.resumed, .halted, .aborted, .aborted], before: .halted)
        #expect(resumed.map(\.event) == [.resumed, .halted, .aborted, .aborted])
        #expect(resumed.map(\.endsHalt) == [true, false, true, false])
        #expect(told([.resumed, .completed]).map(\.endsHalt) == [false])
        let alerts = NotificationDestination(name: "a", format: .alertmanager, address: .text(""))
        #expect(resumed.map(alerts.wants) == [true, true, true, false])
    }

    @Test("A wait for an approval is told of, no other hold, and says which wave waits")
    func approvals() {
        let hold = Hold(.approval, "wave rest waits for approval")
        let line = JournalLine(time: Self.time, event: .held, message: hold.journalText)
        let other = JournalLine(time: Self.time, event: .held, message: "budget: used up")
        let told = Notification.all(
            about: [other, line], before: .updating, in: Self.state(holds: [hold]), plan: Self.plan())
        #expect(told.map(\.event) == [.approvalNeeded])
        #expect(told.first?.wave == "rest")
        #expect(told.first?.message == hold.reason)
        #expect(told.first?.status.next.first?.command == "sluice approve r")
    }

    @Test("A key belongs to one line of one rollout, and stays the same")
    func keys() throws {
        let first = try #require(told([.halted]).first)
        #expect(first.key == told([.halted], in: Self.state(.halted)).first?.key)
        #expect(first.key.count == 32)
        var other = Self.state()
        other.rollout.id = "r2"
        let later = JournalLine(time: Timestamp(Self.time.millisecondsSince1970 + 1), event: .halted, message: "m")
        let more = Notification.all(about: [later], before: .updating, in: Self.state(), plan: Self.plan())
        let keys = [first] + told([.aborted]) + told([.halted], in: other) + more
        #expect(Set(keys.map(\.key)).count == 4)
    }
}
