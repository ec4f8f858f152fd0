import SluiceCore

/// A fleet made for tests: a DaemonSet `collector` whose nodes are changed one by one.
struct TestFleet {
    static let zone = "topology.kubernetes.io/zone"
    static let controlPlane = "node-role.kubernetes.io/control-plane"
    static let oldHash = "old1"
    static let newHash = "new2"
    static let newImage = ContainerImage(container: "agent", image: "agent:v2")

    var daemonSet: DaemonSet
    var nodes: [Node] = []
    var pods: [Pod] = []
    var revisions: [ControllerRevision]

    static func template(image: String, spec: JSONValue = [:]) -> PodTemplate {
        var json: JSONValue = [
            "metadata": ["labels": ["app": "collector"]],
            "spec": [
                "terminationGracePeriodSeconds": 30,
                "containers": [["name": "agent", "image": .string(image), "readinessProbe": ["periodSeconds": 10]]],
            ],
        ]
        var merged = json["spec"] ?? [:]
        for (key, value) in spec.object ?? [:] { merged[key] = value }
        json["spec"] = merged
        return PodTemplate(json: json)
    }

    static func revision(_ hash: String, number: Int64, template: PodTemplate, owner: String = "ds")
        -> ControllerRevision
    {
        ControllerRevision(
            name: "collector-\(hash)", uid: "uid-\(hash)", ownerUID: owner, hash: hash, revision: number,
            createdAt: Timestamp(number * 1_000_000), template: template)
    }

    /// So many nodes `n00`, `n01` …, spread over three zones, each with a Ready pod of the old revision.
    init(_ count: Int = 0) {
        let old = Self.template(image: "agent:v1")
        daemonSet = DaemonSet(
            namespace: "monitoring", name: "collector", uid: "ds",
            selector: LabelSelector(matchLabels: ["app": "collector"]), template: old)
        revisions = [Self.revision(Self.oldHash, number: 1, template: old)]
        for index in 0..<count {
            add(index < 10 ? "n0\(index)" : "n\(index)", labels: [Self.zone: "z\(index % 3)"])
        }
    }

    mutating func add(_ name: String, labels: [String: String] = [:], hash: String? = oldHash) {
        nodes.append(Node(name: name, uid: "uid-\(name)", labels: labels))
        if let hash { addPod(on: name, hash: hash) }
    }

    mutating func addPod(on node: String, hash: String, change: (inout Pod) -> Void = { _ in }) {
        var pod = Pod(
            name: "collector-\(node)-\(hash)", namespace: "monitoring", uid: "pod-\(node)-\(hash)", nodeName: node,
            ownerUID: "ds", revisionHash: hash, labels: ["app": "collector"], phase: .running,
            createdAt: Timestamp(10_000), isReady: true, readyChangedAt: Timestamp(13_500),
            images: [ContainerImage(container: "agent", image: hash == Self.newHash ? "agent:v2" : "agent:v1")])
        change(&pod)
        pods.append(pod)
    }

    /// Records the revision of the new image, as the controller does once it is set.
    mutating func rememberNew() {
        revisions.append(
            Self.revision(Self.newHash, number: 2, template: Self.template(image: Self.newImage.image)))
    }

    /// Gives nodes a Ready pod of the new revision instead of their old one.
    mutating func update(_ names: some Sequence<String>, isReady: Bool = true) {
        if !revisions.contains(where: { $0.hash == Self.newHash }) { rememberNew() }
        for name in names {
            pods.removeAll { $0.nodeName == name }
            addPod(on: name, hash: Self.newHash) { $0.isReady = isReady }
        }
    }

    mutating func change(_ name: String, _ change: (inout Node) -> Void) {
        for index in nodes.indices where nodes[index].name == name { change(&nodes[index]) }
    }

    var facts: FleetFacts { FleetFacts(daemonSet: daemonSet, nodes: nodes, pods: pods, revisions: revisions) }

    func plan(
        _ waves: [Wave], images: [ContainerImage] = [newImage], budget: Budget = Budget(), text: String = "plan",
        allowWholeFleet: Bool = false, acceptPlacementChange: Bool = false
    ) throws(PlanningFailure) -> WavePlan {
        try WavePlanner.plan(
            RolloutPlan(name: "test", daemonSet: "collector", images: images, budget: budget, waves: waves),
            planText: Array(text.utf8), facts: facts,
            options: PlanningOptions(
                allowWholeFleet: allowWholeFleet, acceptPlacementChange: acceptPlacementChange))
    }

    /// The problems that planning finds; empty when it finds none.
    func problems(
        _ waves: [Wave], images: [ContainerImage] = [newImage], budget: Budget = Budget()
    ) -> [PlanningError] {
        do {
            _ = try plan(waves, images: images, budget: budget)
            return []
        } catch {
            return error.errors
        }
    }
}

extension Wave {
    static func canary(_ take: Amount, spreadOver: String? = nil) -> Wave {
        Wave(
            name: "canary", members: .selector(LabelSelector()), take: take, spreadOver: spreadOver, soakSeconds: 600)
    }

    static let rest = Wave(name: "rest", members: .everythingElse, batches: [.percent(50)])

    static func zone(_ value: String) -> Wave {
        Wave(name: value, members: .selector(LabelSelector(matchLabels: [TestFleet.zone: value])))
    }
}

/// A small generator of random numbers with a seed (SplitMix64).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Below a bound, 0 included.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func chance(percent: Int) -> Bool { below(100) < percent }

    /// The same elements in another order. (Fisher and Yates)
    mutating func reordered<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        for index in stride(from: result.count - 1, to: 0, by: -1) { result.swapAt(index, below(index + 1)) }
        return result
    }
}
