import Foundation
import SluiceCore
import SluiceRunner
import SluiceStore
import Testing

@Suite("What a person asks of a rollout that nobody drives")
struct OfflineOperatorTests {
    private static let planText = Array(
        """
        apiVersion: sluice/v1
        kind: RolloutPlan
        metadata: {name: p}
        spec:
          daemonSet: {name: ds, namespace: ns}
          waves:
            - {name: rest, everythingElse: true}
        """.utf8)
    private static let now = Moment(monotonic: 5, wall: Timestamp(1_700_000_000_000))

    private func store() throws -> Store {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
        let store = try Store.open(
            path: folder.appending(path: "state.db").path, databaseID: { "id" }, at: Self.now.wall)
        let template = PodTemplate(json: ["spec": ["containers": []]])
        let rollout = RolloutRecord(
            id: "r", clusterUID: "c", namespace: "ns", daemonSet: "ds", daemonSetUID: "d", planText: Self.planText,
            planDigest: "", baseTemplate: template, targetTemplate: template, maxUnavailable: 1, phase: .updating,
            createdAt: Self.now.wall, changedAt: Self.now.wall)
        let wave = WaveRecord(
            index: 0, name: "rest", planIndex: 0, batchCount: 1, plannedNodes: 1, soakSeconds: 0, failuresAllowed: 0,
            needsApproval: true)
        try store.create(RolloutState(rollout: rollout, waves: [wave], nodes: [:]), journal: [])
        return store
    }

    @Test("A pause and an abort are kept, with their journal lines, without a cluster")
    func pauseAndAbort() throws {
        let store = try store()
        let paused = try OfflineOperator.apply(.pause(reason: "lunch"), to: "r", in: store, at: Self.now)
        #expect(paused?.rollout.pauseReason == "lunch")
        #expect(try store.load("r") == paused)
        let aborted = try OfflineOperator.apply(.abort(reason: "no"), to: "r", in: store, at: Self.now)
        #expect(aborted?.rollout.phase == .aborted)
        let events = try store.journal(of: "r", limit: 10).map(\.line.event)
        #expect(events.filter { $0 == .paused || $0 == .aborted } == [.paused, .aborted], "\(events)")
    }

    @Test("What is asked of a node keeps its name, who asked and why, on its way to a live driver")
    func nodes() throws {
        let store = try store()
        let requests: [OperatorRequest] = [
            .skip(node: "node-7", by: "ann", reason: "its disk is dead"),
            .retry(node: "node-7", by: "ann", reason: "it has a new disk"),
        ]
        for request in requests { _ = try store.ask(request, of: "r", by: "ann", at: Self.now.wall) }
        #expect(try store.pendingRequests(of: "r").map(\.request) == requests)
    }

    @Test("An approval is kept with who gave it and when, also on its way through the store to a live driver")
    func approval() throws {
        let store = try store()
        let request = OperatorRequest.approve(wave: "rest", by: "ann", reason: "looks good")
        _ = try store.ask(request, of: "r", by: "ann", at: Self.now.wall)
        let pending = try #require(try store.pendingRequests(of: "r").first)
        #expect(pending.request == request)
        _ = try OfflineOperator.apply(pending.request, to: "r", in: store, at: Self.now)
        let wave = try #require(try store.load("r")?.waves.first)
        #expect(wave.approvedAt == Self.now.wall)
        #expect(wave.approvedBy == "ann")
    }

    @Test("A live driver is left alone: whoever holds its lock decides")
    func liveDriver() throws {
        let store = try store()
        let lock = try store.driverLock(for: "r")
        defer { withExtendedLifetime(lock) {} }
        #expect(try OfflineOperator.apply(.pause(reason: "lunch"), to: "r", in: store, at: Self.now) == nil)
        #expect(try store.load("r")?.rollout.pauseReason == nil)
    }

    @Test("A plan's problems name file, line and column")
    func invalidPlan() {
        #expect(throws: InvalidPlan.self) { try PlanLoader.load(Array("kind: 1".utf8), file: "p.yaml") }
        do throws(InvalidPlan) {
            _ = try PlanLoader.load(Array("a: [".utf8), file: "p.yaml")
        } catch {
            #expect(error.lines.allSatisfy { $0.hasPrefix("p.yaml:") })
        }
    }
}
