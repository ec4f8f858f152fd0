import ArgumentParser
import SluiceClients
import SluiceCore
import SluiceRendering
import SluiceRunner
import SluiceStore

/// `sluice run`: a plan from its first wave to its end.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Carry a plan out, wave by wave, to its end or its halt.",
        discussion: """
            Prints the plan, asks for confirmation (or takes --yes), and then one line an event. Ctrl-C is safe: \
            nothing is lost, and `sluice resume` goes on. The same plan again goes on with a rollout \
            that was interrupted.
            """)

    @OptionGroup var planFlags: PlanFlags
    @OptionGroup var clusterFlags: ClusterFlags
    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    @Flag(name: [.short, .long], help: "Do not ask; needed without a terminal.")
    var yes = false

    @Option(help: ArgumentHelp("Refuse unless the plan still has this digest.", valueName: "digest"))
    var digest: String?

    @Flag(help: "Return (exit code 3) instead of waiting: for a soak, an approval, a window or another driver's Lease.")
    var noWait = false

    func run() throws {
        try reportingFailures {
            try PlanRun.checkConsent(yes: yes, command: "run")
            let written = try planFlags.load()
            let client = try clusterFlags.connect()
            let store = try state.open()
            try PlanRun(
                client: client, store: store, output: output, yes: yes, digest: digest, waits: !noWait,
                consent: planFlags.consent.value, namespaceFlag: clusterFlags.namespace
            ).carryOut(written)
        }
    }
}
