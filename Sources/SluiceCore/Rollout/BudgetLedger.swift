/// How many nodes are without an available pod: the two counters that decide whether a pod may be deleted, kept up to
/// date node by node.
///
/// *blind* counts every eligible node without an available pod, those whose delete is in flight included, except nodes
/// that were NotReady before they were touched. *ours* counts those that we made so. A Ready pod is deleted only while
/// the others' blind is below the budget; a broken one, which is not Ready, while ours is, or one dead node would stop a
/// budget of 1.
struct BudgetLedger: Sendable {
    /// What one node adds to the counters.
    struct Standing: Sendable, Equatable {
        var isEligible = false
        var isBlind = false
        var isOurs = false
        /// Whether the node is blind only because its pod is being replaced in its turn.
        var isReplaced = false
    }

    /// A node's standing with the values of the capped labels it was counted under, so that a relabelled node is taken out
    /// where it was put in.
    private struct Entry: Sendable {
        var standing: Standing
        var values: [String]
    }

    let maxUnavailable: Int
    let caps: [Budget.LabelCap]
    private var entries: [String: Entry] = [:]
    private(set) var eligible = 0
    private(set) var blind = 0
    private(set) var ours = 0
    /// The blind nodes that are not simply in the middle of being replaced.
    private(set) var holders: Set<String> = []
    /// For each cap, the blind and ours counts and the number of eligible nodes by label value.
    private var groups: [[String: Group]]

    private struct Group: Sendable {
        var eligible = 0
        var blind = 0
        var ours = 0
    }

    init(maxUnavailable: Int, caps: [Budget.LabelCap]) {
        self.maxUnavailable = maxUnavailable
        self.caps = caps
        groups = Array(repeating: [:], count: caps.count)
    }

    /// Replaces what a node adds to the counters.
    ///
    /// - Returns: whether it counts under other values of the capped labels than before.
    @discardableResult
    mutating func set(_ standing: Standing, for node: String, labels: [String: String]) -> Bool {
        let isCounted = standing != Standing()
        if let old = entries[node] {
            let isSame = old.standing == standing && zip(caps, old.values).allSatisfy { (labels[$0.key] ?? "") == $1 }
            if isSame { return false }
            count(old.standing, under: old.values, sign: -1)
        } else if !isCounted {
            return false
        }
        if standing.isBlind, !standing.isReplaced { holders.insert(node) } else { holders.remove(node) }
        let entry = isCounted ? Entry(standing: standing, values: caps.map { labels[$0.key] ?? "" }) : nil
        if let entry { count(standing, under: entry.values, sign: 1) }
        let old = entries[node]
        entries[node] = entry
        return old?.values != entry?.values
    }

    private mutating func count(_ standing: Standing, under values: [String], sign: Int) {
        let eligibleStep = standing.isEligible ? sign : 0
        let blindStep = standing.isBlind ? sign : 0
        let oursStep = standing.isOurs ? sign : 0
        eligible += eligibleStep
        blind += blindStep
        ours += oursStep
        for (index, value) in values.enumerated() {
            groups[index][value, default: Group()].eligible += eligibleStep
            groups[index][value, default: Group()].blind += blindStep
            groups[index][value, default: Group()].ours += oursStep
        }
    }

    /// Whether a node counts as blind.
    func isBlind(_ node: String) -> Bool { entries[node]?.standing.isBlind ?? false }

    /// Whether a node counts as blind by our doing.
    func isOurs(_ node: String) -> Bool { entries[node]?.standing.isOurs ?? false }

    /// How many nodes are kept account of.
    var counted: Int { entries.count }

    /// The values of the capped labels under which a node counts.
    func group(of node: String) -> [String] { entries[node]?.values ?? [] }

    /// How many groups of nodes there may be at most; without caps there is one.
    var groupCount: Int { groups.reduce(1) { $0 * max(1, $1.count) } }

    /// Whether the cap over the fleet refuses every available pod.
    var isUsedUp: Bool { blind >= maxUnavailable }

    /// Whether a pod may be deleted.
    ///
    /// - Parameters:
    ///   - isBroken: the pod is not Ready, so that deleting it takes nothing away.
    ///   - isCounted: its node is counted already, because the pod is not available yet, or because its delete is to be
    ///     sent again. Other nodes may have lost their pods meanwhile.
    func allows(labels: [String: String], isBroken: Bool, isCounted: Bool = false) -> Bool {
        let more = isCounted ? 0 : 1
        guard (isBroken ? ours : blind) + more <= maxUnavailable else { return false }
        return caps.indices.allSatisfy { index in
            let group = groups[index][labels[caps[index].key] ?? ""] ?? Group()
            let cap = max(1, caps[index].maxUnavailable.resolved(of: group.eligible))
            return (isBroken ? group.ours : group.blind) + more <= cap
        }
    }
}
