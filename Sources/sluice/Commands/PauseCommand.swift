import ArgumentParser
import SluiceCore

/// `sluice pause`: delete nothing more for now.
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Delete nothing more until `sluice resume`. What is under way settles.")

    @OptionGroup var flags: OperatorFlags

    func run() throws {
        try reportingFailures {
            try flags.ask(.pause(reason: flags.reason)) { "rollout \($0) is paused; go on with: sluice resume \($0)" }
        }
    }
}
