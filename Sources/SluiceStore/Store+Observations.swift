import GRDB
public import SluiceCore

/// What one look at a DaemonSet showed of its versions.
public struct DaemonSetSighting: Sendable, Hashable {
    /// A node with a pod of the DaemonSet.
    public struct Node: Sendable, Hashable {
        /// The node's name.
        public var node: String
        /// The hash of its pod's revision.
        public var revision: String
        /// Since when the pod runs, by the cluster; nil when it does not yet.
        public var runningSince: Timestamp?

        /// A node with a pod of the DaemonSet.
        public init(node: String, revision: String, runningSince: Timestamp?) {
            self.node = node
            self.revision = revision
            self.runningSince = runningSince
        }
    }

    /// The DaemonSet's uid.
    public var daemonSetUID: String
    /// The hash of the update revision; nil while the controller has not recorded it.
    public var updateRevision: String?
    /// The images of the revisions that the cluster still knows, by hash.
    public var revisions: [String: [ContainerImage]]
    /// The nodes.
    public var nodes: [Node]

    /// What one look at a DaemonSet showed of its versions.
    public init(
        daemonSetUID: String, updateRevision: String?, revisions: [String: [ContainerImage]], nodes: [Node]
    ) {
        self.daemonSetUID = daemonSetUID
        self.updateRevision = updateRevision
        self.revisions = revisions
        self.nodes = nodes
    }
}

/// What all looks at a DaemonSet showed.
public struct DaemonSetHistory: Sendable, Hashable {
    /// Every revision that was seen, by hash.
    public var revisions: [RevisionObservation]
    /// Every pair of node and revision that was seen, by node, then oldest first.
    public var nodes: [NodeObservation]

    /// What all looks at a DaemonSet showed.
    public init(revisions: [RevisionObservation], nodes: [NodeObservation]) {
        self.revisions = revisions
        self.nodes = nodes
    }
}

extension Store {
    /// Remembers what was seen of DaemonSets in a cluster, in one transaction.
    ///
    /// - Throws: the errors of the disk.
    public func observe(
        _ sightings: [DaemonSetSighting], inCluster uid: String, at now: Timestamp
    ) throws(StoreError) {
        try writing { database in
            for sighting in sightings {
                try RevisionObservationTable.write(sighting, cluster: uid, at: now, database)
                try NodeObservationTable.write(sighting, cluster: uid, at: now, database)
            }
        }
    }

    /// What was ever seen of a DaemonSet; empty when nothing was.
    ///
    /// - Throws: the errors of the disk.
    public func observations(inCluster uid: String, daemonSetUID: String) throws(StoreError) -> DaemonSetHistory {
        try reading { database in
            DaemonSetHistory(
                revisions: try RevisionObservationTable.fetch(cluster: uid, daemonSetUID: daemonSetUID, database),
                nodes: try NodeObservationTable.fetch(cluster: uid, daemonSetUID: daemonSetUID, database)
            )
        }
    }
}
