/// The order in which nodes of a wave are taken and updated: by a hash of the node's name and the plan, so that the same
/// plan gives the same order and another plan starts on other nodes, spread over the values of a label, and never with
/// control-plane nodes alone in front.
struct NodeOrder: Sendable {
    private static let controlPlaneLabels = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"]

    /// One node on its way into the order. The earlier place is the smaller fraction `numerator / denominator`.
    private struct Entry {
        var index: Int
        var stage: Int
        var isControlPlane: Bool
        var hash: UInt64
        var numerator = 0
        var denominator = 1

        static func precedes(_ left: Entry, _ right: Entry) -> Bool {
            let (leftPlace, rightPlace) = (left.numerator * right.denominator, right.numerator * left.denominator)
            if leftPlace != rightPlace { return leftPlace < rightPlace }
            if left.stage != right.stage { return left.stage < right.stage }
            if left.isControlPlane != right.isControlPlane { return !left.isControlPlane }
            return (left.hash, left.index) < (right.hash, right.index)
        }
    }

    private let beginning: SHA256

    /// An order for a plan, by the bytes of its file.
    init(planText: [UInt8]) {
        var hash = SHA256()
        hash.update(SHA256.hash(planText))
        beginning = hash
    }

    /// Indices of a survey's nodes, in order.
    ///
    /// - Parameters:
    ///   - spreadOver: a node label. Every value has a node among the first ones, and further on each value comes as often
    ///     as its share of the nodes; nodes without the label count as a value of their own.
    ///   - stage: nodes of a lower stage come before those of a higher one that share their label's value.
    func sorted(
        _ indices: [Int], of survey: FleetSurvey, spreadOver: String?, stage: (Int) -> Int = { _ in 0 }
    ) -> [Int] {
        let entries = indices.map { index in
            let node = survey.nodes[index]
            var hash = beginning
            hash.update(node.name.utf8)
            return Entry(
                index: index, stage: stage(index),
                isControlPlane: Self.controlPlaneLabels.contains { node.labels[$0] != nil },
                hash: hash.digestPrefix())
        }
        guard let spreadOver else { return Self.interleaved(entries).map(\.index) }
        let groups = Dictionary(grouping: entries) { survey.nodes[$0.index].labels[spreadOver] }
        return groups.values.flatMap { group in
            Self.interleaved(group).enumerated().map { place, entry in
                var placed = entry
                placed.numerator = place
                placed.denominator = group.count
                return placed
            }
        }.sorted(by: Entry.precedes).map(\.index)
    }

    /// Stage by stage, the control-plane nodes of each spread evenly among the others and behind the first of them.
    private static func interleaved(_ entries: [Entry]) -> [Entry] {
        let stages = Dictionary(grouping: entries, by: \.stage).sorted { $0.key < $1.key }
        return stages.flatMap { _, entries in
            let byHash = entries.sorted(by: Entry.precedes)
            let workers = byHash.filter { !$0.isControlPlane }
            let controlPlane = byHash.filter(\.isControlPlane)
            guard !workers.isEmpty, !controlPlane.isEmpty else { return byHash }
            return
                (placed(workers, from: 0, of: workers.count)
                + placed(controlPlane, from: 1, of: controlPlane.count + 1)).sorted(by: Entry.precedes)
        }
    }

    private static func placed(_ entries: [Entry], from first: Int, of denominator: Int) -> [Entry] {
        entries.enumerated().map { place, entry in
            var placed = entry
            placed.numerator = place + first
            placed.denominator = denominator
            return placed
        }
    }
}
