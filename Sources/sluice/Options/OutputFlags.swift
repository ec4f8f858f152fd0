public import ArgumentParser
public import SluiceRendering

extension OutputFormat: ExpressibleByArgument {}

/// How results are printed.
struct OutputFlags: ParsableArguments {
    @Option(name: [.short, .customLong("output")], help: "text, wide, json or yaml.")
    var format: OutputFormat = .text

    @Flag(name: [.short, .long], help: "Print the result alone.")
    var quiet = false

    @Flag(name: .customLong("no-color"), help: "No colours (also: NO_COLOR, and whenever stdout is no terminal).")
    var noColor = false

    var style: Style { Terminal.style(noColor: noColor) }

    /// Says something on stderr unless asked to be quiet.
    func say(_ line: String) {
        if !quiet { Terminal.say(line) }
    }
}
