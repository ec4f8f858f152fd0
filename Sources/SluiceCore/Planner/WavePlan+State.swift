extension WavePlan {
    /// The state with which a rollout of this plan begins: nothing has been touched, every wave is pending.
    ///
    /// Nodes with the target revision are settled: in their wave when it is watched, outside the waves otherwise.
    ///
    /// - Parameters:
    ///   - id: the rollout's name.
    ///   - clusterUID: the uid of the cluster's kube-system namespace; empty when it may not be read.
    ///   - planText: the plan file's bytes.
    ///   - facts: the facts that this plan was made from.
    ///   - time: when the rollout begins.
    public func makeState(
        id: String, clusterUID: String, planText: [UInt8], facts: FleetFacts, at time: Timestamp
    ) -> RolloutState {
        let daemonSet = facts.daemonSet
        let previous = facts.previousRevision(target: updateRevision)
        let remembered = facts.revisions.filter { $0.ownerUID == daemonSet.uid && $0.hash == previous }
        let rollout = RolloutRecord(
            id: id, clusterUID: clusterUID, namespace: daemonSet.namespace, daemonSet: daemonSet.name,
            daemonSetUID: daemonSet.uid, planText: planText, planDigest: digest, baseTemplate: daemonSet.template,
            targetTemplate: targetTemplate, updateRevision: updateRevision,
            previousRevision: previous, previousTemplate: remembered.max { $0.revision < $1.revision }?.template,
            maxUnavailable: maxUnavailable, createdAt: time, changedAt: time)
        return RolloutState(rollout: rollout, waves: waveRecords(), nodes: nodeRecords())
    }

    private func waveRecords() -> [WaveRecord] {
        waves.enumerated().map { index, wave in
            WaveRecord(
                index: index, name: wave.name, planIndex: wave.planIndex, batchCount: max(1, wave.batches.count),
                plannedNodes: wave.nodes.count + wave.observed.count, soakSeconds: wave.soakSeconds,
                failuresAllowed: wave.failuresAllowed, needsApproval: wave.needsApproval)
        }
    }

    private func nodeRecords() -> [String: NodeRecord] {
        var records: [String: NodeRecord] = [:]
        for exclusion in excluded where exclusion.kind == .alreadyUpdated {
            records[exclusion.node] = NodeRecord(
                node: exclusion.node, wave: nil, status: .updated, reason: .alreadyUpdated, message: exclusion.reason)
        }
        for (index, wave) in waves.enumerated() {
            for node in wave.observed { records[node]?.wave = index }
            var position = 0
            for (batch, nodes) in wave.batches.enumerated() {
                for node in nodes {
                    records[node] = NodeRecord(node: node, wave: index, batch: batch, position: position)
                    position += 1
                }
            }
        }
        for deferral in deferred {
            records[deferral.node]?.status = .deferred
            records[deferral.node]?.reason = deferral.cause
            records[deferral.node]?.message = deferral.reason
        }
        return records
    }
}
