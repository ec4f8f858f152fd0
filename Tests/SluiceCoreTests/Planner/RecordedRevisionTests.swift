import SluiceCore
import SluiceDocuments
import Testing

@Suite("The update revision of recorded DaemonSets")
struct RecordedRevisionTests {
    private func facts(_ daemonSet: String, _ revisions: String) throws -> FleetFacts {
        func body(_ name: String) throws -> JSONValue {
            try JSONReader.read(Array((Recordings.json(name).at("response", "body")?.string ?? "").utf8))
        }
        let value = try DaemonSet(json: body(daemonSet))
        let items = try body(revisions)["items"]?.array ?? []
        return FleetFacts(
            daemonSet: try #require(value), nodes: [], pods: [],
            revisions: items.compactMap(ControllerRevision.init(json:)))
    }

    @Test(
        "A revision is known by its data, also when an undo has renumbered it",
        arguments: [
            ("daemonset-get", "controllerrevisions-list", "5959bc769"),
            ("daemonset-get-after-patch", "controllerrevisions-list-two", "6bc744559d"),
            ("daemonset-get-after-revert", "controllerrevisions-list-after-revert", "5959bc769"),
        ])
    func byData(daemonSet: String, revisions: String, expected: String) throws {
        let report = try VersionReport(fleet: facts(daemonSet, revisions))
        #expect(report.updateRevision == expected)
    }

    @Test("An image that the cluster has seen before gets its old revision")
    func byImage() throws {
        let plan = RolloutPlan(
            name: "p", daemonSet: "node-exporter",
            images: [
                ContainerImage(container: "node-exporter", image: "quay.io/prometheus/node-exporter:v1.9.0")
            ], waves: [Wave(name: "rest", members: .everythingElse)])
        let facts = try facts("daemonset-get-after-revert", "controllerrevisions-list-after-revert")
        let result = try WavePlanner.plan(plan, planText: [], facts: facts)
        #expect(result.updateRevision == "6bc744559d")
        #expect(result.needsPatch)
    }
}
