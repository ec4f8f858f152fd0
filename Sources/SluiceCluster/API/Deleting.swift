import SluiceCore

extension Cluster {
    mutating func delete(
        _ place: Place, _ name: String, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterAnswer {
        let options = try Self.deleteOptions(request)
        guard let object = store.object(place.kind, place.namespace ?? "", name) else {
            throw .notFound(place.kind, name)
        }
        try checkPreconditions(place.kind, object, options)
        let isDryRun = target["dryRun"] == "All" || options["dryRun"]?.array?.contains("All") == true
        switch place.kind {
        case .pods:
            let asked = target["gracePeriodSeconds"].flatMap(Int64.init) ?? options["gracePeriodSeconds"]?.integer
            let last = isDryRun ? terminating(object, grace: asked) : deletePod(uid: object.uid, grace: asked)
            return ClusterAnswer(status: 200, body: last.single(.pods) + "\n")
        case .namespaces: return deleteNamespace(object, isDryRun: isDryRun)
        case .daemonSets:
            let policy = target["propagationPolicy"] ?? options["propagationPolicy"]?.string
            if policy == "Foreground" { return deleteInForeground(object, isDryRun: isDryRun) }
            if policy == "Orphan", !isDryRun { orphanPods(of: object.uid) }
        default: break
        }
        if !isDryRun { erase(place.kind, object) }
        var details = place.kind.details(name)
        details["uid"] = .string(object.uid)
        let status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details,
        ]
        return ClusterAnswer(status: 200, body: status.serialized + "\n")
    }

    /// Deletes all objects of a selection; answers with what they were.
    mutating func deleteAll(
        _ place: Place, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterAnswer {
        let selection = try Selection(kind: place.kind, namespace: place.namespace, target: target)
        let objects = store.objects(place.kind, selection)
        let answer = Self.listText(place.kind, objects, .object, ListMetadata(version: store.version), at: now)
        for object in objects {
            let one = Place(kind: place.kind, namespace: object.namespace, name: object.name)
            _ = try delete(one, object.name, target, request)
        }
        return ClusterAnswer(status: 200, body: answer)
    }

    func checkPreconditions(_ kind: ResourceKind, _ object: StoredObject, _ options: JSONValue) throws(Failure) {
        if let uid = options.at("preconditions", "uid")?.string, uid != object.uid {
            throw .wrongUID(kind, object.name, asked: uid, actual: object.uid)
        }
        if let version = options.at("preconditions", "resourceVersion")?.string, version != String(object.version) {
            throw .wrongVersion(kind, object.name, asked: version, actual: String(object.version))
        }
    }

    /// Marks a DaemonSet as going: its pods go first, and it goes with the last of them.
    private mutating func deleteInForeground(_ object: StoredObject, isDryRun: Bool) -> ClusterAnswer {
        var value = object.value ?? [:]
        if value.at("metadata", "deletionTimestamp") == nil {
            value["metadata"]?["deletionTimestamp"] = .string(now.rfc3339)
            value["metadata"]?["deletionGracePeriodSeconds"] = 0
            value["metadata"]?["finalizers"] = ["foregroundDeletion"]
            let generation = value.at("metadata", "generation")?.integer ?? 0
            value["metadata"]?["generation"] = .integer(generation &+ 1)
            if !isDryRun { return Self.answer(200, .daemonSets, write(.daemonSets, value).value ?? value) }
        }
        return Self.answer(200, .daemonSets, value)
    }

    /// Marks a namespace as going; what is in it goes soon, and the namespace last.
    private mutating func deleteNamespace(_ object: StoredObject, isDryRun: Bool) -> ClusterAnswer {
        var value = object.value ?? [:]
        value["metadata"]?.fill("deletionTimestamp", .string(now.rfc3339))
        value["status"] = ["phase": "Terminating"]
        guard !isDryRun else { return Self.answer(200, .namespaces, value) }
        after(options.controllerDelay, .namespace(name: object.name))
        return Self.answer(200, .namespaces, write(.namespaces, value).value ?? value)
    }

    /// Empties a namespace that is going, and lets it go when nothing is left in it.
    mutating func emptyNamespace(_ name: String) {
        guard let object = store.object(.namespaces, "", name) else { return }
        let inside = Selection(namespace: name)
        for kind in ResourceKind.all where kind.isNamespaced && kind != .pods && kind.stored == kind {
            for object in store.objects(kind, inside) { erase(kind, object) }
        }
        let pods = store.objects(.pods, inside)
        for pod in pods { deletePod(uid: pod.uid, grace: nil) }
        if pods.isEmpty {
            erase(.namespaces, object)
        } else {
            after(max(100, options.controllerDelay), .namespace(name: name))
        }
    }
}
