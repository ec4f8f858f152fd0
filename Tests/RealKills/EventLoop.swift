import SluiceClients
import SluiceCore

/// Why the test cannot go on.
struct KillTestFailure: Error, CustomStringConvertible {
    var description: String
}

/// The one thread of the test: requests, watches and timers of all fake kubelets, and of whoever waits for something.
final class EventLoop {
    private struct Timer {
        var due: Milliseconds
        var action: () -> Void
    }

    let client: KubernetesClient
    private let outside: SystemOutside
    private var timers: [Timer] = []
    /// Done at every look at a condition.
    var onLook: () throws -> Void = {}

    /// How often a condition is looked at, in milliseconds.
    private static let lookInterval: Milliseconds = 20

    /// Speaks to the API server that a kubeconfig names.
    init(kubeconfig: String) throws {
        outside = try SystemOutside()
        let access = try ClusterAccess.load(
            AccessOptions(kubeconfig: kubeconfig), environment: { _ in nil }, outside: outside)
        client = KubernetesClient(access: access, outside: outside, userAgent: "kubelet")
    }

    /// Milliseconds of the monotonic clock.
    var now: Milliseconds { outside.now.monotonic }

    /// The wall clock.
    var wall: Timestamp { outside.now.wall }

    /// Has something done later.
    func after(_ delay: Milliseconds, _ action: @escaping () -> Void) {
        timers.append(Timer(due: now + delay, action: action))
    }

    /// Lets time pass until a condition holds.
    ///
    /// - Parameter what: what is waited for, for the error: "for a Ready pod".
    /// - Throws: ``KillTestFailure`` after so many seconds.
    func pump(_ what: String, seconds: Int64, until isDone: () throws -> Bool) throws {
        let deadline = now + seconds * 1_000
        while true {
            try onLook()
            if try isDone() { return }
            guard now < deadline else { throw KillTestFailure(description: "waited \(seconds) s \(what), in vain") }
            turn(until: now + Self.lookInterval)
        }
    }

    /// Lets so many milliseconds pass, not one look more.
    func pass(_ duration: Milliseconds) throws {
        var isOver = false
        after(duration) { isOver = true }
        try pump("for a moment", seconds: duration / 1_000 + 60) { isOver }
    }

    private func turn(until limit: Milliseconds) {
        let wake = min(limit, client.nextWake ?? limit, timers.map(\.due).min() ?? limit)
        for arrival in outside.poll(until: wake) { _ = client.receive(arrival) }
        client.advance()
        let due = timers.filter { $0.due <= now }.sorted { $0.due < $1.due }
        timers.removeAll { timer in due.contains { $0.due == timer.due } }
        for timer in due { timer.action() }
    }
}

/// Numbers that look random and are the same for the same seed (SplitMix64, Steele and others 2014).
struct Draw {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// A duration that is off by up to a quarter, in milliseconds.
    mutating func about(_ duration: Milliseconds) -> Milliseconds {
        duration * 3 / 4 + Milliseconds(next() % UInt64(max(1, duration / 2)))
    }
}
