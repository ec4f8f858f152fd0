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

    /// One more step of the process; it may be its last.
    private func beat() {
        if let crash = beats.next(), process.diedAt == nil { world.crash(process, crash) }
    }
}

/// Counts what a process does at its edge, and says when it dies.
struct Beats {
    private(set) var count = 0
    /// The beat at which the process dies, and how; nil for never.
    var death: (beat: Int, crash: Crash)?

    mutating func next() -> Crash? {
        count += 1
        guard let death, death.beat == count else { return nil }
        return death.crash
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
