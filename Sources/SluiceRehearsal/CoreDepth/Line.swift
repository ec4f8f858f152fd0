import SluiceCore

/// Things on their way, in the order in which they set out, which is that of their arrival.
struct Line<Element: Sendable>: Sendable {
    private var waiting: [(due: Milliseconds, element: Element?)] = []
    private var first = 0
    /// So many taken elements may lie about before the rest moves up.
    private static var mostTaken: Int { 1_024 }

    var nextDue: Milliseconds? { first < waiting.count ? waiting[first].due : nil }

    mutating func add(_ element: Element, at due: Milliseconds) { waiting.append((due, element)) }

    mutating func take(by time: Milliseconds) -> Element? {
        guard first < waiting.count, waiting[first].due <= time else { return nil }
        let element = waiting[first].element.take()
        first += 1
        if first == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= Self.mostTaken, 2 * first >= waiting.count {
            waiting.removeFirst(first)
            first = 0
        }
        return element
    }
}
