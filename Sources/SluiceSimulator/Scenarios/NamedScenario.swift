import SluiceCluster
public import SluiceCore

/// A hard case, written down by hand: what happens, and how the rollout must end. Its name is a sentence.
public struct NamedScenario: Sendable {
    /// What happens, as a sentence.
    public var name: String
    /// The phase in which the rollout must end.
    public var phase: Phase
    /// Why it must stop there; nil when it needs no reason.
    public var reason: Reason?
    let scenario: Scenario

    init(
        _ name: String, endsAs phase: Phase = .completed, for reason: Reason? = nil, _ setting: Setting = Setting(),
        _ change: (inout Scenario) -> Void
    ) {
        self.name = name
        self.phase = phase
        self.reason = reason
        var scenario = setting.scenario(named: name)
        change(&scenario)
        scenario.acts.sort { $0.at < $1.at }
        self.scenario = scenario
    }

    /// Plays the scenario.
    ///
    /// - Returns: the run; an end other than the expected one is a violation too.
    public func run(trace: Trace = Trace(isOn: false)) -> SeedRun {
        var run = SeedRun.run(scenario, trace: trace)
        let expected = phase.rawValue + (reason.map { " (\($0.rawValue))" } ?? "")
        if run.ending != expected {
            run.violations.append(
                Violation(judge: "scenario", time: 0, message: "ended as \(run.ending), expected \(expected)"))
        }
        return run
    }

    /// Whether it is there because seeds hardly ever meet what happens in it.
    public var isRare: Bool { Self.rare.contains { $0.name == name } }

    /// All of them.
    public static var all: [NamedScenario] { server + driver + cluster + scrape + wayBack + rare }
}

/// A small fleet and a plan for it, with a canary, a soak and batches.
struct Setting: Sendable {
    var nodes = 9
    var soakSeconds = 60
    var budget = 2
    var timeoutSeconds = 120
    var startDelay: Milliseconds = 2_000
    var termination: Milliseconds = 1_000
    /// How pods of the new version behave, and those of the old one.
    var newVersion = ""
    var oldVersion = ""
    /// How long an old pod stays beside the new one after its end, in milliseconds.
    var linger: Milliseconds = 200
    /// Further lines of the plan's spec, and further entries of the canary's.
    var more = ""
    var canaryMore = ""
    /// Further entries of the last wave's.
    var restMore = ""
    /// How many nodes are labelled as the canary's.
    var canaryNodes = 2

    /// A gate that asks for the scrape's health every five seconds.
    static let gate =
        ", gates: [{name: up, prometheus: {address: \"\(Wire.server)/prometheus\", "
        + "query: 'up{job=\"node-exporter\",node=~\"{{nodes}}\"}'}, successCondition: \">= 1\", interval: 5s, "
        + "failureLimit: 3, inconclusiveLimit: 50, consecutiveErrorLimit: 50}]"

    /// A person has to approve the wave.
    static let approval = ", approval: required"

    func scenario(named name: String) -> Scenario {
        let specs = (0..<nodes).map { number in
            NodeSpec(
                name: "node-\(number)",
                labels: [
                    "env": number < canaryNodes ? "dev" : "prod", "kubernetes.io/hostname": "node-\(number)",
                    "topology.kubernetes.io/zone": "z\(number % 3)",
                ])
        }
        var options = ClusterOptions(
            nodes: 0, startDelay: startDelay, readyLag: 500, termination: termination, linger: linger, jitter: 0)
        options.statusInterval = 5_000
        options.behaviours = [
            BehaviourRule(imagePart: ":v2", behaviour: newVersion),
            BehaviourRule(imagePart: ":v1", behaviour: oldVersion),
        ].filter { !$0.behaviour.isEmpty }
        let plan = """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: scenario}
            spec:
              daemonSet: {name: node-exporter, namespace: monitoring}
              images: {node-exporter: "\(FleetSpec.newImage)"}
              budget: {maxUnavailable: \(budget)}
              readiness: {timeout: \(timeoutSeconds)s}
              \(more)
              waves:
                - {name: canary, selector: {matchLabels: {env: dev}}, soak: \(soakSeconds)s\(canaryMore)}
                - {name: rest, everythingElse: true, batches: [3]\(restMore)}

            """
        var scenario = Scenario(
            name: name, seed: 1, fleet: FleetSpec(nodes: specs, options: options), plan: plan,
            planning: Scenario.PlannedBudget(
                maxUnavailable: budget, soaks: [Milliseconds(soakSeconds) * 1_000, 0]))
        for (index, more) in [canaryMore, restMore].enumerated() where more.contains(Self.approval) {
            scenario.planning.approvals.insert(index)
        }
        scenario.limit = 6 * 3_600_000
        scenario.latency = 1...5
        return scenario
    }
}

extension Scenario {
    /// Something happens at a time, in seconds.
    mutating func at(_ seconds: Milliseconds, _ act: Act) { acts.append((seconds * 1_000, act)) }

    /// Something happens at a time, in milliseconds.
    mutating func at(milliseconds: Milliseconds, _ act: Act) { acts.append((milliseconds, act)) }

    /// A fault strikes this share of the requests between two times, in seconds.
    mutating func strike(_ kind: FaultKind, _ share: Double = 1, from: Milliseconds, to: Milliseconds) {
        kinds.append(kind)
        windows.append(FaultWindow(kind: kind, from: from * 1_000, to: to * 1_000, share: share))
        healedAt = max(healedAt, to * 1_000)
    }

    /// Kinds of trouble that may make a rollout stop.
    mutating func allow(_ kinds: FaultKind...) { self.kinds += kinds }
}
