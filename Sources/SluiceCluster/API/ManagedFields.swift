import SluiceCore

/// Who wrote which field last, as `metadata.managedFields` says it.
enum ManagedFields {
    /// The object with the fields that changed assigned to a manager.
    static func noted(_ value: JSONValue, before: JSONValue?, manager: String, at now: Timestamp) -> JSONValue {
        let changed = difference(from: owned(before), to: owned(value))
        guard let changed else { return value }
        var entries = (before?.at("metadata", "managedFields")?.array ?? []).compactMap { entry -> JSONValue? in
            guard entry["manager"] != .string(manager), entry["subresource"] == nil else { return entry }
            guard let fields = without(changed, entry["fieldsV1"] ?? [:]) else { return nil }
            var rest = entry
            rest["fieldsV1"] = fields
            return rest
        }
        let index = entries.firstIndex { $0["manager"] == .string(manager) && $0["subresource"] == nil }
        let old = index.map { entries.remove(at: $0) }
        entries.append([
            "manager": .string(manager), "operation": "Update", "apiVersion": value["apiVersion"] ?? "v1",
            "time": .string(now.rfc3339), "fieldsType": "FieldsV1",
            "fieldsV1": PatchStyle.merged(changed, into: old?["fieldsV1"] ?? [:]),
        ])
        var result = value
        result["metadata"]?["managedFields"] = .array(entries)
        return result
    }

    /// The parts of an object that people write.
    private static func owned(_ value: JSONValue?) -> JSONValue {
        guard var owned = value else { return [:] }
        for key in ["kind", "apiVersion", "status"] { owned[key] = nil }
        let metadata = owned["metadata"] ?? [:]
        var written: JSONValue = [:]
        for key in ["labels", "annotations", "ownerReferences"] { written[key] = metadata[key] }
        owned["metadata"] = written
        return owned
    }

    /// The tree of fields that differ; nil when none does.
    private static func difference(from old: JSONValue?, to new: JSONValue) -> JSONValue? {
        guard old != new else { return nil }
        switch new {
        case .object(let members):
            var fields: [String: JSONValue] = [:]
            for (key, member) in members {
                if let field = difference(from: old?[key], to: member) { fields["f:\(key)"] = field }
            }
            return fields.isEmpty ? nil : .object(fields)
        case .array(let elements):
            guard elements.allSatisfy({ $0["name"]?.string != nil }), !elements.isEmpty else { return [:] }
            var fields: [String: JSONValue] = [:]
            for element in elements {
                let twin = old?.array?.first { $0["name"] == element["name"] }
                let name: JSONValue = ["name": element["name"] ?? ""]
                if let field = difference(from: twin, to: element) { fields["k:\(name.serialized)"] = field }
            }
            return .object(fields)
        default: return [:]
        }
    }

    /// What of a tree of fields is left when others took theirs; nil when nothing is.
    private static func without(_ taken: JSONValue, _ fields: JSONValue) -> JSONValue? {
        guard let members = fields.object, !members.isEmpty, let others = taken.object, !others.isEmpty else {
            return nil
        }
        var left: [String: JSONValue] = [:]
        for (key, field) in members {
            left[key] = others[key].map { without($0, field) } ?? field
        }
        return left.isEmpty ? nil : .object(left)
    }
}
