import SluiceClients
import SluiceCore
import SluiceRunner
import SluiceStore

/// A machine on which drivers run: its clock and its disk.
final class Machine {
    let name: String
    let disk: SimulatedDisk
    /// How far its wall clock is off the true time, in milliseconds.
    var wallSkew: Milliseconds = 0
    /// Until when it stands still; nil while it runs.
    var suspendedUntil: Milliseconds?

    init(name: String) {
        self.name = name
        disk = SimulatedDisk()
    }

    /// The disk has room again and breaks no more.
    func heal() {
        disk.isFull = false
        for operation in SimulatedDisk.Operation.allCases { disk.fail(operation, with: .inputOutput, times: 0) }
    }
}

/// Something that came for a process, and what it then knows of the cluster.
struct Delivery {
    var arrival: Arrival
    var knows: Knowledge?

    /// Everything about one kind of object up to a version.
    struct Knowledge {
        var kind: SeenKind
        var version: Int
    }
}

/// The kinds of objects that a driver watches.
enum SeenKind: Int, CaseIterable {
    case pods, nodes, daemonSets
}

/// One process of the simulation: a driver, or the hand that starts them. It runs in a thread of its own, and only while
/// it has the baton.
final class SimulatedProcess {
    let number: Int
    /// Nil for the hand that starts the others.
    let machine: Machine?
    let seat = Baton.Seat()
    /// What has come and was not taken, in order.
    var mailbox: [Delivery] = []
    /// Until when it waits, in milliseconds of true time; nil for as long as nothing comes.
    var deadline: Milliseconds?
    var isWaiting = false
    var hasEnded = false
    /// Since when nothing that it does has any effect; nil while it lives.
    var diedAt: Milliseconds?
    /// What it has seen of the cluster.
    var seen = SeenFleet()
    /// The holder's name that it writes on the Lease; empty before it has.
    var leaseIdentity = ""
    /// The rollout that it drives; nil before, and between one and its way back.
    private(set) var rollout: String?
    /// The number of the drive, over all processes: whoever puts a rollout back is a driver anew.
    private(set) var drive = 0
    /// Its driver. The state is asked for when it is needed: whoever keeps one makes the next turn copy it.
    weak var driver: RolloutDriver?
    /// A second connection to its database, for judges.
    var reader: Store?

    init(number: Int, machine: Machine?) {
        self.number = number
        self.machine = machine
    }

    /// What is known of the rollout that it drives goes on under this name with the next process.
    var ledger: String { rollout ?? name }

    /// Begins to drive a rollout, of whose cluster it has seen nothing yet.
    func take(_ rollout: String, drive: Int) {
        self.rollout = rollout
        self.drive = drive
        seen = SeenFleet()
    }

    func leaveRollout() { rollout = nil }

    /// The rollout as its driver has it; nil before there is one.
    var state: RolloutState? { driver?.state }

    var name: String { machine.map { "\($0.name)\(number)" } ?? "hand" }

    /// Whether it has something to do at a time.
    func isRunnable(at time: Milliseconds) -> Bool {
        guard !hasEnded, isWaiting else { return false }
        if diedAt != nil { return true }
        if let until = machine?.suspendedUntil, time < until { return false }
        return !mailbox.isEmpty || deadline.map { $0 <= time } ?? false
    }

    /// When it will have something to do although nothing comes; nil when never.
    var wake: Milliseconds? {
        guard !hasEnded, isWaiting else { return nil }
        if let until = machine?.suspendedUntil, !mailbox.isEmpty || deadline != nil {
            return max(until, mailbox.isEmpty ? deadline ?? until : 0)
        }
        return deadline
    }
}
