public import SluiceCore

/// A manifest as the embedded cluster takes it: the objects to create, and what is wrong with those that it refuses.
///
/// All problems come at once, each with its place in the file. Objects of kinds that the cluster does not serve are left
/// out: the manifests of a real installation carry many.
public struct ClusterManifest: Sendable {
    /// A remark about a place in the file.
    public struct Remark: Sendable, Equatable {
        /// Where the thing stands that it is about.
        public var position: Document.Position
        /// What was met and what was expected.
        public var message: String
    }

    /// The objects to create: namespaces and priority classes first, DaemonSets last.
    public private(set) var objects: [JSONValue] = []
    /// What is wrong, in the order of the file. With any problem nothing is to be created.
    public private(set) var problems: [Remark] = []
    /// The objects that the cluster does not serve.
    public private(set) var leftOut: [Remark] = []

    /// Reads the documents of a manifest; lists are taken apart.
    public init(_ documents: [Document]) {
        var trial = Cluster(options: ClusterOptions(nodes: 0), start: Timestamp(0))
        for document in documents.flatMap(Self.items) { read(document, &trial) }
        problems = problems.enumerated()
            .sorted {
                let (left, right) = ($0.element.position, $1.element.position)
                return (left.line, left.column, $0.offset) < (right.line, right.column, $1.offset)
            }.map(\.element)
        objects = objects.enumerated()
            .sorted { (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset) }.map(\.element)
    }

    private static func items(of document: Document) -> [Document] {
        guard document["kind"]?.json == "List", case .sequence(let items)? = document["items"]?.content else {
            return [document]
        }
        return items
    }

    private static func rank(_ object: JSONValue) -> Int {
        switch object["kind"]?.string {
        case "Namespace": 0
        case "PriorityClass": 1
        case "DaemonSet": 3
        default: 2
        }
    }

    private mutating func read(_ document: Document, _ trial: inout Cluster) {
        guard case .mapping = document.content else {
            return complain(document.position, "\(document.kindName) where an object with apiVersion and kind belongs")
        }
        for key in ["apiVersion", "kind"] where document[key]?.json.string?.isEmpty ?? true {
            return complain(document.position, "an object without \(key); is this a Kubernetes manifest?")
        }
        let value = document.json
        let named = "\(value["kind"]?.string ?? "")/\(value.at("metadata", "name")?.string ?? "")"
        guard let kind = ResourceKind.named(by: value) else {
            let wanted = "\(value["kind"]?.string ?? "") of \(value["apiVersion"]?.string ?? "")"
            leftOut.append(
                Remark(
                    position: document.position,
                    message: "\(named) is left out: the embedded cluster does not serve \(wanted)"))
            return
        }
        let mistakes = Schema.checked(value, as: kind.kind).problems
        for mistake in mistakes {
            complain(document.position(of: mistake.path), "\(named): \(mistake.message)")
        }
        guard mistakes.isEmpty else { return }
        if kind == .pods {
            return complain(document.position, "\(named): the embedded cluster's pods come from DaemonSets alone")
        }
        if let refusal = trial.refusal(of: value, at: Timestamp(0)) {
            let causes = refusal.at("details", "causes")?.array ?? []
            if causes.isEmpty { complain(document.position, "\(named): \(refusal["message"]?.string ?? "")") }
            for cause in causes {
                let field = cause["field"]?.string ?? ""
                complain(document.position(of: field), "\(named): \(field): \(cause["message"]?.string ?? "")")
            }
        }
        objects.append(value)
    }

    private mutating func complain(_ position: Document.Position, _ message: String) {
        problems.append(Remark(position: position, message: message))
    }
}

extension Document {
    /// Where a field stands: its key, or the deepest part of its path that is there.
    ///
    /// - Parameter path: such as `spec.template.spec.containers[0].image`.
    fileprivate func position(of path: String) -> Position {
        var found = position
        var place = self
        for step in path.split(separator: ".") {
            let parts = step.split { $0 == "[" || $0 == "]" }
            guard let key = parts.first, case .mapping(let entries) = place.content,
                let entry = entries.first(where: { $0.key == key })
            else { return found }
            found = entry.keyPosition
            place = entry.value
            for index in parts.dropFirst().compactMap({ Int($0) }) {
                guard case .sequence(let elements) = place.content, elements.indices.contains(index) else {
                    return found
                }
                place = elements[index]
                found = place.position
            }
        }
        return found
    }
}

/// Why a manifest's object was not taken.
public struct ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which object, and what the API server said about it.
    public var description: String
}

extension Cluster {
    /// Creates the objects of a manifest through the API, in their order; what exists already stays as it is, but for
    /// the labels and annotations of a namespace.
    ///
    /// - Throws: ``ManifestError`` for an object of an unknown kind or one that the API refuses.
    public mutating func apply(_ objects: [JSONValue], at time: Timestamp) throws(ManifestError) {
        for object in objects {
            let named = "\(object["kind"]?.string ?? "an object")/\(object.at("metadata", "name")?.string ?? "")"
            guard ResourceKind.named(by: object) != nil else {
                throw ManifestError(
                    description: "\(named): the embedded cluster does not serve "
                        + "\(object["apiVersion"]?.string ?? "an apiVersion that is not there")")
            }
            if let refusal = refusal(of: object, at: time) {
                throw ManifestError(description: "\(named): \(refusal["message"]?.string ?? "refused")")
            }
        }
    }

    /// Adds nodes past the API's checks, which cost more than the nodes: for whoever makes them well-formed and anew.
    public mutating func add(nodes: [JSONValue], at time: Timestamp) {
        advance(to: time)
        for node in nodes { insert(.nodes, node) }
    }

    /// Creates an object; gives the Status that refuses it, nil when it was created or is there already.
    mutating func refusal(of object: JSONValue, at time: Timestamp) -> JSONValue? {
        guard let kind = ResourceKind.named(by: object) else { return nil }
        let namespace = object.at("metadata", "namespace")?.string ?? "default"
        if kind.isNamespaced, store.object(.namespaces, "", namespace) == nil { insertNamespace(namespace) }
        let root = kind.group.isEmpty ? "/api/v1" : "/apis/\(kind.apiVersion)"
        let path = kind.isNamespaced ? "\(root)/namespaces/\(namespace)/\(kind.plural)" : "\(root)/\(kind.plural)"
        let answer = send("POST", path, object, at: time)
        if answer.status == 409 {
            guard kind == .namespaces else { return nil }
            let name = object.at("metadata", "name")?.string ?? ""
            let metadata = object["metadata"] ?? [:]
            var labels: JSONValue = [:]
            for key in ["labels", "annotations"] { labels[key] = metadata[key] }
            _ = send("PATCH", "\(path)/\(name)", ["metadata": labels], at: time)
            return nil
        }
        return answer.status < 300 ? nil : answer.status == 0 ? [:] : answer.value
    }

    private mutating func send(
        _ method: String, _ target: String, _ body: JSONValue, at time: Timestamp
    ) -> (status: Int, value: JSONValue) {
        let type = method == "PATCH" ? "application/merge-patch+json" : "application/json"
        var headers = ["user-agent": "sluice-cluster", "content-type": type]
        if let token = options.token { headers["authorization"] = "Bearer \(token)" }
        let request = ClusterRequest(
            method: method, target: target, headers: headers, body: Array(body.serialized.utf8))
        advance(to: time)
        do throws(Failure) {
            guard case .answer(let answer) = try route(request) else { return (0, .null) }
            return (answer.status, .null)
        } catch {
            return (error.code, error.status)
        }
    }
}

extension ResourceKind {
    /// The kind that an object names; nil when it is not served.
    static func named(by object: JSONValue) -> ResourceKind? {
        all.first { $0.kind == object["kind"]?.string && $0.apiVersion == object["apiVersion"]?.string }
    }
}
