import SluiceCluster
import SluiceCore

/// A plan file drawn for a fleet, and what a judge has to know of it.
struct PlanDraw {
    private(set) var text = ""
    private(set) var budget = Scenario.PlannedBudget(maxUnavailable: 1, soaks: [])
    private let fleet: FleetSpec
    /// For what was added later, so that seeds keep the rest of their plans.
    private var later: SeededRandom
    private let running: Int
    private var waves: [String] = []
    private var random: SeededRandom

    init(_ fleet: FleetSpec, _ random: SeededRandom) {
        self.fleet = fleet
        self.random = random
        var copy = random
        later = copy.fork()
        running = fleet.nodes.count { $0.taint == nil }
        drawWaves()
        drawApprovals()
        let calendarLines = drawCalendar()
        let budgetLine = drawBudget()
        let blockerLine = drawBlocker()
        let parks = later.chance(0.2)
        budget.parks = parks
        drawScrape()
        let minReady = self.random.chance(0.15) ? Int64(self.random.int(1...15)) : 0
        budget.minReady = max(minReady, fleet.minReadySeconds) * 1_000
        let notifications = drawNotifications()
        let wayBack = later.chance(0.25) ? later.pick([FailurePolicy.rollbackAll, .rollbackAll, .rollbackWave]) : nil
        let configLine = drawConfig()
        text = """
            apiVersion: sluice/v1
            kind: RolloutPlan
            metadata: {name: simulated}
            spec:
              daemonSet: {name: node-exporter, namespace: monitoring}
              images: {node-exporter: "\(FleetSpec.newImage)"}
              budget: {\(budgetLine)}\(calendarLines)\(blockerLine)
              readiness:
                minReadySeconds: \(minReady)
                timeout: \(max(self.random.int(60...400), fleet.slowestReplacement))s
                restartsAllowed: \(self.random.int(0...1))
              deletion: \(self.random.chance(0.3) ? "evict" : "delete")
              onStrategyChanged: \(self.random.chance(0.2) ? "halt" : "reassert")
              onFailure: \(drawPolicy(wayBack).rawValue)
              leak: \(parks ? "park" : "allow")\(configLine)
              waves:
            \(waves.map { "    - {\($0)}" }.joined(separator: "\n"))\(notifications)

            """
    }

    /// - Parameter wayBack: what was drawn instead; nil for none.
    private mutating func drawPolicy(_ wayBack: FailurePolicy?) -> FailurePolicy {
        let policy = random.chance(0.2) ? FailurePolicy.abort : .halt
        budget.onFailure = wayBack ?? policy
        return budget.onFailure
    }

    private mutating func drawWaves() {
        let take = random.int(1...max(1, min(5, running / 3)))
        let dev = "selector: {matchLabels: {env: dev}}, take: \(take)"
        let canary = random.pick([
            dev, "nodes: [node-0]", "", dev + ", spreadOver: topology.kubernetes.io/zone",
        ])
        if let canary, !canary.isEmpty { waves.append("name: canary, \(canary), \(drawSoak())\(drawGates())") }
        if random.chance(0.4), running >= 8 {
            let all = "{matchExpressions: [{key: kubernetes.io/hostname, operator: Exists}]}"
            waves.append("name: some, selector: \(all), take: 25%, \(drawSoak())")
        }
        let batches = ["", ", batches: [1, 3, 20%]", ", batches: [50%]", ", batches: [\(random.int(1...10))]"]
        let sizes = random.pick(batches) ?? ""
        let each = random.chance(0.15) ? ", forEach: topology.kubernetes.io/zone" : ""
        let failures = random.chance(0.3) ? ", failuresAllowed: \(random.int(0...3))" : ""
        waves.append("name: rest, everythingElse: true\(each)\(sizes)\(failures), \(drawSoak())")
    }

    private mutating func drawApprovals() {
        guard later.chance(0.2) else { return }
        for index in waves.indices where later.chance(0.6) {
            waves[index] += Setting.approval
            budget.approvals.insert(index)
        }
    }

    /// Zones with their offsets from UTC in the weeks after the world begins, in minutes.
    private static let zones = [("UTC", 0), ("Europe/Berlin", 60), ("America/New_York", -300), ("Asia/Kolkata", 330)]

    private mutating func drawCalendar() -> String {
        guard later.chance(0.1) else { return "" }
        let day = 24 * 60
        var windows: [String] = []
        for _ in 0..<later.int(1...2) {
            let (zone, offset) = later.pick(Self.zones) ?? ("UTC", 0)
            let (from, minutes) = (later.int(0...95) * 15, later.int(24...72) * 15)
            let to = (from + minutes) % day
            let clocks = [from, to].map { "\"\(RolloutCalendar.Window.clock($0))\"" }
            windows.append("{from: \(clocks[0]), to: \(clocks[1]), timeZone: \(zone)}")
            budget.windows.append((from: (from - offset + day) % day, minutes: minutes))
        }
        var lines = "\n  windows: [\(windows.joined(separator: ", "))]"
        if later.chance(0.3) {
            let first = World.epoch.millisecondsSince1970 / 86_400_000 + Int64(later.int(0...1))
            let last = first + Int64(later.int(0...1))
            let days = [first, last].map(RolloutCalendar.Freeze.date)
            lines += "\n  freeze: [{from: \(days[0]), to: \(days[1]), reason: a holiday}]"
            budget.frozen = first...last
        }
        return lines
    }

    private mutating func drawNotifications() -> String {
        guard later.chance(0.3) else { return "" }
        return "\n  notifications: [{name: hook, url: \"\(Wire.server)/\(Wire.hook)\"}]"
    }

    private mutating func drawScrape() {
        guard let first = waves.first, first.hasPrefix("name: canary"), !first.contains("gates:"), later.chance(0.2)
        else { return }
        waves[0] += Setting.flow
        budget.baselines[0] = 60_000
    }

    /// One that is never there: what it costs, and what becomes of it when nobody answers, is for the judges.
    private mutating func drawBlocker() -> String {
        guard later.chance(0.1) else { return "" }
        return "\n  blockers: [{name: paging, alerts: {prometheus: {address: \"\(Wire.server)/prometheus\"}}}]"
    }

    private mutating func drawConfig() -> String {
        guard fleet.readsConfig, let policy = later.pick(["halt", "warn", "warn", "ignore"]) else { return "" }
        return "\n  onConfigChanged: \(policy)"
    }

    private mutating func drawSoak() -> String {
        let seconds = random.chance(0.3) ? 0 : random.spread(5...3_600)
        budget.soaks.append(seconds * 1_000)
        return "soak: \(seconds)s"
    }

    private mutating func drawGates() -> String {
        guard random.chance(0.25) else { return "" }
        let time = later.pick(["soak", "soak", "batch", "end"]) ?? "soak"
        let interval = random.int(5...60)
        // A gate that halts at once in doubt would end most runs; one that tries again goes on.
        let doubt =
            interval % 4 == 0
            ? "inconclusiveLimit: 2, consecutiveErrorLimit: 2, onNoData: {retry: 3}, onError: {retry: 3}"
            : "inconclusiveLimit: 50, consecutiveErrorLimit: 50"
        return ", gates: [{name: up, prometheus: {address: \"\(Wire.server)/prometheus\", "
            + "query: 'up{job=\"node-exporter\",node=~\"{{nodes}}\"}'}, successCondition: \">= 1\", at: \(time), "
            + "interval: \(interval)s, failureLimit: \(random.int(0...3)), \(doubt)}]"
    }

    /// The budget as the plan writes it; what it comes to is for the judge.
    private mutating func drawBudget() -> String {
        var line = "waitTimeout: \(random.int(2...60))m"
        let count = random.int(1...max(1, min(20, running / 2)))
        switch random.int(0...2) {
        case 0:
            line += ", maxUnavailable: \(count)"
            budget.maxUnavailable = count
        case 1:
            let percent = random.int(1...60)
            line += ", maxUnavailable: \(percent)%"
            budget.maxUnavailable = max(1, running * percent / 100)
        default: budget.maxUnavailable = running < 20 ? 1 : min(50, running / 10)
        }
        if random.chance(0.2) {
            line += ", perLabel: [{key: topology.kubernetes.io/zone, maxUnavailable: 1}]"
            budget.perZone = 1
        }
        return line
    }

    /// About how long the rollout takes when nothing goes wrong, in milliseconds.
    var expectedLength: Milliseconds {
        let replacement = fleet.options.startDelay + fleet.options.termination + budget.minReady
        let rounds = Milliseconds(fleet.nodes.count / max(1, budget.maxUnavailable) + waves.count)
        return budget.soaks.reduce(0, +) + rounds * replacement
    }
}
