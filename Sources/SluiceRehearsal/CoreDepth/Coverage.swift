import SluiceCluster
import SluiceCore

/// Which nodes have a collector, counted from the cluster's own changes and from nothing that the rollout believes.
///
/// A collector is a pod that is Ready and not on its way out. A node counts from its first collector on; one that had none
/// when the rollout began is counted apart.
struct Coverage: Sendable {
    private struct Place: Sendable {
        var zone: Int
        /// Its pods, each with whether it collects.
        var pods: [(uid: String, collects: Bool)] = []
        /// The uid of its latest pod; empty when there never was one.
        var latestPod = ""
        var hasHad = false
        var isThere = true
        /// Whether the rollout reached the node: its old pod was deleted by it, or it got a new pod.
        var isReached = false
    }

    private let daemonSetUID: String
    private let zones: [String: Int]
    private var places: [Place] = []
    private var indices: [String: Int] = [:]
    private var blindByZone: [Int]
    private(set) var blind = 0
    private(set) var peak = 0
    private(set) var peakByZone: [Int]
    /// How many nodes with a pod had no collector when the rollout began.
    private(set) var blindAtStart = 0
    private(set) var reached = 0

    init(fleet: FleetFacts, zoneNames: [String], eligible: Set<String>) {
        daemonSetUID = fleet.daemonSet.uid
        zones = Dictionary(uniqueKeysWithValues: zoneNames.enumerated().map { ($1, $0) })
        blindByZone = Array(repeating: 0, count: zoneNames.count)
        peakByZone = blindByZone
        for node in fleet.nodes { add(node) }
        for pod in fleet.pods where pod.ownerUID == daemonSetUID {
            guard let node = pod.nodeName else { continue }
            let collects = pod.isReady && !pod.isTerminating && pod.phase == .running
            note(pod.uid, on: node, collects: collects, isNew: false)
        }
        blindAtStart = places.indices.count { !places[$0].hasHad }
        let ineligible = fleet.nodes.count { node in
            !eligible.contains(node.name) && indices[node.name].map { !places[$0].hasHad } == true
        }
        blindAtStart -= ineligible
    }

    /// The zone that a node says it is in; empty when it says nothing.
    static func zone(of node: Node) -> String {
        node.labels["topology.kubernetes.io/zone"] ?? node.labels["failure-domain.beta.kubernetes.io/zone"] ?? ""
    }

    /// The latest pod of a node; nil when there never was one.
    func pod(on node: String) -> String? {
        guard let index = indices[node], !places[index].latestPod.isEmpty else { return nil }
        return places[index].latestPod
    }

    mutating func take(_ truth: Truth) {
        switch truth {
        case .pod(let pod):
            guard pod.owner == daemonSetUID else { return }
            let collects = pod.readySince != nil && !pod.isTerminating && pod.isRunning
            note(pod.uid, on: pod.node, collects: collects, isNew: true)
        case .podGone(let pod): if pod.owner == daemonSetUID { forget(pod.uid, on: pod.node) }
        case .node(let node): if indices[node.name] == nil { node.noun.map { add($0) } }
        case .nodeGone(let name): remove(name)
        case .daemonSet, .daemonSetGone, .lease: break
        }
    }

    /// The rollout deletes a node's pod.
    mutating func reach(_ node: String) {
        if let index = indices[node] { reach(index) }
    }

    private mutating func reach(_ index: Int) {
        if !places[index].isReached { reached += 1 }
        places[index].isReached = true
    }

    private mutating func add(_ node: Node) {
        indices[node.name] = places.count
        places.append(Place(zone: zones[Self.zone(of: node)] ?? 0))
    }

    private mutating func remove(_ name: String) {
        guard let index = indices.removeValue(forKey: name) else { return }
        if isBlind(index) { count(index, -1) }
        places[index].isThere = false
    }

    private func isBlind(_ index: Int) -> Bool {
        places[index].isThere && places[index].hasHad && !places[index].pods.contains(where: \.collects)
    }

    private mutating func count(_ index: Int, _ step: Int) {
        let zone = places[index].zone
        blind += step
        blindByZone[zone] += step
        peak = max(peak, blind)
        peakByZone[zone] = max(peakByZone[zone], blindByZone[zone])
    }

    private mutating func note(_ uid: String, on node: String, collects: Bool, isNew: Bool) {
        guard let index = indices[node] else { return }
        let isKnown = places[index].pods.contains { $0.uid == uid }
        change(index) { place in
            if let known = place.pods.firstIndex(where: { $0.uid == uid }) {
                place.pods[known].collects = collects
            } else {
                place.pods.append((uid, collects))
                place.latestPod = uid
            }
            if collects { place.hasHad = true }
        }
        if isNew, !isKnown { reach(index) }
    }

    private mutating func forget(_ uid: String, on node: String) {
        guard let index = indices[node] else { return }
        change(index) { place in place.pods.removeAll { $0.uid == uid } }
    }

    private mutating func change(_ index: Int, _ body: (inout Place) -> Void) {
        let wasBlind = isBlind(index)
        body(&places[index])
        let isBlind = isBlind(index)
        if wasBlind != isBlind { count(index, isBlind ? 1 : -1) }
    }
}
