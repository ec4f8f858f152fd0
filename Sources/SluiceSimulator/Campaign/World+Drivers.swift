import SluiceClients
import SluiceCore
import SluiceRunner
import SluiceStore

/// What `sluice run`, `resume`, `approve`, `pause` and `abort` do, without a terminal.
extension World {
    /// Something that a command needs and that is not there.
    private struct Absent: Error {
        var what: String
    }

    func addMachine() -> Machine {
        let machine = Machine(name: String(UnicodeScalar(UInt8(97 + machines.count))))
        machines.append(machine)
        return machine
    }

    /// Starts a driver: it goes on with the rollout of its machine's database, or begins one.
    func startDriver(
        on machine: Machine, beats: Beats, isResuming: Bool, then: @escaping (DriverOutcome) -> Void
    ) -> SimulatedProcess {
        if case .diskChange(let change) = beats.death?.point { machine.disk.stop(after: change) }
        var fork = random.fork()
        let seed = fork.next()
        if isResuming { for judge in judges { judge.personAsked(.resume, on: machine, in: self) } }
        return start(on: machine) { [self] process in
            trace.say(time, process.name, isResuming ? "sluice resume" : "sluice run")
            var outcome: DriverOutcome
            do {
                outcome = try drive(process, machine, beats, isResuming: isResuming, SeededRandom(seed: seed))
            } catch let refusal as DrivingRefusal {
                outcome = .refused(refusal)
            } catch is Absent {
                outcome = .nothingToDo
            } catch is PlanningFailure {
                // The plan no longer fits the fleet: a person has to write another one.
                outcome = .nothingToDo
            } catch {
                outcome = .failed(error)
            }
            if machine.disk.hasStopped, let death = beats.death { crash(process, death.crash) }
            if process.diedAt != nil { outcome = .died }
            trace.say(time, process.name, "ended: \(outcome.text)")
            network.forgetAll(of: process)
            if process.diedAt == nil { machine.disk.stop(after: .max / 2) }
            if process.diedAt == nil { for judge in judges { judge.driverEnded(outcome, by: process, in: self) } }
            then(outcome)
        }
    }

    private func drive(
        _ process: SimulatedProcess, _ machine: Machine, _ beats: Beats, isResuming: Bool, _ random: SeededRandom
    ) throws -> DriverOutcome {
        let outside = SimulatedOutside(self, process, beats: beats, random: random)
        let client = KubernetesClient(access: access, outside: outside, userAgent: "sluice/simulated")
        let name = process.name
        let store = try openStore(machine: machine, at: outside.now.wall, named: name)
        let commands = Commands(process: process, store: store, client: client)
        if let open = try store.rollouts().first(where: { !$0.phase.isFinal }) {
            if open.phase == .halted, let state = try store.load(open.id) {
                if let back = try rollBack(state, commands) { return back }
                if !isResuming { return .ended(.stopped, state) }
            }
            return try driveThere(open.id, commands, isResuming: isResuming)
        }
        if let over = try store.rollouts().first, let state = try store.load(over.id) { return .ended(.stopped, state) }
        let text = Array(scenario.plan.utf8)
        let (facts, waves) = try planned(text, client)
        guard !waves.waves.isEmpty else { return .nothingToDo }
        let id = "r-\(name)"
        try RolloutBeginning.write(waves, planText: text, facts: facts, id: id, in: store, client: client)
        return try driveThere(id, commands, isResuming: false)
    }

    /// Reads the cluster and plans for it.
    func planned(_ text: [UInt8], _ client: KubernetesClient) throws -> (FleetFacts, WavePlan) {
        let plan = try PlanLoader.load(text, file: "plan")
        guard let facts = try ClusterReader.facts(client, namespace: "monitoring", daemonSet: plan.daemonSet) else {
            throw Absent(what: "the DaemonSet")
        }
        let options = PlanningOptions(allowWholeFleet: true, acceptPlacementChange: true)
        return (facts, try WavePlanner.plan(plan, planText: text, facts: facts, options: options))
    }

    private static let database = "state.db"

    private func openStore(machine: Machine, at now: Timestamp, named name: String) throws -> Store {
        machine.disk.now = now
        return try machine.disk.whileMounted {
            try Store.open(
                path: Self.database, databaseID: { "db-\(name)" }, at: now,
                options: Store.Options(busyTimeout: 0, isOnFileSystem: false))
        }
    }

    /// What a command has at hand.
    struct Commands {
        var process: SimulatedProcess
        var store: Store
        var client: KubernetesClient
    }

    /// Drives a stored rollout until it stands still.
    func run(
        _ id: String, _ commands: Commands, isResuming: Bool
    ) throws -> (ending: RolloutDriver.Ending, state: RolloutState) {
        let (process, store, client) = (commands.process, commands.store, commands.client)
        guard let state = try store.load(id) else { throw Absent(what: "rollout \(id)") }
        drives += 1
        process.take(id, drive: drives)
        for judge in judges { judge.driverBegins(with: state, as: process, in: self) }
        let driver = try RolloutDriver.taking(
            up: state, client: client, store: store, options: RolloutDriver.Options(environment: { _ in nil })
        ) { [self] lines in
            for line in lines { trace.say(time, process.name, "# \(line.text)") }
        }
        driver.onTurn = { [self, weak driver] turn in
            // A disk that has stopped is a process that dies at its next step; it decides nothing that counts.
            guard process.diedAt == nil, process.machine?.disk.hasStopped != true, let driver else { return }
            lastDriver = driver
            process.driver = driver
            tally.transitions.note(turn)
            hand?.sees(turn.state, of: process)
            for judge in judges { judge.turnTaken(turn, by: process, in: self) }
        }
        let ending = driver.run(resuming: isResuming)
        return (ending, driver.state)
    }

    private var access: ClusterAccess {
        let credential: Credential
        switch scenario.credential {
        case .none: credential = .none
        case .tokenFile: credential = .tokenFile(path: Wire.tokenFile)
        case .plugin: credential = .plugin(CredentialPlugin(command: "login"))
        }
        return ClusterAccess(server: Wire.server, credential: credential)
    }

    /// A judge's own connection to the database of a process.
    func reader(of process: SimulatedProcess) throws -> Store? {
        if process.reader == nil, let machine = process.machine {
            process.reader = try machine.disk.whileMounted {
                try Store.openReadOnly(
                    path: Self.database, options: Store.Options(busyTimeout: 0, isOnFileSystem: false))
            }
        }
        return process.reader
    }

    /// Writes a person's wish into a machine's database, as another terminal does. Without a driver there is nobody to
    /// hear it.
    ///
    /// - Returns: whether the database took it.
    func ask(_ request: OperatorRequest, on machine: Machine, driver: SimulatedProcess?) -> Bool {
        guard let driver, driver.diedAt == nil, let rollout = driver.rollout else { return true }
        do {
            let store = try openStore(machine: machine, at: wall, named: driver.name)
            _ = try store.ask(request, of: rollout, by: "ann", at: wall)
            try store.close()
            driver.mailbox.append(Delivery(arrival: .storeChanged))
            tally.asked(request)
            for judge in judges { judge.personAsked(request, on: machine, in: self) }
            return true
        } catch {
            trace.say(time, "hand", "could not ask, and will again: \(error)")
            // It may have been written down all the same.
            if case .approve = request { for judge in judges { judge.personAsked(request, on: machine, in: self) } }
            return false
        }
    }

    /// Does what a person wants of a rollout that nobody drives, as another terminal does.
    func askOffline(_ request: OperatorRequest, of rollout: String, on machine: Machine) {
        do {
            let store = try openStore(machine: machine, at: wall, named: "hand")
            let now = Moment(monotonic: 0, wall: wall)
            _ = try OfflineOperator.applyUndriven(request, to: rollout, in: store, at: now)
            try store.close()
            tally.asked(request)
            for judge in judges { judge.personAsked(request, on: machine, in: self) }
        } catch {
            trace.say(time, "hand", "could not ask: \(error)")
        }
    }

    /// The rollout and its journal as a machine's database keeps them.
    func stored(on machine: Machine) -> FinishedRun {
        machine.heal()
        var run = FinishedRun()
        do {
            let store = try openStore(machine: machine, at: wall, named: "last")
            run.rollouts = try store.rollouts().compactMap { record in
                guard let state = try store.load(record.id) else { return nil }
                return FinishedRun.Rollout(
                    state: state, journal: try store.journal(of: record.id, limit: 1_000_000).map(\.line),
                    messages: try store.messages(of: record.id))
            }
            try store.close()
        } catch {
            violated("store", "the database cannot be read after the run: \(error)")
        }
        return run
    }
}

extension JournalLine {
    /// The line for a trace.
    fileprivate var text: String {
        [event.rawValue, wave ?? "", node ?? "", reason?.rawValue ?? "", message].filter { !$0.isEmpty }
            .joined(separator: " ")
    }
}
