import SluiceClients
import SluiceCore

/// The outside of one simulated process.
final class SimulatedOutside: Outside {
    private let world: World
    private let process: SimulatedProcess
    private var draws: SeededRandom
    private var count: UInt64 = 0
    /// How far a dead process's own clock has run on, so that its last waits end.
    private var afterlife: Milliseconds = 0
    private var beats: Beats
    private var lookedAt: Milliseconds = -1
    private var looks = 0
    /// More looks than a driver takes at one moment.
    private static let looksAtOnce = 2_000

    init(_ world: World, _ process: SimulatedProcess, beats: Beats, random: SeededRandom) {
        self.world = world
        self.process = process
        self.beats = beats
        draws = random
    }

    var now: Moment {
        Moment(
            monotonic: 1_000_000 + world.time + afterlife,
            wall: Timestamp(World.epoch.millisecondsSince1970 + world.time + (process.machine?.wallSkew ?? 0)))
    }

    func random() -> UInt64 { draws.next() }

    func readFile(_ path: String) throws(FileError) -> [UInt8] {
        if path == Wire.tokenFile { return Array(world.network.token.utf8) }
        throw FileError(path: path, message: "No such file or directory", isMissing: true)
    }

    func start(_ order: Order) -> OrderID {
        count += 1
        let id = OrderID(count)
        beat()
        guard process.diedAt == nil else { return id }
        switch order {
        case .http(let request): world.network.send(request, id, from: process)
        case .command: world.network.runPlugin(id, for: process)
        }
        return id
    }

    func cancel(_ id: OrderID) {
        process.mailbox.removeAll { $0.arrival.order == id }
        world.network.forget(process, id)
    }

    func poll(until deadline: Milliseconds?) -> [Arrival] {
        beat()
        noticeSpinning()
        if process.diedAt == nil { world.wait(process, until: deadline.map { $0 - 1_000_000 }) }
        guard process.diedAt == nil else {
            if let deadline { afterlife = max(afterlife, deadline - 1_000_000 - world.time) }
            return [.signal(9)]
        }
        let taken = process.mailbox
        process.mailbox = []
        for delivery in taken {
            if let knows = delivery.knows { process.seen.learn(knows.kind, upTo: knows.version, from: world.log) }
        }
        return taken.map(\.arrival)
    }

    /// A driver that looks again and again while no time passes would burn a core, and never end.
    private func noticeSpinning() {
        looks = lookedAt == world.time ? looks + 1 : 0
        lookedAt = world.time
        guard looks == Self.looksAtOnce, process.diedAt == nil else { return }
        world.violated("spin", "\(process.name) looked \(looks) times while no time passed")
        world.crash(process, .kill)
    }

    /// One more step of the process; it may be its last.
    private func beat() {
        guard process.diedAt == nil else { return }
        if let crash = beats.next(on: process.machine?.disk) { world.crash(process, crash) }
    }
}

/// When a driver dies, and how.
struct Death: Sendable, Equatable {
    /// The point of its life at which it dies.
    enum Point: Sendable, Equatable {
        /// The step at its edge, counted from 1: a look at the outside, or an order.
        case beat(Int)
        /// After so many more changes of its disk: within a commit as a rule.
        case diskChange(UInt64)
    }

    var point: Point
    var crash: Crash
}

/// Counts what a process does at its edge, and says when it dies.
struct Beats {
    private(set) var count = 0
    /// Nil for a process that does not die before its time.
    var death: Death?

    /// One more step; the crash that it ends in, if it does.
    mutating func next(on disk: SimulatedDisk?) -> Crash? {
        count += 1
        switch death?.point {
        case .beat(let beat): return beat == count ? death?.crash : nil
        case .diskChange: return disk?.hasStopped == true ? death?.crash : nil
        case nil: return nil
        }
    }
}

/// How a process ends before its time.
enum Crash: String, Sendable {
    /// What was written stays, synced or not.
    case kill
    /// Only what was synced stays for certain.
    case powerCut
}

extension Arrival {
    /// The order that it answers; nil when nothing was ordered.
    var order: OrderID? {
        switch self {
        case .head(let id, _), .bytes(let id, _), .finished(let id, _), .exited(let id, _): id
        case .signal, .storeChanged: nil
        }
    }
}
