public import SluiceClients
public import SluiceCore
public import SluiceStore

/// Drives one rollout: observe, decide, commit, perform, over and over, in one thread.
///
/// Nothing is done to the cluster that is not in the database already: each turn writes its rows and journal lines in one
/// transaction before any order leaves.
public final class RolloutDriver {
    /// How driving ended.
    public enum Ending: Sendable, Equatable {
        /// The rollout is completed, halted or aborted; its state says which and why.
        case stopped
        /// A signal asked us to stop; the rollout can be resumed.
        case interrupted(signal: Int32)
        /// There is something to wait for, and the options say not to.
        case waiting(reason: String)
        /// Another live driver holds the Lease.
        case heldByOther(holder: String)
        /// The cluster or the database failed for good.
        case failed(String)
    }

    /// How to drive.
    public struct Options: Sendable {
        /// Whether to sit through soaks, pauses, waits for approvals and windows, and another driver's Lease.
        public var waits: Bool
        /// Looks up an environment variable, for the secrets of gates and destinations.
        public var environment: @Sendable (String) -> String?

        /// How to drive.
        public init(waits: Bool = true, environment: @escaping @Sendable (String) -> String?) {
            self.waits = waits
            self.environment = environment
        }
    }

    let client: KubernetesClient
    let outside: any Outside
    let store: Store
    let options: Options
    let prometheus: PrometheusClient
    let alerts: AlertClient
    private let onJournal: ([JournalLine]) -> Void
    /// Told of each turn once it is on disk and before any of its orders leaves; nil when nobody looks on.
    public var onTurn: ((RolloutTurn) -> Void)?
    private var untoldTurn: RolloutTurn?

    let planFileDigest: String
    let plan: RolloutPlan
    var machine: RolloutMachine
    /// What has arrived since the last turn.
    var inbox: [RolloutEvent] = []
    /// The requests in the inbox. They count as consumed only once they have been decided on.
    private var requestsInInbox: [Int64] = []
    /// The newest request that was there when a person asked for this driver; nil when it is not known.
    var newestRequestBefore: Int64?
    /// What has been decided and is not on disk yet.
    var uncommitted = Uncommitted()
    var storeRetryAt: Milliseconds?
    var revisionsRetryAt: Milliseconds?
    private var machineWakeAt: Milliseconds?
    private var lookedAt: Milliseconds?
    /// What the wall clock was ahead of the other one at the last look, in milliseconds.
    private var wallLead: Milliseconds?
    /// The deletes that have no answer yet, by a number that counts them.
    var deletesUnderWay: [Int: KubernetesClient.RequestID] = [:]
    var lastDelete = 0
    /// Until when a delete that nobody answered may still reach the server; nil when there is none.
    var lateDeleteUntil: Milliseconds?
    /// The measurements under way.
    var measurements: [OrderID: Measurement] = [:]
    /// The questions about blockers, and those of gates to webhooks, under way.
    var questions: [OrderID: Question] = [:]
    let pages: PageQueue
    var ending: Ending?
    var watches: Watches?
    var lease: LeaseKeeper?
    var outbox: OutboxSender?
    var leaseSighting: (holder: String, until: Milliseconds)?
    var hasHeldLease = false
    /// Whether the Lease is kept, and whether the machine wants it: a delete on its way keeps it too.
    var leaseIsWanted = false
    var machineWantsLease = false
    var lastCheckpoint: [String: String] = [:]

    /// One measurement of a gate under way.
    struct Measurement {
        var order: GateMeasurement
        var head: HTTPHead?
    }

    /// Rows, lines, messages, consumed requests and orders that wait for the database.
    struct Uncommitted {
        var changes = RowChanges()
        var journal: [JournalLine] = []
        var outbox = OutboxChanges()
        var requests: [Int64] = []
        var effects: [RolloutEffect] = []

        /// Whether something is to be ordered that cannot wait for the next try. The end can.
        var hasOrders: Bool {
            effects.contains { if case .finish = $0 { false } else { true } }
        }

        var isEmpty: Bool { changes.isEmpty && journal.isEmpty && outbox.isEmpty && requests.isEmpty }
    }

    /// The time between two tries to write to a database that failed, in milliseconds.
    static let storeRetryInterval: Milliseconds = 1_000
    /// The time between two tries to list the revisions, in milliseconds.
    static let revisionsRetryInterval: Milliseconds = 2_000
    /// The longest time between two looks at the outside, in milliseconds. Looking costs no request.
    static let lookInterval: Milliseconds = 5_000
    /// How much later than planned a look may be before this process counts as suspended meanwhile, in milliseconds.
    static let suspensionTolerance: Milliseconds = 10_000
    /// By how much the wall clock may move against the other one between two looks before it counts as set, in
    /// milliseconds.
    static let clockTolerance: Milliseconds = 500

    /// A driver of a rollout that is in the store.
    ///
    /// - Parameters:
    ///   - state: as stored.
    ///   - plan: the plan of `state.rollout.planText`.
    ///   - daemonSet: as it is now, for its selector and minReadySeconds.
    ///   - onJournal: told the journal lines of each turn, after they are on disk.
    public init(
        client: KubernetesClient, store: Store, state: RolloutState, plan: RolloutPlan, daemonSet: DaemonSet,
        options: Options, onJournal: @escaping ([JournalLine]) -> Void
    ) {
        self.client = client
        self.outside = client.outside
        self.store = store
        self.options = options
        self.onJournal = onJournal
        self.plan = plan
        planFileDigest = RolloutCheckpoint.digest(ofPlan: state.rollout.planText)
        pages = PageQueue(client: client, namespace: state.rollout.namespace)
        prometheus = PrometheusClient(outside: client.outside, environment: options.environment)
        alerts = AlertClient(outside: client.outside, environment: options.environment)
        machine = RolloutMachine(
            state: state, plan: plan,
            minReadySeconds: plan.readiness.effectiveMinReadySeconds(daemonSet: daemonSet))
        watches = makeWatches(daemonSet: daemonSet)
        lease = makeLease()
        outbox = makeOutbox(plan: plan)
    }

    /// The rollout as it stands.
    public var state: RolloutState { machine.state }

    /// Drives until there is nothing more to do or no way to go on.
    ///
    /// - Parameter resuming: whether a person took the rollout up again: a pause is lifted and a halt judged anew.
    public func run(resuming: Bool = false) -> Ending {
        // What was asked of an earlier driver was asked before this one was started; a pause that came while it looked
        // for its cluster came afterwards, and is not to be lifted.
        takeRequests(upTo: newestRequestBefore ?? .max)
        inbox.append(resuming ? .operatorAsked(.resume) : .wakeReached)
        takeRequests()
        turn()
        while ending == nil {
            observe()
            if ending == nil { turn() }
        }
        return wrapUp(ending ?? .stopped)
    }

    // MARK: Observe

    /// The only place that blocks.
    private func observe() {
        let look = outside.now.monotonic + (inbox.isEmpty ? Self.lookInterval : 0)
        let wakes = [client.nextWake, outbox?.nextWake, machineWakeAt, storeRetryAt, revisionsRetryAt, look]
        let arrivals = client.takeKept() + outside.poll(until: wakes.compactMap { $0 }.min())
        noticeSuspension()
        noticeSetClock()
        for arrival in arrivals { receive(arrival) }
        client.advance()
        outbox?.advance()
        let now = outside.now.monotonic
        if let due = revisionsRetryAt, due <= now {
            revisionsRetryAt = nil
            listRevisions()
        }
        if let until = lateDeleteUntil, until <= now {
            lateDeleteUntil = nil
            inbox.append(.wakeReached)
        }
        if let due = machineWakeAt, due <= now {
            machineWakeAt = nil
            inbox.append(.wakeReached)
        }
    }

    /// After a suspension (a laptop that slept, a process that was stopped) nothing that was seen before counts: the
    /// connections may be dead without knowing it. Comes before the timers, or a soak could end in the very turn in which
    /// its driver wakes up.
    private func noticeSuspension() {
        let now = outside.now.monotonic
        defer { lookedAt = now }
        guard let before = lookedAt, now - before > Self.lookInterval + Self.suspensionTolerance else { return }
        lookAgain("this process stood still for \((now - before) / 1_000) s", unseenSince: before)
    }

    /// Windows open by the wall clock, and the machine waits by the other one.
    private func noticeSetClock() {
        let now = outside.now
        let lead = now.wall.millisecondsSince1970 - now.monotonic
        if let before = wallLead, abs(lead - before) > Self.clockTolerance { inbox.append(.wakeReached) }
        wallLead = lead
    }

    private func receive(_ arrival: Arrival) {
        if client.receive(arrival) || outbox?.receive(arrival) == true { return }
        switch arrival {
        case .signal(let number): ending = .interrupted(signal: number)
        case .storeChanged: takeRequests()
        case .head(let id, let head):
            measurements[id]?.head = head
            questions[id]?.head = head
        case .finished(let id, let result):
            if !answered(id, result) { measured(id, result) }
        case .bytes, .exited: break
        }
    }

    /// Takes what people asked for in other terminals.
    private func takeRequests(upTo newest: Int64 = .max) {
        do throws(StoreError) {
            for pending in try store.pendingRequests(of: state.rollout.id)
            where pending.number <= newest && !uncommitted.requests.contains(pending.number)
                && !requestsInInbox.contains(pending.number)
            {
                requestsInInbox.append(pending.number)
                inbox.append(.operatorAsked(pending.request))
            }
        } catch {
            inbox.append(.storeFailed(reason: error.message))
            storeRetryAt = outside.now.monotonic + Self.storeRetryInterval
        }
    }

    // MARK: Decide, commit, perform

    private func turn() {
        if !inbox.isEmpty {
            let events = inbox
            inbox = []
            uncommitted.requests += requestsInInbox
            requestsInInbox = []
            let phase = state.rollout.phase
            let decision = machine.handle(events, at: outside.now)
            if onTurn != nil {
                let step = RolloutTurn.Step(phase: phase, events: events, next: state.rollout.phase)
                let turn = RolloutTurn(steps: [step], decision: decision, state: state)
                untoldTurn = untoldTurn?.followed(by: turn) ?? turn
            }
            machineWakeAt = decision.wakeAt
            uncommitted.add(decision)
            announce(decision.journal, before: phase)
            // A person can take a halted rollout up again before its halt is written down.
            if !state.rollout.phase.isFinal, state.rollout.phase != .halted { uncommitted.dropEnd() }
            keepLease(wanted: decision.wantsLease)
        }
        commit()
        if ending == nil, !options.waits { endInsteadOfWaiting() }
    }

    func commit() {
        noteDeliveries()
        let isRetry = storeRetryAt != nil
        if isRetry, let due = storeRetryAt, due > outside.now.monotonic, !uncommitted.hasOrders { return }
        do throws(StoreError) {
            if !uncommitted.isEmpty {
                try store.commit(
                    uncommitted.changes, journal: uncommitted.journal, outbox: uncommitted.outbox,
                    consuming: uncommitted.requests, of: state.rollout.id, at: outside.now.wall)
            }
        } catch {
            return commitFailed(error)
        }
        let done = uncommitted
        uncommitted = Uncommitted()
        if isRetry {
            storeRetryAt = nil
            inbox.append(.storeRecovered)
            takeRequests()
        }
        if !done.journal.isEmpty { onJournal(done.journal) }
        if let onTurn, let turn = untoldTurn {
            untoldTurn = nil
            onTurn(turn)
        }
        for effect in done.effects { perform(effect) }
        if !done.outbox.new.isEmpty { outbox?.noteNewMessages() }
        outbox?.advance()
    }

    /// Rows and lines are kept for the next try. Orders that would change the cluster are taken back, since the world may
    /// be another one by then.
    private func commitFailed(_ error: StoreError) {
        guard error.isTransient else {
            ending = .failed(error.message)
            return
        }
        storeRetryAt = outside.now.monotonic + Self.storeRetryInterval
        inbox.append(.storeFailed(reason: error.message))
        for effect in uncommitted.effects {
            switch effect {
            case .deletePod(let deletion):
                inbox.append(.deleteRefused(uid: deletion.uid, .notSent(reason: error.message)))
            case .patchDaemonSet: inbox.append(.patchRefused(.temporary(reason: error.message)))
            case .listRevisions, .lookAtPods, .readCreationRefusal, .lookFor, .lookAtConfig, .measure, .scrape,
                .ask:
                perform(effect)
            case .finish: continue
            }
        }
        uncommitted.effects.removeAll {
            if case .finish = $0 { false } else { true }
        }
    }

    /// Ends at a soak, a pause, an approval or a window. What is under way settles first.
    private func endInsteadOfWaiting() {
        guard inbox.isEmpty, uncommitted.isEmpty, !state.nodes.values.contains(where: \.status.isUnderWay) else {
            return
        }
        let waits: Set<HoldKind> = [.soak, .paused, .annotation, .approval, .window, .freeze, .blocker]
        guard let hold = state.rollout.holds.first(where: { waits.contains($0.kind) }) else { return }
        ending = .waiting(reason: hold.reason)
    }
}

/// One turn of a driver: what it had been told, and what it made of it.
public struct RolloutTurn: Sendable {
    /// One call of the machine.
    public struct Step: Sendable {
        /// Where the rollout stood before.
        public var phase: Phase
        /// What had arrived, in order.
        public var events: [RolloutEvent]
        /// Where the rollout stood afterwards.
        public var next: Phase
    }

    /// The calls of the machine, in order: one as a rule, more when the earlier ones could not be written down one by one.
    public var steps: [Step]
    /// What was decided in the last one, with the journal lines of all.
    public var decision: Decision
    /// The rollout afterwards, as it is stored.
    public var state: RolloutState

    /// The latest steps that are told of turns that could not be written down one by one.
    private static let stepsKept = 100

    /// This turn, which could not be written down by itself, and the next as one.
    func followed(by next: RolloutTurn) -> RolloutTurn {
        var both = next
        // A disk can be full for a day.
        both.steps = (steps + next.steps).suffix(Self.stepsKept)
        both.decision.journal = decision.journal + next.decision.journal
        return both
    }
}

extension NodeStatus {
    /// Whether the node is in the middle of being replaced.
    var isUnderWay: Bool {
        switch self {
        case .deleting, .replacing: true
        case .pending, .updated, .deferred, .skipped, .failed, .left: false
        }
    }
}

extension RolloutDriver.Uncommitted {
    /// Adds what a turn decided; of two versions of a row the later one counts.
    mutating func add(_ decision: Decision) {
        changes.merge(decision.changes)
        journal += decision.journal
        effects += decision.effects
    }

    /// Forgets the order to stop driving.
    mutating func dropEnd() {
        effects.removeAll { if case .finish = $0 { true } else { false } }
    }
}
