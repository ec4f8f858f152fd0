import Testing

@testable import SluiceCore

@Suite("Nodes that wait for their turn")
struct NodeQueueTests {
    /// Two zones, whose nodes alternate.
    private static func queue() -> NodeQueue {
        var queue = NodeQueue()
        for number in 1...4 { for zone in ["a", "b"] { queue.append("\(zone)\(number)") } }
        return queue
    }

    private static func zone(_ place: NodeQueue.Place) -> [String] { [String(place.node.prefix(1))] }

    private static func drained(_ queue: NodeQueue) -> [String] {
        var queue = queue
        queue.openAll()
        var nodes: [String] = []
        while let place = queue.take() { nodes.append(place.node) }
        return nodes
    }

    @Test("A node whose order out of turn was refused does not wait twice, and goes first once it was taken")
    func again() {
        var queue = Self.queue()
        queue.putFirst("b3")
        #expect(queue.count == 8 && Self.drained(queue) == ["a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"])
        let first = queue.take()?.node
        queue.putFirst(first ?? "")
        queue.append("a2")
        #expect(queue.count == 8 && Self.drained(queue).first == "a1")
    }

    @Test("A closed group is passed over, and takes its old place when it is open again")
    func closing() {
        var queue = Self.queue()
        if let first = queue.take() { queue.park(first, with: ["a"]) }
        let closed = [queue.close(["a"]), queue.close(["a"])]
        #expect(closed == [true, false] && queue.isClosed(["a"]) && !queue.isClosed(["b"]))
        var taken: [String] = []
        while let place = queue.take() {
            if queue.isClosed(Self.zone(place)) {
                queue.park(place, with: Self.zone(place))
            } else {
                taken.append(place.node)
            }
        }
        #expect(taken == ["b1", "b2", "b3", "b4"])
        queue.openAll()
        let next = queue.take()
        #expect(next?.node == "a1")
        queue.putFirst("c1")
        #expect(Self.drained(queue) == ["c1", "a2", "a3", "a4"])
    }

    @Test("Whatever is taken, parked and put in front, the order of the rest stays")
    func order() {
        var queue = Self.queue()
        let places = (0..<5).compactMap { _ in queue.take() }
        for place in places.reversed() { queue.park(place, with: Self.zone(place)) }
        queue.putFirst("c2")
        queue.putFirst("c1")
        let expected = ["c1", "c2", "a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"]
        #expect(Self.drained(queue) == expected)
        queue.unparkAll()
        #expect(Self.drained(queue) == expected)
        let isNew = queue.close(["a"])
        let first = queue.take()
        #expect(isNew && first?.node == "c1", "nothing is parked with a group any more")
    }
}
