/// Nodes that wait for their turn, in order.
///
/// What the budget refuses to one node it refuses to all that are capped with it. So a node that was refused is parked with
/// its group, and a group that is closed is not looked at, however many of its nodes wait in front.
struct NodeQueue: Sendable {
    /// A node's place in the order.
    struct Place: Sendable {
        var order: Int
        var node: String
    }

    /// Places in their order; those before `first` are taken.
    private struct Line: Sendable {
        var places: [Place] = []
        var first = 0

        var count: Int { places.count - first }

        var head: Place? { first < places.count ? places[first] : nil }

        mutating func insert(_ place: Place) {
            let isFirst = head.map { place.order < $0.order } ?? true
            if isFirst, first > 0 {
                first -= 1
                places[first] = place
            } else {
                let index = isFirst ? first : (places.lastIndex { $0.order < place.order } ?? first - 1) + 1
                places.insert(place, at: index)
            }
        }
    }

    private struct Group: Sendable {
        var labels: [String]
        var line = Line()
        var isClosed = false
    }

    private var unparked = Line()
    private var groups: [Group] = []
    private var lowest = 0
    private var highest = 0
    /// The nodes in all lines.
    private var waiting: Set<String> = []

    /// How many nodes wait.
    var count: Int { groups.reduce(unparked.count) { $0 + $1.line.count } }

    /// Adds a node at the end, if it does not wait already.
    mutating func append(_ node: String) {
        guard waiting.insert(node).inserted else { return }
        highest += 1
        unparked.places.append(Place(order: highest, node: node))
    }

    /// Adds a node before all others. One that waits already keeps its place: its pod was deleted out of turn, because it
    /// was broken, and the order was refused.
    mutating func putFirst(_ node: String) {
        guard waiting.insert(node).inserted else { return }
        lowest -= 1
        unparked.insert(Place(order: lowest, node: node))
    }

    /// Takes the first node that is not in a closed group; nil when there is none.
    mutating func take() -> Place? {
        var found = unparked.head
        var owner: Int?
        for index in groups.indices where !groups[index].isClosed {
            guard let head = groups[index].line.head, head.order < found?.order ?? .max else { continue }
            found = head
            owner = index
        }
        guard let found else { return nil }
        if let owner { groups[owner].line.first += 1 } else { unparked.first += 1 }
        waiting.remove(found.node)
        return found
    }

    /// Puts a node that was taken back into its place, among those with the same values of the capped labels.
    mutating func park(_ place: Place, with labels: [String]) {
        waiting.insert(place.node)
        groups[index(of: labels)].line.insert(place)
    }

    /// Leaves a group out until ``openAll()``.
    ///
    /// - Returns: whether it was not left out already.
    mutating func close(_ labels: [String]) -> Bool {
        let index = index(of: labels)
        defer { groups[index].isClosed = true }
        return !groups[index].isClosed
    }

    /// Whether a group is left out.
    func isClosed(_ labels: [String]) -> Bool { groups.contains { $0.isClosed && $0.labels == labels } }

    /// Looks at all groups again.
    mutating func openAll() {
        for index in groups.indices { groups[index].isClosed = false }
    }

    /// Forgets which node is in which group; a node may have changed its labels.
    mutating func unparkAll() {
        guard !groups.isEmpty else { return }
        let waiting = groups.flatMap { $0.line.places[$0.line.first...] } + unparked.places[unparked.first...]
        groups = []
        unparked = Line(places: waiting.sorted { $0.order < $1.order })
    }

    private mutating func index(of labels: [String]) -> Int {
        if let known = groups.firstIndex(where: { $0.labels == labels }) { return known }
        groups.append(Group(labels: labels))
        return groups.count - 1
    }
}
