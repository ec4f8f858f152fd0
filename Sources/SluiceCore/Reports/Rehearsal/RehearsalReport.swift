/// What many runs together say about a rollout.
public struct RehearsalReport: Sendable, Equatable {
    /// How a group of runs ended, most frequent first.
    public struct Ending: Sendable, Equatable {
        /// The phase in which the runs ended; `updating` and the like when they never ended.
        public var phase: Phase
        /// The wave in which they stopped; nil when they did not stop in one.
        public var wave: String?
        /// Why; nil when the phase speaks for itself.
        public var reason: Reason?
        /// The sentence of the first of these runs; empty when there is none.
        public var message: String
        /// How many runs ended so.
        public var runs: Int
    }

    /// What one zone had to bear.
    public struct Zone: Sendable, Equatable {
        /// The zone; empty for nodes that say none.
        public var name: String
        /// Its eligible nodes.
        public var nodes: Int
        /// The greatest number of them without a collector at any moment of any run.
        public var peakBlind: Int
    }

    /// What a good version did.
    public struct Good: Sendable, Equatable {
        /// How many runs there were.
        public var runs: Int
        /// How many of them completed.
        public var completed: Int
        /// How long the completed ones took, in milliseconds; nil when none did.
        public var duration: Distribution?
        /// The greatest number of nodes without a collector, run by run.
        public var peakBlind: Distribution
        /// By zone, over all runs.
        public var zones: [Zone]
        /// How many nodes got the new version outside their wave, run by run.
        public var leaks: Distribution
        /// How many nodes ended without the new version, run by run.
        public var stale: Distribution
        /// How the runs ended.
        public var endings: [Ending]
    }

    /// What one kind of bad version did.
    public struct Bad: Sendable, Equatable {
        /// The kind, such as `crash-loop`.
        public var kind: String
        /// What its pods do.
        public var meaning: String
        /// How many runs there were.
        public var runs: Int
        /// How many of them were stopped before the end.
        public var halted: Int
        /// How many nodes it reached, run by run: those that lost their old pod to the rollout or got a new one.
        public var reached: Distribution
        /// How long it took until the halt, in milliseconds, in the runs that were stopped; nil when none was.
        public var time: Distribution?
        /// How the runs ended.
        public var endings: [Ending]
        /// Whether nothing but a gate can see it.
        public var needsGate: Bool
    }

    /// A gate of the plan, and whether the model can answer it.
    public struct Gate: Sendable, Hashable {
        /// The gate's name.
        public var name: String
        /// Whether it is modelled. One that is not sees nothing, good or bad.
        public var isModelled: Bool
        /// Why not; empty when it is.
        public var reason: String

        /// A gate of the plan.
        public init(name: String, isModelled: Bool, reason: String = "") {
            self.name = name
            self.isModelled = isModelled
            self.reason = reason
        }
    }

    /// What is assumed about the fleet.
    public struct Assumptions: Sendable, Equatable {
        /// From binding a pod to Ready, in seconds, before jitter.
        public var startSeconds: Int64
        /// Where ``startSeconds`` comes from, in words.
        public var startBasis: String
        /// From the delete to the end of the containers, in seconds, before jitter.
        public var stopSeconds: Int64
        /// How far a delay may lie off its mean: 0.2 means up to 20 % in both directions. From 0 to 1.
        public var jitter: Double
        /// How many percent of the nodes are replaced, or lose their pod to somebody else, in a day.
        public var churnPercentPerDay: Double

        /// What is assumed unless a person says otherwise.
        public static let jitter = 0.2
        /// What is assumed unless a person says otherwise: with 1 %, each node goes once in 100 days.
        public static let churnPercentPerDay = 1.0

        /// What is assumed about the fleet.
        public init(
            startSeconds: Int64, startBasis: String, stopSeconds: Int64, jitter: Double = Assumptions.jitter,
            churnPercentPerDay: Double = Assumptions.churnPercentPerDay
        ) {
            self.startSeconds = startSeconds
            self.startBasis = startBasis
            self.stopSeconds = stopSeconds
            self.jitter = jitter
            self.churnPercentPerDay = churnPercentPerDay
        }
    }

    /// The plan's name.
    public var plan: String
    /// The DaemonSet's namespace.
    public var namespace: String
    /// The DaemonSet's name.
    public var daemonSet: String
    /// The eligible nodes.
    public var nodes: Int
    /// How many of them had no collector when the rollout began.
    public var blindAtStart: Int
    /// The budget.
    public var maxUnavailable: Int
    /// The number of waves.
    public var waves: Int
    /// What `plan` estimates.
    public var estimate: WavePlan.Estimate
    /// What a good version did; nil before it was tried.
    public var good: Good?
    /// What bad versions did, in the order in which they were asked for.
    public var bad: [Bad]
    /// The plan's gates.
    public var gates: [Gate]
    /// What is assumed.
    public var assumptions: Assumptions
    /// Whether a wave needs an approval, which every run has at once.
    public var needsApproval: Bool
    /// Whether the plan says when pods may be deleted.
    public var hasCalendar: Bool

    /// The report before any run.
    public init(
        plan: RolloutPlan, waves: WavePlan, namespace: String, blindAtStart: Int, gates: [Gate],
        assumptions: Assumptions
    ) {
        self.plan = plan.name
        self.namespace = namespace
        self.daemonSet = plan.daemonSet
        nodes = waves.eligibleNodes.count
        self.blindAtStart = blindAtStart
        maxUnavailable = waves.maxUnavailable
        self.waves = waves.waves.count
        estimate = waves.estimate
        bad = []
        self.gates = gates
        self.assumptions = assumptions
        hasCalendar = !plan.calendar.isEmpty
        needsApproval = waves.waves.contains(where: \.needsApproval)
    }

    /// Adds the runs of a good version, in the order of their seeds.
    ///
    /// - Parameter zones: the names of the zones with their eligible nodes, in the order of each run's peaks.
    public mutating func add(_ runs: [RehearsalRun], zones: [(name: String, nodes: Int)]) {
        let completed = runs.filter { $0.phase == .completed }
        guard let peaks = Distribution(runs.map { Int64($0.peakBlind) }),
            let leaks = Distribution(runs.map { Int64($0.leaks) }),
            let stale = Distribution(runs.map { Int64($0.stale) })
        else { return }
        let rows = zones.enumerated().map { index, zone in
            Zone(name: zone.name, nodes: zone.nodes, peakBlind: runs.map { $0.peakBlindByZone[index] }.max() ?? 0)
        }
        good = Good(
            runs: runs.count, completed: completed.count, duration: Distribution(completed.map(\.duration)),
            peakBlind: peaks, zones: rows.filter { $0.nodes > 0 }, leaks: leaks, stale: stale,
            endings: Self.endings(runs))
    }

    /// Adds the runs of a bad version, in the order of their seeds.
    ///
    /// - Parameters:
    ///   - kind: the kind in the words of `--bad`.
    ///   - meaning: what its pods do.
    ///   - needsGate: whether nothing but a gate can see it.
    public mutating func add(_ runs: [RehearsalRun], bad kind: String, meaning: String, needsGate: Bool) {
        let stopped = runs.filter(\.isStopped)
        guard let reached = Distribution(runs.map { Int64($0.reached) }) else { return }
        bad.append(
            Bad(
                kind: kind, meaning: meaning, runs: runs.count, halted: stopped.count, reached: reached,
                time: Distribution(stopped.map(\.duration)), endings: Self.endings(runs), needsGate: needsGate))
    }

    private static func endings(_ runs: [RehearsalRun]) -> [Ending] {
        var endings: [Ending] = []
        for run in runs {
            let index = endings.firstIndex { $0.phase == run.phase && $0.wave == run.wave && $0.reason == run.reason }
            if let index {
                endings[index].runs += 1
            } else {
                endings.append(
                    Ending(phase: run.phase, wave: run.wave, reason: run.reason, message: run.message, runs: 1))
            }
        }
        return endings.enumerated().sorted { (-$0.element.runs, $0.offset) < (-$1.element.runs, $1.offset) }
            .map(\.element)
    }
}
