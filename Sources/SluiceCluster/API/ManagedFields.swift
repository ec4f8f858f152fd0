import SluiceCore

/// Who wrote which field last, as `metadata.managedFields` says it.
enum ManagedFields {
    /// Who writes, and how.
    struct Writer {
        var manager: String
        var operation = "Update"
        var subresource: String?

        func wrote(_ entry: JSONValue) -> Bool {
            entry["manager"] == .string(manager) && entry["operation"] == .string(operation)
                && entry["subresource"]?.string == subresource
        }
    }

    /// The object with the fields that changed assigned to a writer.
    ///
    /// - Parameter applied: the fields that a server-side apply names: they are its own even when they do not change.
    static func noted(
        _ value: JSONValue, before: JSONValue?, _ writer: Writer, at now: Timestamp, applied: JSONValue? = nil
    ) -> JSONValue {
        var changed = FieldSet.changed(from: before.map(owned), to: owned(value))
        // A status is written by controllers alone, and the count of templates belongs to whoever wrote the first.
        if writer.subresource == nil { changed?["f:status"] = nil }
        if before != nil { changed = changed.flatMap { FieldSet.without(templateCount, $0) } }
        if changed == [:] { changed = nil }
        guard changed != nil || applied != nil || before.map(owned) != owned(value) else { return value }
        let taken = changed ?? [:]
        let whole = owned(value)
        var entries = (before?.at("metadata", "managedFields")?.array ?? []).compactMap { entry -> JSONValue? in
            guard !writer.wrote(entry) else { return entry }
            let kept = taken == [:] ? entry["fieldsV1"] : FieldSet.without(taken, entry["fieldsV1"] ?? [:])
            guard let fields = kept.flatMap({ FieldSet.present($0, in: whole) }) else { return nil }
            var rest = entry
            rest["fieldsV1"] = fields
            return rest
        }
        let index = entries.firstIndex(where: writer.wrote)
        let old = index.map { entries.remove(at: $0) }
        let merged = PatchStyle.merged(taken, into: old?["fieldsV1"] ?? [:])
        let fields = applied ?? FieldSet.present(merged, in: whole) ?? [:]
        // A new value of a field that is its own already moves the time too. (ManagedFieldsEntry, `time`)
        let isSame = taken == [:] && old?["fieldsV1"] == fields
        if fields != [:] {
            var entry: JSONValue = [
                "manager": .string(writer.manager), "operation": .string(writer.operation),
                "apiVersion": value["apiVersion"] ?? "v1",
                "time": isSame ? old?["time"] ?? "" : .string(now.rfc3339),
                "fieldsType": "FieldsV1", "fieldsV1": fields,
            ]
            entry["subresource"] = writer.subresource.map(JSONValue.string)
            entries.append(entry)
        }
        var result = value
        result["metadata"]?["managedFields"] = entries.isEmpty ? nil : .array(entries.sorted(by: isBefore))
        return result
    }

    private static let templateCount: JSONValue = [
        "f:metadata": ["f:annotations": .object(["f:\(DaemonSetDefaults.templateGeneration)": [:]])]
    ]

    /// Applies come first, then the oldest.
    private static func isBefore(_ left: JSONValue, _ right: JSONValue) -> Bool {
        func rank(_ entry: JSONValue) -> (String, String, String) {
            (entry["operation"]?.string ?? "", entry["time"]?.string ?? "", entry["manager"]?.string ?? "")
        }
        return rank(left) < rank(right)
    }

    /// The parts of an object that somebody writes.
    static func owned(_ value: JSONValue) -> JSONValue {
        var owned = value
        for key in ["kind", "apiVersion"] { owned[key] = nil }
        let metadata = owned["metadata"] ?? [:]
        var written: JSONValue = [:]
        for key in ["labels", "annotations", "ownerReferences", "finalizers", "generateName"] {
            written[key] = metadata[key]
        }
        owned["metadata"] = written
        return owned.withoutNulls
    }
}
