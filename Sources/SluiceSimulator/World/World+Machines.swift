import SluiceClients
import SluiceCore

/// Machines and the processes on them.
extension World {
    /// The drivers on a machine that are alive.
    func drivers(on machine: Int) -> [SimulatedProcess] {
        guard let found = self.machine(machine) else { return [] }
        return processes.filter { $0.machine === found && !$0.hasEnded && $0.diedAt == nil }
    }

    func machine(_ number: Int) -> Machine? { machines.indices.contains(number) ? machines[number] : nil }

    /// Ends a process before its time; a power cut takes every process of its machine.
    func crash(_ process: SimulatedProcess, _ crash: Crash) {
        guard let machine = process.machine, process.diedAt == nil else { return }
        let victims: [SimulatedProcess]
        switch crash {
        case .kill: victims = [process]
        case .powerCut: victims = processes.filter { $0.machine === machine && !$0.hasEnded && $0.diedAt == nil }
        }
        for victim in victims {
            victim.diedAt = time
            network.forgetAll(of: victim)
            victim.mailbox = []
            trace.say(time, victim.name, crash == .kill ? "killed" : "power cut")
        }
        switch crash {
        case .kill:
            machine.disk.kill()
            tally.count(.killed)
        case .powerCut:
            machine.disk.cutPower { [self] in random.next() }
            machine.suspendedUntil = nil
            tally.count(.powerCut)
        }
        tally.crashes += 1
    }

    func wakeHand() {
        guard let process = hand?.process else { return }
        process.mailbox.append(Delivery(arrival: .storeChanged))
    }
}
