import ArgumentParser
import SluiceCore

/// The program.
struct Sluice: ParsableCommand {
    /// The program's version; the user agent of every request begins with `sluice/` and this.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "Rolls a new version of a DaemonSet out in waves: canary first, each wave gated.",
        discussion: """
            A plan file says which nodes come first, how many may be without a pod, and what must be measured before \
            the next wave. Everything is written to a database before it is done, so an interrupted rollout goes on \
            where it stood.

            Exit codes: 0 done, 1 failed, 2 halted, 3 waiting, 4 done with stale nodes, 5 threshold exceeded, \
            6 aborted, 7 timeout, 8 rolled back, 64 usage, 65 invalid plan, 75 another driver, 130/143/129 interrupted.
            """,
        version: version,
        subcommands: [
            PlanCommand.self, RehearseCommand.self, RunCommand.self, ResumeCommand.self, StatusCommand.self,
            ApproveCommand.self, SkipCommand.self, RetryCommand.self, PauseCommand.self, AbortCommand.self,
            RollbackCommand.self, EvidenceCommand.self, HistoryCommand.self, ReportCommand.self, StateCommand.self,
            ClusterCommand.self,
        ]
    )
}
