import SluiceCore

/// Everything about one run that is not the engine's doing: a seed draws one, a named scenario writes one down.
struct Scenario: Sendable {
    /// A sentence, or the seed.
    var name: String
    /// From which every draw of the run derives.
    var seed: UInt64
    var fleet: FleetSpec
    /// The plan file.
    var plan: String
    var planning: PlannedBudget
    var windows: [FaultWindow] = []
    /// How far the server's clock is off, by the time from which it is so; in milliseconds.
    var serverSkews: [(from: Milliseconds, skew: Milliseconds)] = []
    /// Which kinds of faults may strike.
    var kinds: [FaultKind] = []
    var acts: [(at: Milliseconds, act: Act)] = []
    /// When drivers die, one after the other.
    var deaths: [Death] = []
    /// From when on nothing goes wrong any more, in milliseconds.
    var healedAt: Milliseconds = 0
    /// Until when a run must have ended, in milliseconds.
    var limit: Milliseconds = 48 * 3_600_000
    /// How long a request is on its way to the server, in milliseconds.
    var latency: ClosedRange<Milliseconds> = 1...20
    /// What a watch says within this time arrives at once, in milliseconds.
    var grain: Milliseconds = 1
    var credential = CredentialKind.none
    /// How often a person takes a halted rollout up again.
    var resumes = 0
    /// How long a person takes to approve a wave that waits for it, in milliseconds.
    var approvalDelay: ClosedRange<Milliseconds> = 1_000...1_800_000
    /// Whether a driver that died is followed by one on another machine, which knows nothing but the cluster.
    var movesOn = false
    /// How long it takes until somebody starts a driver again after one has died, in milliseconds.
    var absence: ClosedRange<Milliseconds> = 500...120_000

    var faults: Faults { Faults(windows, serverSkews: serverSkews) }

    /// How a driver proves who it is.
    enum CredentialKind: Sendable {
        case none, tokenFile, plugin
    }

    /// What a judge has to know of the plan, read by nobody but the judge.
    struct PlannedBudget: Sendable {
        /// How many nodes may be without an available pod, by the number of nodes that run the DaemonSet.
        var maxUnavailable: Int
        var soaks: [Milliseconds]
        /// The waves of the plan that a person has to approve, by their place in it.
        var approvals: Set<Int> = []
        /// How long a wave of the plan waits while the level before it is sampled, by its place in the plan.
        var baselines: [Int: Milliseconds] = [:]
        var minReady: Milliseconds = 0
        /// What the plan wants done when it fails.
        var onFailure = FailurePolicy.halt
        /// Whether the template before stands between batches.
        var parks = false
        /// When pods may be deleted, every day by UTC: minutes since midnight, and for how many; none means always.
        var windows: [(from: Int, minutes: Int)] = []
        /// Days since 1970-01-01 on which none is deleted.
        var frozen: ClosedRange<Int64>?
        /// How many nodes of one zone may be without an available pod; nil for no such cap.
        var perZone: Int?
    }
}

extension Scenario.PlannedBudget {
    private static let day: Milliseconds = 86_400_000

    /// Whether the plan lets pods be deleted at a time, in milliseconds since 1970-01-01T00:00:00Z, or would so much
    /// earlier or later.
    func mayDelete(at wall: Milliseconds, give: Milliseconds) -> Bool {
        if let frozen {
            let frozenFor = frozen.lowerBound * Self.day + give..<(frozen.upperBound + 1) * Self.day - give
            if frozenFor.contains(wall) { return false }
        }
        return windows.isEmpty
            || windows.contains { window in
                let since = (wall - Milliseconds(window.from) * 60_000 + give) % Self.day
                return since < Milliseconds(window.minutes) * 60_000 + 2 * give
            }
    }
}
