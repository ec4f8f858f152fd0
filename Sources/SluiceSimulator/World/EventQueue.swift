import SluiceCore

/// What is going to happen, by time, and among equals in the order in which it was planned.
struct EventQueue<Event> {
    private struct Entry {
        var at: Milliseconds
        var order: UInt64
        var event: Event

        func isBefore(_ other: Entry) -> Bool { at != other.at ? at < other.at : order < other.order }
    }

    private var heap: [Entry] = []
    private var order: UInt64 = 0

    /// When the first event is due.
    var nextDue: Milliseconds? { heap.first?.at }

    mutating func add(_ event: Event, at time: Milliseconds) {
        order += 1
        heap.append(Entry(at: time, order: order, event: event))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the first event if it is due by then.
    mutating func take(dueBy time: Milliseconds) -> Event? {
        guard let first = heap.first, first.at <= time else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.event
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[smallest]) { smallest = child }
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
