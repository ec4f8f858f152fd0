import Foundation
import SluiceCore

/// Plans a rollout of a fleet in memory and prints the time, the most memory used, and that of the fleet alone.
@MainActor
func runPlannerBenchmark(_ nodeCount: Int) throws {
    let fleet = syntheticFleet(nodes: nodeCount)
    let fleetMemory = peakMemoryKilobytes(of: "self") / 1_024
    let plan = RolloutPlan(
        name: "bench", daemonSet: "node-exporter",
        images: [ContainerImage(container: "exporter", image: "prom/node-exporter:v1.9.0")],
        waves: [
            Wave(
                name: "canary", members: .selector(LabelSelector()), take: .percent(1),
                spreadOver: "topology.kubernetes.io/zone", soakSeconds: 600),
            Wave(
                name: "zones", members: .selector(LabelSelector(matchLabels: ["tier": "dev"])),
                forEach: "topology.kubernetes.io/zone", batches: [.percent(10), .percent(45)], soakSeconds: 300),
            Wave(name: "rest", members: .everythingElse, batches: [.percent(5), .percent(20)]),
        ])
    let planText = Array("name: bench".utf8)
    let clock = ContinuousClock()
    let start = clock.now
    let result = try WavePlanner.plan(plan, planText: planText, facts: fleet)
    let seconds = Double((clock.now - start) / .milliseconds(1)) / 1_000
    let nodes = result.waves.reduce(0) { $0 + $1.nodes.count }
    precondition(nodes > 0, "nothing was planned")
    let peak = peakMemoryKilobytes(of: "self") / 1_024
    Table.row("planning \(nodeCount) nodes", "\(rounded(seconds, 3)) s", goal: "< 1 s", isMet: seconds < 1)
    Table.row(
        "peak memory of it (the fleet alone: \(fleetMemory) MB)", "\(peak) MB", goal: "< 300 MB",
        isMet: peak < 300)
}

/// A fleet as the client decodes it: labels with shared keys, a running pod on every node.
private func syntheticFleet(nodes nodeCount: Int) -> FleetFacts {
    let template = PodTemplate(json: [
        "metadata": ["labels": ["app": "node-exporter"]],
        "spec": [
            "hostNetwork": true, "terminationGracePeriodSeconds": 30,
            "containers": [["name": "exporter", "image": "prom/node-exporter:v1.8.2", "readinessProbe": [:]]],
            "tolerations": [["operator": "Exists", "effect": "NoSchedule"]],
        ],
    ])
    let daemonSet = DaemonSet(
        namespace: "monitoring", name: "node-exporter", uid: "ds-uid",
        selector: LabelSelector(matchLabels: ["app": "node-exporter"]), template: template)
    let revision = ControllerRevision(
        name: "node-exporter-1", uid: "r1", ownerUID: daemonSet.uid, hash: "6b7d9f8c5d", revision: 1,
        createdAt: Timestamp(0), template: template)
    var nodes: [Node] = []
    var pods: [Pod] = []
    for index in 0..<nodeCount {
        nodes.append(syntheticNode(index))
        pods.append(syntheticPod(index, daemonSet: daemonSet, hash: revision.hash))
    }
    return FleetFacts(daemonSet: daemonSet, nodes: nodes, pods: pods, revisions: [revision])
}

private func syntheticNode(_ index: Int) -> Node {
    let name = "node-\(index)"
    var labels = [
        "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": "zone-\(index % 3)", "topology.kubernetes.io/region": "region-1",
        "node.kubernetes.io/instance-type": "m5.large", "tier": index % 4 == 0 ? "dev" : "prod",
    ]
    if index % 1_000 == 0 { labels["node-role.kubernetes.io/control-plane"] = "" }
    return Node(
        name: name, uid: uid(index, kind: 1), labels: labels,
        taints: index % 500 == 0 ? [Taint(key: "dedicated", value: "batch", effect: "NoSchedule")] : [])
}

private func syntheticPod(_ index: Int, daemonSet: DaemonSet, hash: String) -> Pod {
    Pod(
        name: "node-exporter-\(index)", namespace: daemonSet.namespace, uid: uid(index, kind: 2),
        nodeName: "node-\(index)", ownerUID: daemonSet.uid, revisionHash: hash,
        labels: ["app": "node-exporter", "controller-revision-hash": hash, "pod-template-generation": "1"],
        phase: .running, createdAt: Timestamp(0), isReady: true, readyChangedAt: Timestamp(4_000),
        podIP: "10.1.\(index / 250 % 250).\(index % 250)",
        containers: [ContainerStatus(name: "exporter", isReady: true)],
        images: [ContainerImage(container: "exporter", image: "prom/node-exporter:v1.8.2")])
}

/// A uid of the real length.
private func uid(_ index: Int, kind: Int) -> String {
    let digits = String(index)
    return "\(kind)0000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
}
