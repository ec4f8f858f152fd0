import Foundation
import SluiceClients
import SluiceCore
import SluiceRunner
import SluiceStore

/// The end of a command that did not reach its goal: what a person reads, and the exit code.
struct CommandFailure: Error {
    var code: SluiceCore.ExitCode
    /// Lines for stderr; empty when everything has been said.
    var lines: [String]

    init(_ code: SluiceCore.ExitCode, _ line: String) {
        self.code = code
        self.lines = [line]
    }

    init(_ code: SluiceCore.ExitCode, lines: [String] = []) {
        self.code = code
        self.lines = lines
    }

    /// What any error means for the person at the terminal.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let refusal as DrivingRefusal: self.init(refusal.code, lines: refusal.lines)
        case let invalid as InvalidPlan: self.init(.invalidPlan, lines: invalid.lines)
        case let error as APIError:
            if case .interrupted(let signal) = error.kind {
                self.init(SluiceCore.ExitCode(signal: signal) ?? .failed, "interrupted; nothing was changed")
            } else {
                self.init(.failed, error.description)
            }
        case let error as AccessError: self.init(error.isUsage ? .usage : .failed, error.description)
        case let error as StoreError: self.init(.failed, error.message)
        case let error as TransportError: self.init(.failed, error.description)
        default: self.init(.failed, String(describing: error))
        }
    }

    /// Says it and ends the process.
    func end() -> Never {
        for line in lines { Terminal.say("error: \(line)") }
        exit(code.rawValue)
    }
}

/// Runs a command's body; every error becomes a ``CommandFailure``.
func reportingFailures<Value>(_ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch {
        throw CommandFailure(error)
    }
}
