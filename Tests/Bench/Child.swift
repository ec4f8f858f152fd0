import Foundation

/// A child process whose output goes to a file.
final class Child {
    private let process = Process()
    private let folder: URL
    private let errors: URL?
    /// The most memory it has used, in KiB, as far as it was seen.
    private(set) var peakKilobytes = 0

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - folder: where it runs, and where its database and, if nothing else is said, its kubeconfig are.
    ///   - output: the name of the file there that gets its standard output.
    ///   - errors: the name of the file that gets its standard error, which may be the same one; nil drops it.
    init(
        _ program: String, _ arguments: [String], in folder: URL, output: String, errors: String? = nil,
        kubeconfig: String? = nil
    ) throws {
        self.folder = folder
        self.errors = errors.map { folder.appending(path: $0) }
        process.executableURL = URL(filePath: program.contains("/") ? program : "/usr/bin/env")
        process.arguments = program.contains("/") ? arguments : [program] + arguments
        process.currentDirectoryURL = folder
        var environment = ProcessInfo.processInfo.environment
        environment["KUBECONFIG"] = kubeconfig ?? folder.appending(path: "kubeconfig").path
        environment["SLUICE_STATE"] = folder.appending(path: "state.db").path
        process.environment = environment
        let standardOutput = try Self.file(folder.appending(path: output))
        process.standardOutput = standardOutput
        process.standardError = FileHandle.nullDevice
        if let errors {
            process.standardError =
                errors == output ? standardOutput : try Self.file(folder.appending(path: errors))
        }
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    private static func file(_ url: URL) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        return try FileHandle(forWritingTo: url)
    }

    /// The rest of the first line with a prefix, once it is there.
    func waitForLine(in file: String, prefix: String) throws -> String {
        while process.isRunning {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            if let line = text.split(separator: "\n").first(where: { $0.hasPrefix(prefix) }) {
                return String(line.dropFirst(prefix.count))
            }
            _ = poll(nil, 0, 20)
        }
        throw BenchFailure(description: "a process ended before it said \"\(prefix)\"")
    }

    /// Waits for the end.
    ///
    /// - Returns: the most memory it used, in MiB, as far as it was seen.
    func wait() -> Int {
        while process.isRunning {
            sample()
            _ = poll(nil, 0, 50)
        }
        return peakKilobytes / 1_024
    }

    var isRunning: Bool { process.isRunning }

    /// The exit status, once it has ended.
    var status: Int32 { process.terminationStatus }

    /// What is wrong when it has ended and should not have: its status, and the last it said.
    func failure(_ name: String) throws -> BenchFailure {
        let said = try errors.map { try String(contentsOf: $0, encoding: .utf8) } ?? ""
        return BenchFailure(
            description: "\(name) ended with \(status): "
                + said.split(separator: "\n").suffix(3).joined(separator: "; "))
    }

    /// Asks it to end, and waits until it has.
    func end() {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
    }

    /// Ends it as a crash would, without a chance to tidy up.
    func kill() {
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Looks how much memory it has used so far.
    func sample() {
        peakKilobytes = max(peakKilobytes, peakMemoryKilobytes(of: "\(process.processIdentifier)"))
    }
}

/// The most memory (resident) that a process has used, in KiB; 0 where the system does not say.
///
/// - Parameter process: its number, or `self`.
func peakMemoryKilobytes(of process: String) -> Int {
    do {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    } catch {
        return 0
    }
}

/// Runs a program to its end.
///
/// - Returns: what it wrote to standard output.
/// - Throws: ``BenchFailure`` when it fails.
func output(of program: String, _ arguments: [String], kubeconfig: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    var environment = ProcessInfo.processInfo.environment
    environment["KUBECONFIG"] = kubeconfig
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw BenchFailure(
            description: "\(program) \(arguments.joined(separator: " ")) ended with \(process.terminationStatus)")
    }
    return String(decoding: data, as: UTF8.self)
}
