import Foundation

/// A program that the test has started, with its output in a file.
///
/// Its number stands in a file as long as it runs: should the test itself be killed, the script around it ends the rest.
final class Program {
    private let process = Process()
    private let numberFile: String
    let log: String

    /// How long a program may take to end when asked to, in seconds.
    private static let endPatience = 10.0

    /// Starts a program; its output is added to `FOLDER/log/NAME.log`.
    init(
        _ name: String, _ path: String, _ arguments: [String], folder: String, environment: [String: String] = [:]
    ) throws {
        log = "\(folder)/log/\(name).log"
        numberFile = "\(folder)/pids/\(name)"
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        guard let output = FileHandle(forWritingAtPath: log) else {
            throw KillTestFailure(description: "cannot write \(log)")
        }
        try output.seekToEnd()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try output.close()
        try Data("\(process.processIdentifier)".utf8).write(to: URL(filePath: numberFile))
    }

    var isRunning: Bool { process.isRunning }

    /// The exit status; nil while it runs, or when a signal ended it.
    var status: Int32? {
        process.isRunning || process.terminationReason == .uncaughtSignal ? nil : process.terminationStatus
    }

    /// Ends it as a crash would.
    ///
    /// - Returns: whether it was this that ended it.
    @discardableResult
    func kill() -> Bool {
        if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        forget()
        return process.terminationReason == .uncaughtSignal
    }

    /// Asks it to end, and insists after a while.
    func end() {
        if process.isRunning { process.terminate() }
        let deadline = ProcessInfo.processInfo.systemUptime + Self.endPatience
        while process.isRunning, ProcessInfo.processInfo.systemUptime < deadline { _ = poll(nil, 0, 50) }
        kill()
    }

    /// To be called once it has ended by itself.
    func forget() { _ = unlink(numberFile) }

    /// The last lines of its log.
    var lastWords: String {
        guard let data = FileManager.default.contents(atPath: log) else { return "" }
        return String(decoding: data.suffix(4_000), as: UTF8.self).split(separator: "\n").suffix(5)
            .joined(separator: "\n")
    }
}
