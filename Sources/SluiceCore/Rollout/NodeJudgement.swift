/// The judgement on one node: facts in, where it stands out. Pure, so that it can be tested row by row.
struct NodeJudgement {
    /// What the rules need to know besides the node's own facts.
    struct Rules: Sendable {
        var target: String
        var restartsAllowed: Int
        var timeout: Milliseconds
        var startup: StartupRule
        /// The containers of the target that have a liveness probe.
        var livenessProbed: Set<String>
        /// How often a new pod may lose its readiness before the node fails.
        static let readinessLossesAllowed = 2
    }

    let record: NodeRecord
    let node: Node?
    let pods: [FleetView.ObservedPod]
    let view: FleetView
    let rules: Rules
    /// The monotonic time from which the new pod is waited for; nil when nobody deleted anything.
    let waitingSince: Milliseconds?
    /// Whether the node's wave has not passed yet, so that a node that turns NotReady is evidence.
    let isWatched: Bool
    /// Whether the node would get a pod when it has none.
    let eligibility: Eligibility
    /// The monotonic time since which it has no pod at all; nil while it has one.
    let podlessSince: Milliseconds?
    /// Why the controller could not create a pod lately; nil when it does not say.
    let creationRefusal: String?
    /// When all pods were listed last, on the monotonic clock; nil when they never were.
    let podsListedAt: Milliseconds?
    let now: Milliseconds

    /// What the node's record becomes; nil when it stays.
    enum Outcome: Equatable {
        case status(NodeStatus, Reason?, String)
        case leaked(NodeStatus)
        case lostReadiness
        /// Time is up, but only a list that is younger than that would prove what the watch did not show.
        case unproven
    }

    /// Whether what is missing at a time would have been seen by now.
    private func isProven(since due: Milliseconds) -> Bool { podsListedAt.map { $0 >= due } ?? false }

    private var newPod: FleetView.ObservedPod? { indexOfNewPod.map { pods[$0] } }

    private var oldPod: FleetView.ObservedPod? { indexOfOldPod.map { pods[$0] } }

    /// By index, as the others, so that no pod is copied to be looked at.
    private var indexOfNewPod: Int? {
        pods.indices.last {
            pods[$0].pod.revisionHash == rules.target && !pods[$0].pod.isTerminating
                && pods[$0].pod.uid != record.podUID
        }
    }

    private var hasAvailablePod: Bool {
        pods.indices.contains {
            pods[$0].pod.revisionHash == rules.target && pods[$0].pod.uid != record.podUID
                && view.isAvailable(pods[$0], at: now)
        }
    }

    /// Since when the new pod has been Ready; nil while it is not.
    var readyAt: Timestamp? { newPod.flatMap { $0.isReady ? $0.pod.readyChangedAt : nil } }

    /// Whether the new pod is Ready, but not since when it was seen last: its readiness was lost, or the pod was replaced,
    /// while nobody watched. What was seen is compared with itself, so that no two clocks are.
    private var wasNotReadyMeanwhile: Bool {
        guard let seen = record.readyAt, let readyAt else { return false }
        return seen != readyAt
    }

    private var indexOfOldPod: Int? {
        pods.indices.first { pods[$0].pod.revisionHash != rules.target && !pods[$0].pod.isTerminating }
    }

    /// A node that a person gave another try has a good pod by now, or none, so that nothing is to be replaced.
    private func settledRetry() -> Outcome? {
        guard indexOfOldPod == nil else { return nil }
        if let newPod {
            let trouble = PodTrouble.proof(newPod, rules, now: now)
            return trouble == nil && hasAvailablePod ? .status(.updated, nil, "") : nil
        }
        return pods.isEmpty ? .status(.replacing, nil, "") : nil
    }

    /// Judges the node.
    func outcome() -> Outcome? {
        guard node != nil else {
            return record.status == .left ? nil : .status(.left, .nodeGone, "the Node object is gone")
        }
        return switch record.status {
        case .pending, .deferred: untouched()
        case .deleting: deleting()
        case .replacing: replacing()
        case .updated: updated()
        case .failed: nil
        case .skipped: leftOut()
        case .left: cameBack()
        }
    }

    private func untouched() -> Outcome? {
        if record.isRetried, record.podUID != nil || record.isLeaked { return settledRetry() }
        guard indexOfOldPod == nil, indexOfNewPod != nil else { return nil }
        return .leaked(hasAvailablePod ? .updated : .replacing)
    }

    /// Somebody else may have deleted the pod of a node that was left out untouched.
    private func leftOut() -> Outcome? {
        guard record.podUID == nil, indexOfOldPod == nil, indexOfNewPod != nil else { return nil }
        return .leaked(hasAvailablePod ? .updated : .replacing)
    }

    private func deleting() -> Outcome? {
        let isStillThere = pods.indices.contains {
            pods[$0].pod.uid == record.podUID && !pods[$0].pod.isTerminating
        }
        return isStillThere ? nil : .status(.replacing, nil, "")
    }

    private func replacing() -> Outcome? {
        if let newPod, let trouble = PodTrouble.proof(newPod, rules, now: now) {
            return .status(.failed, trouble.reason, trouble.message)
        }
        if let outcome = slowStart() { return outcome }
        if hasAvailablePod { return .status(.updated, nil, "") }
        if let outcome = nodeTrouble() { return outcome }
        if let outcome = cameBackOlder() { return outcome }
        if pods.isEmpty, let node, case .no(let reason) = eligibility.shouldRun(on: node) {
            return .status(.deferred, .wouldNotReturn, "its pod is gone and does not come back: \(reason)")
        }
        if let creationRefusal, let podlessSince, pods.isEmpty,
            now - podlessSince >= RolloutMachine.creationTolerance
        {
            guard isProven(since: podlessSince + RolloutMachine.creationTolerance) else { return .unproven }
            return .status(.failed, .noPod, "its new pod cannot be created: \(creationRefusal)")
        }
        guard let waitingSince, now - waitingSince >= rules.timeout else { return nil }
        guard isProven(since: waitingSince + rules.timeout) else { return .unproven }
        // It needs only to stay Ready. For how long it has been so, after a silent watch only the server's clock says.
        if let newPod, newPod.isReady { return nil }
        let trouble = PodTrouble.atTimeout(pods: pods, deletedUID: record.podUID, target: rules.target)
        return .status(
            .failed, trouble.reason, "not available after \(rules.timeout / 1_000) s: \(trouble.message)")
    }

    private func updated() -> Outcome? {
        guard record.wave != nil else { return nil }
        if let newPod, let trouble = PodTrouble.proof(newPod, rules, now: now) {
            return .status(.failed, trouble.reason, trouble.message)
        }
        if record.podUID != nil, let outcome = nodeTrouble() { return outcome }
        guard isWatched else { return cameBackOlder() }
        guard !hasAvailablePod || wasNotReadyMeanwhile else { return nil }
        if record.readinessLosses >= NodeJudgement.Rules.readinessLossesAllowed, indexOfNewPod != nil {
            return .status(
                .failed, .unstable, "its pod lost its readiness \(record.readinessLosses + 1) times")
        }
        return .lostReadiness
    }

    /// The pod that was made in place of the node's is of another revision: the node waits for its turn again.
    private func cameBackOlder() -> Outcome? {
        guard let oldPod, indexOfNewPod == nil, oldPod.pod.uid != record.podUID else { return nil }
        let hash = oldPod.pod.revisionHash ?? "none"
        return .status(.pending, .otherRevision, "pod \(oldPod.pod.name) came back on revision \(hash)")
    }

    /// A node that had left and is there again: on the target it leaked, on an older revision it waits for its turn.
    private func cameBack() -> Outcome? {
        if indexOfNewPod != nil { return .leaked(hasAvailablePod ? .updated : .replacing) }
        return indexOfOldPod == nil ? nil : .status(.pending, nil, "the node came back")
    }

    /// That the new pod took far longer to start than the one before it. A node that was not Ready meanwhile could not say so.
    private func slowStart() -> Outcome? {
        guard isWatched, !record.isLeaked, let before = record.startupBefore, let newPod,
            let seconds = newPod.startupSeconds, let node, node.ready == .true,
            let started = newPod.pod.containers.compactMap(\.runningSince).max(),
            node.readyChangedAt.map({ $0 <= started }) ?? true
        else { return nil }
        return rules.startup.complaint(about: newPod.pod.name, seconds, before: before)
            .map { .status(.failed, .slowStart, $0) }
    }

    /// What has become of a node of ours itself; nil while nothing speaks against it.
    private func nodeTrouble() -> Outcome? {
        guard let node, isWatched, !record.isLeaked else { return nil }
        if node.ready != .true { return .status(.failed, .nodeNotReady, Self.notReadySentence(node)) }
        return newPressure(of: node).map { .status(.failed, .nodePressure, $0) }
    }

    /// That a node runs out of something since its pod was deleted, in one sentence. The kubelet's clock and ours may
    /// differ, so what was seen when the delete was ordered does not count either, whatever the kubelet's time says.
    private func newPressure(of node: Node) -> String? {
        guard let deletedAt = record.deletedAt else { return nil }
        for pressure in node.pressures where !record.pressuresBefore.contains(pressure.kind) {
            guard let since = pressure.since, since > deletedAt else { continue }
            return "node \(node.name) has been in \(pressure.kind.rawValue) since \(since.rfc3339), after its pod was "
                + "deleted"
        }
        return nil
    }

    static func notReadySentence(_ node: Node) -> String {
        let why = node.readyReason.isEmpty ? "" : " (\(node.readyReason))"
        return "node \(node.name) turned NotReady\(why) after its pod was deleted"
    }
}
