import Foundation
import SluiceRendering

/// stdout for data, stderr for talk.
enum Terminal {
    /// Writes data. A reader that has gone away is no error of ours.
    static func write(_ text: String) { put(text, to: STDOUT_FILENO) }

    /// Writes a line for the person at the terminal.
    static func say(_ line: String) { put(line + "\n", to: STDERR_FILENO) }

    private static func put(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    /// Lets time pass between two looks at the database, in a command that drives nothing. A signal ends it early.
    static func wait(seconds: Double) { _ = poll(nil, 0, Int32(seconds * 1_000)) }

    /// Whether a person can be asked: both what is read and what is said is a terminal.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks a yes-or-no question; anything but `y` and `yes` is no.
    static func confirms(_ question: String) -> Bool {
        put("\(question) [y/N] ", to: STDERR_FILENO)
        let answer = readLine()?.trimmingCharacters(in: .whitespaces).lowercased()
        return answer == "y" || answer == "yes"
    }

    /// Colours only on a terminal, and not against `NO_COLOR` or `TERM=dumb`.
    static func style(noColor: Bool) -> Style {
        let environment = ProcessInfo.processInfo.environment
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let wantsNone = noColor || !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return Style(isColored: isTerminal && !wantsNone, width: isTerminal ? width : Style.defaultWidth)
    }

    private static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return Style.defaultWidth }
        return Int(size.ws_col)
    }
}
