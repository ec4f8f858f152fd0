import SluiceClients
import SluiceCore
import SluiceRunner
import SluiceStore

/// The person at the terminal: starts drivers, starts them again when they died, pauses, approves, takes halted rollouts up
/// again.
final class Hand {
    enum Order {
        case ask(OperatorRequest)
        case startOther
    }

    /// A line of drivers, one after the other, that all work for the same rollout.
    struct Strand {
        var machine: Machine
        /// When the next driver starts; nil while one runs or when all is over.
        var startAt: Milliseconds?
        /// When a person approves what waits for it; nil while nothing does.
        var approvesAt: Milliseconds?
        var driver: SimulatedProcess?
        var outcome: DriverOutcome?
        var resumesLeft: Int
        var isResuming = false
        var wasResuming = false
        /// Whether it ends with its first driver.
        var isGuest = false
        var failures = 0
    }

    let world: World
    let process: SimulatedProcess
    var orders: [Order] = []
    /// What could not be asked so far, in the order in which a person means it.
    private var unheard: [OperatorRequest] = []
    /// When the database is tried again for what is unheard.
    private var askAt: Milliseconds = 0
    private var strands: [Strand] = []
    private var deaths: [Death]
    private var random: SeededRandom

    init(_ world: World) {
        self.world = world
        process = world.start(on: nil) { _ in }
        deaths = world.scenario.deaths
        random = world.random.fork()
    }

    /// Sees the run through.
    func run() -> (outcome: DriverOutcome?, machine: Machine?) {
        world.hand = self
        let machine = world.addMachine()
        strands = [
            Strand(machine: machine, startAt: random.time(0...2_000), resumesLeft: world.scenario.resumes)
        ]
        while strands.contains(where: { $0.driver != nil || $0.startAt != nil }) {
            let times = strands.flatMap { [$0.startAt, $0.approvesAt] } + [unheard.isEmpty ? nil : askAt]
            let due = times.compactMap { $0 }.min() ?? world.scenario.limit
            world.wait(process, until: min(due, world.scenario.limit))
            process.mailbox = []
            if world.time >= world.scenario.limit {
                world.violated("end", "after \(world.time / 3_600_000) h the run has not ended: \(pending)")
                break
            }
            approve()
            takeOrders()
            for index in strands.indices { look(after: index) }
        }
        endAll()
        return (strands.first?.outcome, strands.first?.machine)
    }

    /// Somebody looks at what a driver says.
    func sees(_ state: RolloutState, of process: SimulatedProcess) {
        guard state.waveToApprove != nil, let index = strands.firstIndex(where: { $0.driver === process }),
            strands[index].approvesAt == nil
        else { return }
        strands[index].approvesAt = world.time + random.spread(world.scenario.approvalDelay)
        world.wakeHand()
    }

    /// Approves the waves that wait by now. Without a driver nothing is asked for: the next one says again what waits.
    private func approve() {
        for (index, strand) in strands.enumerated() {
            guard let due = strand.approvesAt, due <= world.time else { continue }
            strands[index].approvesAt = nil
            guard let wave = strand.driver?.state?.waveToApprove else { continue }
            let request = OperatorRequest.approve(wave: wave.name, by: "ann", reason: "looks good")
            let isAsked = world.ask(request, on: strand.machine, driver: strand.driver)
            if !isAsked { strands[index].approvesAt = world.time + 10_000 }
        }
    }

    /// What keeps the run from being over.
    private var pending: String {
        guard let state = world.lastDriver?.state else { return "no driver ever took a turn" }
        let holds = state.rollout.holds.map { "\($0.kind.rawValue): \($0.reason)" }.joined(separator: "; ")
        let open = state.nodes.values.filter { $0.status != .updated }
            .sorted { $0.node < $1.node }.map { "\($0.node) \($0.status.rawValue) wave \($0.wave ?? -1)" }
        return
            "\(open.joined(separator: ", ")); \(state.rollout.phase.rawValue), wave \(state.rollout.waveIndex); \(holds)"
    }

    private func endAll() {
        for driver in world.processes where driver.machine != nil && !driver.hasEnded && driver.diedAt == nil {
            world.crash(driver, .kill)
        }
        while world.processes.contains(where: { $0.machine != nil && !$0.hasEnded }) {
            world.wait(process, until: nil)
            process.mailbox = []
        }
    }

    private func look(after index: Int) {
        if let driver = strands[index].driver, driver.hasEnded {
            strands[index].driver = nil
            // Whoever takes a rollout up does so once more when that came to nothing.
            let waits = driver.state.map { $0.rollout.pauseReason != nil || $0.rollout.phase == .halted } ?? true
            strands[index].wasResuming = strands[index].wasResuming && waits
            decide(after: index, died: driver.diedAt != nil)
        }
        guard let due = strands[index].startAt, due <= world.time else { return }
        strands[index].startAt = nil
        let death = index == 0 && !deaths.isEmpty && world.time < world.scenario.healedAt ? deaths.removeFirst() : nil
        let isResuming = strands[index].isResuming
        strands[index].wasResuming = isResuming
        strands[index].isResuming = false
        strands[index].driver = world.startDriver(
            on: strands[index].machine, beats: Beats(death: death), isResuming: isResuming
        ) { [self] outcome in strands[index].outcome = outcome }
    }

    /// What a person does when a driver has ended.
    private func decide(after index: Int, died: Bool) {
        let isHealed = world.time >= world.scenario.healedAt
        func again(in range: ClosedRange<Milliseconds>) { strands[index].startAt = world.time + random.spread(range) }
        guard !died else {
            // Another machine's database knows of nothing to take up.
            if world.scenario.movesOn, !isHealed {
                strands[index].machine = world.addMachine()
            } else {
                strands[index].isResuming = strands[index].wasResuming
            }
            return again(in: world.scenario.absence)
        }
        switch strands[index].outcome {
        case .ended(.stopped, let state):
            guard state.rollout.phase == .halted, strands[index].resumesLeft > 0 else { return }
            strands[index].resumesLeft -= 1
            strands[index].isResuming = true
            dealWithFailures(of: state, on: strands[index].machine)
            again(in: 5_000...1_800_000)
        case .ended(.interrupted, _), .ended(.waiting, _): again(in: 500...120_000)
        case .ended(.heldByOther, _), .ended(.failed, _), .failed:
            guard !strands[index].isGuest else { return }
            // Whoever asked to resume meanwhile still means it.
            strands[index].isResuming = strands[index].isResuming || strands[index].wasResuming
            strands[index].failures += 1
            again(in: 5_000...120_000)
        case .refused, .nothingToDo, .died, nil: return
        }
    }

    /// Before a person takes a halted rollout up again, some of its failed nodes are left out, and some get another try.
    private func dealWithFailures(of state: RolloutState, on machine: Machine) {
        let failed = state.nodes.values.filter { $0.status == .failed }.map(\.node).sorted()
        for node in failed {
            switch random.int(0...2) {
            case 0: break
            case 1:
                world.askOffline(
                    .skip(node: node, by: "ann", reason: "its disk is dead"), of: state.rollout.id, on: machine)
            default:
                world.askOffline(
                    .retry(node: node, by: "ann", reason: "it was the network"), of: state.rollout.id, on: machine)
            }
        }
    }

    private func takeOrders() {
        let taken = orders
        orders = []
        for order in taken {
            switch order {
            case .ask(let request): unheard.append(request)
            case .startOther:
                strands.append(
                    Strand(machine: world.addMachine(), startAt: world.time, resumesLeft: 0, isGuest: true))
            }
        }
        guard !unheard.isEmpty, askAt <= world.time else { return }
        while let request = unheard.first {
            if request == .resume, strands[0].driver == nil {
                strands[0].isResuming = true
            } else if request == .resume, strands[0].driver?.rollout == nil {
                // It is only just starting, or asleep: whether it takes the rollout up is waited for.
                askAt = world.time + 10_000
                return
            } else if !world.ask(request, on: strands[0].machine, driver: strands[0].driver) {
                askAt = world.time + 10_000
                return
            } else if case .pause = request {
                // Nobody takes up again what was paused since.
                strands[0].wasResuming = false
            }
            unheard.removeFirst()
        }
    }
}
