import SluiceCore

/// What a campaign must have met to prove anything: every kind of fault, and every fact in every phase in which it can
/// arrive.
public enum Coverage {
    /// What was never met, a line each; empty when nothing is missing.
    public static func missing(in tally: Tally) -> [String] {
        let faults = FaultKind.allCases.map(\.rawValue).filter { tally.faults[$0] == nil }
        let phases = legalMoves.filter { tally.transitions.phases[$0] == nil }
        return faults.map { "no run met the fault \($0)" } + phases.map { "no run moved \($0)" }
    }

    /// How a rollout moves from phase to phase, from the comments of `Phase`.
    static let legalMoves = [
        "preparing>updating", "preparing>halted", "preparing>aborted", "updating>soaking", "updating>completed",
        "updating>halted", "updating>aborted", "soaking>updating", "soaking>completed", "soaking>halted",
        "soaking>aborted", "halted>updating",
    ]
}
