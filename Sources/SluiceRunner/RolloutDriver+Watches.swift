import SluiceClients
import SluiceCore
import SluiceStore

/// What the driver looks at: nodes, pods, the DaemonSet, and its Lease.
extension RolloutDriver {
    /// The three watches of a rollout.
    final class Watches {
        let selector: LabelSelector
        let nodes: ResourceWatch<Node>
        let pods: ResourceWatch<Pod>
        let daemonSet: ResourceWatch<DaemonSet>

        init(
            selector: LabelSelector, nodes: ResourceWatch<Node>, pods: ResourceWatch<Pod>,
            daemonSet: ResourceWatch<DaemonSet>
        ) {
            self.selector = selector
            self.nodes = nodes
            self.pods = pods
            self.daemonSet = daemonSet
        }

        func start() {
            daemonSet.start()
            nodes.start()
            pods.start()
        }

        func serverAnswered() {
            daemonSet.serverAnswered()
            nodes.serverAnswered()
            pods.serverAnswered()
        }

        func relist() {
            daemonSet.relist()
            nodes.relist()
            pods.relist()
        }

        func stop() {
            daemonSet.stop()
            nodes.stop()
            pods.stop()
        }
    }

    func makeWatches(daemonSet: DaemonSet) -> Watches {
        Watches(
            selector: daemonSet.selector,
            nodes: .nodes(client) { [weak self] in self?.nodes($0) },
            pods: .pods(client, namespace: daemonSet.namespace, selector: daemonSet.selector) { [weak self] in
                self?.pods($0)
            },
            daemonSet: .daemonSet(client, namespace: daemonSet.namespace, name: daemonSet.name) { [weak self] in
                self?.daemonSet($0)
            }
        )
    }

    private func nodes(_ event: WatchEvent<Node>) {
        switch event {
        case .listed(let nodes, _): seen(.nodesListed(nodes))
        case .changed(let node): inbox.append(.nodeChanged(node))
        case .gone(let node): inbox.append(.nodeGone(name: node.name))
        case .lost(let reason): inbox.append(.observationLost(.nodes, reason: reason))
        case .regained: seen(.observationRegained(.nodes))
        case .refused(let error): refused(error, .nodes)
        }
    }

    private func pods(_ event: WatchEvent<Pod>) {
        switch event {
        case .listed(let pods, let time): seen(.podsListed(pods, serverTime: time))
        case .changed(let pod): inbox.append(.podChanged(pod))
        case .gone(let pod): inbox.append(.podGone(uid: pod.uid))
        case .lost(let reason): inbox.append(.observationLost(.pods, reason: reason))
        case .regained: seen(.observationRegained(.pods))
        case .refused(let error): refused(error, .pods)
        }
    }

    private func daemonSet(_ event: WatchEvent<DaemonSet>) {
        switch event {
        case .listed(let found, _): seen(.daemonSetObserved(found.first))
        case .changed(let daemonSet): inbox.append(.daemonSetObserved(daemonSet))
        case .gone: inbox.append(.daemonSetObserved(nil))
        case .lost(let reason): inbox.append(.observationLost(.daemonSet, reason: reason))
        case .regained: seen(.observationRegained(.daemonSet))
        case .refused(let error): refused(error, .daemonSet)
        }
    }

    /// One watch sees something again, so the others need not wait for the server either.
    private func seen(_ event: RolloutEvent) {
        inbox.append(event)
        watches?.serverAnswered()
    }

    /// A missing right at the start is told at once; later it holds the rollout until somebody gives it back.
    private func refused(_ error: APIError, _ view: ClusterView) {
        if machine.isObserved {
            inbox.append(.observationLost(view, reason: error.description))
        } else {
            ending = ending ?? .failed(error.description)
        }
    }

    /// Lists everything again; until then nothing counts as seen, or from an earlier monotonic time on.
    func lookAgain(_ reason: String, unseenSince: Milliseconds? = nil) {
        for view in ClusterView.allCases {
            inbox.append(.observationLost(view, reason: reason, since: unseenSince))
        }
        watches?.relist()
    }

    // MARK: The Lease

    /// What any machine can read on the Lease.
    var checkpoint: [String: String] { RolloutCheckpoint(state: state, plan: planFileDigest).annotations }

    func makeLease() -> LeaseKeeper {
        LeaseKeeper(
            client: client, namespace: state.rollout.namespace, daemonSet: state.rollout.daemonSet,
            identity: "\(person)/\(store.databaseID)"
        ) { [weak self] in self?.lease($0) }
    }

    /// Who drives, for whoever looks at the Lease: `ann@laptop`, as far as it is known.
    private var person: String {
        let user = options.environment("USER") ?? options.environment("LOGNAME") ?? "sluice"
        do {
            let host = String(decoding: try outside.readFile(Self.hostNameFile), as: UTF8.self)
            return "\(user)@\(host.prefix { !$0.isWhitespace })"
        } catch {
            return user
        }
    }

    private static let hostNameFile = "/proc/sys/kernel/hostname"

    /// Whether a delete of ours may reach the server yet: whoever took the Lease now would not see in its list what we have
    /// done. A Lease that is not given back is waited out by the next driver, for longer than any delete is on its way.
    var hasDeleteOnItsWay: Bool { !deletesUnderWay.isEmpty || lateDeleteUntil != nil }

    /// Wants the Lease or gives it back, as the machine says, but not while a delete is on its way. Without a wish for the
    /// Lease, as in a long soak, watching begins at once.
    func keepLease(wanted machineWantsIt: Bool) {
        let wanted = machineWantsIt || leaseIsWanted && hasDeleteOnItsWay
        // The machine takes a Lease that it does not want for given back; kept all the while, or wanted again while its
        // renewal was on the way and nothing could be given back, nobody would tell it.
        if machineWantsIt, !machineWantsLease, lease?.isHeld == true { inbox.append(.leaseHeld) }
        machineWantsLease = machineWantsIt
        let checkpoint = checkpoint
        if wanted, !leaseIsWanted || checkpoint != lastCheckpoint { lease?.hold(checkpoint: checkpoint) }
        if !wanted, leaseIsWanted { lease?.release(checkpoint: checkpoint) }
        if !wanted { watches?.start() }
        leaseIsWanted = wanted
        lastCheckpoint = checkpoint
    }

    private func lease(_ event: LeaseKeeper.Event) {
        switch event {
        case .held(let anew):
            if anew, hasHeldLease || machine.isObserved { lookAgain("listed afresh after taking the Lease") }
            hasHeldLease = true
            leaseSighting = nil
            watches?.start()
            inbox.append(.leaseHeld)
        case .heldByOther(let holder, let until): sighted(holder, until: until)
        case .lost(let reason): inbox.append(.leaseLost(reason: reason))
        case .failed(let error):
            // At the start a person is there to be told; later the rollout holds until somebody mends it.
            if !hasHeldLease, !machine.isObserved, error.isRefusal {
                ending = ending ?? .failed(error.description)
            }
            inbox.append(.leaseLost(reason: error.description))
        case .released: break
        }
    }

    /// Somebody else has the Lease. A dead holder is waited out; one that renews is alive, and the rollout is theirs.
    private func sighted(_ holder: String, until: Milliseconds) {
        let isRenewed = leaseSighting.map { $0.holder == holder && $0.until < until } ?? false
        if isRenewed { ending = ending ?? .heldByOther(holder: holder) }
        if !options.waits { ending = ending ?? .waiting(reason: "the Lease is held by \(holder)") }
        leaseSighting = (holder, until)
        inbox.append(.leaseLost(reason: "held by \(holder)"))
    }
}

extension APIError {
    /// Whether the server refuses us for who we are.
    var isRefusal: Bool {
        switch kind {
        case .forbidden, .authentication, .credential: true
        case .transport, .status, .decoding, .notSent, .interrupted: false
        }
    }
}
