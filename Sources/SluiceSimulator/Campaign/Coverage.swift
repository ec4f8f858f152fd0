import SluiceCore

/// What can happen to a rollout and what cannot, and what a campaign must have met to prove anything: every kind of fault,
/// every fact in every phase in which it can arrive, every move of rollouts and nodes.
///
/// Whatever is not said to be impossible is possible, and must have been met by the seeds, or by the named scenarios where
/// seeds hardly ever do.
public enum Coverage {
    /// A rule of the table: these facts cannot arrive in these phases.
    private struct Rule {
        var facts: Set<Fact>
        var phases: Set<Phase>
        var why: String
    }

    private static let impossible: [Rule] = [
        Rule(
            facts: [.askedToGiveWay], phases: Set(Phase.allCases),
            why: "only a new rollout asks for it, of one that nobody drives"),
        Rule(
            facts: [.deleteAccepted, .deleteRefused], phases: [.preparing],
            why: "no pod is deleted before the DaemonSet is ready"),
        Rule(
            facts: [.creationRefusalRead], phases: [.preparing],
            why: "nobody waits for a new pod before the DaemonSet is ready"),
        Rule(facts: [.measured], phases: [.preparing], why: "gates are measured in soaks"),
        Rule(
            facts: [.storeRecovered], phases: [.halted, .completed, .aborted],
            why: "whoever has written down that it is over stops"),
    ]

    /// How a rollout moves from phase to phase, from the comments of `Phase`.
    static let phaseMoves = [
        "preparing>updating", "preparing>halted", "preparing>aborted", "updating>soaking", "updating>completed",
        "updating>halted", "updating>aborted", "soaking>updating", "soaking>completed", "soaking>halted",
        "soaking>aborted", "halted>preparing", "halted>updating", "halted>soaking", "halted>aborted",
    ]

    /// How a node moves from status to status, from the comments of `NodeStatus`. Several moves of one turn are seen as one,
    /// so that others are possible too.
    static let nodeMoves = [
        "pending>deleting", "pending>replacing", "pending>updated", "pending>deferred", "pending>left",
        "deleting>replacing", "deleting>pending", "deleting>left", "replacing>updated", "replacing>failed",
        "replacing>pending", "replacing>deferred", "replacing>left", "updated>replacing", "updated>failed",
        "updated>left", "deferred>pending", "deferred>replacing", "deferred>updated", "deferred>left",
        "failed>replacing", "failed>pending", "failed>skipped", "failed>left", "pending>skipped", "replacing>skipped",
        "skipped>pending", "left>pending", "left>replacing", "left>updated", ">replacing",
    ]

    /// What ten thousand seeds may not meet: the named scenarios do.
    private static let rare = [
        "preparing/askedToAbort", "preparing/askedToApprove", "soaking/askedToApprove", "updating/measured",
        "soaking/deleteRefused", "stopped/deleteAccepted",
        "stopped/deleteRefused", "stopped/patchAccepted", "stopped/patchRefused", "preparing>aborted", "left>pending",
        "left>replacing", "left>updated", "deleting>left", "rejected",
    ]

    /// Which of the rare ones were not met, a line each; empty when none is missing.
    public static func rareMissing(in transitions: TransitionCounts) -> [String] {
        let met = [transitions.facts, transitions.phases, transitions.nodes, transitions.refusals]
        return rare.filter { name in met.allSatisfy { $0[name] == nil } }
    }

    /// Why a fact cannot arrive in a phase; nil when it can.
    static func whyImpossible(_ fact: Fact, in phase: Phase) -> String? {
        impossible.first { $0.facts.contains(fact) && $0.phases.contains(phase) }?.why
    }

    /// Why a rollout cannot move so within one turn; nil when it can.
    static func whyImpossible(from: Phase, to next: Phase) -> String? {
        if from.isFinal { return "what is over stays over" }
        return next == .preparing && from != .halted ? "a rollout that has begun stays prepared" : nil
    }

    /// Why a node cannot move so within one turn; nil when it can.
    ///
    /// - Parameter parks: whether the template before stands between batches, so that whoever joins meanwhile has a turn
    ///   in the last wave, which may have come.
    static func whyImpossible(from: NodeStatus?, to next: NodeStatus, parks: Bool) -> String? {
        guard from == nil else { return nil }
        switch next {
        case .deleting, .deferred: return parks ? nil : "a node that joined belongs to no wave"
        case .skipped: return "nobody can skip a node that is not known"
        case .left: return "a node that nobody knew cannot leave"
        case .pending, .replacing, .updated, .failed: return nil
        }
    }

    /// What was never met, a line each; empty when nothing is missing.
    ///
    /// - Parameters:
    ///   - tally: of the seeds.
    ///   - transitions: of the seeds and the named scenarios.
    public static func missing(in tally: Tally, _ transitions: TransitionCounts) -> [String] {
        let faults = FaultKind.allCases.map(\.rawValue).filter { tally.faults[$0] == nil }
        return faults.map { "no seed met the fault \($0)" } + missing(in: transitions)
    }

    static func missing(in transitions: TransitionCounts) -> [String] {
        var lines: [String] = []
        for phase in Phase.allCases {
            for fact in Fact.allCases where phase != .aborted && whyImpossible(fact, in: phase) == nil {
                let pair = TransitionCounts.pair(phase, fact)
                if transitions.facts[pair] == nil { lines.append("no run met the fact \(pair)") }
            }
        }
        lines += phaseMoves.filter { transitions.phases[$0] == nil }.map { "no rollout moved \($0)" }
        lines += nodeMoves.filter { transitions.nodes[$0] == nil }.map { "no node moved \($0)" }
        lines += DeleteRefusal.kinds.filter { transitions.refusals[$0] == nil }.map { "no delete was refused as \($0)" }
        return lines
    }
}
