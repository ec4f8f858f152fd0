import Glibc
public import SluiceCore

/// What the collectors of a fleet tell of themselves while nothing is wrong with them: the load of a day and a night, nodes
/// of all sizes, a hot one, bursts, zones that get busier, starts that cost something, scrapes that fail.
///
/// A value of a place, a signal and a moment, with no memory: the same seed gives the same noise whoever asks in whatever
/// order.
public struct Telemetry: Sendable {
    /// What a collector tells.
    public enum Signal: String, Sendable, Hashable, CaseIterable {
        /// Processor time, in seconds a second.
        case cpu
        /// Resident memory, in bytes.
        case memory
        /// What it takes in, in lines or samples a second.
        case received
        /// What it hands on, in lines or samples a second.
        case sent
    }

    /// Whose signal is asked for.
    public struct Place: Sendable, Hashable {
        /// The node's name.
        public var node: String
        /// The node's zone; empty when it has none.
        public var zone: String
        /// When the collector that runs there at the moment was started.
        public var startedAt: Timestamp

        /// Whose signal is asked for.
        public init(node: String, zone: String, startedAt: Timestamp) {
            self.node = node
            self.zone = zone
            self.startedAt = startedAt
        }
    }

    private let seed: UInt64

    /// The noise of a fleet.
    public init(seed: UInt64) { self.seed = Drawing.mix(seed ^ 0x5EED) }

    /// The value that a scrape at a moment brings; nil when it brings none.
    public func value(_ signal: Signal, at place: Place, _ time: Timestamp) -> Double? {
        let seconds = time.millisecondsSince1970 / 1_000
        if isMissed(place.node, seconds) { return nil }
        return exp(base(signal, place.node) + load(place, seconds) * Self.sensitivity(signal))
            * exp(Self.jitter(signal) * normal("\(place.node)/\(signal.rawValue)", seconds / Self.scrape))
            * startFactor(signal, place, time)
    }

    // MARK: Who has how much

    /// The natural logarithm of a node's usual level. One node of the fleet in fifty is ten times as busy as the others.
    private func base(_ signal: Signal, _ node: String) -> Double {
        let size = 0.6 * normal(node, 0) + (isHot(node) ? log(10.0) : 0)
        switch signal {
        case .cpu: return log(0.02) + size
        case .memory: return log(60e6) + 0.3 * size
        case .received, .sent: return log(200.0) + size
        }
    }

    private func isHot(_ node: String) -> Bool { uniform("hot/\(node)", 0) < 0.02 }

    // MARK: What comes and goes

    /// How far the load lies above the usual one, as a natural logarithm.
    private func load(_ place: Place, _ seconds: Int64) -> Double {
        let day = Double(seconds % 86_400) / 86_400
        let hour = uniform("hour of the day", 0) + 0.02 * normal(place.node, 1)
        let wave = 0.5 * sin(2 * .pi * (day + hour))
        let slow = smooth(place.node, seconds, every: 600) * (isHot(place.node) ? 0.35 : 0.12)
        // An application is deployed to a zone, or taken away: half an hour of more or less.
        let place30 = seconds / 1_800
        let event = uniform("event/\(place.zone)", place30) < 0.03 ? 0.4 * normal("size/\(place.zone)", place30) : 0
        let burst = uniform("burst/\(place.node)", seconds / 120) < 0.01 ? log(3.0) : 0
        return wave + slow + event + burst
    }

    /// How much of the load a signal shows.
    private static func sensitivity(_ signal: Signal) -> Double {
        switch signal {
        case .cpu: 0.8
        case .memory: 0.15
        case .received, .sent: 1
        }
    }

    /// The part of a value that is another one at each scrape.
    private static func jitter(_ signal: Signal) -> Double {
        switch signal {
        case .cpu: 0.15
        case .memory: 0.02
        case .received, .sent: 0.1
        }
    }

    /// What a start does: for two minutes it costs processor time and ships what had been left lying; memory begins low and
    /// fills its caches within half an hour.
    private func startFactor(_ signal: Signal, _ place: Place, _ time: Timestamp) -> Double {
        let age = Double(time.millisecondsSince1970 - latestStart(place, time)) / 60_000
        guard age >= 0 else { return 1 }
        switch signal {
        case .cpu: return 1 + 1.5 * exp(-age / 0.7)
        case .memory: return 1 - 0.3 * exp(-age / 12)
        case .received, .sent: return 1 + 2 * exp(-age / 0.7)
        }
    }

    /// When the collector was started last. One in two hundred starts anew by itself each hour, old version or new.
    private func latestStart(_ place: Place, _ time: Timestamp) -> Milliseconds {
        let hour = time.millisecondsSince1970 / 3_600_000
        let own = hour * 3_600_000 + Milliseconds(uniform("when/\(place.node)", hour) * 3_600_000)
        let restarts = uniform("restart/\(place.node)", hour) < 0.005 && own <= time.millisecondsSince1970
        return restarts ? max(own, place.startedAt.millisecondsSince1970) : place.startedAt.millisecondsSince1970
    }

    // MARK: Scrapes

    /// The time between two scrapes, in seconds.
    private static let scrape: Int64 = 15

    /// One scrape in a hundred fails; once in a while a node cannot be scraped for five minutes.
    private func isMissed(_ node: String, _ seconds: Int64) -> Bool {
        uniform("scrape/\(node)", seconds / Self.scrape) < 0.01 || uniform("gap/\(node)", seconds / 300) < 0.001
    }

    // MARK: Numbers

    private func bits(_ what: String, _ number: Int64) -> UInt64 {
        Drawing.mix(Drawing.fnv(what) ^ Drawing.mix(seed &+ UInt64(bitPattern: number)))
    }

    /// A number from 0 to 1.
    private func uniform(_ what: String, _ number: Int64) -> Double {
        Double(bits(what, number) >> 11) * 0x1p-53
    }

    /// A number of the standard normal distribution. (Box and Muller 1958)
    private func normal(_ what: String, _ number: Int64) -> Double {
        let first = max(uniform(what, number &* 2), 0x1p-53)
        return sqrt(-2 * log(first)) * cos(2 * .pi * uniform(what, number &* 2 + 1))
    }

    /// Numbers of that distribution with a straight line from each to the next.
    private func smooth(_ what: String, _ seconds: Int64, every step: Int64) -> Double {
        let share = Double(seconds % step) / Double(step)
        let name = "smooth/\(what)"
        return (1 - share) * normal(name, seconds / step) + share * normal(name, seconds / step + 1)
    }
}
