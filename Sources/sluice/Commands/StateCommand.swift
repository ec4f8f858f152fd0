import ArgumentParser
import SluiceStore

/// `sluice state`: the database as a whole.
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Move the database to another machine.",
        subcommands: [StateExportCommand.self, StateImportCommand.self])
}

/// `sluice state export FILE`: a consistent copy, also while a rollout runs.
struct StateExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a consistent copy of the database to a new file.")

    @Argument(help: "The file to write; it must not exist.")
    var file: String

    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    func run() throws {
        try reportingFailures {
            try state.openExisting().export(to: file)
            output.say("wrote \(file); bring it in elsewhere with: sluice state import \(file)")
        }
    }
}

/// `sluice state import FILE`: take an exported copy over.
struct StateImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make an exported copy the database of this machine.")

    @Argument(help: "The exported file.")
    var file: String

    @Flag(help: "Replace a database that has rollouts; they are lost.")
    var replace = false

    @OptionGroup var state: StateFlags
    @OptionGroup var output: OutputFlags

    func run() throws {
        try reportingFailures {
            try Store.importing(
                from: file, to: state.path, replacing: replace, databaseID: StateFlags.drawIdentity,
                at: StateFlags.now)
            output.say("imported into \(state.path)")
        }
    }
}
