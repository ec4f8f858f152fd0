public import SluiceCore
import SluiceRunner

/// What happened in runs, in numbers; those of several runs add up.
public struct Tally: Sendable, Equatable, Codable {
    /// Runs.
    public var seeds = 0
    /// Nodes that were there at the beginning.
    public var nodes = 0
    /// Runs by the number of their nodes.
    public var fleetSizes: [Int: Int] = [:]
    /// Runs by the number of fault kinds that struck.
    public var faultKinds: [Int: Int] = [:]
    /// Pods that drivers sent into termination.
    public var deletes = 0
    /// Requests that drivers sent.
    public var requests = 0
    /// Drivers that died before their time.
    public var crashes = 0
    /// Drivers that were started.
    public var drivers = 0
    /// Milliseconds of virtual time.
    public var virtualTime: Milliseconds = 0
    /// How often the world was carried on.
    public var turns = 0
    /// How often each kind of fault struck.
    public var faults: [String: Int] = [:]
    /// How runs ended.
    public var endings: [String: Int] = [:]
    /// The greatest numbers that were met, by what was counted.
    public var peaks: [String: Int] = [:]
    /// Which facts arrived in which phase, and how rollouts and nodes moved.
    public var transitions = TransitionCounts()

    /// Nothing yet.
    public init() {}

    mutating func peak(_ what: String, _ count: Int) {
        if peaks[what, default: 0] < count { peaks[what] = count }
    }

    mutating func count(_ kind: FaultKind) { faults[kind.rawValue, default: 0] += 1 }

    /// The nodes of the median run; 0 without runs.
    public var medianFleet: Int { Self.median(of: fleetSizes) }
    /// The kinds of faults that struck the median run; 0 without runs.
    public var medianFaultKinds: Int { Self.median(of: faultKinds) }

    private static func median(of counts: [Int: Int]) -> Int {
        let half = counts.values.reduce(0, +) / 2
        var seen = 0
        for (value, count) in counts.sorted(by: { $0.key < $1.key }) {
            seen += count
            if seen > half { return value }
        }
        return 0
    }

    mutating func asked(_ request: OperatorRequest) {
        switch request {
        case .pause: count(.paused)
        case .abort: count(.aborted)
        case .skip: count(.skipped)
        case .resume, .approve, .retry, .supersede: break
        }
    }

    /// Adds the numbers of other runs.
    public mutating func add(_ other: Tally) {
        seeds += other.seeds
        nodes += other.nodes
        fleetSizes.merge(other.fleetSizes, uniquingKeysWith: +)
        faultKinds.merge(other.faultKinds, uniquingKeysWith: +)
        deletes += other.deletes
        requests += other.requests
        crashes += other.crashes
        drivers += other.drivers
        virtualTime += other.virtualTime
        turns += other.turns
        faults.merge(other.faults, uniquingKeysWith: +)
        endings.merge(other.endings, uniquingKeysWith: +)
        peaks.merge(other.peaks, uniquingKeysWith: max)
        transitions.add(other.transitions)
    }
}
