public import SluiceCluster
public import SluiceCore

/// A rollout at core depth: the unchanged machine and the cluster as values that speak to each other in virtual time,
/// without HTTP and without a database.
///
/// Everything that happens in the cluster reaches the machine after the latency, and everything that the machine orders
/// reaches the cluster after the same time. What arrives together is judged together, as a driver does.
public struct CoreDepthWorld: Sendable {
    /// How the two are connected.
    public struct Options: Sendable {
        /// The time from the driver to the API server and the other way, in milliseconds.
        public var latency: Milliseconds
        /// The shortest time between two turns of the machine, in milliseconds.
        public var turnInterval: Milliseconds
        /// Whether the driver lists everything again when it takes the Lease anew, as the real one does. Nothing can have
        /// been missed here, so it costs time and changes nothing but the moment.
        public var listsAgain: Bool
        /// Whether every decision is kept.
        public var keepsDecisions: Bool
        /// How many percent of the nodes are replaced, or lose their pod to somebody else, in a day.
        public var churnPercentPerDay: Double

        /// How the two are connected.
        public init(
            latency: Milliseconds = 5, turnInterval: Milliseconds = 0, listsAgain: Bool = false,
            keepsDecisions: Bool = false, churnPercentPerDay: Double = 0
        ) {
            self.latency = max(0, latency)
            self.turnInterval = max(0, turnInterval)
            self.listsAgain = listsAgain
            self.keepsDecisions = keepsDecisions
            self.churnPercentPerDay = churnPercentPerDay
        }
    }

    /// The cluster as it stands.
    public internal(set) var cluster: Cluster
    /// The machine as it stands.
    public private(set) var machine: RolloutMachine
    /// What was decided so far, in order; empty unless it is kept.
    public private(set) var decisions: [CoreDepthDecision] = []
    /// Whether the machine has ordered the end.
    public private(set) var isOver = false
    /// How many nodes got the new version outside their wave: leaked, or joined.
    public private(set) var leaks = 0
    /// How many turns the machine has had.
    public private(set) var turns = 0
    /// Who answers the gates in the place of the cluster's small Prometheus; nil for nobody.
    public var oracle: (any GateOracle)?
    var coverage: Coverage
    let gates: GateModel
    let options: Options
    let namespace: String
    let daemonSetUID: String
    let start: Milliseconds
    private(set) var now: Milliseconds
    /// What is on its way to the machine, in the order of arrival.
    private var inbox = Line<RolloutEvent>()
    /// What is on its way to the API server.
    private var outbox = Line<Order>()
    private var churn: Churn
    private var wakeAt: Milliseconds?
    private var lastTurn: Milliseconds
    private var hasOrdered = false
    private var wantsLease = false
    private var hasHeldLease = false
    private var readings: [String: KnownReading] = [:]

    /// A request on its way.
    enum Order: Sendable {
        case list
        case lease
        case effect(RolloutEffect)
    }

    /// A rollout that is about to begin.
    ///
    /// - Parameters:
    ///   - rehearsal: what is rolled out, on which fleet.
    ///   - cluster: where; a copy of the rehearsal's own, or one that was made in the same state.
    ///   - seed: draws the churn; the cluster draws from its own.
    public init(_ script: CoreDepthScript, cluster: Cluster, seed: UInt64, options: Options) {
        self.cluster = cluster
        self.cluster.recordTruth(tellsAll: false)
        self.options = options
        start = cluster.time.millisecondsSince1970
        now = start
        lastTurn = start - options.turnInterval
        namespace = script.facts.daemonSet.namespace
        daemonSetUID = script.facts.daemonSet.uid
        machine = RolloutMachine(
            state: script.state(at: cluster.time), plan: script.plan,
            minReadySeconds: script.plan.readiness.effectiveMinReadySeconds(daemonSet: script.facts.daemonSet))
        coverage = script.coverage
        gates = script.gates
        churn = Churn(percentPerDay: options.churnPercentPerDay, nodes: script.facts.nodes)
        churn.begin(seed: seed, at: start)
        outbox.add(.list, at: now + options.latency)
        inbox.add(.wakeReached, at: now)
    }

    // MARK: Time

    /// Runs until the machine orders the end, or until nothing happens any more, or until the longest time has passed.
    public mutating func run() {
        while !isOver, let next = nextDue(), next - start <= RehearsalLimits.longestRun { step(to: next) }
    }

    /// Runs until the first order is on its way, or something is about to happen in the cluster by itself. Up to there it
    /// does not matter how the new version behaves.
    mutating func look() {
        while !isOver, machine.state.rollout.phase == .preparing, !hasOrdered, let next = nextDue(),
            next < cluster.nextDue?.millisecondsSince1970 ?? .max, next < churn.nextDue ?? .max
        { step(to: next) }
    }

    /// The same world where the new version behaves in a way of its own.
    func behaving(_ rule: BehaviourRule) -> CoreDepthWorld {
        var copy = self
        copy.cluster.setBehaviours([rule])
        return copy
    }

    /// Runs until the first deletes are on their way, or to an end before. Up to there nothing is drawn.
    mutating func prepare() {
        while !isOver, machine.state.rollout.phase == .preparing, let next = nextDue(),
            next - start <= RehearsalLimits.longestRun
        { step(to: next) }
    }

    /// The same world with the chances of a seed from now on.
    func drawn(seed: UInt64) -> CoreDepthWorld {
        var copy = self
        copy.cluster.draw(seed: seed)
        copy.churn.begin(seed: seed, at: now)
        return copy
    }

    private func nextDue() -> Milliseconds? {
        let turn = inbox.nextDue.map { max($0, lastTurn + options.turnInterval) }
        let cluster = cluster.nextDue?.millisecondsSince1970
        let isIdle = turn == nil && outbox.nextDue == nil && wakeAt == nil && cluster == nil
        guard !isIdle else { return nil }
        return min(
            min(turn ?? .max, outbox.nextDue ?? .max), min(wakeAt ?? .max, cluster ?? .max), churn.nextDue ?? .max)
    }

    private mutating func step(to time: Milliseconds) {
        now = max(now, time)
        cluster.advance(to: Timestamp(now))
        collect()
        if let due = churn.nextDue, due <= now {
            for act in churn.take(by: due) { befall(act) }
            collect()
        }
        while let order = outbox.take(by: now) {
            perform(order)
            collect()
        }
        let isAwake = wakeAt.map { $0 <= now } ?? false
        guard isAwake || inbox.nextDue.map({ max($0, lastTurn + options.turnInterval) <= now }) ?? false else { return }
        turn(isAwake: isAwake)
    }

    private mutating func befall(_ act: Churn.Act) {
        switch act {
        case .nodeGoes(let name): cluster.removeNode(name, at: Timestamp(now))
        case .nodeJoins(let node): cluster.addNode(node, at: Timestamp(now))
        case .podGoes(let node):
            if let pod = coverage.pod(on: node) { _ = cluster.deletePod(uid: pod, at: Timestamp(now)) }
        }
    }

    /// What has changed in the cluster sets out for the machine.
    private mutating func collect() {
        for change in cluster.takeTruth() {
            coverage.take(change.truth)
            guard let event = event(of: change.truth) else { continue }
            inbox.add(event, at: change.time.millisecondsSince1970 + options.latency)
        }
    }

    private func event(of truth: Truth) -> RolloutEvent? {
        switch truth {
        case .pod(let pod): return pod.namespace == namespace ? .podChanged(pod.noun) : nil
        case .podGone(let pod): return pod.namespace == namespace ? .podGone(uid: pod.uid) : nil
        case .node(let node): return node.noun.map(RolloutEvent.nodeChanged)
        case .nodeGone(let name): return .nodeGone(name: name)
        case .daemonSet(let found):
            return found.uid == daemonSetUID ? found.noun.map(RolloutEvent.daemonSetObserved) : nil
        case .daemonSetGone(let uid): return uid == daemonSetUID ? .daemonSetObserved(nil) : nil
        case .lease: return nil
        }
    }

    // MARK: The driver's part

    private mutating func turn(isAwake: Bool) {
        lastTurn = now
        turns += 1
        var events: [RolloutEvent] = []
        while let event = inbox.take(by: now) { events.append(event) }
        if isAwake {
            wakeAt = nil
            events.append(.wakeReached)
        }
        let decision = machine.handle(events, at: moment)
        wakeAt = decision.wakeAt.map { start + $0 }
        note(decision)
        if decision.wantsLease, !wantsLease { outbox.add(.lease, at: now + options.latency) }
        wantsLease = decision.wantsLease
        for effect in decision.effects { send(effect) }
        if let wave = machine.state.waveToApprove {
            // Nobody knows how long people take.
            inbox.add(.operatorAsked(.approve(wave: wave.name, by: "the rehearsal", reason: "")), at: now)
        }
    }

    private mutating func note(_ decision: Decision) {
        for line in decision.journal {
            if line.event == .leaked || line.event == .joined { leaks += 1 }
            if options.keepsDecisions { decisions.append(CoreDepthDecision(time: now - start, what: .journal(line))) }
        }
    }

    private mutating func send(_ effect: RolloutEffect) {
        if case .finish = effect {
            isOver = true
            return
        }
        if case .deletePod(let deletion) = effect, options.keepsDecisions {
            decisions.append(
                CoreDepthDecision(time: now - start, what: .delete(node: deletion.node, pod: deletion.name)))
        }
        hasOrdered = true
        outbox.add(.effect(effect), at: now + options.latency)
    }

    private mutating func answer(_ event: RolloutEvent) { inbox.add(event, at: now + options.latency) }

    // MARK: The API server's part

    private mutating func perform(_ order: Order) {
        switch order {
        case .list: list()
        case .lease:
            if hasHeldLease, options.listsAgain {
                for view in ClusterView.allCases {
                    answer(.observationLost(view, reason: "listed afresh after taking the Lease"))
                }
                outbox.add(.list, at: now + 2 * options.latency)
            }
            hasHeldLease = true
            answer(.leaseHeld)
        case .effect(let effect): perform(effect)
        }
    }

    private mutating func list() {
        let name = machine.state.rollout.daemonSet
        guard let fleet = cluster.fleet(namespace: namespace, daemonSet: name) else {
            return answer(.daemonSetObserved(nil))
        }
        answer(.nodesListed(fleet.nodes))
        answer(.podsListed(fleet.pods, serverTime: Timestamp(now)))
        answer(.daemonSetObserved(fleet.daemonSet))
    }

    private var moment: Moment { Moment(monotonic: now - start, wall: Timestamp(now)) }

    private mutating func perform(_ effect: RolloutEffect) {
        let time = Timestamp(now)
        let name = machine.state.rollout.daemonSet
        switch effect {
        case .deletePod(let deletion):
            let isThere = cluster.deletePod(uid: deletion.uid, at: time)
            if isThere { coverage.reach(deletion.node) }
            answer(isThere ? .deleteAccepted(uid: deletion.uid) : .deleteRefused(uid: deletion.uid, .gone))
        case .patchDaemonSet(let patch):
            let result = cluster.patchDaemonSet(namespace: namespace, name: name, body: patch.body, at: time)
            switch result {
            case .success(let daemonSet): answer(.patchAccepted(daemonSet))
            case .failure(let failure) where failure.status == 409: answer(.patchRefused(.conflict))
            case .failure(let failure): answer(.patchRefused(.rejected(reason: failure.message)))
            }
        case .listRevisions:
            let daemonSet = cluster.daemonSet(namespace: namespace, name: name)
            answer(.revisionsListed(daemonSet.map { cluster.controllerRevisions(of: $0) } ?? []))
        case .lookAtPods:
            let pods = cluster.fleet(namespace: namespace, daemonSet: name)?.pods ?? []
            answer(.podsListed(pods, serverTime: time))
        // Whether anything stands in the way on the day, or is edited, is not known.
        case .lookFor(let blocker): answer(.blockerSeen(name: blocker.name, .absent))
        case .lookAtConfig(let objects):
            for object in objects { answer(.configSeen(object, .present(ConfigVersion(uid: "", resourceVersion: "")))) }
        case .readCreationRefusal:
            let refusal = cluster.lastCreationRefusal(ofDaemonSet: daemonSetUID).flatMap { last in
                now - last.time.millisecondsSince1970 <= RehearsalLimits.refusalFreshness ? last.reason : nil
            }
            answer(.creationRefusalRead(reason: refusal))
        case .measure(let measurement):
            answer(.measured(wave: measurement.wave, gate: measurement.gate, reading(of: measurement)))
        case .scrape(let order):
            answer(.scraped(wave: order.wave, gate: order.gate, gates.scrapes(of: order, in: cluster, at: moment)))
        // A model's webhook says yes: whether yours would is not known.
        case .ask(let question):
            answer(.measured(wave: question.wave, gate: question.gate, .answer(isYes: true, "assumed")))
        case .finish: break
        }
    }
}

/// Answers what gates ask.
public protocol GateOracle: Sendable {
    /// The answer; nil leaves it to the cluster's small Prometheus.
    mutating func reading(of measurement: GateMeasurement, in cluster: Cluster) -> MetricReading?
}

extension CoreDepthWorld {
    /// The answer to a question about a cluster that has not changed since.
    struct KnownReading: Sendable {
        var query: String
        var version: Int
        var reading: MetricReading
    }

    /// The same question about the same cluster has the same answer.
    private mutating func reading(of measurement: GateMeasurement) -> MetricReading {
        let (query, version) = (measurement.query.query, cluster.resourceVersion)
        if let answer = oracle?.reading(of: measurement, in: cluster) { return answer }
        guard measurement.range == nil else { return gates.reading(of: measurement, in: cluster) }
        if let known = readings[measurement.gate], known.version == version, known.query == query {
            return known.reading
        }
        let reading = gates.reading(of: measurement, in: cluster)
        readings[measurement.gate] = KnownReading(query: query, version: version, reading: reading)
        return reading
    }
}
