import Testing

@testable import SluiceCore

@Suite("A rollout keeps to the windows of its plan")
struct RolloutWindowTests {
    /// The scene begins at 22:13:20 by UTC.
    private static let opens = 22 * 60

    private static func at(_ text: String) -> Timestamp { Timestamp(rfc3339: text) ?? Timestamp(0) }

    /// A rollout that may delete from 22:00 on for so many minutes.
    private func scene(minutes: Int, soak: Int64 = 0, from: Int = opens) -> RolloutScene {
        RolloutMachineTests.scene(soak: soak, budget: 1) {
            $0.calendar.windows = [.init(from: from, to: from + minutes)]
        }
    }

    @Test(
        "What a window leaves over waits for the next one, without the Lease, through a crash, and not a moment longer")
    func closesInBetween() throws {
        var scene = scene(minutes: 14)
        scene.start()
        scene.run(until: 200_000)
        let before = scene.deletesByNode.count
        #expect((3...19).contains(before))
        let hold = try #require(scene.stored.rollout.holds.first { $0.kind == .window })
        #expect(hold.reason == "no window is open; the next one opens at 2023-11-15T22:00:00Z (UTC)")
        #expect(
            scene.stored.nodes.values.allSatisfy { [.pending, .updated].contains($0.status) }, "what began settled")
        #expect(!scene.leaseIsWanted)
        let opening = Self.at("2023-11-15T22:00:00Z").millisecondsSince1970
        let wake = scene.now.wall.millisecondsSince1970 + (try #require(scene.wakeAt)) - scene.now.monotonic
        #expect(wake == opening - RolloutMachine.leaseLead)
        scene.advance(to: 3_600_000)
        scene.crash()
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
        let deletes = scene.journal.filter { $0.event == .deleting }.map(\.time)
        for time in deletes {
            #expect(time.rfc3339.dropFirst(11).hasPrefix("22:0") || time.rfc3339 < "2023-11-14T22:14")
        }
        #expect(deletes.first { $0.millisecondsSince1970 >= opening }?.millisecondsSince1970 == opening)
        #expect(scene.journal.contains { $0.event == .held && $0.message.hasPrefix("window: ") })
        #expect(scene.journal.contains { $0.event == .released && $0.message == "window" })
    }

    @Test("A clock that is set is believed")
    func clockIsSet() {
        var scene = scene(minutes: 60, from: 12 * 60)
        scene.start()
        scene.run(until: 60_000)
        #expect(scene.deletesByNode.isEmpty)
        scene.now.wall = Self.at("2023-11-15T12:30:00Z")
        scene.send([.wakeReached])
        #expect(scene.leaseIsWanted)
        scene.run(until: 90_000)
        #expect(!scene.deletesByNode.isEmpty)
        scene.now.wall = Self.at("2023-11-15T11:30:00Z")
        scene.send([.wakeReached])
        let count = scene.deletesByNode.count
        scene.run(until: 190_000)
        #expect(scene.deletesByNode.count == count)
    }

    @Test("A soak goes on while no window is open, and a wave whose time has not come has not begun")
    func soakGoesOn() {
        var scene = scene(minutes: 14, soak: 3_600)
        scene.start()
        scene.run(until: 7_200_000)
        #expect(scene.violations == [])
        #expect(scene.stored.waves[0].status == .passed)
        #expect(scene.stored.waves[1].startedAt == nil)
        #expect(scene.deletesByNode.count == 2)
        scene.run()
        #expect(scene.stored.rollout.phase == .completed)
        #expect(scene.stored.waves[1].startedAt == Self.at("2023-11-15T22:00:00Z"))
    }

    @Test("A delete whose fate is unknown is not sent again in a freeze")
    func notSentAgain() {
        var unknown = 0
        for seed in 1...8 as ClosedRange<UInt64> {
            var scene = RolloutMachineTests.scene(seed: seed) {
                $0.calendar.freezes = [.init(from: 19_676, to: 19_676, reason: "audit")]
            }
            // Three seconds before the freeze begins.
            scene.now.wall = Self.at("2023-11-14T23:59:57Z")
            scene.answer = { _ in .uncertain(reason: "reset") }
            scene.start()
            scene.run(until: 3_500)
            let sent = scene.deletesByNode
            unknown += scene.stored.nodes.values.contains { $0.status == .deleting } ? 1 : 0
            scene.run(until: 3_600_000)
            #expect(scene.stored.rollout.holds.contains { $0.kind == .freeze })
            #expect(scene.deletesByNode == sent)
        }
        #expect(unknown > 2)
    }

    @Test("In a freeze nothing is patched either")
    func notPatched() {
        var scene = RolloutMachineTests.scene {
            $0.calendar.freezes = [.init(from: 19_675, to: 19_675, reason: "audit")]
        }
        scene.start()
        scene.run(until: 60_000)
        #expect(scene.daemonSet.template == scene.stored.rollout.baseTemplate)
        scene.run()
        #expect(scene.violations == [])
        #expect(scene.stored.rollout.phase == .completed)
    }
}
