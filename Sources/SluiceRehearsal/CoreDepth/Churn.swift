import SluiceCore

/// What happens to a fleet beside the rollout: nodes are replaced, and pods are deleted by somebody else. Both bring the
/// current template at once, outside every wave.
struct Churn: Sendable {
    private enum Step: Sendable {
        case draw
        case join(Node)
    }

    private var chance = Chance(seed: 0, purpose: 1)
    private var names: [String]
    private var nodes: [String: Node]
    /// Both as they were in the beginning.
    private let start: (names: [String], nodes: [String: Node])
    private var steps: [(due: Milliseconds, step: Step)] = []
    private var replaced = 0
    /// The mean time between two events, in milliseconds; nil when nothing happens.
    private let meanPause: Double?

    /// Nothing happens before ``begin(seed:at:)``.
    ///
    /// - Parameter percentPerDay: the share of the nodes to which one of both happens a day.
    init(percentPerDay: Double, nodes: [Node]) {
        self.nodes = Dictionary(nodes.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        names = self.nodes.keys.sorted()
        start = (names, self.nodes)
        let perDay = percentPerDay / 100 * Double(names.count)
        meanPause = perDay > 0 ? 86_400_000 / perDay : nil
    }

    /// Begins anew, with the fleet as it was in the beginning.
    mutating func begin(seed: UInt64, at time: Milliseconds) {
        chance = Chance(seed: seed, purpose: 1)
        (names, nodes) = start
        steps = []
        replaced = 0
        drawNext(after: time)
    }

    /// When something happens next; nil when nothing does.
    var nextDue: Milliseconds? { steps.first?.due }

    private mutating func drawNext(after time: Milliseconds) {
        guard let meanPause else { return }
        set(.draw, at: time + Milliseconds((chance.exponential() * meanPause).rounded()))
    }

    private mutating func set(_ step: Step, at due: Milliseconds) {
        let index = steps.firstIndex { $0.due > due } ?? steps.count
        steps.insert((due, step), at: index)
    }

    /// What befalls the fleet.
    enum Act: Sendable {
        case nodeGoes(String)
        case nodeJoins(Node)
        case podGoes(node: String)
    }

    /// Takes what is due.
    mutating func take(by now: Milliseconds) -> [Act] {
        var acts: [Act] = []
        while let first = steps.first, first.due <= now {
            steps.removeFirst()
            switch first.step {
            case .join(let node): acts.append(.nodeJoins(node))
            case .draw:
                let index = chance.below(names.count)
                acts.append(chance.bits() & 1 == 0 ? replace(index, at: now) : .podGoes(node: names[index]))
                drawNext(after: now)
            }
        }
        return acts
    }

    private mutating func replace(_ index: Int, at now: Milliseconds) -> Act {
        let old = names[index]
        guard var node = nodes.removeValue(forKey: old) else { return .podGoes(node: old) }
        replaced += 1
        node.name = "\(old)-replaced-\(replaced)"
        node.uid = "\(node.uid)-replaced-\(replaced)"
        if node.labels["kubernetes.io/hostname"] != nil { node.labels["kubernetes.io/hostname"] = node.name }
        node.ready = .true
        node.readyReason = ""
        node.isUnschedulable = false
        node.isBeingDeleted = false
        node.taints.removeAll { $0.key.hasPrefix("node.kubernetes.io/") }
        names[index] = node.name
        nodes[node.name] = node
        set(.join(node), at: now + RehearsalLimits.replacementDelay)
        return .nodeGoes(old)
    }
}
