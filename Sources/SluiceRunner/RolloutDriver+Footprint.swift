import SluiceClients
import SluiceCore

/// How much a driver keeps, for whoever watches that nothing grows without bound.
extension RolloutDriver {
    /// The number of entries of each collection in memory, by a name for it: the machine's, the client's, its own.
    public var footprint: [String: Int] {
        var entries = machine.footprint
        for (name, count) in client.footprint { entries["client: \(name)"] = count }
        let parts = [watches?.nodes.footprint, watches?.pods.footprint, watches?.daemonSet.footprint].compactMap { $0 }
        entries["watches: objects"] = parts.reduce(0) { $0 + $1.objects }
        entries["watches: bytes"] = parts.reduce(0) { $0 + $1.bytes }
        entries["driver: inbox"] = inbox.count
        entries["driver: rows"] = uncommitted.changes.nodes.count
        entries["driver: measurements"] = measurements.count + questions.count
        entries["driver: messages"] = outbox?.waiting ?? 0
        entries["driver: metrics pages"] = pages.count
        return entries
    }

    /// The journal lines and the orders that wait for the database: as many as were decided on while it cannot be
    /// written.
    public var unwrittenLines: Int { uncommitted.journal.count }
}
