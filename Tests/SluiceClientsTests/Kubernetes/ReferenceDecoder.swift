import SluiceCore

/// Reads nodes and pods field by field out of a tree of values: slow, plain, and independent of the scanner.
enum ReferenceDecoder {
    static func node(_ json: JSONValue) -> Node {
        let ready = conditions(json).first { $0["type"]?.string == "Ready" }
        return Node(
            name: text(json, "metadata", "name"), uid: text(json, "metadata", "uid"),
            labels: json.at("metadata", "labels")?.strings ?? [:],
            taints: list(json, "spec", "taints").map {
                Taint(key: text($0, "key"), value: text($0, "value"), effect: text($0, "effect"))
            },
            isUnschedulable: json.at("spec", "unschedulable")?.bool ?? false,
            ready: ready?["status"]?.string.flatMap(ConditionStatus.init(rawValue:)) ?? .unknown,
            readyReason: ready?["reason"]?.string ?? "",
            isBeingDeleted: json.at("metadata", "deletionTimestamp")?.string != nil)
    }

    static func pod(_ json: JSONValue) -> Pod {
        let ready = conditions(json).first { $0["type"]?.string == "Ready" }
        let unscheduled = conditions(json).first {
            $0["type"]?.string == "PodScheduled" && $0["status"]?.string == "False"
        }
        let labels = json.at("metadata", "labels")?.strings ?? [:]
        let bound = json.at("spec", "nodeName")?.string
        let owner = list(json, "metadata", "ownerReferences").first { $0["controller"]?.bool == true }
        return Pod(
            name: text(json, "metadata", "name"), namespace: text(json, "metadata", "namespace"),
            uid: text(json, "metadata", "uid"), nodeName: bound ?? intendedNode(json), isScheduled: bound != nil,
            ownerUID: owner?["uid"]?.string, revisionHash: labels["controller-revision-hash"], labels: labels,
            phase: phase(json.at("status", "phase")),
            createdAt: time(json.at("metadata", "creationTimestamp")),
            isTerminating: json.at("metadata", "deletionTimestamp") != nil,
            isReady: ready?["status"]?.string == "True", readyChangedAt: time(ready?["lastTransitionTime"]),
            unschedulableMessage: unscheduled.map { $0["message"]?.string ?? "" },
            reason: text(json, "status", "reason"), message: text(json, "status", "message"),
            podIP: text(json, "status", "podIP"),
            containers: list(json, "status", "initContainerStatuses").map { container($0, isInit: true) }
                + list(json, "status", "containerStatuses").map { container($0, isInit: false) },
            images: list(json, "spec", "containers").map {
                ContainerImage(container: text($0, "name"), image: text($0, "image"))
            }.sorted { $0.container < $1.container })
    }

    private static func phase(_ json: JSONValue?) -> Pod.Phase {
        guard let json else { return .pending }
        return json.string.flatMap(Pod.Phase.init(rawValue:)) ?? .unknown
    }

    private static func container(_ json: JSONValue, isInit: Bool) -> ContainerStatus {
        ContainerStatus(
            name: text(json, "name"), isInit: isInit, isReady: json["ready"]?.bool ?? false,
            restartCount: Int(json["restartCount"]?.integer ?? 0),
            waiting: json.at("state", "waiting").map {
                ContainerStatus.Waiting(reason: text($0, "reason"), message: text($0, "message"))
            },
            terminated: json.at("state", "terminated").map(termination),
            lastTermination: json.at("lastState", "terminated").map(termination), imageID: text(json, "imageID"))
    }

    private static func termination(_ json: JSONValue) -> ContainerStatus.Termination {
        ContainerStatus.Termination(
            reason: text(json, "reason"), exitCode: Int(json["exitCode"]?.integer ?? 0), message: text(json, "message"))
    }

    private static func intendedNode(_ json: JSONValue) -> String? {
        let required = json.at(
            "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms")
        let fields = (required?.array ?? []).flatMap { $0["matchFields"]?.array ?? [] }
        let named = fields.first { $0["key"]?.string == "metadata.name" && $0["operator"]?.string == "In" }
        return named?["values"]?.array?.first?.string
    }

    private static func conditions(_ json: JSONValue) -> [JSONValue] { list(json, "status", "conditions") }

    private static func time(_ json: JSONValue?) -> Timestamp? {
        json?.string.flatMap { Timestamp(rfc3339: $0) }
    }

    private static func text(_ json: JSONValue, _ first: String, _ second: String? = nil) -> String {
        let value = second.map { json.at(first, $0) } ?? json[first]
        return value?.string ?? ""
    }

    private static func list(_ json: JSONValue, _ first: String, _ second: String) -> [JSONValue] {
        json.at(first, second)?.array ?? []
    }
}
