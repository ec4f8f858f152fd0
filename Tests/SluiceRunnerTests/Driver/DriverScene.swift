import Foundation
import SluiceClients
import SluiceCluster
import SluiceCore
import SluiceRunner
import SluiceStore
import Testing

/// A driver of a rollout over eight nodes, with the real client and the real database, in virtual time.
final class DriverScene {
    static let budget = 2
    static let pod = "/api/v1/namespaces/monitoring/pods/"
    static let daemonSet = "/apis/apps/v1/namespaces/monitoring/daemonsets/node-exporter"
    static let lease = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases/sluice-node-exporter"

    let outside: ClusterOutside
    let path: String
    private let store: Store
    private let client: KubernetesClient
    private let daemonSet: DaemonSet
    private let driver: RolloutDriver
    private let journal = Journal()

    private final class Journal {
        var lines: [JournalLine] = []
    }

    /// - Parameters:
    ///   - soak: the canary's, in seconds.
    ///   - startDelay: how long a new pod takes to be Ready, in milliseconds.
    ///   - more: further lines of the plan's spec.
    ///   - prepare: what is done to the cluster before it is planned for.
    init(
        soak: Int = 0, startDelay: Milliseconds = 2_000, more: String = "", behaviours: [BehaviourRule] = [],
        prepare: (ClusterOutside) -> Void = { _ in }
    ) throws {
        outside = try ClusterOutside(
            ClusterOptions(
                nodes: 8, startDelay: startDelay, readyLag: 500, termination: 1_000, jitter: 0, behaviours: behaviours))
        prepare(outside)
        let text = Array(
            """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: driver}
            spec:
              daemonSet: {name: node-exporter, namespace: monitoring}
              images: {node-exporter: "quay.io/prometheus/node-exporter:v2"}
              budget: {maxUnavailable: \(Self.budget)}
              \(more)
              waves:
                - {name: canary, selector: {matchLabels: {kubernetes.io/os: linux}}, take: 2, soak: \(soak)s}
                - {name: rest, everythingElse: true}

            """.utf8)
        client = KubernetesClient(access: outside.access, outside: outside, userAgent: "sluice/test")
        let plan = try PlanLoader.load(text, file: "plan")
        let facts = try #require(
            try ClusterReader.facts(client, namespace: "monitoring", daemonSet: "node-exporter"))
        daemonSet = facts.daemonSet
        let waves = try WavePlanner.plan(plan, planText: text, facts: facts, options: PlanningOptions())
        let state = waves.makeState(
            id: "r", clusterUID: "c", planText: text, facts: facts, at: outside.now.wall)
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
        path = folder.appending(path: "state.db").path
        store = try Store.open(path: path, databaseID: { "me" }, at: outside.now.wall)
        try store.create(state, journal: [])
        driver = RolloutDriver(
            client: client, store: store, state: state, plan: plan, daemonSet: facts.daemonSet,
            options: RolloutDriver.Options(environment: { _ in nil })
        ) { [journal] in journal.lines += $0 }
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
        } catch {
            Issue.record("\(path) is left over: \(error)")
        }
    }

    /// Drives to the end, or to a signal after an hour of virtual time.
    func run() -> RolloutDriver.Ending { driver.run() }

    /// Drives on with another driver, which knows nothing but the database.
    func runAgain() throws -> RolloutDriver.Ending {
        let state = try stored()
        let another = RolloutDriver(
            client: client, store: store, state: state, plan: try PlanLoader.load(state.rollout.planText, file: "plan"),
            daemonSet: daemonSet, options: RolloutDriver.Options(environment: { _ in nil })
        ) { [journal] in journal.lines += $0 }
        return another.run(resuming: true)
    }

    /// What was to be told, and how it fared.
    func messages() throws -> [OutboxRecord] { try store.messages(of: "r") }

    /// What the journal says of messages that were given up.
    var undelivered: [String] { journal.lines.filter { $0.event == .undelivered }.map(\.message) }

    /// The rollout as it is stored.
    func stored() throws -> RolloutState { try #require(try store.load("r")) }

    /// The times of the journal's lines about an event, in milliseconds since the beginning.
    func times(of event: JournalEvent) -> [Milliseconds] {
        journal.lines.filter { $0.event == event }.map {
            $0.time.millisecondsSince1970 - outside.now.wall.millisecondsSince1970 + outside.elapsed
        }
    }

    /// What the journal says of holds.
    var holds: [String] { journal.lines.filter { $0.event == .held }.map(\.message) }

    /// When deletes left, in milliseconds since the beginning.
    var deleteTimes: [Milliseconds] { outside.sent.filter(\.isDelete).map(\.time) }

    /// The rollout is complete, every pod was sent into termination once, and the budget was kept.
    func expectCleanEnd(of ending: RolloutDriver.Ending, location: SourceLocation = #_sourceLocation) throws {
        #expect(ending == .stopped, sourceLocation: location)
        let state = try stored()
        #expect(state.rollout.phase == .completed, "\(state.rollout.message)", sourceLocation: location)
        expectNoHarm(location: location)
        let started = outside.deletes.filter(\.startedTermination)
        #expect(started.count == state.nodes.count, sourceLocation: location)
    }

    /// No pod was sent into termination twice, no new pod at all, and the budget was kept.
    func expectNoHarm(location: SourceLocation = #_sourceLocation) {
        let started = outside.deletes.filter(\.startedTermination)
        #expect(Set(started.map(\.node)).count == started.count, "a node lost two pods", sourceLocation: location)
        for delete in started {
            #expect(delete.blindNodes < Self.budget, "over the budget: \(delete.line)", sourceLocation: location)
        }
    }
}
