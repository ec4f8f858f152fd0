extension KubernetesClient {
    /// The number of entries of each collection in memory, by a name for it.
    public var footprint: [String: Int] {
        [
            "requests": flights.count, "orders": orders.count, "kept arrivals": kept.count, "waiting requests": waiting,
            "timers": timerCount,
        ]
    }
}

extension ResourceWatch {
    /// The bytes of an unfinished line, and the objects of an unfinished list, that are kept.
    public var footprint: (bytes: Int, objects: Int) {
        switch state {
        case .listing(_, let progress): (0, progress.items.count)
        case .watching(let stream): (stream.lines.byteCount, 0)
        case .idle, .connecting, .waiting: (0, 0)
        }
    }
}
