import SluiceCore
import SluiceStore
import Testing

/// What the version report remembers beyond what the cluster does.
struct ObservationTests {
    @Test("An undo makes an old revision the update revision anew; what was seen first stays known")
    func history() throws {
        let folder = try TemporaryFolder()
        let store = try openStore(folder.file("state.db"))
        func see(_ update: String, _ nodes: [(String, String)], at time: Int64) throws {
            let sighting = DaemonSetSighting(
                daemonSetUID: "ds-1", updateRevision: update,
                revisions: [update: [ContainerImage(container: "agent", image: "agent:\(update)")]],
                nodes: nodes.map { .init(node: $0.0, revision: $0.1, runningSince: Timestamp(time - 1)) }
            )
            try store.observe([sighting], inCluster: "c", at: Timestamp(time))
        }
        try see("old", [("a", "old"), ("b", "old")], at: 100)
        try see("new", [("a", "new"), ("b", "old")], at: 200)
        try see("new", [("a", "new"), ("b", "old")], at: 300)
        #expect(try since(store) == ["new": 200, "old": 100])
        try see("old", [("a", "old"), ("b", "old")], at: 400)
        try see("old", [("a", "old"), ("b", "old")], at: 500)
        #expect(try since(store) == ["new": 200, "old": 400])

        let history = try store.observations(inCluster: "c", daemonSetUID: "ds-1")
        #expect(history.revisions.map { $0.images.map(\.image) } == [["agent:new"], ["agent:old"]])
        #expect(
            history.nodes.map { "\($0.node) \($0.revision) \($0.firstSeenAt.millisecondsSince1970)" }
                == ["a old 100", "a new 200", "b old 100"]
        )
        #expect(history.nodes.map(\.lastSeenAt.millisecondsSince1970) == [500, 300, 500])
        #expect(history.nodes.map { $0.runningSince?.millisecondsSince1970 } == [499, 299, 499])
        #expect(try store.observations(inCluster: "other", daemonSetUID: "ds-1").nodes.isEmpty)
    }

    private func since(_ store: Store) throws -> [String: Int64] {
        let revisions = try store.observations(inCluster: "c", daemonSetUID: "ds-1").revisions
        return Dictionary(revisions.map { ($0.revision, $0.updateSince?.millisecondsSince1970 ?? 0) }) { $1 }
    }
}
