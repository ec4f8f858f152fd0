import Foundation
import Testing

/// Lets time pass between two looks at another process. It synchronises nothing: every look has its own condition.
func passTime(milliseconds: Int32 = 20) { _ = poll(nil, 0, milliseconds) }

/// The seconds after which a test no longer waits for a process or a state. Pods of a real cluster take their time.
let patience = isEmbedded ? 30.0 : 240.0

/// Looks again and again until the condition holds; fails the test when it does not in time.
func eventually(
    _ what: String, within seconds: Double = patience, location: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) throws {
    let deadline = ProcessInfo.processInfo.systemUptime + seconds
    while try !condition() {
        try #require(
            ProcessInfo.processInfo.systemUptime < deadline, "not within \(seconds) s: \(what)",
            sourceLocation: location)
        passTime()
    }
}

/// Why a test cannot begin.
struct EndToEndFailure: Error, CustomStringConvertible {
    var description: String
}

/// A folder that goes with its last owner.
final class TemporaryFolder {
    let path = FileManager.default.temporaryDirectory.appending(path: "sluice-e2e-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            Issue.record("\(path) is left over: \(error)")
        }
    }
}

/// A program that was started by a test, with its output in files. It does not outlive its owner.
final class SluiceProcess {
    /// What a finished program left.
    struct Result {
        /// The exit code; 128 and the signal's number when a signal ended it.
        var code: Int32
        var output: String
        var errors: String
    }

    let pid: pid_t
    private let outputPath: String
    private let errorPath: String
    private var code: Int32?

    /// Starts a program without a terminal.
    init(_ path: String, _ arguments: [String], environment: [String: String], folder: String) throws {
        let stem = "\(folder)/process-\(UUID().uuidString)"
        outputPath = stem + ".out"
        errorPath = stem + ".err"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for (descriptor, file) in [(STDOUT_FILENO, outputPath), (STDERR_FILENO, errorPath)] {
            posix_spawn_file_actions_addopen(&actions, descriptor, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        // The threads of a test run block signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var pid: pid_t = 0
        let error = posix_spawn(&pid, path, &actions, &attributes, &words, &settings)
        guard error == 0 else { throw EndToEndFailure(description: "\(path): \(String(cString: strerror(error)))") }
        self.pid = pid
    }

    deinit {
        if code == nil {
            Foundation.kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
    }

    var output: String { Self.text(outputPath) }
    var errors: String { Self.text(errorPath) }

    /// Whether it has not ended yet.
    var isRunning: Bool {
        if code != nil { return false }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return true }
        let signal = status & 0x7f
        code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        return false
    }

    func send(_ signal: Int32) { Foundation.kill(pid, signal) }

    /// Waits for its end.
    @discardableResult
    func wait(location: SourceLocation = #_sourceLocation) throws -> Result {
        try eventually("the end of process \(pid); it said \(errors)", location: location) { !isRunning }
        return Result(code: code ?? -1, output: output, errors: errors)
    }

    /// Waits until its output contains a text so often.
    func awaitOutput(_ text: String, times: Int = 1, location: SourceLocation = #_sourceLocation) throws {
        try eventually("\(text) in \(output) \(errors)", location: location) {
            let count = output.components(separatedBy: text).count - 1
            if count < times, !isRunning, output.components(separatedBy: text).count - 1 < times {
                throw EndToEndFailure(
                    description: "ended with \(code ?? -1) before it said \(text): \(output) \(errors)")
            }
            return count >= times
        }
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}

/// The `sluice` under test: `SLUICE_BINARY`, else the one that was built beside this test bundle.
enum Binary {
    static func path() throws -> String {
        if let named = ProcessInfo.processInfo.environment["SLUICE_BINARY"], !named.isEmpty { return named }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for place in [own] + CommandLine.arguments {
            let candidate = URL(filePath: place).deletingLastPathComponent().appending(path: "sluice").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        throw EndToEndFailure(description: "there is no sluice beside \(own); set SLUICE_BINARY")
    }
}
