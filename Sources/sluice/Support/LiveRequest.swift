import Foundation
import SluiceCore
import SluiceRunner
import SluiceStore

/// Asks the rollout's driver for something, or does it where there is no driver.
struct LiveRequest {
    let store: Store
    let rollout: String
    let output: OutputFlags

    /// The longest wait for a live driver's answer, in seconds.
    static let patience = 10.0
    /// The time between two looks for the answer, in seconds.
    static let interval = 0.05

    /// Who asks: the name of the user.
    static var person: String { environment("USER") ?? environment("LOGNAME") ?? "unknown" }

    /// Does what was asked, by the live driver if there is one.
    ///
    /// - Returns: whether it has been decided on; that it has not is said.
    func apply(_ request: OperatorRequest) throws -> Bool {
        let now = Moment(monotonic: 0, wall: StateFlags.now)
        if try OfflineOperator.apply(request, to: rollout, in: store, at: now) != nil { return true }
        return try send(request)
    }

    /// Asks a live driver, and waits until it has written its answer down.
    ///
    /// - Returns: whether it has; that it has not is said.
    func send(_ request: OperatorRequest) throws -> Bool {
        let number = try store.ask(request, of: rollout, by: Self.person, at: StateFlags.now)
        let deadline = ProcessInfo.processInfo.systemUptime + Self.patience
        while try store.pendingRequests(of: rollout).contains(where: { $0.number == number }) {
            guard ProcessInfo.processInfo.systemUptime < deadline else {
                output.say("asked; the driver of rollout \(rollout) has not answered yet, and will when it can")
                return false
            }
            Terminal.wait(seconds: Self.interval)
        }
        return true
    }
}
