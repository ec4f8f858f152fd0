import ArgumentParser
import SluiceCore

/// `sluice abort`: give a rollout up for good.
struct AbortCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort",
        abstract: "Give a rollout up. Nothing more is deleted; nodes stay on the revision they have.")

    @OptionGroup var flags: OperatorFlags

    func run() throws {
        try reportingFailures {
            try flags.ask(.abort(reason: flags.reason)) { "rollout \($0) is aborted" }
        }
    }
}
