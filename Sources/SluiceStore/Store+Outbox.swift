public import SluiceCore

extension Store {
    /// The messages of all rollouts of a DaemonSet that are neither sent nor given up, oldest first: those with a number
    /// above `number`.
    public func unsentMessages(daemonSetUID: String, after number: Int64 = 0) throws(StoreError) -> [OutboxRecord] {
        try reading { try OutboxTable.unsent(daemonSetUID: daemonSetUID, after: number, $0) }
    }

    /// All messages of a rollout, oldest first. Empty for an unknown rollout.
    public func messages(of id: String) throws(StoreError) -> [OutboxRecord] {
        try reading { database in
            guard let rollout = try RolloutTable.number(of: id, database) else { return [] }
            return try OutboxTable.all(rollout: rollout, database)
        }
    }
}
