/// Preparing the DaemonSet: OnDelete and the target template in one guarded patch, then waiting until the controller has
/// recorded the template and its hash is known.
extension RolloutMachine {
    /// How long the controller may take to record a new template, in milliseconds.
    static let revisionTimeout: Milliseconds = 120_000
    /// The time between two looks at the revisions, and between two tries of a patch, in milliseconds.
    static let retryInterval: Milliseconds = 1_000

    mutating func prepare() {
        guard let daemonSet = memory.daemonSet else { return }
        let isTarget = daemonSet.template == state.rollout.targetTemplate
        if !isTarget && !mayBePatched(daemonSet) {
            let who = daemonSet.lastManager(of: \.ownsTemplate).map { " by \($0)" } ?? ""
            return halt(.templateChanged, "the template was changed\(who) after the rollout was planned; plan again")
        }
        if !isTarget || daemonSet.updateStrategy != .onDelete {
            // The controller's time begins when it has something to record; a pause before that is not its fault.
            memory.preparingSince = nil
            guard blockingHolds().isEmpty else { return }
            patch(daemonSet, isTarget ? .none : plan.templateChange(to: state.rollout.targetTemplate))
            return
        }
        guard state.rollout.updateRevision == nil else { return begin() }
        memory.preparingSince = memory.preparingSince ?? turn.now.monotonic
        if turn.now.monotonic - (memory.preparingSince ?? 0) >= Self.revisionTimeout {
            return halt(
                .revisionMissing,
                "the controller did not record the template within \(Self.revisionTimeout / 1_000) s; is "
                    + "kube-controller-manager running?")
        }
        guard (memory.revisionsRetryAt ?? 0) <= turn.now.monotonic else { return }
        askForRevisions()
    }

    /// The DaemonSet's status says when the controller has acted; asking again is for a status that does not come, and the
    /// longer that takes the more rarely it is done.
    mutating func askForRevisions() {
        memory.revisionsAskedFor = memory.daemonSet?.observedGeneration
        let waited = turn.now.monotonic - (memory.preparingSince ?? turn.now.monotonic)
        memory.revisionsRetryAt = turn.now.monotonic + max(Self.retryInterval, waited / 4)
        turn.effects.append(.listRevisions)
    }

    /// Whether the plan's patch may go over this template: it is the one that was planned from, or it already has the
    /// plan's images (a webhook may have added to it), so that the patch changes nothing.
    private func mayBePatched(_ daemonSet: DaemonSet) -> Bool {
        if daemonSet.template == state.rollout.baseTemplate { return true }
        let images = Set(daemonSet.template.images)
        return !plan.images.isEmpty && plan.images.allSatisfy(images.contains)
    }

    private mutating func begin() {
        setPhase(.updating)
        for node in view.nodes.keys { turn.touched.insert(node) }
        for node in turn.touched.sorted() { judge(node) }
    }

    // MARK: The patch

    /// Orders a patch, unless one is out already or must not leave.
    ///
    /// - Returns: whether it is ordered.
    @discardableResult
    mutating func patch(_ daemonSet: DaemonSet, _ change: DaemonSetPatch.TemplateChange) -> Bool {
        guard !memory.patchIsOut, (memory.patchRetryAt ?? 0) <= turn.now.monotonic, memory.leaseReason == nil,
            memory.diskReason == nil
        else { return false }
        memory.patchIsOut = true
        memory.patchRetryAt = nil
        turn.effects.append(
            .patchDaemonSet(
                DaemonSetPatch(uid: daemonSet.uid, resourceVersion: daemonSet.resourceVersion, change: change)))
        return true
    }

    /// The annotation on the DaemonSet that pauses a live driver: the button for anyone on call.
    public static let pauseAnnotation = "sluice/pause"

    mutating func patchAccepted(_ daemonSet: DaemonSet) {
        memory.patchIsOut = false
        // The watch may have been quicker, and then it has shown what the controller made of the patch besides.
        let isKnown = memory.daemonSet.map { $0.uid == daemonSet.uid && $0.generation >= daemonSet.generation } ?? false
        if !isKnown { memory.daemonSet = daemonSet }
        memory.strategyIsForeign = daemonSet.updateStrategy != .onDelete && state.rollout.phase != .preparing
        let target = plan.revision.map { ["the template of revision \($0)"] }
        let parts =
            isParked ? ["the template before"] : target ?? plan.images.map { "\($0.container)=\($0.image)" }
        log(.patched, message: (["OnDelete"] + parts).joined(separator: ", "))
        checkTemplateAgain()
        guard state.rollout.phase == .preparing, state.rollout.targetTemplate != daemonSet.template else { return }
        // An admission webhook may add to the template; what the server stored is what the controller rolls out.
        state.rollout.targetTemplate = daemonSet.template
        memory.config.adopt(daemonSet.template)
        // A revision found for the template as we had meant it is not the one that its pods will carry.
        state.rollout.updateRevision = nil
        turn.rolloutChanged = true
    }

    mutating func patchRefused(_ refusal: PatchRefusal) {
        memory.patchIsOut = false
        switch refusal {
        case .conflict, .temporary: memory.patchRetryAt = turn.now.monotonic + Self.retryInterval
        case .rejected(let reason):
            memory.endsBy = memory.endsBy.map { min($0, turn.now.monotonic) }
            halt(.patchRefused, "the DaemonSet could not be patched: \(reason)")
        }
    }

    /// Sets OnDelete again when somebody changed it, also while the rollout is paused: the other strategy deletes pods
    /// that a pause promised to leave alone.
    mutating func reassertStrategy() {
        guard let daemonSet = memory.daemonSet, daemonSet.updateStrategy != .onDelete,
            plan.onStrategyChanged == .reassert
        else { return }
        patch(daemonSet, .none)
    }
}

extension RolloutPlan {
    /// What a patch must do for the DaemonSet to have the target's template.
    func templateChange(to target: PodTemplate) -> DaemonSetPatch.TemplateChange {
        revision != nil ? .replacement(target) : images.isEmpty ? .none : .images(images)
    }
}
