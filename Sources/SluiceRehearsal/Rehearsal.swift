import SluiceCluster
public import SluiceCore

/// A rollout to be tried many times in virtual time, each run with chances of its own.
public struct Rehearsal: Sendable {
    /// What is rolled out, on which fleet.
    public let script: CoreDepthScript
    /// What is assumed.
    public let assumptions: RehearsalReport.Assumptions
    /// The rollout before its first order, which all runs of all versions have in common.
    private let beginning: CoreDepthWorld
    private let image: String

    /// The time between driver and API server, in milliseconds.
    public static let latency: Milliseconds = 5
    /// The shortest time between two turns of the driver, in milliseconds. A real one turns whenever something arrives; in
    /// a large fleet that is all the time.
    public static let turnInterval: Milliseconds = 100

    /// Prepares a rehearsal.
    ///
    /// - Parameters:
    ///   - plan: what the plan file says.
    ///   - planText: the plan file's bytes.
    ///   - facts: the fleet.
    ///   - time: when the fleet was in that state.
    ///   - assumptions: what is assumed, given what the fleet's own pods show.
    ///   - options: what a person has agreed to.
    /// - Throws: every problem of planning at once.
    public init(
        plan: RolloutPlan, planText: [UInt8], facts: FleetFacts, at time: Timestamp,
        options: PlanningOptions = PlanningOptions(), assuming assumptions: (PodPace) -> RehearsalReport.Assumptions
    ) throws(PlanningFailure) {
        let (template, _) = facts.daemonSet.template.replacing(images: plan.images)
        let assumed = assumptions(PodPace(template: template, facts: facts))
        let made = ClusterOptions(
            nodes: 0, startDelay: assumed.startSeconds * 1_000, termination: assumed.stopSeconds * 1_000,
            jitter: assumed.jitter, seed: 0, historyLimit: 1, detail: .core)
        let cluster = Cluster(options: made, start: time, fleet: facts)
        image = template.images.first?.image ?? ""
        self.assumptions = assumed
        script = try CoreDepthScript(
            plan: plan, planText: planText, facts: facts, cluster: cluster, options: options)
        var world = CoreDepthWorld(
            script, cluster: cluster, seed: 0,
            options: CoreDepthWorld.Options(
                latency: Self.latency, turnInterval: Self.turnInterval,
                churnPercentPerDay: assumed.churnPercentPerDay))
        world.look()
        beginning = world
    }

    /// What all runs of a version have in common: everything up to its first delete. Each run is a copy with a seed.
    ///
    /// - Parameter bad: how the new version is bad; nil for a good one.
    public func prepared(_ bad: BadVersion? = nil) -> PreparedRun {
        // A version whose image names a behaviour by accident is no bad one.
        let rule = bad?.rule(image: image) ?? BehaviourRule(imagePart: image, behaviour: "normal")
        var world = beginning.behaving(rule)
        world.prepare()
        return PreparedRun(world: world)
    }

    /// A rollout just before its first delete.
    public struct PreparedRun: Sendable {
        let world: CoreDepthWorld

        /// One run.
        ///
        /// - Parameter seed: the run's number; the same one gives the same run.
        public func run(seed: UInt64) -> RehearsalRun {
            var world = world.drawn(seed: seed)
            world.run()
            return world.outcome
        }
    }

    /// The report before any run.
    public var emptyReport: RehearsalReport {
        RehearsalReport(
            plan: script.plan, waves: script.waves, namespace: script.facts.daemonSet.namespace,
            blindAtStart: script.coverage.blindAtStart, gates: script.gates.rows, assumptions: assumptions)
    }
}

extension CoreDepthWorld {
    /// What the run has come to.
    public var outcome: RehearsalRun {
        let state = machine.state
        let index = state.rollout.waveIndex
        let isInWave = state.rollout.phase != .completed && state.waves.indices.contains(index)
        return RehearsalRun(
            phase: state.rollout.phase, reason: state.rollout.reason, message: state.rollout.message,
            wave: isInWave ? state.waves[index].name : nil, duration: now - start, peakBlind: coverage.peak,
            peakBlindByZone: coverage.peakByZone, leaks: leaks, reached: coverage.reached,
            stale: state.nodes.values.count { $0.status != .updated && $0.status != .left })
    }
}
