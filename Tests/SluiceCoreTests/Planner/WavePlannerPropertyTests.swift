import SluiceCore
import Testing

@Suite("What holds for every fleet and plan")
struct WavePlannerPropertyTests {
    /// A random fleet with what a person would say about each of its nodes.
    struct Case {
        var fleet = TestFleet()
        var eligible: Set<String> = []
        var done: Set<String> = []
        var deferred: Set<String> = []
        var waves: [Wave] = []
        var text: String

        init(seed: UInt64) {
            var random = SplitMix64(state: seed)
            text = "plan \(seed)"
            fleet.rememberNew()
            let size = 1 << random.below(8) + random.below(3)
            let share = random.below(100)
            for index in 0..<size { addNode("node-\(index)", share: share, &random) }
            for index in 0..<random.below(4) { waves.append(Self.wave(index, &random)) }
            waves.append(Wave(name: "rest", members: .everythingElse, batches: Self.sizes(&random)))
        }

        private mutating func addNode(_ name: String, share: Int, _ random: inout SplitMix64) {
            var labels: [String: String] = [:]
            if random.chance(percent: 90) { labels[TestFleet.zone] = "z\(random.below(3))" }
            if random.chance(percent: 30) { labels["tier"] = "dev" }
            if random.chance(percent: share / 2) { labels[TestFleet.controlPlane] = "" }
            let hasPod = random.chance(percent: 90)
            let isNew = hasPod && random.chance(percent: share)
            fleet.add(name, labels: labels, hash: hasPod ? (isNew ? TestFleet.newHash : TestFleet.oldHash) : nil)
            if random.chance(percent: 10) { fleet.addPod(on: name, hash: "other") { $0.ownerUID = "somebody" } }
            var (run, stay) = (true, true)
            if random.chance(percent: 10) {
                run = false
                stay = random.chance(percent: 50)
                fleet.change(name) { $0.taints = [Taint(key: "t", effect: stay ? "NoSchedule" : "NoExecute")] }
            }
            let isUnwell = random.chance(percent: 10)
            if isUnwell {
                let isGoing = random.chance(percent: 50)
                fleet.change(name) {
                    if isGoing { $0.isBeingDeleted = true } else { $0.ready = .unknown }
                }
            }
            guard run || (stay && hasPod) else { return }
            eligible.insert(name)
            if isNew { done.insert(name) } else if isUnwell || !run { deferred.insert(name) }
        }

        private static func wave(_ index: Int, _ random: inout SplitMix64) -> Wave {
            let selectors = [
                LabelSelector(), LabelSelector(matchLabels: ["tier": "dev"]),
                LabelSelector(matchExpressions: [.init(key: TestFleet.zone, operator: .in, values: ["z0", "z1"])]),
            ]
            let takes: [Amount?] = [nil, .count(1), .count(3), .percent(10), .percent(60)]
            return Wave(
                name: "wave\(index)", members: .selector(selectors[random.below(3)]), take: takes[random.below(5)],
                spreadOver: random.chance(percent: 50) ? TestFleet.zone : nil,
                forEach: random.chance(percent: 25) ? TestFleet.zone : nil, batches: sizes(&random),
                soakSeconds: Int64(random.below(2)) * 60)
        }

        private static func sizes(_ random: inout SplitMix64) -> [Amount] {
            (0..<random.below(4)).map { _ in
                random.chance(percent: 50) ? .count(1 + random.below(5)) : .percent(1 + random.below(100))
            }
        }

        /// The plan; nil when a wave matches nothing, which small fleets often bring.
        func plan() throws -> WavePlan? {
            do {
                return try fleet.plan(waves, text: text, allowWholeFleet: true)
            } catch {
                guard error.errors.allSatisfy({ if case .emptyWaves = $0 { true } else { false } }) else { throw error }
                return nil
            }
        }
    }

    static let seeds = Array(UInt64(1)...300)

    @Test("Most of the random cases are planned")
    func casesAreWorthIt() throws {
        #expect(try Self.seeds.filter { try Case(seed: $0).plan() != nil }.count > 150)
    }

    @Test("Every eligible node is done or in exactly one wave, and no other node is in any", arguments: seeds)
    func coverage(seed: UInt64) throws {
        let world = Case(seed: seed)
        guard let plan = try world.plan() else { return }
        let taken = plan.waves.flatMap(\.nodes)
        #expect(Set(plan.eligibleNodes) == world.eligible)
        #expect(taken.count == Set(taken).count)
        #expect(Set(taken) == world.eligible.subtracting(world.done))
        #expect(Set(plan.excluded.filter { $0.kind == .alreadyUpdated }.map(\.node)) == world.done)
        #expect(Set(plan.deferred.map(\.node)) == world.deferred)
        let observed = plan.waves.flatMap(\.observed)
        #expect(Set(observed).isSubset(of: world.done) && observed.count == Set(observed).count)
        let others = Set(world.fleet.nodes.map(\.name)).subtracting(world.eligible)
        #expect(Set(plan.excluded.filter { $0.kind == .notEligible }.map(\.node)) == others)
    }

    @Test("Batches have the sizes of the plan and add up to the wave", arguments: seeds)
    func batches(seed: UInt64) throws {
        let world = Case(seed: seed)
        guard let plan = try world.plan() else { return }
        for wave in plan.waves {
            let sizes = world.waves[wave.planIndex].batches
            var rest = wave.nodes.count
            for (index, batch) in wave.batches.enumerated() {
                let size =
                    sizes.isEmpty
                    ? wave.nodes.count : sizes[min(index, sizes.count - 1)].resolved(of: wave.nodes.count)
                #expect(batch.count == min(size, rest) && !batch.isEmpty)
                rest -= batch.count
            }
            #expect(rest == 0)
        }
    }

    @Test("Nodes that must wait come last, and control-plane nodes are never alone in front", arguments: seeds)
    func order(seed: UInt64) throws {
        let world = Case(seed: seed)
        guard let plan = try world.plan() else { return }
        let labels = Dictionary(world.fleet.nodes.map { ($0.name, $0.labels) }, uniquingKeysWith: { first, _ in first })
        let running = Set(world.fleet.pods.filter { $0.ownerUID == "ds" }.map(\.nodeName))
        for wave in plan.waves {
            let waits = wave.nodes.map(world.deferred.contains)
            #expect(waits == waits.sorted { !$0 && $1 })
            // Nodes without a pod come first, whatever they are.
            let isControlPlane = wave.nodes.filter { !world.deferred.contains($0) && running.contains($0) }
                .map { labels[$0]?[TestFleet.controlPlane] != nil }
            #expect(isControlPlane.first != true || !isControlPlane.contains(false))
        }
    }

    @Test("The order of the facts changes nothing", arguments: seeds)
    func shuffled(seed: UInt64) throws {
        let world = Case(seed: seed)
        var random = SplitMix64(state: seed &* 31)
        var other = world
        other.fleet.nodes = random.reordered(world.fleet.nodes)
        other.fleet.pods = random.reordered(world.fleet.pods)
        other.fleet.revisions = random.reordered(world.fleet.revisions)
        #expect(try world.plan() == other.plan())
    }

    @Test("Control-plane nodes are spread over a wave")
    func controlPlaneIsSpread() throws {
        var fleet = TestFleet()
        for index in 0..<20 { fleet.add("n\(index)", labels: index < 4 ? [TestFleet.controlPlane: ""] : [:]) }
        let plan = try fleet.plan([Wave(name: "all", members: .everythingElse, batches: [.count(5)])])
        let control = Set((0..<4).map { "n\($0)" })
        #expect(plan.waves[0].batches.map { $0.filter(control.contains).count } == [1, 1, 1, 1])
    }
}
