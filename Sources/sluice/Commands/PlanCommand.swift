import ArgumentParser
import SluiceCore
import SluiceRendering

/// `sluice plan`: what a plan means on the cluster as it stands.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show the waves, their nodes and what is left out. Changes nothing.")

    @OptionGroup var planFlags: PlanFlags
    @OptionGroup var clusterFlags: ClusterFlags
    @OptionGroup var output: OutputFlags

    func run() throws {
        try reportingFailures {
            let client = try clusterFlags.connect()
            let prepared = try PreparedPlan(
                planFlags.load(), planFlags.consent.value, client: client, namespaceFlag: clusterFlags.namespace)
            Terminal.write(prepared.document.rendered(output.format, output.style))
            // Whoever plans need not be whoever runs: a right that is missing here may be there.
            try prepared.refuse([.podCreation, .patch], planFlags.consent.value)
        }
    }
}
