import Foundation

/// Lets one of several threads run, and only one: the simulated processes take turns, so that a seed always gives the
/// same interleaving.
///
/// Whoever runs holds the baton; it is handed on through a semaphore, which orders everything that the giver did before
/// everything that the taker does.
final class Baton {
    /// A place to wait for the baton.
    final class Seat: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)

        func give() { semaphore.signal() }
        func wait() { semaphore.wait() }
    }

    /// Runs a body on a thread of its own, once the seat gets the baton.
    static func start(_ seat: Seat, stackBytes: Int = 1 << 20, _ body: @escaping () -> Void) {
        let carried = Carried(body: body)
        let thread = Thread {
            seat.wait()
            carried.body()
        }
        thread.stackSize = stackBytes
        thread.start()
    }

    /// A body on its way to another thread.
    ///
    /// It is touched by that thread alone, after the seat has the baton; so nothing of what it captures is used by two
    /// threads at a time.
    private struct Carried: @unchecked Sendable {
        let body: () -> Void
    }
}
