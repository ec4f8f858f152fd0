import SluiceCore

/// Waits that double up to a cap, each shortened by up to half at random so that many clients do not come at once.
struct Backoff {
    private let base: Milliseconds
    private let cap: Milliseconds
    /// Failures in a row.
    private(set) var failures = 0

    init(base: Milliseconds, cap: Milliseconds) {
        self.base = base
        self.cap = cap
    }

    /// The next wait in milliseconds.
    mutating func next(random: UInt64) -> Milliseconds {
        let doubled = base << Milliseconds(min(failures, 20))
        failures += 1
        let full = min(cap, doubled)
        return full - Milliseconds(random % UInt64(full / 2 + 1))
    }

    /// The next wait in milliseconds after an error. A server that says when it wants to be asked again is believed: that
    /// wait is not made longer by earlier failures, only spread by a quarter so that not all clients come at once.
    mutating func next(after error: APIError, random: UInt64) -> Milliseconds {
        let asked = error.askedWait
        guard asked > 0 else { return next(random: random) }
        return asked + Milliseconds(random % UInt64(asked / 4 + 1))
    }

    mutating func reset() { failures = 0 }
}

/// Retries that are left: each costs one, and some successes earn one. When a server fails every read, its clients
/// soon ask no more than once for each read that they need.
struct RetryBudget {
    private var credit = KubernetesLimits.retryBudget * KubernetesLimits.successesPerRetry

    mutating func succeed() {
        credit = min(credit + 1, KubernetesLimits.retryBudget * KubernetesLimits.successesPerRetry)
    }

    /// Takes one retry; false when none is left.
    mutating func spend() -> Bool {
        guard credit >= KubernetesLimits.successesPerRetry else { return false }
        credit -= KubernetesLimits.successesPerRetry
        return true
    }
}

/// What is to be done at which monotonic time, in the order of times and, for equal ones, of scheduling.
struct TimerQueue {
    /// The number of a timer, never used twice.
    struct ID: Hashable { fileprivate var number: UInt64 }

    private struct Entry {
        var id: ID
        var deadline: Milliseconds
        var action: () -> Void
    }

    private var entries: [Entry] = []
    private var count: UInt64 = 0

    /// When the first timer is due.
    var first: Milliseconds? { entries.first?.deadline }

    mutating func schedule(at deadline: Milliseconds, _ action: @escaping () -> Void) -> ID {
        count += 1
        let entry = Entry(id: ID(number: count), deadline: deadline, action: action)
        let index = entries.firstIndex { $0.deadline > deadline } ?? entries.count
        entries.insert(entry, at: index)
        return entry.id
    }

    /// Moves a timer to an earlier time; does nothing when it is due by then, or done.
    mutating func hasten(_ id: ID, to deadline: Milliseconds) {
        guard let index = entries.firstIndex(where: { $0.id == id && $0.deadline > deadline }) else { return }
        var entry = entries.remove(at: index)
        entry.deadline = deadline
        entries.insert(entry, at: entries.firstIndex { $0.deadline > deadline } ?? entries.count)
    }

    mutating func cancel(_ id: ID) {
        entries.removeAll { $0.id == id }
    }

    /// The number of timers ever scheduled: a mark between those of before and those of after.
    var mark: UInt64 { count }

    /// Takes out the first timer that is due by now and was scheduled before a mark.
    ///
    /// One at a time, because an action may cancel a timer that is due as well; only those before the mark, because an
    /// action may schedule another for this very moment.
    mutating func takeFirst(dueAt now: Milliseconds, scheduledBefore mark: UInt64) -> (() -> Void)? {
        let due = entries.prefix { $0.deadline <= now }
        guard let index = due.firstIndex(where: { $0.id.number <= mark }) else { return nil }
        return entries.remove(at: index).action
    }
}
