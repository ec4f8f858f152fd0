import SluiceCore
import SluiceDocuments

extension StoredObject {
    /// The whole value, read from the text where it was spliced.
    func parsed(_ kind: ResourceKind) -> JSONValue {
        if let value { return value }
        do throws(JSONError) {
            return try JSONReader.read(single(kind))
        } catch {
            preconditionFailure("a spliced pod is no JSON: \(error)")
        }
    }

    /// The object as text in the form that was asked for.
    func rendered(_ kind: ResourceKind, _ shape: Shape, at now: Timestamp) -> String {
        switch shape {
        case .object: kind == kind.stored ? single(kind) : EventRules.current(parsed(kind)).serialized
        case .metadata: Self.partial(parsed(kind)).serialized
        case .table: Table.text(kind, [self], ListMetadata(version: version), at: now)
        }
    }

    static func partial(_ value: JSONValue) -> JSONValue {
        var metadata = value["metadata"] ?? [:]
        // It is not stored in a real server, and comes with the whole object only.
        metadata["annotations"]?[DaemonSetDefaults.templateGeneration] = nil
        return ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata]
    }
}

extension Cluster {
    static func listText(
        _ kind: ResourceKind, _ objects: [StoredObject], _ shape: Shape, _ metadata: ListMetadata, at now: Timestamp
    ) -> String {
        let head: String
        let items: [String]
        switch shape {
        case .table: return Table.text(kind, objects, metadata, at: now) + "\n"
        case .metadata:
            head = "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\","
            items = objects.map { StoredObject.partial($0.parsed(kind)).serialized }
        case .object:
            head = "{\"kind\":\"\(kind.kind)List\",\"apiVersion\":\"\(kind.apiVersion)\","
            items = objects.map {
                kind == kind.stored ? "{" + $0.text : EventRules.current($0.parsed(kind)).serialized
            }
        }
        var text = head
        text.reserveCapacity(items.reduce(200) { $0 + $1.utf8.count + 1 })
        text += "\"metadata\":\(metadata.text),\"items\":["
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            text += item
        }
        return text + "]}\n"
    }
}
