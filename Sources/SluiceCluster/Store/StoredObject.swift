import SluiceCore

/// One version of an object, ready to be sent.
final class StoredObject: Sendable {
    let namespace: String
    let name: String
    let uid: String
    let version: Int
    let labels: [String: String]
    /// The JSON text after the opening brace, without kind and apiVersion: `"metadata":{…},…}`.
    let text: String
    /// The whole value; nil for pods, whose text is spliced.
    let value: JSONValue?
    /// Values of fields that can be selected, where there is no value to look them up in.
    private let spliced: [String: String]

    init(value: JSONValue, version: Int) {
        let metadata = value["metadata"] ?? [:]
        var bare = value
        bare["kind"] = nil
        bare["apiVersion"] = nil
        self.namespace = metadata["namespace"]?.string ?? ""
        self.name = metadata["name"]?.string ?? ""
        self.uid = metadata["uid"]?.string ?? ""
        self.version = version
        self.labels = metadata["labels"]?.strings ?? [:]
        self.text = String(bare.serialized.dropFirst())
        self.value = value
        self.spliced = [:]
    }

    init(
        namespace: String, name: String, uid: String, version: Int, labels: [String: String],
        fields: [String: String], text: String
    ) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.version = version
        self.labels = labels
        self.text = text
        self.value = nil
        self.spliced = fields
    }

    /// The key by which lists are ordered.
    var key: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// The value of a field as text; empty when it is absent.
    func field(_ path: String) -> String {
        switch path {
        case "metadata.name": return name
        case "metadata.namespace": return namespace
        default:
            guard var found = value else { return spliced[path] ?? "" }
            for step in path.split(separator: ".") {
                guard let next = found[String(step)] else { return path == "spec.unschedulable" ? "false" : "" }
                found = next
            }
            return found.string ?? found.serialized
        }
    }

    /// The text of the object when it stands alone.
    func single(_ kind: ResourceKind) -> String { kind.opening + text }
}

/// A change of one object.
struct Change: Sendable {
    enum Kind: String, Sendable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }

    var kind: Kind
    var version: Int
    /// The object before; nil when it was added.
    var before: StoredObject?
    /// The object after; of a deletion its last state, with the version of the deletion.
    var after: StoredObject

    /// What somebody sees who watches only a selection: an object that leaves it is deleted for him.
    func seen(by selection: Selection) -> Kind? {
        let was = before.map(selection.matches) ?? false
        let matches = selection.matches(after)
        switch kind {
        case .added: return matches ? .added : nil
        case .deleted: return was ? .deleted : nil
        case .modified:
            if was { return matches ? .modified : .deleted }
            return matches ? .added : nil
        }
    }
}
