import SluiceCore

/// A time in which a fault may strike.
struct FaultWindow: Sendable, Equatable {
    var kind: FaultKind
    /// Milliseconds since the run began.
    var from: Milliseconds
    var to: Milliseconds
    /// The share of the requests that it strikes.
    var share: Double
}

/// The faults of a run that befall requests, and the server's clock.
struct Faults: Sendable {
    private var windows: [FaultKind: [FaultWindow]] = [:]
    /// How far the server's clock is off, by the time from which it is so; in milliseconds.
    private let skews: [(from: Milliseconds, skew: Milliseconds)]

    init(_ windows: [FaultWindow] = [], serverSkews: [(from: Milliseconds, skew: Milliseconds)] = []) {
        for window in windows { self.windows[window.kind, default: []].append(window) }
        skews = serverSkews
    }

    /// Whether a fault strikes a request at a time.
    func strikes(_ kind: FaultKind, at time: Milliseconds, _ random: inout SeededRandom) -> Bool {
        guard let found = windows[kind]?.first(where: { $0.from <= time && time < $0.to }) else { return false }
        return random.chance(found.share)
    }

    func serverSkew(at time: Milliseconds) -> Milliseconds { skews.last { $0.from <= time }?.skew ?? 0 }
}
