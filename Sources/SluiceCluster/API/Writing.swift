import SluiceCore
import SluiceDocuments

extension Cluster {
    /// The object in a request's body.
    static func object(_ request: ClusterRequest, kind: String) throws(Failure) -> JSONValue {
        let type = request.headers["content-type"] ?? "application/json"
        guard type.hasPrefix("application/json") else {
            throw Failure(
                415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json")
        }
        let value = try json(request.body, kind: kind)
        guard value["kind"]?.string == nil || value["kind"]?.string == kind else {
            let found = value["kind"]?.string ?? ""
            let version = value["apiVersion"]?.string ?? ""
            throw .badRequest(
                "\(found) in version \"\(version)\" cannot be handled as a \(kind): converting (\(version).\(found)) "
                    + "to (core.\(kind)): unknown conversion")
        }
        return value
    }

    static func json(_ body: [UInt8], kind: String) throws(Failure) -> JSONValue {
        let problem: String
        do throws(JSONError) {
            let value = try JSONReader.read(body)
            if value.object != nil || value.array != nil { return value }
            problem = "cannot unmarshal a plain value"
        } catch {
            problem = error.offset >= body.count ? "unexpected end of JSON input" : error.message
        }
        let start = String(decoding: body.prefix(30), as: UTF8.self)
        let shown = body.isEmpty ? "<empty>" : start + (body.count > 30 ? " ..." : "")
        throw .badRequest(
            "the object provided is unrecognized (must be of type \(kind)): couldn't get version/kind; json parse "
                + "error: \(problem) (\(shown))")
    }

    mutating func create(_ place: Place, _ target: Target, _ request: ClusterRequest) throws(Failure) -> ClusterAnswer {
        var value = try Self.object(request, kind: place.kind.kind)
        var metadata = value["metadata"] ?? [:]
        if place.kind.isNamespaced {
            let namespace = place.namespace ?? metadata["namespace"]?.string ?? "default"
            guard store.object(.namespaces, "", namespace) != nil else { throw .notFound(.namespaces, namespace) }
            metadata["namespace"] = .string(namespace)
        }
        if metadata["name"]?.string == nil, let prefix = metadata["generateName"]?.string {
            metadata["name"] = .string(prefix + drawing.suffix("name", nextNumber()))
        }
        guard let name = metadata["name"]?.string, !name.isEmpty else {
            let rule = Failure.Cause(
                field: "metadata.name", reason: "FieldValueRequired",
                message: "Required value: name or generateName is required")
            throw .invalid(place.kind, "", [rule])
        }
        guard store.object(place.kind, metadata["namespace"]?.string ?? "", name) == nil else {
            throw .alreadyExists(place.kind, name)
        }
        value["metadata"] = metadata
        if place.kind == .daemonSets { value["status"] = nil }
        if place.kind == .pods { value = try tryPod(value, target) }
        value = try prepared(place.kind, name, value, before: nil, manager: Self.manager(target, request))
        guard target["dryRun"] != "All" else {
            value["metadata"]?["uid"] = .string(drawing.uuid("uid", nextNumber()))
            value["metadata"]?["creationTimestamp"] = .string(now.rfc3339)
            return Self.answer(201, place.kind, value)
        }
        let object = insert(place.kind, value)
        return ClusterAnswer(status: 201, body: object.single(place.kind) + "\n")
    }

    mutating func replace(
        _ place: Place, _ name: String, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterAnswer {
        guard place.kind != .pods, place.subresource == nil else { throw .methodNotAllowed }
        let value = try Self.object(request, kind: place.kind.kind)
        guard let object = store.object(place.kind, place.namespace ?? "", name), let before = object.value else {
            throw .notFound(place.kind, name)
        }
        var after = value
        if place.kind == .daemonSets || place.kind == .nodes { after["status"] = before["status"] }
        return try update(place.kind, object, after, target, request)
    }

    /// Stores what a replacement or a patch made of an object, if the request may and if anything changed.
    mutating func update(
        _ kind: ResourceKind, _ object: StoredObject, _ value: JSONValue, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterAnswer {
        guard let before = object.value else { throw .methodNotAllowed }
        var metadata = value["metadata"] ?? [:]
        if let uid = metadata["uid"]?.string, uid != object.uid {
            let cause = Failure.Cause.invalid("metadata.uid", .string(uid), "field is immutable")
            throw .invalid(kind, object.name, [cause, cause])
        }
        if let version = metadata["resourceVersion"]?.string, !version.isEmpty, version != String(object.version) {
            throw .modified(kind, object.name)
        }
        for key in ["uid", "creationTimestamp", "namespace", "name", "generation", "managedFields"] {
            metadata[key] = before.at("metadata", key)
        }
        metadata["resourceVersion"] = .string(String(object.version))
        var after = value
        after["metadata"] = metadata
        after["kind"] = before["kind"]
        after["apiVersion"] = before["apiVersion"]
        after = try prepared(
            kind, object.name, after, before: before, manager: Self.manager(target, request))
        guard after.withoutManagedFields != before.withoutManagedFields else {
            return ClusterAnswer(status: 200, body: object.single(kind) + "\n")
        }
        guard target["dryRun"] != "All" else { return Self.answer(200, kind, after) }
        return ClusterAnswer(status: 200, body: write(kind, after).single(kind) + "\n")
    }

    /// The object as it would be stored: defaults filled in, rules checked, generation and managers noted.
    private func prepared(
        _ kind: ResourceKind, _ name: String, _ value: JSONValue, before: JSONValue?, manager: String
    ) throws(Failure) -> JSONValue {
        var result = value.withoutNulls
        switch kind {
        case .leases: try LeaseRules.check(result)
        case .daemonSets:
            result = DaemonSetDefaults.applied(to: result)
            try DaemonSetRules.check(result, before: before, name: name)
            result = DaemonSetDefaults.counted(result, before: before)
        case .namespaces:
            if let cause = NameRule.cause(name) { throw .invalid(kind, name, [cause]) }
        case .nodes:
            if let cause = NameRule.cause(name) { throw .invalid(kind, name, [cause]) }
            if let before, result["spec"] == nil { result["spec"] = before["spec"] }
        case .disruptionBudgets: result["status"] = result["status"] ?? Self.emptyBudgetStatus
        default: break
        }
        return ManagedFields.noted(result, before: before, manager: manager, at: now)
    }

    private static var emptyBudgetStatus: JSONValue {
        ["disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0]
    }

    /// The field manager of a request: as named, otherwise the beginning of the user agent.
    static func manager(_ target: Target, _ request: ClusterRequest) -> String {
        if let named = target["fieldManager"], !named.isEmpty { return named }
        let agent = request.headers["user-agent"] ?? "unknown"
        return String(agent.prefix { $0 != "/" && $0 != " " })
    }

    static func answer(_ status: Int, _ kind: ResourceKind, _ value: JSONValue) -> ClusterAnswer {
        let object = StoredObject(value: value, version: 0)
        return ClusterAnswer(status: status, body: object.single(kind) + "\n")
    }

    mutating func delete(
        _ place: Place, _ name: String, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterAnswer {
        let options = request.body.isEmpty ? [:] : try Self.json(request.body, kind: "DeleteOptions")
        guard let object = store.object(place.kind, place.namespace ?? "", name) else {
            throw .notFound(place.kind, name)
        }
        try checkPreconditions(place.kind, object, options)
        let isDryRun = target["dryRun"] == "All" || options["dryRun"]?.array?.contains("All") == true
        if place.kind == .pods {
            let asked = target["gracePeriodSeconds"].flatMap(Int64.init) ?? options["gracePeriodSeconds"]?.integer
            let text = isDryRun ? object.text : deletePod(uid: object.uid, grace: asked).text
            return ClusterAnswer(status: 200, body: place.kind.opening + text + "\n")
        }
        var details = place.kind.details(name)
        details["uid"] = .string(object.uid)
        let status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details,
        ]
        let answer = ClusterAnswer(status: 200, body: status.serialized + "\n")
        if isDryRun { return answer }
        let policy = target["propagationPolicy"] ?? options["propagationPolicy"]?.string
        if place.kind == .daemonSets, policy == "Orphan" { orphanPods(of: object.uid) }
        erase(place.kind, object)
        return answer
    }

    func checkPreconditions(_ kind: ResourceKind, _ object: StoredObject, _ options: JSONValue) throws(Failure) {
        if let uid = options.at("preconditions", "uid")?.string, uid != object.uid {
            throw .wrongUID(kind, object.name, asked: uid, actual: object.uid)
        }
        if let version = options.at("preconditions", "resourceVersion")?.string, version != String(object.version) {
            throw .wrongVersion(kind, object.name, asked: version, actual: String(object.version))
        }
    }
}

extension JSONValue {
    /// The value without what the server itself keeps: who wrote which field, and the version.
    var withoutManagedFields: JSONValue {
        var result = self
        result["metadata"]?["managedFields"] = nil
        result["metadata"]?["resourceVersion"] = nil
        return result
    }
}

/// What a Lease must obey.
enum LeaseRules {
    static func check(_ lease: JSONValue) throws(Failure) {
        for field in ["acquireTime", "renewTime"] {
            guard let text = lease.at("spec", field)?.string else { continue }
            guard Timestamp(rfc3339: text) != nil else {
                throw refusal(text, "cannot parse \"\(text)\" as \"2006\"")
            }
            let fraction = text.split(separator: ".", maxSplits: 1).dropFirst().first?.prefix { $0.isNumber }
            guard fraction?.utf8.count == 6 else {
                throw refusal(text, "cannot parse \"\(text.dropFirst(19))\" as \".000000\"")
            }
        }
    }

    private static func refusal(_ text: String, _ why: String) -> Failure {
        .badRequest(
            "Lease in version \"v1\" cannot be handled as a Lease: parsing time \"\(text)\" as "
                + "\"2006-01-02T15:04:05.000000Z07:00\": \(why)")
    }
}
