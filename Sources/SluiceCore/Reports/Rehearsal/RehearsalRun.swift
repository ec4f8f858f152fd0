/// What one run of a rehearsal came to.
public struct RehearsalRun: Sendable, Equatable {
    /// The phase in which it ended; one that is not final and not halted means that it never ended.
    public var phase: Phase
    /// Why it ended so.
    public var reason: Reason?
    /// The reason as a sentence; empty when there is none.
    public var message: String
    /// The wave in which it stopped; nil when it did not stop in one.
    public var wave: String?
    /// How long it took, in milliseconds of virtual time.
    public var duration: Milliseconds
    /// The greatest number of nodes without a collector at any moment.
    public var peakBlind: Int
    /// The same by zone, in the order of the report's zones.
    public var peakBlindByZone: [Int]
    /// How many nodes got the new version outside their wave.
    public var leaks: Int
    /// How many nodes lost their old pod to the rollout or got a new one.
    public var reached: Int
    /// How many nodes ended without an available pod of the new version.
    public var stale: Int

    /// What one run came to.
    public init(
        phase: Phase, reason: Reason? = nil, message: String = "", wave: String? = nil, duration: Milliseconds,
        peakBlind: Int, peakBlindByZone: [Int], leaks: Int = 0, reached: Int, stale: Int = 0
    ) {
        self.phase = phase
        self.reason = reason
        self.message = message
        self.wave = wave
        self.duration = duration
        self.peakBlind = peakBlind
        self.peakBlindByZone = peakBlindByZone
        self.leaks = leaks
        self.reached = reached
        self.stale = stale
    }

    /// Whether the rollout was stopped before its end.
    public var isStopped: Bool { phase == .halted || phase == .aborted }
}
