import SluiceClients
import SluiceCluster
import SluiceCore

/// Something that happens to the cluster, the server or a machine at a time.
enum Act: Sendable, Equatable {
    case setAlive(node: String, Bool)
    case removeNode(String)
    case addNode(NodeSpec)
    case setCordoned(node: String, Bool)
    case evictPod(node: String)
    case drain(node: String)
    case deletePod(node: String)
    case failPod(node: String)
    case setTaint(node: String, effect: String?)
    case relabel(node: String, key: String, value: String)
    case setImage(String)
    case setStrategy(String)
    case deleteDaemonSet
    case recreateDaemonSet
    case setDisruptionBudget(minAvailable: Int?)
    case addDisruptionBudget(name: String)
    case setControllerDelay(Milliseconds)
    case editConfig(String)
    case annotate(reason: String?)
    case rotateToken
    case restartServer(downFor: Milliseconds)
    case endStreams, breakStreams, breakStreamsInMidLine, silenceStreams
    case suspend(machine: Int, for: Milliseconds)
    case setWallSkew(machine: Int, Milliseconds)
    case setDiskFull(machine: Int, Bool)
    case failDisk(machine: Int, SimulatedDisk.Operation, SimulatedDisk.Failure, times: UInt64)
    case kill(machine: Int)
    case cutPower(machine: Int)
    case ask(OperatorRequest)
    case startOtherDriver
}

extension Act {
    /// The fault that it is; nil for what mends one, and for what is counted when it takes effect.
    var kind: FaultKind? {
        switch self {
        case .setAlive(_, let isAlive): isAlive ? nil : .nodeFallsSilent
        case .removeNode: .nodeLeaves
        case .addNode: .nodeJoins
        case .setCordoned(_, let isCordoned): isCordoned ? .cordoned : nil
        case .evictPod: .podEvicted
        case .drain: .drained
        case .deletePod: .podDeleted
        case .failPod: .podFailed
        case .setTaint(_, let effect): effect == nil ? nil : .tainted
        case .relabel: .relabelled
        case .setImage(let image):
            image == FleetSpec.foreignImage ? .templateChanged : image == FleetSpec.oldImage ? .templateReverted : nil
        case .setStrategy: .strategyFlipped
        case .deleteDaemonSet: .daemonSetDeleted
        case .recreateDaemonSet: .daemonSetRecreated
        case .setDisruptionBudget(let minAvailable): minAvailable == nil ? nil : .disruptionBudget
        case .addDisruptionBudget: .disruptionBudget
        case .setControllerDelay: .slowController
        case .editConfig: .configEdited
        case .annotate(let reason): reason == nil ? nil : .annotated
        case .rotateToken: .tokenRotated
        case .restartServer: .serverRestarts
        case .endStreams: .streamsEnd
        case .breakStreams, .breakStreamsInMidLine: .streamsBreak
        case .silenceStreams: .streamsFallSilent
        case .suspend: .suspended
        case .setWallSkew(_, let skew): skew == 0 ? nil : .driverClock
        case .setDiskFull(_, let isFull): isFull ? .diskFull : nil
        case .failDisk: .diskErrors
        case .startOtherDriver: .otherDriver
        case .kill, .cutPower, .ask: nil
        }
    }
}

extension World {
    private static let fleetPath = "/api/v1/nodes/"
    private static let podPath = "/api/v1/namespaces/monitoring/pods/"
    private static let daemonSetPath = "/apis/apps/v1/namespaces/monitoring/daemonsets/node-exporter"
    private static let configPath = "/api/v1/namespaces/monitoring/configmaps/"
    private static let budgetPath = "/apis/policy/v1/namespaces/monitoring/poddisruptionbudgets"

    func perform(_ act: Act) {
        trace.say(time, "world", "\(act)")
        if let kind = act.kind { tally.count(kind) }
        switch act {
        case .setAlive(let node, let isAlive):
            ask(
                "PATCH", Self.fleetPath + node,
                ["metadata": ["annotations": ["cluster.sluice/dead": isAlive ? .null : "true"]]])
        case .removeNode(let node): ask("DELETE", Self.fleetPath + node)
        case .addNode(let node): ask("POST", "/api/v1/nodes", node.json(at: wall), type: "application/json")
        case .setCordoned(let node, let isCordoned):
            ask("PATCH", Self.fleetPath + node, ["spec": ["unschedulable": isCordoned ? true : .null]])
        case .evictPod(let node), .drain(let node): evict(node)
        case .deletePod(let node):
            if let pod = fleet.pods(on: node).first { ask("DELETE", Self.podPath + pod.name) }
        case .failPod(let node):
            guard let pod = fleet.pods(on: node).first else { return }
            ask(
                "PATCH", Self.podPath + pod.name + "/status",
                [
                    "status": [
                        "phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory.",
                    ]
                ])
        case .setTaint(let node, let effect): setTaint(node, effect)
        case .relabel(let node, let key, let value):
            ask("PATCH", Self.fleetPath + node, ["metadata": ["labels": [key: .string(value)]]])
        case .setImage(let image):
            ask(
                "PATCH", Self.daemonSetPath,
                ["spec": ["template": ["spec": ["containers": [["name": "node-exporter", "image": .string(image)]]]]]],
                type: "application/strategic-merge-patch+json")
        case .setStrategy(let type):
            ask("PATCH", Self.daemonSetPath, ["spec": ["updateStrategy": ["type": .string(type)]]])
        case .deleteDaemonSet: ask("DELETE", Self.daemonSetPath)
        case .recreateDaemonSet:
            ask("DELETE", Self.daemonSetPath)
            ask(
                "POST", "/apis/apps/v1/namespaces/monitoring/daemonsets", scenario.fleet.daemonSet,
                type: "application/json")
        case .setDisruptionBudget(let minAvailable):
            ask("DELETE", Self.budgetPath + "/collectors")
            if let minAvailable { addBudget(minAvailable, named: "collectors") }
        case .addDisruptionBudget(let name): addBudget(0, named: name)
        case .setControllerDelay(let delay): cluster.setControllerDelay(delay)
        case .editConfig(let text):
            ask("PATCH", Self.configPath + FleetSpec.configMap, ["data": ["collector.yaml": .string(text)]])
        case .annotate(let reason):
            ask(
                "PATCH", Self.daemonSetPath,
                ["metadata": ["annotations": ["sluice/pause": reason.map { .string($0) } ?? .null]]])
        case .rotateToken: network.rotateToken()
        case .restartServer(let time): network.restartServer(downFor: time)
        case .endStreams: network.trouble(.ends)
        case .breakStreams: network.trouble(.breaks)
        case .breakStreamsInMidLine: network.trouble(.breaksInMidLine)
        case .silenceStreams: network.trouble(.fallsSilent)
        case .suspend, .setWallSkew, .setDiskFull, .failDisk, .kill, .cutPower, .ask, .startOtherDriver: onMachine(act)
        }
    }

    private func evict(_ node: String) {
        guard let pod = fleet.pods(on: node).first else { return }
        ask(
            "POST", Self.podPath + pod.name + "/eviction",
            [
                "apiVersion": "policy/v1", "kind": "Eviction",
                "metadata": ["name": .string(pod.name), "namespace": "monitoring"],
            ],
            type: "application/json")
    }

    private func setTaint(_ node: String, _ effect: String?) {
        let taints: JSONValue = effect.map { [["key": "maintenance", "value": "yes", "effect": .string($0)]] } ?? .null
        ask("PATCH", Self.fleetPath + node, ["spec": ["taints": taints]])
    }

    private func addBudget(_ minAvailable: Int, named name: String) {
        ask(
            "POST", Self.budgetPath,
            [
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": ["name": .string(name), "namespace": "monitoring"],
                "spec": [
                    "minAvailable": .integer(Int64(minAvailable)),
                    "selector": ["matchLabels": ["app": "node-exporter"]],
                ],
            ], type: "application/json")
    }

    private func onMachine(_ act: Act) {
        switch act {
        case .suspend(let number, let duration):
            guard let machine = machine(number) else { return }
            machine.suspendedUntil = time + duration
            network.trouble(.fallsSilent, of: machine)
        case .setWallSkew(let number, let skew): machine(number)?.wallSkew = skew
        case .setDiskFull(let number, let isFull): machine(number)?.disk.isFull = isFull
        case .failDisk(let number, let operation, let failure, let times):
            machine(number)?.disk.fail(operation, with: failure, times: times)
        case .kill(let number): drivers(on: number).forEach { crash($0, .kill) }
        case .cutPower(let number): drivers(on: number).forEach { crash($0, .powerCut) }
        case .ask(let request): hand?.orders.append(.ask(request)); wakeHand()
        case .startOtherDriver: hand?.orders.append(.startOther); wakeHand()
        default: break
        }
    }
}
