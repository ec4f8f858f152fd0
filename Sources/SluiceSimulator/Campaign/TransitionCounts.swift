import SluiceCore
import SluiceRunner

/// Which facts arrived in which phase, and how rollouts and nodes moved.
public struct TransitionCounts: Sendable, Equatable, Codable {
    /// By `phase/fact`.
    public var facts: [String: Int] = [:]
    /// The moves of rollouts, by `from>to`. What a turn does in one go counts from its beginning to its end.
    public var phases: [String: Int] = [:]
    /// The moves of nodes, by `from>to`, in the same way; a node that joins comes from nowhere.
    public var nodes: [String: Int] = [:]
    /// Why deletes did not go through, by kind.
    public var refusals: [String: Int] = [:]

    /// Nothing yet.
    public init() {}

    mutating func note(_ turn: RolloutTurn) {
        for step in turn.steps {
            for event in step.events {
                facts[Self.pair(step.phase, event.fact), default: 0] += 1
                if case .deleteRefused(_, let refusal) = event { refusals[refusal.kind, default: 0] += 1 }
            }
            if step.phase != step.next { phases[Self.move(step.phase, step.next), default: 0] += 1 }
        }
    }

    mutating func note(_ node: NodeRecord, from status: NodeStatus?) {
        nodes[Self.move(status, node.status), default: 0] += 1
    }

    /// A rollout that was completed and one that was given up are both over, and a halted one has stopped as well: where no
    /// rule of the machine tells them apart, they are one.
    static func pair(_ phase: Phase, _ fact: Fact) -> String {
        let hasStopped = phase.isFinal || phase == .halted
        let place = hasStopped && fact.isAnswer ? "stopped" : phase.isFinal ? "over" : phase.rawValue
        return "\(place)/\(fact.rawValue)"
    }

    static func move(_ from: Phase, _ next: Phase) -> String { "\(from.rawValue)>\(next.rawValue)" }
    static func move(_ from: NodeStatus?, _ next: NodeStatus) -> String { "\(from?.rawValue ?? "")>\(next.rawValue)" }

    mutating func add(_ other: TransitionCounts) {
        facts.merge(other.facts, uniquingKeysWith: +)
        phases.merge(other.phases, uniquingKeysWith: +)
        nodes.merge(other.nodes, uniquingKeysWith: +)
        refusals.merge(other.refusals, uniquingKeysWith: +)
    }
}

/// A kind of fact that reaches the machine, without what it carries.
enum Fact: String, CaseIterable {
    case daemonSetObserved, daemonSetGone, revisionsListed, nodesListed, nodeChanged, nodeGone, podsListed, podChanged
    case podGone, observationLost, observationRegained, deleteAccepted, deleteRefused, patchAccepted, patchRefused
    case creationRefusalRead, blockerSeen, measured, leaseHeld, leaseLost, storeFailed, storeRecovered, wakeReached
    case askedToPause, askedToResume, askedToApprove, askedToSkip, askedToRetry, askedToAbort, askedToGiveWay

    /// Whether it answers an order.
    var isAnswer: Bool {
        switch self {
        case .deleteAccepted, .deleteRefused, .patchAccepted, .patchRefused, .creationRefusalRead, .blockerSeen,
            .measured:
            true
        default: false
        }
    }
}

extension RolloutEvent {
    var fact: Fact {
        switch self {
        case .daemonSetObserved(let daemonSet): daemonSet == nil ? .daemonSetGone : .daemonSetObserved
        case .revisionsListed: .revisionsListed
        case .nodesListed: .nodesListed
        case .nodeChanged: .nodeChanged
        case .nodeGone: .nodeGone
        case .podsListed: .podsListed
        case .podChanged: .podChanged
        case .podGone: .podGone
        case .observationLost: .observationLost
        case .observationRegained: .observationRegained
        case .deleteAccepted: .deleteAccepted
        case .deleteRefused: .deleteRefused
        case .patchAccepted: .patchAccepted
        case .patchRefused: .patchRefused
        case .creationRefusalRead: .creationRefusalRead
        case .measured, .scraped: .measured
        case .blockerSeen, .configSeen: .blockerSeen
        case .leaseHeld: .leaseHeld
        case .leaseLost: .leaseLost
        case .storeFailed: .storeFailed
        case .storeRecovered: .storeRecovered
        case .wakeReached: .wakeReached
        case .operatorAsked(.pause): .askedToPause
        case .operatorAsked(.resume): .askedToResume
        case .operatorAsked(.approve): .askedToApprove
        case .operatorAsked(.skip): .askedToSkip
        case .operatorAsked(.retry): .askedToRetry
        case .operatorAsked(.abort): .askedToAbort
        case .operatorAsked(.supersede): .askedToGiveWay
        }
    }
}

extension DeleteRefusal {
    /// Every kind of refusal.
    static let kinds = ["gone", "notSent", "throttled", "disruptionBudget", "uncertain", "rejected"]

    var kind: String {
        switch self {
        case .gone: "gone"
        case .notSent: "notSent"
        case .throttled: "throttled"
        case .disruptionBudget: "disruptionBudget"
        case .uncertain: "uncertain"
        case .rejected: "rejected"
        }
    }
}
