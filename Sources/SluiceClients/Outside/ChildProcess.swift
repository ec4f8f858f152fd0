import CCurl
import Foundation
import SluiceCore

/// A command that runs: a process group of its own, two pipes, a deadline.
///
/// The group is only ever killed before its leader was reaped, so its number cannot belong to anybody else yet.
final class ChildProcess {
    let id: OrderID
    /// Whether nothing of it is left to do.
    private(set) var isReaped = false
    private let name: String
    private let process: pid_t
    private let exit: Int32
    private let deadline: Milliseconds
    private let timeout: Milliseconds
    private var output: Capture
    private var diagnostics: Capture
    private var isAbandoned = false

    /// One pipe and what came out of it.
    private struct Capture {
        var descriptor: Int32
        var bytes: [UInt8] = []
        let limit: Int
        /// Whether there was more than the limit.
        var isCut = false
        /// Where everything is repeated as it comes; nil for nowhere.
        var copy: Int32?

        /// Reads what is there, a bounded number of pieces; closes the pipe at its end.
        mutating func take() {
            for _ in 0..<OutsideLimits.readsPerTurn where descriptor >= 0 {
                switch Descriptor.read(descriptor, atMost: OutsideLimits.readSize) {
                case .bytes(let piece):
                    if let copy { Descriptor.offer(piece, to: copy) }
                    isCut = isCut || piece.count > limit - bytes.count
                    bytes += piece.prefix(limit - bytes.count)
                case .nothingYet: return
                case .end, .failed: close()
                }
            }
        }

        mutating func close() {
            guard descriptor >= 0 else { return }
            _ = Foundation.close(descriptor)
            descriptor = -1
        }
    }

    private init(
        _ command: Command, id: OrderID, process: pid_t, output: Int32, diagnostics: Int32, copy: Int32?,
        now: Milliseconds
    ) {
        self.id = id
        name = command.program
        self.process = process
        exit = sluice_process_descriptor(process)
        timeout = command.timeout
        deadline = now + command.timeout
        self.output = Capture(descriptor: output, limit: OutsideLimits.commandOutputBytes)
        self.diagnostics = Capture(
            descriptor: diagnostics, limit: OutsideLimits.commandDiagnosticsBytes, copy: copy)
    }

    /// Starts a command; `copy` is where its stderr is repeated as it comes.
    static func start(
        _ command: Command, id: OrderID, copy: Int32?, now: Milliseconds
    ) -> Result<ChildProcess, TransportError> {
        if let error = ProcessLauncher.problem(of: command) { return .failure(error) }
        let pipes: [(reading: Int32, writing: Int32)]
        switch ProcessLauncher.twoPipes() {
        case .success(let both): pipes = both
        case .failure(let failure): return .failure(ProcessLauncher.error(failure.number, command))
        }
        let launched = ProcessLauncher.launch(command, output: pipes[0].writing, diagnostics: pipes[1].writing)
        pipes.forEach { _ = Foundation.close($0.writing) }
        switch launched {
        case .success(let process):
            return .success(
                ChildProcess(
                    command, id: id, process: process, output: pipes[0].reading, diagnostics: pipes[1].reading,
                    copy: copy, now: now))
        case .failure(let error):
            pipes.forEach { _ = Foundation.close($0.reading) }
            return .failure(error)
        }
    }

    /// What the poll must watch.
    var descriptors: [Int32] {
        [output.descriptor, diagnostics.descriptor, exit].filter { $0 >= 0 && !isReaped }
    }

    /// When to look again although nothing was heard.
    func nextWake(after now: Milliseconds) -> Milliseconds {
        let look = exit < 0 ? now + OutsideLimits.reapInterval : Milliseconds.max
        return isAbandoned ? look : min(look, deadline)
    }

    /// Reads, looks whether the process has ended, kills it when it is late.
    ///
    /// - Returns: the result, once.
    func advance(at now: Milliseconds) -> Result<CommandOutput, TransportError>? {
        output.take()
        diagnostics.take()
        if let status = reap() {
            if isAbandoned { return nil }
            if output.isCut { return .failure(endless) }
            return .success(CommandOutput(status: status, output: output.bytes, diagnostics: diagnostics.bytes))
        }
        guard !isAbandoned, output.isCut || now >= deadline else { return nil }
        abandon()
        guard !output.isCut else { return .failure(endless) }
        let duration = SystemText.duration(timeout)
        let said = TerminalText.plain(diagnostics.bytes)
        return .failure(
            TransportError(
                .timeout,
                "'\(name)' ran for longer than \(duration) and was killed\(said.isEmpty ? "" : "; it says: \(said)")"))
    }

    private var endless: TransportError {
        TransportError(.bodyTooLarge, "'\(name)' printed more than \(output.limit >> 20) MiB and was stopped")
    }

    /// Kills the process group; what is left is to reap its leader.
    func abandon() {
        guard !isReaped, !isAbandoned else { return }
        isAbandoned = true
        kill(-process, SIGKILL)
        output.close()
        diagnostics.close()
    }

    /// Ends everything at once, waiting for the death of a killed process.
    func close() {
        guard !isReaped else { return }
        abandon()
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
        finish()
    }

    /// The exit status if the process has ended: 128 + the number of the signal that killed it.
    private func reap() -> Int32? {
        guard !isReaped else { return nil }
        var status: Int32 = 0
        let result = waitpid(process, &status, WNOHANG)
        guard result == process || (result < 0 && errno == ECHILD) else { return nil }
        finish()
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private func finish() {
        isReaped = true
        // What was written just before the end. A grandchild may hold the pipes open for ever, so their end is not
        // waited for.
        output.take()
        diagnostics.take()
        output.close()
        diagnostics.close()
        if exit >= 0 { _ = Foundation.close(exit) }
    }
}
