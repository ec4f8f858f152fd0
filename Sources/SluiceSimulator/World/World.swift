import SluiceClients
import SluiceCluster
public import SluiceCore
import SluiceRunner

/// Everything outside the drivers, in virtual time: one cluster, the network to it, machines with clocks and disks.
///
/// Time passes only while every process waits. Whoever waits carries the world on until somebody has something to do, so
/// a lone process never changes threads.
final class World {
    /// What is going to happen.
    enum Event {
        case deliver(SimulatedProcess, OrderID, Delivery)
        case request(Sending)
        case silenceCheck(SimulatedProcess, OrderID)
        case act(Act)
    }

    /// The true wall time at which the world begins.
    static let epoch = Timestamp(1_795_000_000_000)
    /// The events of one run; a world that never comes to rest is a mistake of its own.
    static let eventLimit = 5_000_000

    let scenario: Scenario
    /// Milliseconds since the world began.
    private(set) var time: Milliseconds = 0
    var cluster: Cluster
    var events = EventQueue<Event>()
    private(set) var processes: [SimulatedProcess] = []
    private(set) var log = TruthLog()
    /// The fleet as it is.
    private(set) var fleet = SeenFleet()
    private(set) lazy var network = Network(
        scenario.faults, latency: scenario.latency, random: networkRandom, in: self)
    private let networkRandom: SeededRandom
    let trace: Trace
    var judges: [any Judge] = []
    private(set) var violations: [Violation] = []
    var tally = Tally()
    var random: SeededRandom
    var machines: [Machine] = []
    /// The ways back that were begun, by the rollout's name.
    var waysBack: [String: Undertaking] = [:]
    /// How often a rollout was taken up by a driver.
    var drives = 0
    /// The person who starts drivers.
    weak var hand: Hand?
    /// The driver that took a turn last.
    weak var lastDriver: RolloutDriver?
    private var eventCount = 0

    init(_ scenario: Scenario, trace: Trace) throws {
        self.scenario = scenario
        self.trace = trace
        random = SeededRandom(seed: scenario.seed)
        cluster = try scenario.fleet.makeCluster(at: Self.epoch)
        networkRandom = random.fork()
        cluster.recordDeletes(countsBlindNodes: false)
        cluster.recordTruth()
        takeTruth()
        for kind in scenario.kinds where kind.isLasting { tally.count(kind) }
        for (at, act) in scenario.acts { events.add(.act(act), at: at) }
    }

    /// The true wall time.
    var wall: Timestamp { Timestamp(Self.epoch.millisecondsSince1970 + time) }

    /// Notes that something must never happen and has.
    func violated(_ judge: String, _ message: String) {
        guard violations.count < 20 else { return }
        violations.append(Violation(judge: judge, time: time, message: message))
        trace.say(time, "judge", "VIOLATION of \(judge): \(message)")
    }

    // MARK: Processes

    /// Makes a process whose body runs once somebody waits; the hand itself has no body.
    func start(on machine: Machine?, _ body: @escaping (SimulatedProcess) -> Void) -> SimulatedProcess {
        let process = SimulatedProcess(number: processes.count, machine: machine)
        processes.append(process)
        guard machine != nil else { return process }
        process.isWaiting = true
        process.deadline = time
        Baton.start(process.seat) { [self] in
            process.isWaiting = false
            body(process)
            process.hasEnded = true
            passOn(from: process)
        }
        return process
    }

    /// Gives the baton of a process that has ended to whoever has something to do next.
    private func passOn(from process: SimulatedProcess) {
        for hand in processes where hand.machine == nil { hand.mailbox.append(Delivery(arrival: .storeChanged)) }
        let next = carryOn(for: nil)
        next?.seat.give()
    }

    /// Waits until something has come for a process or its deadline has passed.
    func wait(_ process: SimulatedProcess, until deadline: Milliseconds?) {
        process.deadline = deadline
        process.isWaiting = true
        let next = carryOn(for: process)
        if let next, next !== process {
            next.seat.give()
            process.seat.wait()
        }
        process.isWaiting = false
        process.deadline = nil
    }

    /// Lets time pass until a process has something to do.
    ///
    /// - Returns: that process; the first of several.
    private func carryOn(for own: SimulatedProcess?) -> SimulatedProcess? {
        while true {
            settle()
            if let own, own.isRunnable(at: time) { return own }
            if let other = processes.first(where: { $0.isRunnable(at: time) }) { return other }
            var next = Milliseconds.max
            for process in processes { next = min(next, process.wake ?? .max) }
            next = min(next, events.nextDue ?? .max)
            if let due = cluster.nextDue {
                next = min(next, due.millisecondsSince1970 - Self.epoch.millisecondsSince1970)
            }
            precondition(next < .max, "nobody waits for anything any more")
            time = max(time, next)
            tally.turns += 1
        }
    }

    // MARK: What happens by itself

    /// Does everything that is due at this time.
    private func settle() {
        cluster.advance(to: wall)
        absorbCluster()
        while let event = events.take(dueBy: time) {
            eventCount += 1
            if eventCount > Self.eventLimit { preconditionFailure("no end after \(eventCount) events") }
            happen(event)
            absorbCluster()
        }
    }

    private func happen(_ event: Event) {
        switch event {
        case .deliver(let process, let order, let delivery): network.delivered(process, order, delivery)
        case .request(let sending): network.reachedServer(sending)
        case .silenceCheck(let process, let order): network.checkSilence(process, order)
        case .act(let act): perform(act)
        }
    }

    /// Takes what the cluster has done since the last look: the truth for the judges, the lines for the watches.
    func absorbCluster() {
        takeTruth()
        network.collect()
    }

    private func takeTruth() {
        for change in cluster.takeTruth() {
            log.add(change)
            fleet.apply(change.truth)
            for judge in judges { judge.truthChanged(change.truth, in: self) }
        }
    }

    /// Asks the cluster past the network, as somebody else's kubectl does.
    @discardableResult
    func ask(
        _ method: String, _ target: String, _ body: JSONValue? = nil, type: String = "application/merge-patch+json",
        agent: String = "kubectl"
    ) -> Int {
        let request = ClusterRequest(
            method: method, target: target, headers: ["content-type": type, "user-agent": agent],
            body: body.map { Array($0.serialized.utf8) } ?? [])
        let response = cluster.handle(request, at: wall)
        for record in cluster.takeDeletes() {
            for judge in judges { judge.podDeleted(record, by: nil, in: self) }
        }
        absorbCluster()
        guard case .answer(let answer) = response else { return 0 }
        return answer.status
    }
}

/// Something that must never happen, and did.
public struct Violation: Sendable, Equatable, Codable {
    /// The judge who saw it.
    public var judge: String
    /// When, in milliseconds since the run began.
    public var time: Milliseconds
    /// What happened.
    public var message: String

    /// Something that must never happen, and did.
    public init(judge: String, time: Milliseconds, message: String) {
        self.judge = judge
        self.time = time
        self.message = message
    }
}
