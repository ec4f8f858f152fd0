import CCurl
import Foundation

/// Starting programs with `posix_spawn`.
enum ProcessLauncher {
    /// What makes a command impossible before anything is started.
    static func problem(of command: Command) -> TransportError? {
        let texts = [command.program] + command.arguments + command.environment.flatMap { [$0.name, $0.value] }
        guard !command.program.isEmpty, !texts.contains(where: { $0.utf8.contains(0) }) else {
            return TransportError(.command, "'\(command.program)' cannot be run: a NUL character or no name at all")
        }
        guard let folder = command.folder else { return nil }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            return TransportError(.command, "'\(command.program)' cannot be run: there is no folder \(folder)")
        }
        return nil
    }

    /// Two pipes, or none.
    static func twoPipes() -> Result<[(reading: Int32, writing: Int32)], SystemFailure> {
        Descriptor.pipe().flatMap { first in
            switch Descriptor.pipe() {
            case .success(let second): return .success([first, second])
            case .failure(let failure):
                _ = Foundation.close(first.reading)
                _ = Foundation.close(first.writing)
                return .failure(failure)
            }
        }
    }

    /// Starts the program in a process group of its own, with nothing on stdin, none of our descriptors, and none of
    /// our signal settings.
    ///
    /// - Returns: the number of the process and of its group.
    static func launch(_ command: Command, output: Int32, diagnostics: Int32) -> Result<pid_t, TransportError> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, diagnostics, 2)
        _ = sluice_spawn_without_descriptors(&actions)
        if let folder = command.folder { _ = sluice_spawn_in_folder(&actions, folder) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var process: pid_t = 0
        var number: Int32 = 0
        // A program that is being replaced at this moment can be run the next.
        for _ in 0..<OutsideLimits.launchAttempts {
            number = withCStrings([command.program] + command.arguments) { arguments in
                withCStrings(environment(of: command)) { environment in
                    posix_spawnp(&process, command.program, &actions, &attributes, arguments, environment)
                }
            }
            guard number == ETXTBSY else { break }
        }
        return number == 0 ? .success(process) : .failure(error(number, command))
    }

    /// The sentence for a program that could not be started.
    static func error(_ number: Int32, _ command: Command) -> TransportError {
        let isName = !command.program.contains("/")
        switch number {
        case ENOENT where isName:
            return TransportError(.commandNotFound, "there is no program '\(command.program)' in PATH")
        case ENOENT:
            return TransportError(
                .commandNotFound, "there is no program \(command.program), or its interpreter is missing")
        default:
            return TransportError(.command, "'\(command.program)' cannot be run: \(SystemText.error(number))")
        }
    }

    /// Our environment with the command's variables, of which the later of two equal ones counts.
    private static func environment(of command: Command) -> [String] {
        var variables = ProcessInfo.processInfo.environment
        for variable in command.environment { variables[variable.name] = variable.value }
        return variables.map { "\($0.key)=\($0.value)" }.sorted()
    }

    private static func withCStrings<Value>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let pointers = texts.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }
}
