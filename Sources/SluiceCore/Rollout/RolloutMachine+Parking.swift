/// Parking (`leak: park`): once the new pods of a batch exist, the template before is put back until the next batch, so that
/// nodes that join, are drained or reboot meanwhile get the version before.
///
/// Where the template stands is read off the DaemonSet and kept nowhere else: a driver that dies between two patches, or on
/// another machine, finds it as it is. Under OnDelete neither patch touches a pod.
extension RolloutMachine {
    /// Whether the plan wants the template parked, and there is another one to put back.
    var parks: Bool { plan.leak == .park && state.rollout.baseTemplate != state.rollout.targetTemplate }

    /// Whether the template before stands, as this rollout wants it between batches.
    var isParked: Bool { parks && memory.daemonSet?.template == state.rollout.baseTemplate }

    /// Whether pods are about to be made that must get the target: of nodes in the middle of being replaced, and of those
    /// whose turn has come. At the end it must stand in any case.
    private var needsTarget: Bool {
        let rollout = state.rollout
        guard rollout.waveIndex < state.waves.count else { return true }
        let isHeld =
            isPaused || isBlocked || memory.calendar?.hold != nil || state.waves[rollout.waveIndex].status == .pending
        let open = isHeld ? [] : openSlots(of: rollout.waveIndex)
        return state.nodes.values.contains { record in
            switch record.status {
            case .deleting: true
            case .replacing:
                record.podUID != nil
                    && !view.ownPods(on: record.node).contains {
                        $0.pod.revisionHash == rollout.updateRevision && $0.pod.uid != record.podUID
                            && !$0.pod.isTerminating
                    }
            case .pending: open.contains { $0.wave == record.wave && $0.batch == record.batch }
            case .updated, .deferred, .failed, .skipped, .left: false
            }
        }
    }

    /// Whether the template before is to be put back now.
    private var isParkingDue: Bool {
        parks && memory.daemonSet?.template == state.rollout.targetTemplate && !needsTarget
    }

    /// Whether a patch of the template is on its way or due, for which the Lease is needed.
    var isTemplateUnderWay: Bool { parks && (memory.patchIsOut || isParkingDue) }

    /// What keeps pods from being deleted until the target stands again and the controller has seen it: before that it would
    /// make a pod of the version before.
    func parkingHold() -> Hold? {
        guard parks, state.rollout.phase == .updating || state.rollout.phase == .soaking,
            let daemonSet = memory.daemonSet
        else { return nil }
        guard isParked || daemonSet.observedGeneration < daemonSet.generation, needsTarget else { return nil }
        return Hold(
            .parking,
            isParked
                ? "the target's template is put back for the next batch"
                : "the controller has not seen the target's template yet")
    }

    /// Has the template stand that the next pods must get.
    mutating func settleTemplate() {
        guard parks, let daemonSet = memory.daemonSet, state.rollout.updateRevision != nil, !memory.patchIsOut else {
            return
        }
        if isParkingDue {
            let message = "the template before is put back until the next batch"
            order(.parked, state.rollout.baseTemplate, of: daemonSet, message)
        } else if isParked, needsTarget, blockingHolds().allSatisfy({ $0.kind == .parking }) {
            order(.unparked, state.rollout.targetTemplate, of: daemonSet, "the target's template is put back")
        }
    }

    /// How long the end of a rollout waits for the template before to be put back, in milliseconds.
    static let parkingTimeout: Milliseconds = 10_000

    /// Ends driving, after the template before stands or cannot be put back.
    mutating func settleEnd() {
        guard let endsBy = memory.endsBy else { return }
        if parks, memory.leaseReason == nil, memory.diskReason == nil, turn.now.monotonic < endsBy {
            parkForGood()
            if memory.patchIsOut || memory.daemonSet?.template == state.rollout.targetTemplate { return }
        }
        memory.endsBy = nil
        turn.effects.append(.finish)
    }

    /// Nothing is to be replaced any more: what is made from now on gets the version before.
    private mutating func parkForGood() {
        guard parks, let daemonSet = memory.daemonSet, daemonSet.template == state.rollout.targetTemplate
        else { return }
        order(.parked, state.rollout.baseTemplate, of: daemonSet, "the template before is put back")
    }

    private mutating func order(
        _ event: JournalEvent, _ template: PodTemplate, of daemonSet: DaemonSet, _ message: String
    ) {
        guard patch(daemonSet, .replacement(template)), memory.templateOrder != event else { return }
        memory.templateOrder = event
        log(event, message: message)
    }

    /// A node that joined while the template before stood: its turn comes in the last round of the last wave.
    mutating func enlist(_ name: String) {
        guard let last = state.waves.last else { return }
        let position = (state.nodes.values.map(\.position).max() ?? 0) + 1
        state.nodes[name] = NodeRecord(
            node: name, wave: last.index, batch: last.batchCount, position: position, status: .deferred)
        setStatus(name, .pending)
        log(.joined, wave: last.index, node: name, message: "joined during the rollout with an older version")
    }

    /// Halts when more nodes got the target outside their wave than the plan allows. What has leaked cannot be undone, so
    /// whoever resumes such a halt goes on with it; it halts again for one more, and, to be safe, for a driver that knows
    /// nothing of that.
    mutating func stopsOnLeaks() -> Bool {
        guard let limit = plan.maxLeaked else { return false }
        let leaked = leakedNodes
        let allowed = limit == .count(0) ? 0 : limit.resolved(of: state.nodes.count)
        guard leaked.count > max(allowed, memory.acceptedLeaks) else { return false }
        halt(
            .leaksExceeded,
            "leaked (\(leaked.count)) > maxLeaked (\(allowed)): \(Self.names(leaked)) got the target revision outside their "
                + "wave")
        return true
    }

    /// The nodes that got the target outside their wave, by name.
    var leakedNodes: [String] { state.nodes.values.filter(\.isLeaked).map(\.node).sorted() }
}

extension RolloutState {
    /// The template that a rollout has put away between batches, so that whoever asks what is current is not told the one
    /// before; nil when none is.
    public func parkedTarget(of daemonSet: DaemonSet, plan: RolloutPlan) -> PodTemplate? {
        guard plan.leak == .park, !rollout.phase.isFinal, rollout.updateRevision != nil,
            daemonSet.uid == rollout.daemonSetUID, daemonSet.template == rollout.baseTemplate
        else { return nil }
        return rollout.targetTemplate
    }
}
