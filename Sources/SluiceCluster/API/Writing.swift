import SluiceCore

extension Cluster {
    mutating func create(_ place: Place, _ target: Target, _ request: ClusterRequest) throws(Failure) -> ClusterAnswer {
        let sent = try Self.object(request, kind: place.kind.kind)
        let (value, warnings) = try FieldValidation(target).checkedBody(sent, place.kind)
        return try store(new: value, place, target, Self.writer(target, request)).warning(of: warnings)
    }

    /// Stores a new object, if it may be there.
    mutating func store(
        new sent: JSONValue, _ place: Place, _ target: Target, _ writer: ManagedFields.Writer,
        applied: JSONValue? = nil
    ) throws(Failure) -> ClusterAnswer {
        var value = sent
        value["metadata"] = try named(sent, place)
        value["kind"] = .string(place.kind.kind)
        value["apiVersion"] = .string(place.kind.apiVersion)
        let name = value.at("metadata", "name")?.string ?? ""
        let namespace = value.at("metadata", "namespace")?.string ?? ""
        try checkNamespace(namespace, place.kind, name)
        guard store.object(place.kind, namespace, name) == nil else { throw .alreadyExists(place.kind, name) }
        if place.kind == .daemonSets { value["status"] = nil }
        if place.kind == .pods { value = try tryPod(value, target) }
        value = try prepared(place.kind, name, value, before: nil, writer, applied: applied)
        guard target["dryRun"] != "All" else {
            value["metadata"]?["uid"] = .string(drawing.uuid("uid", nextNumber()))
            value["metadata"]?["creationTimestamp"] = .string(now.rfc3339)
            return Self.answer(201, place.kind, value)
        }
        let object = insert(place.kind.stored, value)
        return ClusterAnswer(status: 201, body: object.rendered(place.kind, .object, at: now) + "\n")
    }

    /// The metadata of a new object with its namespace, and with its name when that is generated.
    private mutating func named(_ value: JSONValue, _ place: Place) throws(Failure) -> JSONValue {
        var metadata = value["metadata"] ?? [:]
        if place.kind.isNamespaced {
            metadata["namespace"] = .string(place.namespace ?? metadata["namespace"]?.string ?? "default")
        } else {
            metadata["namespace"] = nil
        }
        for key in ["uid", "resourceVersion", "generation", "managedFields", "deletionTimestamp"] {
            metadata[key] = nil
        }
        if metadata["name"]?.string == nil, let prefix = metadata["generateName"]?.string {
            metadata["name"] = .string(prefix + drawing.suffix("name", nextNumber()))
        }
        guard metadata["name"]?.string?.isEmpty == false else {
            let rule = Failure.Cause(
                field: "metadata.name", reason: "FieldValueRequired",
                message: "Required value: name or generateName is required")
            throw .invalid(place.kind, "", [rule])
        }
        return metadata
    }

    /// Refuses to create something in a namespace that is not there or that is going.
    private func checkNamespace(_ namespace: String, _ kind: ResourceKind, _ name: String) throws(Failure) {
        guard !namespace.isEmpty else { return }
        guard let object = store.object(.namespaces, "", namespace) else { throw .notFound(.namespaces, namespace) }
        guard object.value?.at("metadata", "deletionTimestamp") != nil else { return }
        var failure = Failure.forbidden(
            kind, name, "unable to create new content in namespace \(namespace) because it is being terminated")
        failure.details?["causes"] = [
            [
                "reason": "NamespaceTerminating", "message": .string("namespace \(namespace) is being terminated"),
                "field": "metadata.namespace",
            ]
        ]
        throw failure
    }

    mutating func replace(
        _ place: Place, _ name: String, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterAnswer {
        guard place.kind != .pods, place.subresource == nil else { throw .methodNotAllowed }
        let sent = try Self.object(request, kind: place.kind.kind)
        guard let object = store.object(place.kind, place.namespace ?? "", name), let before = object.value else {
            throw .notFound(place.kind, name)
        }
        var (after, warnings) = try FieldValidation(target).checkedBody(sent, place.kind)
        if place.kind == .daemonSets || place.kind == .nodes { after["status"] = before["status"] }
        return try update(place.kind, object, after, target, Self.writer(target, request)).warning(of: warnings)
    }

    /// Stores what a replacement or a patch made of an object, if the request may and if anything changed.
    mutating func update(
        _ kind: ResourceKind, _ object: StoredObject, _ value: JSONValue, _ target: Target,
        _ writer: ManagedFields.Writer, applied: JSONValue? = nil
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
        let managed = metadata["managedFields"]?.array
        for key in [
            "uid", "creationTimestamp", "namespace", "name", "generation", "managedFields", "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ] { metadata[key] = before.at("metadata", key) }
        // Whoever sends managed fields may give them away, as kubectl does before its first server-side apply.
        if let managed, !managed.isEmpty { metadata["managedFields"] = managed == [[:]] ? nil : .array(managed) }
        metadata["resourceVersion"] = .string(String(object.version))
        var after = value
        after["metadata"] = metadata
        after["kind"] = before["kind"]
        after["apiVersion"] = before["apiVersion"]
        after = try prepared(
            kind, object.name, after, before: before, writer, applied: applied)
        let isSame = after.withoutVersion == before.withoutVersion
        guard !isSame else {
            return ClusterAnswer(status: 200, body: object.single(kind) + "\n")
        }
        guard target["dryRun"] != "All" else { return Self.answer(200, kind, after) }
        return ClusterAnswer(status: 200, body: write(kind, after).single(kind) + "\n")
    }

    /// The object as it would be stored: defaults filled in, rules checked, generation and managers noted.
    private func prepared(
        _ kind: ResourceKind, _ name: String, _ value: JSONValue, before: JSONValue?, _ writer: ManagedFields.Writer,
        applied: JSONValue?
    ) throws(Failure) -> JSONValue {
        var result = value.withoutNulls
        switch kind {
        case .leases: try LeaseRules.check(result)
        case .events: result = try EventRules.completed(result, name)
        case .currentEvents:
            let noted = ManagedFields.noted(result, before: nil, writer, at: now)
            return try EventRules.completed(try EventRules.core(noted, name), name)
        case .configMaps: try ConfigMapRules.check(result, name)
        case .daemonSets:
            result = DaemonSetDefaults.applied(to: result)
            try DaemonSetRules.check(result, before: before, name: name)
            result = DaemonSetDefaults.counted(result, before: before)
        case .namespaces:
            if let cause = NameRule.cause(name) { throw .invalid(kind, name, [cause]) }
            result.fill("spec", ["finalizers": ["kubernetes"]])
            result.fill("status", ["phase": "Active"])
            if result.at("metadata", "labels") == nil { result["metadata"]?["labels"] = [:] }
            result["metadata"]?["labels"]?["kubernetes.io/metadata.name"] = .string(name)
        case .nodes:
            if let cause = NameRule.cause(name) { throw .invalid(kind, name, [cause]) }
            if let before, result["spec"] == nil { result["spec"] = before["spec"] }
        case .disruptionBudgets: result = BudgetRules.completed(result, before: before)
        default: break
        }
        // Of nodes and pods nobody is noted: that would be most of what is sent.
        guard kind != .nodes, kind != .pods else { return result }
        var old = before
        if let given = result.at("metadata", "managedFields") { old?["metadata"]?["managedFields"] = given }
        var written = result
        if kind == .namespaces { written["spec"] = nil }
        let noted = ManagedFields.noted(written, before: old, writer, at: now, applied: applied)
        result["metadata"]?["managedFields"] = noted.at("metadata", "managedFields")
        return result
    }

    /// Who writes by a request: as named, otherwise the beginning of the user agent.
    static func writer(_ target: Target, _ request: ClusterRequest) -> ManagedFields.Writer {
        if let named = target["fieldManager"], !named.isEmpty { return ManagedFields.Writer(manager: named) }
        let agent = request.headers["user-agent"] ?? "unknown"
        return ManagedFields.Writer(manager: String(agent.prefix { $0 != "/" && $0 != " " }))
    }

    static func answer(_ status: Int, _ kind: ResourceKind, _ value: JSONValue) -> ClusterAnswer {
        let object = StoredObject(value: value, version: 0)
        return ClusterAnswer(status: status, body: object.single(kind) + "\n")
    }
}

extension JSONValue {
    /// The value without its version.
    var withoutVersion: JSONValue {
        var result = self
        result["metadata"]?["resourceVersion"] = nil
        return result
    }
}
