import SluiceCore

/// The sluice that drives one rollout: started, killed, resumed, until one of its processes reports the rollout done.
final class SluiceDriver {
    private let sluice: String
    private let folder: String
    private let loop: EventLoop
    private let controlPlane: ControlPlane
    private var program: Program?
    private var startedAt: Milliseconds = 0
    /// Why a process could not be started.
    private var startFailure: (any Error)?
    /// Whether a process ended with 0: the rollout is done, and no node is stale.
    private(set) var isDone = false
    /// How often `resume` was started.
    private(set) var resumes = 0
    /// How often a process gave up (exit code 1) because of a server that was away.
    private(set) var gaveUp = 0

    /// The exit codes of README.md that matter here.
    private enum ExitCode { static let done: Int32 = 0, environmentFailed: Int32 = 1 }
    /// The wait before a process that gave up is followed by another, in milliseconds.
    private static let pause: Milliseconds = 1_000

    init(sluice: String, folder: String, loop: EventLoop, controlPlane: ControlPlane) {
        self.sluice = sluice
        self.folder = folder
        self.loop = loop
        self.controlPlane = controlPlane
    }

    /// Begins a rollout.
    func run(plan: String) throws {
        isDone = false
        try start(["run", "-f", plan, "--yes", "-o", "json"])
    }

    /// Kills the process and resumes a moment later.
    ///
    /// - Returns: whether there was a process that this ended.
    func kill(resumeAfter pause: Milliseconds) -> Bool {
        guard let program, program.kill() else { return false }
        resumeLater(pause)
        return true
    }

    /// Takes note of a process that has ended by itself.
    ///
    /// - Throws: ``KillTestFailure`` when its exit code is not what the README promises for what happened.
    func lookAfter() throws {
        if let startFailure { throw startFailure }
        guard let program, !program.isRunning else { return }
        self.program = nil
        program.forget()
        switch program.status {
        case ExitCode.done: isDone = true
        case ExitCode.environmentFailed where wasTroubled:
            gaveUp += 1
            resumeLater(Self.pause)
        case let status:
            let how = status.map { "ended with \($0)" } ?? "was ended by a signal of somebody else"
            throw KillTestFailure(description: "sluice \(how); \(program.log):\n\(program.lastWords)")
        }
    }

    /// Ends the process, if there is one.
    func stop() { program?.kill() }

    /// The last lines that the processes wrote.
    var lastWords: String { program?.lastWords ?? "" }

    /// Whether a server was away at some time since the process was started.
    private var wasTroubled: Bool { !controlPlane.isReady || controlPlane.readySince >= startedAt }

    private func resumeLater(_ pause: Milliseconds) {
        program = nil
        loop.after(pause) { [weak self] in self?.resume() }
    }

    private func resume() {
        resumes += 1
        do {
            try start(["resume", "-o", "json"])
        } catch {
            startFailure = error
        }
    }

    private func start(_ arguments: [String]) throws {
        startedAt = loop.now
        program = try Program(
            "sluice", sluice, arguments, folder: folder,
            environment: [
                "KUBECONFIG": "\(folder)/sluice.kubeconfig", "SLUICE_STATE": "\(folder)/state.db", "NO_COLOR": "1",
            ])
    }
}
