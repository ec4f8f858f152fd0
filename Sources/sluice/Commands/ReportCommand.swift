import ArgumentParser
import SluiceClients
import SluiceCore
import SluiceRendering
import SluiceRunner
import SluiceStore

/// `sluice report`: what the fleet looks like.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Report on the fleet.", subcommands: [ReportVersionsCommand.self])
}

/// `sluice report versions`: which nodes run stale versions, since when, and why.
struct ReportVersionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions", abstract: "Show nodes by revision and image; which are stale, since when and why.")

    @Argument(help: "The DaemonSet, as NAME or ds/NAME; without it all of the namespace.")
    var daemonSet: String?

    @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
    var allNamespaces = false

    @Option(help: ArgumentHelp("Exit with 5 when more nodes than this are stale.", valueName: "count"))
    var maxStale: Int?

    @OptionGroup var clusterFlags: ClusterFlags
    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    func validate() throws {
        if allNamespaces && (daemonSet != nil || clusterFlags.namespace != nil) {
            throw ValidationError("--all-namespaces goes without a DaemonSet and without --namespace")
        }
        if let maxStale, maxStale < 0 { throw ValidationError("--max-stale takes a number from 0") }
    }

    func run() throws {
        try reportingFailures {
            let client = try clusterFlags.connect()
            let found = try fleets(client)
            let clusterUID = try client.clusterUID() ?? ""
            let store = try state.openForReading() == nil ? nil : try state.open()
            let now = client.outside.now.wall
            let known = try found.map { try knowledge($0, clusterUID: clusterUID, store: store) }
            let fleets = try zip(found, known).map(Self.unparked)
            let reports = zip(fleets, known).map { VersionReport(fleet: $0, knowledge: $1) }
            let documents = reports.map { VersionDocument($0, now: now) }
            let text =
                daemonSet != nil && documents.count == 1
                ? documents[0].rendered(output.format, output.style)
                : VersionDocument.rendered(
                    all: documents, in: allNamespaces ? nil : client.access.namespace, output.format, output.style)
            Terminal.write(text)
            try store?.observe(zip(fleets, reports).map(Self.sighting), inCluster: clusterUID, at: now)
            let stale = reports.reduce(0) { $0 + $1.totals.stale }
            if let maxStale, stale > maxStale {
                throw CommandFailure(.thresholdExceeded, "\(stale) nodes are stale, --max-stale allows \(maxStale)")
            }
        }
    }

    private func fleets(_ client: KubernetesClient) throws -> [FleetFacts] {
        let namespace = client.access.namespace
        guard let daemonSet else {
            return try ClusterReader.allFacts(client, namespace: allNamespaces ? nil : namespace)
        }
        let name = RolloutSelection.daemonSet(daemonSet) ?? daemonSet
        guard let facts = try ClusterReader.facts(client, namespace: namespace, daemonSet: name) else {
            throw CommandFailure(.failed, "there is no DaemonSet \(name) in namespace \(namespace)")
        }
        return [facts]
    }

    private func knowledge(
        _ fleet: FleetFacts, clusterUID: String, store: Store?
    ) throws -> VersionReport.Knowledge {
        guard let store else { return VersionReport.Knowledge() }
        let daemonSet = fleet.daemonSet
        let latest = try store.rollouts(namespace: daemonSet.namespace, daemonSet: daemonSet.name)
            .first { $0.daemonSetUID == daemonSet.uid }
        let history = try store.observations(inCluster: clusterUID, daemonSetUID: daemonSet.uid)
        let update = ControllerRevision.remembering(daemonSet.template, of: daemonSet, in: fleet.revisions)
        return VersionReport.Knowledge(
            rollout: try latest.flatMap { try store.load($0.id) },
            firstSeenAsUpdate: history.revisions.first { $0.revision == update?.hash }?.updateSince)
    }

    /// The fleet with the template that its rollout will put back, where it has put the one before in its place.
    private static func unparked(_ fleet: FleetFacts, _ knowledge: VersionReport.Knowledge) throws -> FleetFacts {
        guard let state = knowledge.rollout, !state.rollout.phase.isFinal else { return fleet }
        let plan = try PlanLoader.load(state.rollout.planText, file: "the plan of rollout \(state.rollout.id)")
        var fleet = fleet
        fleet.daemonSet.template =
            state.parkedTarget(of: fleet.daemonSet, plan: plan) ?? fleet.daemonSet.template
        return fleet
    }

    /// What this look showed, to be remembered.
    private static func sighting(_ fleet: FleetFacts, _ report: VersionReport) -> DaemonSetSighting {
        DaemonSetSighting(
            daemonSetUID: fleet.daemonSet.uid, updateRevision: report.updateRevision,
            revisions: Dictionary(
                report.revisions.compactMap { row in row.hash.map { ($0, row.images) } }, uniquingKeysWith: { $1 }),
            nodes: report.nodes.compactMap { row in
                row.revision.map {
                    DaemonSetSighting.Node(node: row.node, revision: $0, runningSince: row.runningSince)
                }
            })
    }
}
