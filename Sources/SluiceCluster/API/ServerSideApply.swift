import SluiceCore

extension Cluster {
    /// A patch that says what its sender wants of an object, and comes to own.
    mutating func applyPatch(
        _ place: Place, _ name: String, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterAnswer {
        guard let manager = target["fieldManager"], !manager.isEmpty else {
            let cause = Failure.Cause(
                field: "fieldManager", reason: "FieldValueRequired",
                message: "Required value: is required for apply patch")
            var failure = Failure.invalid(.patchOptions, "", [cause])
            failure.details?["name"] = nil
            throw failure
        }
        let parsed = try Self.yaml(request.body, kind: place.kind.kind)
        let (wanted, warnings) = try FieldValidation(target).checkedBody(parsed, place.kind)
        let fields = FieldSet.changed(from: nil, to: ManagedFields.owned(wanted)) ?? [:]
        let writer = ManagedFields.Writer(manager: manager, operation: "Apply")
        guard let object = store.object(place.kind, place.namespace ?? "", name), let before = object.value else {
            var value = wanted
            value["metadata"]?["name"] = .string(name)
            return try store(new: value, place, target, writer, applied: fields).warning(of: warnings)
        }
        var config = wanted
        config["metadata"]?["managedFields"] = nil
        let merged = try PatchStyle.strategic.apply(config, to: before)
        if !target.isSet("force") { try checkConflicts(before, merged, writer) }
        let after = Self.withoutAbandoned(merged, before, writer, fields)
        return try update(place.kind, object, after, target, writer, applied: fields).warning(of: warnings)
    }

    /// Refuses to change fields that somebody else wrote.
    private func checkConflicts(
        _ before: JSONValue, _ after: JSONValue, _ writer: ManagedFields.Writer
    ) throws(Failure) {
        guard let changed = FieldSet.changed(from: ManagedFields.owned(before), to: ManagedFields.owned(after)) else {
            return
        }
        var causes: [JSONValue] = []
        var parts: [String] = []
        for entry in before.at("metadata", "managedFields")?.array ?? [] where !writer.wrote(entry) {
            guard let shared = FieldSet.common(changed, entry["fieldsV1"] ?? [:]) else { continue }
            let whose =
                "with \"\(entry["manager"]?.string ?? "")\" using \(entry["apiVersion"]?.string ?? "")"
            let paths = FieldSet.paths(shared)
            causes += paths.map {
                [
                    "reason": "FieldManagerConflict", "message": .string("conflict \(whose)"), "field": .string($0),
                ]
            }
            parts.append(
                paths.count == 1
                    ? "conflict \(whose): \(paths[0])" : "conflicts \(whose):" + paths.map { "\n- \($0)" }.joined())
        }
        guard !causes.isEmpty else { return }
        let count = causes.count == 1 ? "1 conflict" : "\(causes.count) conflicts"
        throw Failure(
            409, "Conflict", "Apply failed with \(count): \(parts.joined(separator: "\n"))",
            details: ["causes": .array(causes)])
    }

    /// The object without what this writer applied before, applies no longer, and nobody else wrote.
    private static func withoutAbandoned(
        _ value: JSONValue, _ before: JSONValue, _ writer: ManagedFields.Writer, _ fields: JSONValue
    ) -> JSONValue {
        let entries = before.at("metadata", "managedFields")?.array ?? []
        guard let old = entries.first(where: writer.wrote)?["fieldsV1"] else { return value }
        var abandoned = FieldSet.without(fields, old)
        for entry in entries where !writer.wrote(entry) {
            abandoned = abandoned.flatMap { FieldSet.without(entry["fieldsV1"] ?? [:], $0) }
        }
        return abandoned.map { FieldSet.removed($0, from: value) } ?? value
    }
}

extension FieldSet {
    /// The value without the fields of a set.
    static func removed(_ fields: JSONValue, from value: JSONValue, field: String = "") -> JSONValue {
        var result = value
        for (step, part) in fields.object ?? [:] {
            let isWhole = part.object?.isEmpty ?? true || part["."] != nil
            if step.hasPrefix("f:") {
                let name = String(step.dropFirst(2))
                result[name] = isWhole ? nil : value[name].map { removed(part, from: $0, field: name) }
            } else if step.hasPrefix("k:"), let keys = keys(of: field) {
                result = .array(
                    (result.array ?? []).compactMap { element in
                        guard key(of: element, keys) == step else { return element }
                        return isWhole ? nil : removed(part, from: element)
                    })
            }
        }
        return result
    }
}
