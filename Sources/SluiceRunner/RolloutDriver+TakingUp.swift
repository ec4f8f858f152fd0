public import SluiceClients
public import SluiceCore
public import SluiceStore

/// Why a stored rollout cannot be driven here and now. Nothing was changed.
public struct DrivingRefusal: Error, Sendable, Equatable {
    /// The exit code that says it to scripts.
    public var code: ExitCode
    /// What stands in the way and what to do, a sentence a line.
    public var lines: [String]
}

extension RolloutDriver {
    /// A driver of a stored rollout, after a look at whether this is still its cluster and its DaemonSet and whether they
    /// can be watched.
    ///
    /// - Parameters:
    ///   - state: as stored.
    ///   - onJournal: told the journal lines of each turn, after they are on disk.
    /// - Throws: ``DrivingRefusal``, `APIError`, `StoreError`, or ``InvalidPlan`` when the stored plan cannot be read by
    ///   this version.
    public static func taking(
        up state: RolloutState, client: KubernetesClient, store: Store, options: Options,
        onJournal: @escaping ([JournalLine]) -> Void
    ) throws -> RolloutDriver {
        let rollout = state.rollout
        let newestRequest = try store.pendingRequests(of: rollout.id).last?.number ?? 0
        let plan = try PlanLoader.load(rollout.planText, file: "the stored plan")
        let clusterUID = try client.clusterUID() ?? ""
        let isClusterKnown = !clusterUID.isEmpty && !rollout.clusterUID.isEmpty
        if isClusterKnown, clusterUID != rollout.clusterUID {
            throw DrivingRefusal(
                code: .failed,
                lines: [
                    "this is another cluster than the one that rollout \(rollout.id) began in (kube-system has uid "
                        + "\(clusterUID), expected \(rollout.clusterUID)); choose the right --context"
                ])
        }
        let found = try client.get(
            .getDaemonSet(namespace: rollout.namespace, name: rollout.daemonSet), as: DaemonSet.self)
        guard let daemonSet = found else {
            throw DrivingRefusal(
                code: .halted,
                lines: [
                    "DaemonSet \(rollout.namespace)/\(rollout.daemonSet) is gone; `sluice abort \(rollout.id)` "
                        + "gives the rollout up"
                ])
        }
        if !isClusterKnown, daemonSet.uid != rollout.daemonSetUID {
            throw DrivingRefusal(
                code: .failed,
                lines: [
                    "DaemonSet \(rollout.namespace)/\(rollout.daemonSet) is not the one of rollout \(rollout.id) (it "
                        + "has uid \(daemonSet.uid), expected \(rollout.daemonSetUID)): this is another cluster, or it "
                        + "was deleted and made anew. Choose the right --context, or `sluice abort \(rollout.id)`"
                ])
        }
        try refuseBlindness(rollout, plan, client)
        let driver = RolloutDriver(
            client: client, store: store, state: state, plan: plan, daemonSet: daemonSet, options: options,
            onJournal: onJournal)
        driver.newestRequestBefore = newestRequest
        return driver
    }

    /// A watch that is refused would go unnoticed: the lists around it keep the rollout going, slowly and half blind.
    private static func refuseBlindness(
        _ rollout: RolloutRecord, _ plan: RolloutPlan, _ client: KubernetesClient
    ) throws {
        let needed = AccessRight.needed(
            by: plan, namespace: rollout.namespace, needsPatch: false,
            leaseName: LeaseKeeper.leaseName(daemonSet: rollout.daemonSet))
        let missing = try PreflightReader.missing(needed.filter { $0.verb == "watch" }, client: client)
        guard !missing.isEmpty else { return }
        throw DrivingRefusal(
            code: .failed,
            lines: missing.map(\.missingSentence)
                + ["nothing was changed; once it is granted: sluice resume \(rollout.id)"])
    }
}
