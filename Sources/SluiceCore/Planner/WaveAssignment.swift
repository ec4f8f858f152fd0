/// Which wave every eligible node belongs to.
///
/// Membership does not depend on what has been updated already: a selector's nodes, and the count that `take` is a share
/// of, are all eligible nodes, those with the target revision included, and of these the ones with the target revision
/// are taken first. So the same plan, planned again after an interruption, finds its canary in the nodes that are updated
/// already, instead of updating further ones under the name of a canary.
struct WaveAssignment: Sendable {
    /// One wave of the result: a wave of the plan, or one value of its `forEach` label.
    struct Group: Sendable {
        var name: String
        var planIndex: Int
        /// Whether it is the first wave of the plan.
        var isFirst: Bool
        /// Its nodes in the order in which they were taken, by index in the survey.
        var members: [Int]
    }

    /// Nodes that two waves match; they belong to the first.
    struct Overlap: Sendable {
        var first: Int
        var second: Int
        var nodes: [String]
    }

    private(set) var groups: [Group] = []
    private(set) var overlaps: [Overlap] = []
    /// Nodes that would be updated and that no wave takes, sorted.
    private(set) var unmatched: [String] = []
    /// Waves that match no eligible node, in plan order.
    private(set) var empty: [String] = []
    /// Names that the cluster does not have, by wave.
    private(set) var unknown: [(wave: String, nodes: [String])] = []
    /// Named nodes that do not run the DaemonSet, by wave.
    private(set) var notEligible: [(wave: String, nodes: [String])] = []

    private let survey: FleetSurvey
    private let order: NodeOrder
    /// The index in the plan of the wave that took a node.
    private var owners: [Int?]

    init(waves: [Wave], survey: FleetSurvey, order: NodeOrder) {
        self.survey = survey
        self.order = order
        owners = Array(repeating: nil, count: survey.nodes.count)
        var byWave: [Int: [Group]] = [:]
        for (index, wave) in waves.enumerated() where wave.members != .everythingElse {
            byWave[index] = take(wave, at: index, matched: matches(wave))
        }
        for (index, wave) in waves.enumerated() where wave.members == .everythingElse {
            byWave[index] = take(wave, at: index, matched: survey.eligible.filter { owners[$0] == nil })
        }
        groups = waves.indices.flatMap { byWave[$0] ?? [] }
        if !groups.isEmpty, groups[0].planIndex == 0 { groups[0].isFirst = true }
        unmatched = survey.eligible.filter { owners[$0] == nil && !survey.standings[$0].isDone }
            .map { survey.nodes[$0].name }
    }

    private mutating func matches(_ wave: Wave) -> [Int] {
        let matched: [Int]
        switch wave.members {
        case .selector(let selector):
            matched = survey.eligible.filter { selector.matches(survey.nodes[$0].labels) }
        case .nodes(let names):
            let wanted = Set(names)
            let found = survey.nodes.indices.filter { wanted.contains(survey.nodes[$0].name) }
            let missing = wanted.subtracting(found.map { survey.nodes[$0].name })
            if !missing.isEmpty { unknown.append((wave.name, missing.sorted())) }
            let others = found.filter { !survey.standings[$0].isEligible }
            if !others.isEmpty { notEligible.append((wave.name, others.map { survey.nodes[$0].name })) }
            matched = found.filter { survey.standings[$0].isEligible }
        case .everythingElse: return []
        }
        if matched.isEmpty { empty.append(wave.name) }
        return matched
    }

    private mutating func take(_ wave: Wave, at index: Int, matched: [Int]) -> [Group] {
        noteOverlaps(matched, with: index)
        return parts(wave, matched).map { name, matched in
            let free = matched.filter { owners[$0] == nil }
            var members = order.sorted(free, spreadOver: wave.spreadOver, stage: stage)
            if let take = wave.take { members = Array(members.prefix(max(0, take.resolved(of: matched.count)))) }
            for member in members { owners[member] = index }
            return Group(name: name, planIndex: index, isFirst: false, members: members)
        }
    }

    /// Which nodes a wave takes first: those whose new pod stands already, the not Ready ones first of all, so that a bad
    /// version shows in the same canary again; then those that can be updated, the ones without a Ready pod first, because
    /// they hold the budget: left to a later wave they could keep this one from ever starting; last those that have to
    /// wait.
    private func stage(_ index: Int) -> Int {
        switch survey.standings[index] {
        case .done(let isReady): isReady ? 1 : 0
        case .pending: survey.pods[index].hasReadyPod ? 3 : 2
        case .deferred: 4
        case .notEligible: 5
        }
    }

    /// A wave's parts by name: itself, or one for each value of its `forEach` label, nodes without it last.
    private func parts(_ wave: Wave, _ matched: [Int]) -> [(name: String, matched: [Int])] {
        guard let key = wave.forEach else { return [(wave.name, matched)] }
        let byValue = Dictionary(grouping: matched) { survey.nodes[$0].labels[key] }
        let values = byValue.keys.compactMap { $0 }.sorted()
        let unlabelled = values.contains("none") ? "(none)" : "none"
        return values.map { ("\(wave.name)/\($0)", byValue[$0] ?? []) }
            + (byValue[nil].map { [("\(wave.name)/\(unlabelled)", $0)] } ?? [])
    }

    private mutating func noteOverlaps(_ matched: [Int], with second: Int) {
        let taken = Dictionary(grouping: matched.filter { owners[$0] != nil }) { owners[$0] ?? second }
        for (first, nodes) in taken.sorted(by: { $0.key < $1.key }) {
            overlaps.append(Overlap(first: first, second: second, nodes: nodes.map { survey.nodes[$0].name }))
        }
    }
}
