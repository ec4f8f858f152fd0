import SluiceCore

/// What the DaemonSet controller holds of one DaemonSet.
struct DaemonSetState: Sendable {
    var namespace: String
    var name: String
    var uid: String
    var template: JSONValue
    var placement: Placement
    var generation: Int64
    var templateGeneration: String
    var minReady: Milliseconds
    var historyLimit: Int
    /// How many nodes may be without an available pod under RollingUpdate; nil under OnDelete.
    var maxUnavailable: JSONValue?
    /// The DaemonSet was deleted and waits for its pods to be gone.
    var isGoing = false

    /// The generation that the controller has dealt with.
    var observedGeneration: Int64 = 0
    /// The template as pods are made from it, set by the first sync.
    var pattern: PodPattern?
    /// Nodes to look at in the next sync.
    var waitingNodes: Set<String> = []
    var isSyncDue = false
    var isStatusDue = false
    var statusWritten: Milliseconds = 0
    /// The generation that the status tells of.
    var statusGeneration: Int64?
    /// The nodes that should run a pod, by the latest look at each.
    var wantedNodes: Set<String> = []
    /// Why a pod could not be created last, and when.
    var refusal: (reason: String, time: Timestamp)?

    init(_ object: StoredObject, _ value: JSONValue) {
        namespace = object.namespace
        name = object.name
        uid = object.uid
        template = [:]
        placement = Placement(template: PodTemplate(json: [:]))
        generation = 0
        templateGeneration = ""
        minReady = 0
        historyLimit = 0
        read(value)
    }

    mutating func read(_ value: JSONValue) {
        let spec = value["spec"] ?? [:]
        template = spec["template"] ?? [:]
        placement = Placement(template: PodTemplate(json: template))
        generation = value.at("metadata", "generation")?.integer ?? 0
        isGoing = value.at("metadata", "deletionTimestamp") != nil
        templateGeneration =
            value.at("metadata", "annotations", "deprecated.daemonset.template.generation")?.string ?? "1"
        minReady = milliseconds(seconds: spec["minReadySeconds"]?.integer ?? 0)
        historyLimit = Int(max(0, min(spec["revisionHistoryLimit"]?.integer ?? 10, 1_000_000)))
        let strategy = spec["updateStrategy"]
        maxUnavailable =
            strategy?["type"] == "OnDelete" ? nil : strategy?.at("rollingUpdate", "maxUnavailable") ?? 1
    }

    /// Has a node wait for the next sync.
    ///
    /// - Returns: whether that sync was due already.
    mutating func isSyncDue(after node: String?) -> Bool {
        if let node { waitingNodes.insert(node) }
        defer { isSyncDue = true }
        return isSyncDue
    }

    /// The budget of a RollingUpdate over a number of nodes; percentages are rounded up, and it is never nothing.
    func budget(over desired: Int) -> Int? {
        guard let maxUnavailable else { return nil }
        if let count = maxUnavailable.integer { return max(1, Int(min(count, 1_000_000))) }
        let percent = min(100, max(0, Int((maxUnavailable.string ?? "").dropLast()) ?? 0))
        return max(1, (desired * percent + 99) / 100)
    }
}
