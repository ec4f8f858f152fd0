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

    @Flag(help: "Return (exit code 3) instead of waiting through a soak, a pause or another driver's Lease.")
    var noWait = false

    func run() throws {
        try reportingFailures {
            guard yes || Terminal.isInteractive else {
                throw CommandFailure(.usage, "without a terminal to ask on, `run` needs --yes")
            }
            let client = try clusterFlags.connect()
            let prepared = try PreparedPlan(planFlags, client: client, namespaceFlag: clusterFlags.namespace)
            let store = try state.open()
            let driving = Driving(client: client, store: store, output: output, waits: !noWait)
            let earlier = try Predecessor(
                store: store, daemonSetUID: prepared.facts.daemonSet.uid, planText: prepared.text)
            if case .samePlan(let id) = earlier.relation {
                output.say("rollout \(id) of this plan was interrupted; going on with it")
                return try driving.drive(id, resuming: false)
            }
            show(prepared)
            try check(prepared)
            if prepared.waves.waves.isEmpty {
                return output.say("nothing to do: every node that runs the DaemonSet has the target revision")
            }
            try prepared.refuse([.right, .podCreation, .patch], planFlags)
            try confirm(replacing: earlier)
            try earlier.supersede(at: client.outside.now)
            let id = "\(prepared.facts.daemonSet.name)-\(StateFlags.drawLetters(5))"
            try RolloutBeginning.write(
                prepared.waves, planText: prepared.text, facts: prepared.facts, id: id, in: store, client: client)
            try driving.drive(id, resuming: false)
        }
    }

    private func show(_ prepared: PreparedPlan) {
        guard !output.quiet else { return }
        switch output.format {
        case .text, .wide: Terminal.write(prepared.document.rendered(output.format, output.style) + "\n")
        case .json, .yaml: Terminal.say(prepared.document.rendered(.text))
        }
    }

    private func check(_ prepared: PreparedPlan) throws {
        if let digest, digest != prepared.waves.digest {
            throw CommandFailure(
                .invalidPlan,
                "the plan's digest is \(prepared.waves.digest) now, approved was \(digest): template, nodes "
                    + "or waves have changed. Look at `sluice plan` and approve again")
        }
    }

    private func confirm(replacing earlier: Predecessor) throws {
        if case .halted(let id) = earlier.relation {
            output.say("this takes the place of rollout \(id), which is halted; it will be aborted")
        }
        guard !yes else { return }
        guard Terminal.confirms("Run this plan?") else {
            throw CommandFailure(.usage, "not confirmed; nothing was changed")
        }
    }
}

/// The rollout of the same DaemonSet that is not over yet, if there is one.
struct Predecessor {
    enum Relation {
        case none
        /// Of the same plan, and interrupted: it is gone on with.
        case samePlan(String)
        /// Halted: another plan takes its place.
        case halted(String)
    }

    let store: Store
    let relation: Relation

    init(store: Store, daemonSetUID: String, planText: [UInt8]) throws {
        self.store = store
        let open = try store.rollouts().first { $0.daemonSetUID == daemonSetUID && !$0.phase.isFinal }
        guard let open else {
            relation = .none
            return
        }
        if try store.isDriven(open.id) {
            throw CommandFailure(
                .otherDriver, "rollout \(open.id) of this DaemonSet is being driven by another process")
        }
        let isSamePlan = open.planText == planText
        switch (open.phase, isSamePlan) {
        case (.halted, true):
            throw CommandFailure(
                .halted,
                lines: [
                    "rollout \(open.id) of this plan is halted: \(open.message)",
                    "`sluice resume \(open.id)` judges it anew, `sluice abort \(open.id)` gives it up",
                ])
        case (.halted, false): relation = .halted(open.id)
        case (_, true): relation = .samePlan(open.id)
        case (_, false):
            throw CommandFailure(
                .usage,
                "rollout \(open.id) of this DaemonSet is not over; `sluice resume \(open.id)` goes on with it, "
                    + "`sluice abort \(open.id)` gives it up")
        }
    }

    /// Gives a halted rollout up in favour of a new one.
    func supersede(at now: Moment) throws {
        guard case .halted(let id) = relation else { return }
        let ended = try OfflineOperator.apply(.supersede, to: id, in: store, at: now)
        if ended == nil {
            throw CommandFailure(.otherDriver, "rollout \(id) of this DaemonSet is being driven by another process")
        }
    }
}
