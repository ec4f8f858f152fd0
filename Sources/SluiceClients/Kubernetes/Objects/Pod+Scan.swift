import SluiceCore

extension Pod: ScannedObject {
    static func scan(_ scanner: inout ObjectScanner) throws(ScanError) -> (object: Pod, resourceVersion: String) {
        var pod = Pod(name: "", namespace: "", uid: "", isScheduled: false)
        var version = ""
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "metadata": try pod.scanMetadata(&scanner, &version)
            case "spec": try pod.scanSpec(&scanner)
            case "status": try pod.scanStatus(&scanner)
            default: try scanner.skip()
            }
        }
        guard !pod.name.isEmpty, !pod.namespace.isEmpty, !pod.uid.isEmpty else {
            throw scanner.error("this is no complete Pod")
        }
        pod.revisionHash = pod.labels["controller-revision-hash"]
        return (pod, version)
    }

    private mutating func scanMetadata(
        _ scanner: inout ObjectScanner, _ version: inout String
    ) throws(ScanError) {
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "name": name = try scanner.string() ?? ""
            case "namespace": namespace = try scanner.string() ?? ""
            case "uid": uid = try scanner.string() ?? ""
            case "resourceVersion": version = try scanner.string() ?? ""
            case "labels": labels = try scanner.strings()
            case "creationTimestamp": createdAt = try scanner.timestamp()
            case "deletionTimestamp": isTerminating = try scanner.string() != nil
            case "ownerReferences":
                try scanner.array { (scanner) throws(ScanError) in
                    if let controller = try Self.controllerUID(&scanner) { ownerUID = controller }
                }
            default: try scanner.skip()
            }
        }
    }

    /// The uid of an owner reference that controls; nil for one that does not.
    private static func controllerUID(_ scanner: inout ObjectScanner) throws(ScanError) -> String? {
        var uid: String?
        var controls = false
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "uid": uid = try scanner.string()
            case "controller": controls = try scanner.bool()
            default: try scanner.skip()
            }
        }
        return controls ? uid : nil
    }

    private mutating func scanSpec(_ scanner: inout ObjectScanner) throws(ScanError) {
        var intendedNode: String?
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "nodeName": nodeName = try scanner.string().flatMap { $0.isEmpty ? nil : $0 }
            case "affinity": intendedNode = try Self.intendedNode(&scanner)
            case "containers":
                try scanner.array { (scanner) throws(ScanError) in images.append(try ContainerImage(&scanner)) }
            default: try scanner.skip()
            }
        }
        images.sort { $0.container < $1.container }
        isScheduled = nodeName != nil
        nodeName = nodeName ?? intendedNode
    }

    private mutating func scanStatus(_ scanner: inout ObjectScanner) throws(ScanError) {
        var initContainers: [ContainerStatus] = []
        var appContainers: [ContainerStatus] = []
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "phase": phase = try scanner.string().flatMap(Phase.init(rawValue:)) ?? .unknown
            case "reason": reason = try scanner.string() ?? ""
            case "message": message = try scanner.string() ?? ""
            case "podIP": podIP = try scanner.string() ?? ""
            case "conditions":
                try scanner.array { (scanner) throws(ScanError) in take(try ScannedCondition(&scanner)) }
            case "initContainerStatuses":
                try scanner.array { (scanner) throws(ScanError) in
                    initContainers.append(try ContainerStatus(&scanner, isInit: true))
                }
            case "containerStatuses":
                try scanner.array { (scanner) throws(ScanError) in
                    appContainers.append(try ContainerStatus(&scanner, isInit: false))
                }
            default: try scanner.skip()
            }
        }
        containers = initContainers + appContainers
    }

    private mutating func take(_ condition: ScannedCondition) {
        switch condition.type {
        case "Ready":
            isReady = condition.status == "True"
            readyChangedAt = condition.changedAt
        case "PodScheduled" where condition.status == "False":
            unschedulableMessage = condition.message
        default: break
        }
    }
}

// MARK: The node a pod is meant for

extension Pod {
    /// The node name in `nodeAffinity.required….nodeSelectorTerms[].matchFields[metadata.name]`, by which the DaemonSet
    /// controller means a pod for a node before the scheduler binds it.
    private static func intendedNode(_ scanner: inout ObjectScanner) throws(ScanError) -> String? {
        var node: String?
        try scanner.object { (scanner, key) throws(ScanError) in
            guard case "nodeAffinity" = key else { return try scanner.skip() }
            try scanner.object { (scanner, key) throws(ScanError) in
                guard case "requiredDuringSchedulingIgnoredDuringExecution" = key else { return try scanner.skip() }
                try scanner.object { (scanner, key) throws(ScanError) in
                    guard case "nodeSelectorTerms" = key else { return try scanner.skip() }
                    try scanner.array { (scanner) throws(ScanError) in
                        let named = try namedNode(&scanner)
                        node = node ?? named
                    }
                }
            }
        }
        return node
    }

    private static func namedNode(_ scanner: inout ObjectScanner) throws(ScanError) -> String? {
        var node: String?
        try scanner.object { (scanner, key) throws(ScanError) in
            guard case "matchFields" = key else { return try scanner.skip() }
            try scanner.array { (scanner) throws(ScanError) in
                var field: String?
                var values: [String] = []
                var comparison: String?
                try scanner.object { (scanner, key) throws(ScanError) in
                    switch key {
                    case "key": field = try scanner.string()
                    case "operator": comparison = try scanner.string()
                    case "values":
                        try scanner.array { (scanner) throws(ScanError) in
                            if let value = try scanner.string() { values.append(value) }
                        }
                    default: try scanner.skip()
                    }
                }
                if field == "metadata.name", comparison == "In", values.count == 1 { node = node ?? values.first }
            }
        }
        return node
    }
}

// MARK: Containers

extension ContainerImage {
    fileprivate init(_ scanner: inout ObjectScanner) throws(ScanError) {
        var image = ContainerImage(container: "", image: "")
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "name": image.container = try scanner.string() ?? ""
            case "image": image.image = try scanner.string() ?? ""
            default: try scanner.skip()
            }
        }
        self = image
    }
}

extension ContainerStatus {
    fileprivate init(_ scanner: inout ObjectScanner, isInit: Bool) throws(ScanError) {
        var status = ContainerStatus(name: "", isInit: isInit)
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "name": status.name = try scanner.string() ?? ""
            case "ready": status.isReady = try scanner.bool()
            case "restartCount": status.restartCount = Int(try scanner.integer())
            case "imageID": status.imageID = try scanner.string() ?? ""
            case "state":
                let state = try ScannedState(&scanner)
                status.runningSince = state.runningSince
                status.waiting = state.waiting
                status.terminated = state.terminated
            case "lastState": status.lastTermination = try ScannedState(&scanner).terminated
            default: try scanner.skip()
            }
        }
        self = status
    }
}

/// `state` and `lastState` of a container.
private struct ScannedState {
    var runningSince: Timestamp?
    var waiting: ContainerStatus.Waiting?
    var terminated: ContainerStatus.Termination?

    init(_ scanner: inout ObjectScanner) throws(ScanError) {
        var runningSince: Timestamp?
        var waiting: ContainerStatus.Waiting?
        var terminated: ContainerStatus.Termination?
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "running":
                try scanner.object { (scanner, key) throws(ScanError) in
                    guard case "startedAt" = key else { return try scanner.skip() }
                    runningSince = try scanner.timestamp()
                }
            case "waiting":
                let end = try ScannedEnd(&scanner)
                waiting = ContainerStatus.Waiting(reason: end.reason, message: end.message)
            case "terminated":
                let end = try ScannedEnd(&scanner)
                terminated = ContainerStatus.Termination(
                    reason: end.reason, exitCode: end.exitCode, message: end.message)
            default: try scanner.skip()
            }
        }
        self.runningSince = runningSince
        self.waiting = waiting
        self.terminated = terminated
    }
}

/// What `waiting` and `terminated` have in common.
private struct ScannedEnd {
    var reason = ""
    var message = ""
    var exitCode = 0

    init(_ scanner: inout ObjectScanner) throws(ScanError) {
        var end = ScannedEnd()
        try scanner.object { (scanner, key) throws(ScanError) in
            switch key {
            case "reason": end.reason = try scanner.string() ?? ""
            case "message": end.message = try scanner.string() ?? ""
            case "exitCode": end.exitCode = Int(try scanner.integer())
            default: try scanner.skip()
            }
        }
        self = end
    }

    private init() {}
}
