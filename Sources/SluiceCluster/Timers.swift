import SluiceCore

/// What the cluster does by itself when its time comes.
enum Timer: Sendable, Equatable {
    /// The next stage of a pod's life.
    case podStage(pod: String, token: Int)
    /// The scheduler binds a pod.
    case bind(pod: String)
    /// The next step of a deleted pod's end.
    case podEnd(pod: String, token: Int)
    /// The DaemonSet controller looks at the nodes that changed.
    case sync(daemonSet: String)
    /// The DaemonSet controller tries again to create a pod that was refused.
    case retry(daemonSet: String, node: String)
    /// The DaemonSet controller writes the status.
    case status(daemonSet: String)
    /// The node lifecycle controller looks at a node.
    case nodeHealth(node: String)
    /// A bookmark is due.
    case bookmark(watch: Int)
    /// A namespace that is going is emptied.
    case namespace(name: String)
    /// The disruption controller counts.
    case budgets
    /// A watch reaches its timeout.
    case watchEnd(watch: Int)
}

/// A priority queue of timers: by due time, and among equals in the order in which they were set.
struct TimerQueue: Sendable {
    private struct Entry: Sendable {
        var due: Milliseconds
        var order: Int
        var timer: Timer

        func isBefore(_ other: Entry) -> Bool {
            due != other.due ? due < other.due : order < other.order
        }
    }

    private var heap: [Entry] = []
    private var order = 0

    /// When the first timer is due.
    var nextDue: Milliseconds? { heap.first?.due }

    /// Sets a timer.
    mutating func set(_ timer: Timer, at due: Milliseconds) {
        order += 1
        heap.append(Entry(due: due, order: order, timer: timer))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first timer if it is due by then.
    mutating func take(dueBy time: Milliseconds) -> (due: Milliseconds, timer: Timer)? {
        guard let first = heap.first, first.due <= time else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.due, first.timer)
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
