import SluiceCore

/// The annotation that silences a node's kubelet while its value is `true`.
let deadAnnotation = "cluster.sluice/dead"

/// What the controllers read of a node.
struct NodeFacts: Sendable, Equatable {
    var labels: [String: String] = [:]
    var taints: [Taint] = []
    var address = ""
    var isUnschedulable = false
    /// The kubelet does nothing and reports nothing.
    var isDead = false
    var isReady = false
    /// The model did not make the node.
    var isGiven = false

    /// The facts of a node that the model did not make. Core nodes have no address, so each gets one of its own.
    ///
    /// - Parameter number: the node's place among all nodes, from 0.
    init(_ node: Node, number: Int) {
        labels = node.labels
        taints = node.taints
        address = "10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
        isUnschedulable = node.isUnschedulable
        isReady = node.ready == .true
        isDead = !isReady
        isGiven = true
    }

    init(_ node: JSONValue) {
        labels = node.at("metadata", "labels")?.strings ?? [:]
        taints = (node.at("spec", "taints")?.array ?? []).map {
            Taint(
                key: $0["key"]?.string ?? "", value: $0["value"]?.string ?? "", effect: $0["effect"]?.string ?? "")
        }
        let addresses = node.at("status", "addresses")?.array ?? []
        address = addresses.first { $0["type"] == "InternalIP" }?["address"]?.string ?? "10.0.0.1"
        isUnschedulable = node.at("spec", "unschedulable") == true
        isDead = node.at("metadata", "annotations", deadAnnotation) == "true"
        let conditions = node.at("status", "conditions")?.array ?? []
        isReady = conditions.first { $0["type"] == "Ready" }?["status"] == "True"
    }

    /// The taints that the node lifecycle controller keeps, as they should be.
    var wantedTaints: [(key: String, effect: String)] {
        var wanted: [(String, String)] = []
        if isDead {
            wanted += [
                ("node.kubernetes.io/unreachable", "NoSchedule"), ("node.kubernetes.io/unreachable", "NoExecute"),
            ]
        }
        if isUnschedulable { wanted.append(("node.kubernetes.io/unschedulable", "NoSchedule")) }
        return wanted
    }
}

/// The namespace in which kubelets hold a Lease each.
let nodeLeases = "kube-node-lease"
/// How often a kubelet renews its Lease, in milliseconds.
private let nodeLeaseRenewal: Milliseconds = 10_000

extension Cluster {
    /// Brings a kubelet's Lease up to date when somebody looks at it. A silent kubelet renews none.
    mutating func renewLease(ofNode name: String) {
        guard let node = store.object(.nodes, "", name), nodeFacts[name]?.isDead == false else { return }
        let renewed = now.millisecondsSince1970 / nodeLeaseRenewal * nodeLeaseRenewal
        let time = JSONValue.string("\(Timestamp(renewed).rfc3339.prefix { $0 != "Z" && $0 != "." }).000000Z")
        guard var lease = store.object(.leases, nodeLeases, name)?.value else {
            insert(
                .leases,
                [
                    "metadata": [
                        "name": .string(name), "namespace": .string(nodeLeases),
                        "ownerReferences": [
                            ["apiVersion": "v1", "kind": "Node", "name": .string(name), "uid": .string(node.uid)]
                        ],
                    ],
                    "spec": ["holderIdentity": .string(name), "leaseDurationSeconds": 40, "renewTime": time],
                ])
            return
        }
        guard lease.at("spec", "renewTime") != time else { return }
        lease["spec"]?["renewTime"] = time
        write(.leases, lease)
    }

    /// Taints that come and go with a node's health. The time at which one was added tells it from one set by hand, which
    /// stays.
    private static var keptTaints: [String] {
        ["node.kubernetes.io/unreachable", "node.kubernetes.io/unschedulable"]
    }

    /// A node of a snapshot keeps the address that it was given, and is silent for as long as it is not Ready.
    private func facts(of object: StoredObject, _ value: JSONValue) -> NodeFacts {
        if let node = object.givenNode { return NodeFacts(node, number: store.version) }
        var facts = NodeFacts(value)
        guard let known = nodeFacts[object.name], known.isGiven else { return facts }
        facts.isGiven = true
        facts.address = known.address
        facts.isDead = facts.isDead || !facts.isReady
        return facts
    }

    mutating func nodeChanged(_ object: StoredObject) {
        guard let value = object.value else { return }
        let facts = facts(of: object, value)
        let before = nodeFacts.updateValue(facts, forKey: object.name)
        if before?.labels != facts.labels || before?.taints != facts.taints {
            for uid in daemonSets.keys.sorted() { requestSync(uid, node: object.name) }
        }
        let healthMoved = before.map { $0.isDead != facts.isDead || $0.isUnschedulable != facts.isUnschedulable }
        if healthMoved ?? (facts.isDead || facts.isUnschedulable || !facts.isReady) {
            after(options.controllerDelay, .nodeHealth(node: object.name))
        }
    }

    mutating func nodeRemoved(_ name: String) {
        nodeFacts[name] = nil
        for uid in pods.all(onNode: name) { removePod(uid) }
        for uid in daemonSets.keys.sorted() { requestSync(uid, node: name) }
    }

    /// A pod has brought its node's kubelet down.
    mutating func silenceNode(_ name: String) {
        guard var value = store.object(.nodes, "", name)?.value else { return }
        var annotations = value.at("metadata", "annotations") ?? [:]
        annotations[deadAnnotation] = "true"
        value["metadata"]?["annotations"] = annotations
        write(.nodes, value)
    }

    /// A pod has used its node's memory up.
    mutating func pressNode(_ name: String) {
        guard var value = store.object(.nodes, "", name)?.value else { return }
        let type = JSONValue.string(NodePressure.Kind.memory.rawValue)
        var conditions = (value.at("status", "conditions")?.array ?? []).filter { $0["type"] != type }
        conditions.append([
            "type": type, "status": "True", "reason": "KubeletHasInsufficientMemory",
            "message": "kubelet has insufficient memory available", "lastTransitionTime": .string(now.rfc3339),
        ])
        value["status"]?["conditions"] = .array(conditions)
        write(.nodes, value)
    }

    /// Brings conditions, taints and pods of a node in line with whether its kubelet lives and whether it is cordoned.
    mutating func adjustHealth(of name: String) {
        guard let facts = nodeFacts[name], var value = store.object(.nodes, "", name)?.value else { return }
        if facts.isReady == facts.isDead {
            if value["status"] == nil { value["status"] = [:] }
            value["status"]?["conditions"] = NodeCatalog.conditions(isAlive: !facts.isDead, at: now)
        }
        var taints = (value.at("spec", "taints")?.array ?? []).filter { taint in
            guard let key = taint["key"]?.string, Self.keptTaints.contains(key), taint["timeAdded"] != nil else {
                return true
            }
            return facts.wantedTaints.contains { $0.key == key && .string($0.effect) == taint["effect"] }
        }
        for wanted in facts.wantedTaints {
            let isThere = taints.contains {
                $0["key"] == .string(wanted.key) && $0["effect"] == .string(wanted.effect)
            }
            guard !isThere else { continue }
            var taint: JSONValue = ["key": .string(wanted.key), "effect": .string(wanted.effect)]
            taint["timeAdded"] = .string(now.rfc3339)
            taints.append(taint)
        }
        if value["spec"] == nil { value["spec"] = [:] }
        value["spec"]?["taints"] = taints.isEmpty ? nil : .array(taints)
        write(.nodes, value)
        for uid in pods.all(onNode: name) {
            if facts.isDead { loseSight(of: uid) } else { revive(uid) }
        }
    }
}
