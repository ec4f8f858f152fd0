import SluiceCluster
import SluiceCore

/// What Prometheus holds of the fleet: each node's signals every 15 seconds, as long as nothing is rolled out. Shared by all
/// trials of a seed.
final class Scrapes {
    /// The time between two scrapes, in milliseconds.
    static let interval: Milliseconds = 15_000
    /// How many scrapes are before the rollout, and from then on: time enough for the slowest trial.
    static let before = 160
    static let after = 960
    /// The scrapes that a rate over five minutes looks at.
    static let window = 20

    let telemetry: Telemetry
    private let fleet: Fleet
    /// Sums and counts of a node's scrapes up to each one, node by node for each signal; made when they are first asked for.
    private var sums: [[[(sum: Double, count: Int32)]]]

    init(_ fleet: Fleet, seed: UInt64) {
        self.fleet = fleet
        telemetry = Telemetry(seed: seed)
        sums = Array(
            repeating: Array(repeating: [], count: fleet.members.count), count: Telemetry.Signal.allCases.count)
    }

    /// The number of the last scrape at a time.
    static func slot(at time: Timestamp) -> Int {
        Int((time.millisecondsSince1970 - Fleet.start.millisecondsSince1970) / interval) + before
    }

    static func time(of slot: Int) -> Timestamp {
        Timestamp(Fleet.start.millisecondsSince1970 + Milliseconds(slot - before) * interval)
    }

    /// The level of a node's old collector: the mean of the scrapes of five minutes; nil when all failed.
    func level(_ signal: Telemetry.Signal, of index: Int, at slot: Int) -> Double? {
        let place = signal.place
        if sums[place][index].isEmpty { sums[place][index] = row(signal, index) }
        let end = Self.before + Self.after - 1
        let (last, first) = (min(max(slot, 0), end), min(max(slot - Self.window, 0), end))
        let (upTo, before) = (sums[place][index][last], sums[place][index][first])
        let count = upTo.count - before.count
        return count > 0 ? (upTo.sum - before.sum) / Double(count) : nil
    }

    private func row(_ signal: Telemetry.Signal, _ index: Int) -> [(sum: Double, count: Int32)] {
        let member = fleet.members[index]
        let place = Telemetry.Place(node: member.name, zone: member.zone, startedAt: Fleet.born)
        var row: [(sum: Double, count: Int32)] = []
        row.reserveCapacity(Self.before + Self.after)
        var (sum, count) = (0.0, Int32(0))
        for slot in 0..<Self.before + Self.after {
            if let value = telemetry.value(signal, at: place, Self.time(of: slot)) {
                sum += value
                count += 1
            }
            row.append((sum, count))
        }
        return row
    }
}

extension Telemetry.Signal {
    /// Its place in a table of all signals.
    fileprivate var place: Int {
        switch self {
        case .cpu: 0
        case .memory: 1
        case .received: 2
        case .sent: 3
        }
    }
}
