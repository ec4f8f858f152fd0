import SluiceClients
import SluiceCluster
import SluiceCore

/// Open watches: what the cluster says to them, and how they are troubled.
extension Network {
    /// Takes what the cluster's watches have to say.
    func collect() {
        for watch in world.cluster.watchesWithOutput {
            let (lines, hasEnded) = world.cluster.takeOutput(of: watch)
            guard let (process, order) = streams[watch] else { continue }
            let key = Key(process: process.number, order: order)
            guard let flight = flights[key], !flight.isSilent else { continue }
            // What is said within one grain arrives at once, as from a busy server.
            let grain = world.scenario.grain
            var at = max(flight.lastAt, (world.time + hop() + grain - 1) / grain * grain)
            if has(.slowAnswers) { at += random.spread(100...10_000) }
            flights[key]?.lastAt = at
            if !lines.isEmpty { pass(lines, process, order, flight.purpose, at: at) }
            guard hasEnded else { continue }
            streams[watch] = nil
            flights[key]?.watch = nil
            deliver(process, order, .finished(order, .success([])), at: at)
        }
    }

    private func pass(
        _ lines: [String], _ process: SimulatedProcess, _ order: OrderID, _ purpose: Wire.Purpose, at time: Milliseconds
    ) {
        var knows: Delivery.Knowledge?
        if case .watch(let kind) = purpose, let version = lines.last.flatMap(Wire.version(in:)) {
            knows = Delivery.Knowledge(kind: kind, version: version)
        }
        let bytes = Array(lines.joined().utf8)
        guard has(.fragments), bytes.count > 1 else {
            return deliver(process, order, .bytes(order, bytes), knows, at: time)
        }
        let cut = random.int(1...(bytes.count - 1))
        deliver(process, order, .bytes(order, Array(bytes[..<cut])), at: time)
        deliver(process, order, .bytes(order, Array(bytes[cut...])), knows, at: time)
    }

    /// How open streams are troubled.
    enum StreamTrouble {
        case ends, breaks, breaksInMidLine, fallsSilent
    }

    /// Troubles every open stream, or those of one machine.
    func trouble(_ trouble: StreamTrouble, of machine: Machine? = nil) {
        for (watch, (process, order)) in streams.sorted(by: { $0.key < $1.key }) {
            guard machine == nil || process.machine === machine else { continue }
            let key = Key(process: process.number, order: order)
            world.cluster.cancel(watch: watch)
            streams[watch] = nil
            flights[key]?.watch = nil
            let at = max(flights[key]?.lastAt ?? 0, world.time)
            switch trouble {
            case .ends: deliver(process, order, .finished(order, .success([])), at: at)
            case .breaks: fail(process, order, .broken, "Connection reset by peer", after: at - world.time)
            case .breaksInMidLine:
                deliver(process, order, .bytes(order, Array("{\"type\":\"MODIFIED\",\"obj".utf8)), at: at)
                fail(process, order, .broken, "Connection reset by peer", after: at - world.time)
            case .fallsSilent: flights[key]?.isSilent = true
            }
        }
    }

    /// The API server stops and starts again; what it had in memory is gone.
    func restartServer(downFor time: Milliseconds) {
        downUntil = world.time + time
        trouble(.breaks)
        world.cluster.compact()
    }
}
