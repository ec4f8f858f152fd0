import SluiceClients
import SluiceRunner
import SluiceStore

extension OfflineOutbox {
    /// Sends what was written down about a rollout, unless a driver of it is at work, which does it itself.
    ///
    /// - Throws: what ``send(of:in:environment:outside:)`` throws.
    static func send(of id: String, in store: Store) throws {
        guard let lock = try store.driverLock(for: id) else { return }
        defer { withExtendedLifetime(lock) {} }
        guard let state = try store.load(id) else { return }
        try send(of: state, in: store, environment: { environment($0) }) { try SystemOutside() }
    }
}
