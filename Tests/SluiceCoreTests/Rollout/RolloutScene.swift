import SluiceCore

/// SplitMix64: the same seed, the same scene.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// A small world around the machine: nodes, pods that are replaced after a while, and a driver that can crash.
///
/// It judges every order against its own truth, not against the machine's counters.
struct RolloutScene {
    static let oldHash = "old"
    static let newHash = "new"

    enum Life: Sendable {
        case normal
        case neverReady
        case crashLoop
        case noPod
    }

    struct PodState {
        var pod: Pod
        var node: String
    }

    /// Something that will happen at a time.
    struct Timer {
        var at: Milliseconds
        var order: Int
        var action: Action
    }

    enum Action {
        case event(RolloutEvent)
        case podGone(String)
        case newPod(String)
        case ready(String)
        case restart(String)
        case nodeGone(String)
        case nodeJoined(String)
        case viewLost
        case viewBack
        case leaseLost
    }

    var plan: RolloutPlan
    var machine: RolloutMachine
    var stored: RolloutState
    var nodes: [String: Node] = [:]
    var pods: [String: Pod] = [:]
    var lives: [String: Life] = [:]
    var daemonSet: DaemonSet
    var revisions: [ControllerRevision]
    var now = Moment(monotonic: 1_000, wall: Timestamp(1_700_000_000_000))
    var timers: [Timer] = []
    var generator: SeededGenerator
    var journal: [JournalLine] = []
    var order = 0
    var podCount = 0
    var wakeAt: Milliseconds?
    var isFinished = false
    var leaseIsWanted = true
    /// Whether the watches are broken: nothing of what happens reaches the driver.
    var isUnseen = false
    /// When each Ready pod became so, by the scene's clock.
    var readySince: [String: Milliseconds] = [:]
    var terminated: Set<String> = []
    var deletesByNode: [String: Int] = [:]
    var violations: [String] = []
    /// How long the watch takes to show what the controller made of a patch, in milliseconds; its answer takes 5.
    var observationDelay: Milliseconds = 60
    /// What the DaemonSet's events say of pods that could not be created.
    var creationRefusal: String?
    var reading: MetricReading = .samples([1])
    /// What a question about a time brings; nil brings ``reading`` at each of its points.
    var history: (QueryRange) -> MetricReading? = { _ in nil }
    var ranges: [QueryRange] = []
    var questions: [GateQuestion] = []
    /// What the metrics page of a pod says.
    var page: (ScrapeOrder.Target, Moment) -> PodScrape.Reading = { _, _ in .noData }
    var answer: (inout SeededGenerator) -> DeleteRefusal? = { _ in nil }
    /// The digest reference of the image that a node's new pods run.
    var imageID: (_ node: String) -> String = { _ in "" }
    /// What becomes of the next patches, instead of being carried out.
    var patchRefusals: [PatchRefusal] = []
    /// What is found of a blocker.
    var blockerReading = BlockerReading.absent
    /// What is found of ConfigMaps and Secrets, and when they were looked at.
    var configs: [ConfigObject: ConfigReading] = [:]
    var configLooks: [Milliseconds] = []
    var notReadyBefore: Set<String> = []
    /// The nodes whose pod may be deleted although it has the target revision.
    var retried: Set<String> = []

    init(seed: UInt64, waves: [(Wave, [[String]])], budget: Int, plan change: (inout RolloutPlan) -> Void = { _ in }) {
        generator = SeededGenerator(state: seed)
        let base = PodTemplate(json: ["spec": ["containers": [["name": "c", "image": "c:1"]]]])
        let target = base.replacing(images: [ContainerImage(container: "c", image: "c:2")]).template
        plan = RolloutPlan(
            name: "p", daemonSet: "ds", images: [ContainerImage(container: "c", image: "c:2")], waves: waves.map(\.0))
        change(&plan)
        daemonSet = DaemonSet(
            namespace: "ns", name: "ds", uid: "ds-uid", selector: LabelSelector(matchLabels: ["app": "ds"]),
            template: base)
        revisions = [
            ControllerRevision(
                name: "ds-old", uid: "r1", ownerUID: "ds-uid", hash: Self.oldHash, revision: 1,
                createdAt: Timestamp(1_600_000_000_000), template: base)
        ]
        var records: [String: NodeRecord] = [:]
        var position = 0
        var waveRecords: [WaveRecord] = []
        for (index, (wave, batches)) in waves.enumerated() {
            waveRecords.append(
                WaveRecord(
                    index: index, name: wave.name, planIndex: index, batchCount: batches.count,
                    plannedNodes: batches.flatMap { $0 }.count, soakSeconds: wave.soakSeconds,
                    failuresAllowed: plan.waves[index].resolvedFailuresAllowed(
                        nodes: batches.flatMap { $0 }.count, isFirst: index == 0),
                    needsApproval: plan.waves[index].needsApproval))
            for (batch, names) in batches.enumerated() {
                for name in names {
                    records[name] = NodeRecord(node: name, wave: index, batch: batch, position: position)
                    position += 1
                    nodes[name] = Node(name: name, uid: name, labels: ["wave": wave.name])
                    lives[name] = .normal
                }
            }
        }
        let rollout = RolloutRecord(
            id: "r", clusterUID: "c", namespace: "ns", daemonSet: "ds", daemonSetUID: "ds-uid", planText: [],
            planDigest: "", baseTemplate: base, targetTemplate: target, maxUnavailable: budget, createdAt: now.wall,
            changedAt: now.wall)
        stored = RolloutState(rollout: rollout, waves: waveRecords, nodes: records)
        machine = RolloutMachine(state: stored, plan: plan, minReadySeconds: plan.readiness.minReadySeconds)
        for name in nodes.keys.sorted() { addPod(on: name, hash: Self.oldHash, isReady: true) }
    }

    mutating func addPod(on node: String, hash: String, isReady: Bool) {
        podCount += 1
        let pod = Pod(
            name: "ds-\(podCount)", namespace: "ns", uid: "pod-\(podCount)", nodeName: node, ownerUID: "ds-uid",
            revisionHash: hash, phase: .running, isReady: isReady,
            containers: [ContainerStatus(name: "c", isReady: isReady)])
        pods[pod.uid] = pod
    }

    // MARK: Driving

    /// Lists everything, as a driver does when it starts.
    mutating func start() {
        send([
            .leaseHeld, .revisionsListed(revisions), .nodesListed(nodes.values.sorted { $0.name < $1.name }),
            .podsListed(pods.values.sorted { $0.uid < $1.uid }, serverTime: now.wall), .daemonSetObserved(daemonSet),
        ])
    }

    /// The driver dies; what it had not committed is gone, what it had ordered may have been carried out.
    mutating func crash() {
        machine = RolloutMachine(state: stored, plan: plan, minReadySeconds: plan.readiness.minReadySeconds)
        timers.removeAll {
            if case .event = $0.action { true } else { false }
        }
        wakeAt = nil
        isUnseen = false
        start()
    }

    mutating func send(_ events: [RolloutEvent]) {
        let events = isUnseen ? events.filter(\.isOurs) : events
        let decision = machine.handle(events, at: now)
        stored.apply(decision.changes)
        if stored != machine.state { violations.append("the stored state lags the machine's: \(difference())") }
        journal += decision.journal
        wakeAt = decision.wakeAt
        if decision.wantsLease, !leaseIsWanted { after(3, .event(.leaseHeld)) }
        leaseIsWanted = decision.wantsLease
        for effect in decision.effects { perform(effect) }
    }

    private func difference() -> String {
        for (name, record) in machine.state.nodes where stored.nodes[name] != record {
            return "\(name): \(String(describing: stored.nodes[name])) != \(record)"
        }
        if stored.rollout != machine.state.rollout { return "the rollout's row" }
        return stored.waves != machine.state.waves ? "the waves" : "the gates"
    }

    mutating func after(_ delay: Milliseconds, _ action: Action) {
        order += 1
        timers.append(Timer(at: now.monotonic + delay, order: order, action: action))
    }

    private mutating func perform(_ effect: RolloutEffect) {
        switch effect {
        case .patchDaemonSet where !patchRefusals.isEmpty:
            after(5, .event(.patchRefused(patchRefusals.removeFirst())))
        case .patchDaemonSet(let patch):
            switch patch.change {
            case .none: break
            case .images(let images): daemonSet.template = daemonSet.template.replacing(images: images).template
            case .replacement(let template): daemonSet.template = template
            }
            daemonSet.updateStrategy = .onDelete
            daemonSet.generation += 1
            if !revisions.contains(where: { $0.template == daemonSet.template }) {
                revisions.append(
                    ControllerRevision(
                        name: "ds-new", uid: "r2", ownerUID: "ds-uid", hash: Self.newHash, revision: 2,
                        createdAt: now.wall, template: daemonSet.template))
            }
            after(5, .event(.patchAccepted(daemonSet)))
            if plan.leak == .park { observe() }
        case .listRevisions: after(5, .event(.revisionsListed(revisions)))
        case .readCreationRefusal: after(5, .event(.creationRefusalRead(reason: creationRefusal)))
        case .lookAtPods:
            after(5, .event(.podsListed(pods.values.sorted { $0.uid < $1.uid }, serverTime: now.wall)))
        case .deletePod(let deletion): delete(deletion)
        case .measure(let measurement):
            let answer = reading(over: measurement.range)
            after(5, .event(.measured(wave: measurement.wave, gate: measurement.gate, answer)))
        case .ask(let question):
            questions.append(question)
            after(5, .event(.measured(wave: question.wave, gate: question.gate, reading)))
        case .scrape(let order):
            after(5, .event(.scraped(wave: order.wave, gate: order.gate, order.targets.map { page(of: $0) })))
        case .lookAtConfig(let objects): look(at: objects)
        case .lookFor(let blocker): after(5, .event(.blockerSeen(name: blocker.name, blockerReading)))
        case .finish: isFinished = true
        }
    }

    private mutating func reading(over range: QueryRange?) -> MetricReading {
        guard let range else { return reading }
        ranges.append(range)
        if let answer = history(range) { return answer }
        guard case .samples(let values) = reading else { return reading }
        return .series(values.map { value in Self.series(over: range) { _ in value } })
    }

    /// The controller acts upon the template.
    private mutating func observe() {
        daemonSet.observedGeneration = daemonSet.generation
        after(observationDelay, .event(.daemonSetObserved(daemonSet)))
    }

    private mutating func delete(_ deletion: PodDeletion) {
        let refusal = answer(&generator)
        let acts: Bool
        switch refusal {
        case .uncertain: acts = generator.chance(50)
        case .gone, .notSent, .throttled, .disruptionBudget, .rejected: acts = false
        case nil: acts = true
        }
        if acts, var pod = pods[deletion.uid], !pod.isTerminating {
            judgeDelete(of: pod)
            pod.isTerminating = true
            pods[pod.uid] = pod
            after(10, .event(.podChanged(pod)))
            after(Milliseconds.random(in: 500...1_500, using: &generator), .podGone(pod.uid))
        }
        after(
            7,
            .event(refusal.map { .deleteRefused(uid: deletion.uid, $0) } ?? .deleteAccepted(uid: deletion.uid)))
    }

    /// Ready for long enough, by the scene's own clock, and not going.
    private func isAvailable(_ pod: Pod) -> Bool {
        guard pod.isReady, !pod.isTerminating else { return false }
        return now.monotonic - (readySince[pod.uid] ?? 0) >= plan.readiness.minReadySeconds * 1_000
    }

    // MARK: Judging

    /// The rules that hold whenever a pod is sent into termination, by the scene's own truth.
    private mutating func judgeDelete(of pod: Pod) {
        let node = pod.nodeName ?? ""
        if !terminated.insert(pod.uid).inserted { violations.append("\(pod.uid) was terminated twice") }
        if pod.revisionHash == Self.newHash, !retried.contains(node) {
            violations.append("\(pod.uid) has the target revision")
        }
        if nodes[node]?.ready != .true { violations.append("\(node) is NotReady") }
        deletesByNode[node, default: 0] += 1
        let blind = nodes.keys.filter { name in
            name != node && !notReadyBefore.contains(name) && stored.nodes[name]?.status != .skipped
                && !pods.values.contains { $0.nodeName == name && isAvailable($0) }
        }
        if pod.isReady && blind.count >= stored.rollout.maxUnavailable {
            violations.append("budget: \(blind.count) nodes were blind when \(node) was deleted")
        }
        if let wave = stored.nodes[node]?.wave, wave > 0,
            stored.waves[0..<wave].contains(where: { $0.status != .passed })
        {
            violations.append("\(node) of wave \(wave) was deleted before the waves before it passed")
        }
    }

    // MARK: Time

    /// Lets time pass until the machine has finished or nothing more can happen.
    mutating func run(until limit: Milliseconds = 100_000_000) {
        var steps = 0
        while !isFinished, violations.isEmpty {
            steps += 1
            if steps > 100_000 { return violations.append("no end after \(steps) steps at \(now.monotonic)") }
            let next = timers.min { ($0.at, $0.order) < ($1.at, $1.order) }
            let times = [next?.at, wakeAt].compactMap { $0 }
            guard let at = times.min(), at <= limit else { return }
            advance(to: max(at, now.monotonic))
            if let next, next.at <= now.monotonic {
                timers.removeAll { $0.order == next.order }
                fire(next.action)
            } else {
                send([.wakeReached])
            }
        }
    }

    mutating func advance(to monotonic: Milliseconds) {
        now = now.advanced(by: monotonic - now.monotonic)
    }

    private mutating func fire(_ action: Action) {
        switch action {
        case .event(let event): send([event])
        case .podGone(let uid):
            guard let node = pods.removeValue(forKey: uid)?.nodeName else { return }
            if nodes[node] != nil { after(20, .newPod(node)) }
            send([.podGone(uid: uid)])
        case .newPod(let node):
            guard nodes[node] != nil, lives[node] != .noPod else { return }
            let hash = revisions.first { $0.template == daemonSet.template }?.hash ?? Self.oldHash
            addPod(on: node, hash: hash, isReady: false)
            let uid = "pod-\(podCount)"
            switch lives[node] {
            case .neverReady, .noPod, nil: break
            case .normal: after(Milliseconds.random(in: 1_000...3_000, using: &generator), .ready(uid))
            case .crashLoop: after(2_000, .restart(uid))
            }
            if let pod = pods[uid] { send([.podChanged(pod)]) }
        case .ready(let uid):
            guard pods[uid]?.isTerminating == false else { return }
            pods[uid]?.isReady = true
            let node = pods[uid]?.nodeName ?? ""
            pods[uid]?.containers[0].imageID = imageID(node)
            pods[uid]?.readyChangedAt = now.wall
            readySince[uid] = now.monotonic
            if let pod = pods[uid] { send([.podChanged(pod)]) }
        case .restart(let uid):
            guard pods[uid] != nil else { return }
            pods[uid]?.containers = [ContainerStatus(name: "c", restartCount: 1)]
            if let pod = pods[uid] { send([.podChanged(pod)]) }
        case .nodeGone, .nodeJoined, .viewLost, .viewBack, .leaseLost: disturb(action)
        }
    }

    /// What happens to a cluster while a rollout goes on.
    private mutating func disturb(_ action: Action) {
        switch action {
        case .nodeGone(let name):
            guard nodes.removeValue(forKey: name) != nil else { return }
            let gone = pods.values.filter { $0.nodeName == name }.map(\.uid).sorted()
            for uid in gone { pods[uid] = nil }
            send([.nodeGone(name: name)] + gone.map { .podGone(uid: $0) })
        case .nodeJoined(let name):
            let node = Node(name: name, uid: name)
            nodes[name] = node
            lives[name] = .normal
            after(300, .newPod(name))
            send([.nodeChanged(node)])
        case .viewLost:
            send([.observationLost(.pods, reason: "cut"), .observationLost(.nodes, reason: "cut")])
            isUnseen = true
            after(4_000, .viewBack)
        case .viewBack:
            guard isUnseen else { return }
            isUnseen = false
            send([
                .nodesListed(nodes.values.sorted { $0.name < $1.name }),
                .podsListed(pods.values.sorted { $0.uid < $1.uid }, serverTime: now.wall),
            ])
        case .leaseLost:
            send([.leaseLost(reason: "expired")])
            after(2_000, .event(.leaseHeld))
        case .event, .podGone, .newPod, .ready, .restart: return
        }
    }
}
