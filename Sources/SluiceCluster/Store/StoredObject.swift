import SluiceCore
import Synchronization

/// One version of an object. Its text is made when somebody reads it, and then kept: most versions of most pods are
/// never read where nobody watches.
final class StoredObject: Sendable {
    private enum Content: Sendable {
        case value(JSONValue)
        case node(Node)
        case pod(PodRecord)
        case gone
    }

    private final class Texts: Sendable {
        let text: String

        init(_ text: String) { self.text = text }
    }

    let namespace: String
    let name: String
    let uid: String
    let version: Int
    let labels: [String: String]
    private let content: Content
    private let made = AtomicLazyReference<Texts>()

    init(value: JSONValue, version: Int) {
        let metadata = value["metadata"] ?? [:]
        self.namespace = metadata["namespace"]?.string ?? ""
        self.name = metadata["name"]?.string ?? ""
        self.uid = metadata["uid"]?.string ?? ""
        self.version = version
        self.labels = metadata["labels"]?.strings ?? [:]
        self.content = .value(value)
    }

    init(pod: PodRecord, version: Int) {
        self.namespace = pod.namespace
        self.name = pod.name
        self.uid = pod.uid
        self.version = version
        self.labels = pod.labels
        self.content = .pod(pod)
    }

    /// A node as a snapshot of a fleet has it.
    init(node: Node, version: Int) {
        self.namespace = ""
        self.name = node.name
        self.uid = node.uid
        self.version = version
        self.labels = node.labels
        self.content = .node(node)
    }

    /// What stands for an object that is not there any more.
    init(goneWithUID uid: String) {
        self.namespace = ""
        self.name = ""
        self.uid = uid
        self.version = 0
        self.labels = [:]
        self.content = .gone
    }

    /// The JSON text after the opening brace, without kind and apiVersion: `"metadata":{…},…}`.
    var text: String {
        if let made = made.load() { return made.text }
        return made.storeIfNil(Texts(makeText())).text
    }

    private func makeText() -> String {
        if case .pod(let pod) = content { return pod.text(version: version) }
        guard var bare = value else { return "}" }
        bare["kind"] = nil
        bare["apiVersion"] = nil
        return String(bare.serialized.dropFirst())
    }

    /// The whole value; nil for pods, whose text is spliced.
    var value: JSONValue? {
        switch content {
        case .value(let value): value
        case .node(let node): node.json(version: version)
        case .pod, .gone: nil
        }
    }

    /// The pod; nil for every other kind.
    var pod: PodRecord? {
        if case .pod(let pod) = content { pod } else { nil }
    }

    /// The node as a snapshot had it; nil for every other kind and for a node that was written since.
    var givenNode: Node? {
        if case .node(let node) = content { node } else { nil }
    }

    /// The key by which lists are ordered.
    var key: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// The value of a field as text; empty when it is absent.
    func field(_ path: String) -> String {
        switch path {
        case "metadata.name": return name
        case "metadata.namespace": return namespace
        case "spec.nodeName": if let pod { return pod.isBound ? pod.node : "" }
        case "status.phase": if let pod { return pod.status.phase }
        default: break
        }
        guard var found = value else { return "" }
        for step in path.split(separator: ".") {
            guard let next = found[String(step)] else { return path == "spec.unschedulable" ? "false" : "" }
            found = next
        }
        return found.string ?? found.serialized
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
