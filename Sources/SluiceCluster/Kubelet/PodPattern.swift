import SluiceCore

/// Everything that the pods of one template have in common, as text to splice.
final class PodPattern: Sendable {
    struct Container: Sendable {
        var name: String
        var image: String
        /// Name and image as JSON texts, and what the image resolves to.
        var quotedName: String
        var quotedImage: String
        var quotedImageID: String
        var imageID: String
    }

    let namespace: String
    let daemonSet: String
    let daemonSetUID: String
    let hash: String
    let labels: [String: String]
    /// `"labels":{…` without the closing brace.
    let labelsText: String
    /// `,"annotations":{…},"ownerReferences":[…]}`, the end of the metadata.
    let metadataTail: String
    /// The spec after its opening brace, cut where the node's name belongs.
    let specPieces: [String]
    let containers: [Container]
    /// The images by container, sorted by name.
    let images: [ContainerImage]
    /// The template's spec as its author wrote it.
    let templateSpec: JSONValue
    /// What an unready pod's conditions say, as JSON text.
    let unreadyMessage: String
    let hasReadinessProbe: Bool
    let usesHostNetwork: Bool
    let grace: Int64
    let qosClass: String
    let clauses: [BehaviourClause]
    /// The port that Prometheus asks.
    let port: Int64

    init(_ daemonSet: DaemonSetState, hash: String, priority: Int64, rules: [BehaviourRule]) {
        let metadata = daemonSet.template["metadata"] ?? [:]
        let spec = daemonSet.template["spec"] ?? [:]
        let template = PodTemplate(json: daemonSet.template)
        namespace = daemonSet.namespace
        self.daemonSet = daemonSet.name
        daemonSetUID = daemonSet.uid
        self.hash = hash
        var labels = metadata["labels"]?.strings ?? [:]
        labels["controller-revision-hash"] = hash
        labels["pod-template-generation"] = daemonSet.templateGeneration
        self.labels = labels
        labelsText = "\"labels\":" + JSONValue.object(labels.mapValues(JSONValue.string)).serialized.dropLast()
        let annotations = metadata["annotations"] ?? [:]
        let owner = Self.owner(name: daemonSet.name, uid: daemonSet.uid)
        let annotationsText = annotations == [:] ? "" : ",\"annotations\":\(annotations.serialized)"
        metadataTail = "\(annotationsText),\"ownerReferences\":[\(owner.serialized)]}"
        specPieces = Self.pieces(of: Self.podSpec(spec, priority: priority))
        containers = (spec["containers"]?.array ?? []).map(Self.container)
        images = template.images
        templateSpec = spec
        let names = containers.map(\.name).joined(separator: " ")
        unreadyMessage = JSONValue.string("containers with unready status: [\(names)]").serialized
        hasReadinessProbe = template.hasReadinessProbe
        usesHostNetwork = template.usesHostNetwork
        grace = template.terminationGracePeriodSeconds
        qosClass = Self.qosClass(spec["containers"]?.array ?? [])
        clauses = Self.clauses(annotations[behaviourAnnotation]?.string, containers.first?.image ?? "", rules)
        let ports = (spec["containers"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
        port = ports.first?["containerPort"]?.integer ?? 9_100
    }

    func behaviour(on node: String, _ labels: [String: String]) -> Behaviour {
        Behaviour(clauses, on: node, labels)
    }

    static func owner(name: String, uid: String) -> JSONValue {
        [
            "apiVersion": "apps/v1", "kind": "DaemonSet", "name": .string(name), "uid": .string(uid),
            "controller": true, "blockOwnerDeletion": true,
        ]
    }

    private static func clauses(_ annotation: String?, _ image: String, _ rules: [BehaviourRule]) -> [BehaviourClause] {
        if let annotation { return BehaviourClause.read(annotation) }
        if let rule = rules.first(where: { image.contains($0.imagePart) }) {
            return BehaviourClause.read(rule.behaviour)
        }
        return BehaviourClause.read(image: image).map { [$0] } ?? []
    }

    private static func container(_ json: JSONValue) -> Container {
        let image = json["image"]?.string ?? ""
        let file = image.split(separator: "/").last ?? ""
        let tag = file.split(separator: ":").dropFirst().last.map { $0.utf8.count + 1 } ?? 0
        let imageID = "\(image.dropLast(tag))@sha256:\(Drawing.digest(image))"
        return Container(
            name: json["name"]?.string ?? "", image: image,
            quotedName: JSONValue.string(json["name"]?.string ?? "").serialized,
            quotedImage: JSONValue.string(image).serialized,
            quotedImageID: JSONValue.string(imageID).serialized, imageID: imageID)
    }

    /// Where the node's name goes in the serialized spec.
    private static let mark = "\u{1}node\u{1}"

    /// A pod's spec as the API server completes it.
    static func completed(_ spec: JSONValue, priority: Int64) -> JSONValue {
        var spec = spec
        spec.fill("serviceAccountName", "default")
        spec.fill("serviceAccount", spec["serviceAccountName"] ?? "default")
        spec["priority"] = .integer(priority)
        spec.fill("enableServiceLinks", true)
        spec.fill("preemptionPolicy", "PreemptLowerPriority")
        return spec
    }

    /// The pod's spec as the controller and the API server complete it, with a mark for the node's name.
    private static func podSpec(_ template: JSONValue, priority: Int64) -> JSONValue {
        var spec = completed(template, priority: priority)
        spec["nodeName"] = nil
        let pin: JSONValue = [
            ["key": "metadata.name", "operator": "In", "values": [.string(mark)]]
        ]
        let path = "requiredDuringSchedulingIgnoredDuringExecution"
        var affinity = spec["affinity"] ?? [:]
        var nodeAffinity = affinity["nodeAffinity"] ?? [:]
        let terms = nodeAffinity.at(path, "nodeSelectorTerms")?.array ?? []
        let pinned = (terms.isEmpty ? [[:]] : terms).map { term -> JSONValue in
            var pinned = term
            pinned["matchFields"] = pin
            return pinned
        }
        nodeAffinity[path] = ["nodeSelectorTerms": .array(pinned)]
        affinity["nodeAffinity"] = nodeAffinity
        spec["affinity"] = affinity
        let added = Placement.added(hostNetwork: spec["hostNetwork"] == true)
        var tolerations = spec["tolerations"]?.array ?? []
        for toleration in added {
            let value: JSONValue = [
                "key": .string(toleration.key), "operator": "Exists", "effect": .string(toleration.effect),
            ]
            let twin = tolerations.firstIndex { $0["key"] == value["key"] && $0["effect"] == value["effect"] }
            if let twin { tolerations[twin] = value } else { tolerations.append(value) }
        }
        spec["tolerations"] = .array(tolerations)
        return spec
    }

    private static func pieces(of spec: JSONValue) -> [String] {
        let marked = JSONValue.string(mark).serialized.dropFirst().dropLast()
        return spec.serialized.dropFirst().split(separator: marked, omittingEmptySubsequences: false).map(String.init)
    }

    static func qosClass(_ containers: [JSONValue]) -> String {
        var hasAny = false
        var isGuaranteed = !containers.isEmpty
        for container in containers {
            for resource in ["cpu", "memory"] {
                let limit = container.at("resources", "limits", resource)
                let request = container.at("resources", "requests", resource) ?? limit
                if limit != nil || request != nil { hasAny = true }
                if limit == nil || limit != request { isGuaranteed = false }
            }
        }
        return isGuaranteed ? "Guaranteed" : hasAny ? "Burstable" : "BestEffort"
    }
}

extension Cluster {
    /// The text pattern for the pods of a DaemonSet's current template.
    func pattern(of daemonSet: DaemonSetState, hash: String) -> PodPattern {
        let named = daemonSet.template.at("spec", "priorityClassName")?.string ?? ""
        let priority = store.object(.priorityClasses, "", named)?.value?["value"]?.integer ?? 0
        return PodPattern(daemonSet, hash: hash, priority: priority, rules: options.behaviours)
    }
}
