/// A ConfigMap or a Secret in the DaemonSet's namespace.
public struct ConfigObject: Sendable, Hashable, Comparable {
    /// Which of the two it is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case configMap = "ConfigMap"
        case secret = "Secret"

        /// The resource, as a role's rule names it.
        public var resource: String {
            switch self {
            case .configMap: "configmaps"
            case .secret: "secrets"
            }
        }
    }

    /// Which of the two it is.
    public var kind: Kind
    /// Its name.
    public var name: String

    /// A ConfigMap or a Secret.
    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// As kubectl takes it: `configmap/NAME`.
    public var path: String { "\(kind.rawValue.lowercased())/\(name)" }

    /// For a sentence: `ConfigMap NAME`.
    public var text: String { "\(kind.rawValue) \(name)" }

    /// ConfigMaps before Secrets, each by name.
    public static func < (left: ConfigObject, right: ConfigObject) -> Bool {
        (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
    }
}

/// A ConfigMap or a Secret that a pod template reads.
public struct ConfigReference: Sendable, Hashable {
    /// What it reads.
    public var object: ConfigObject
    /// Whether pods start without it: everything that reads it says `optional`.
    public var isOptional: Bool

    /// A ConfigMap or a Secret that a pod template reads.
    public init(_ object: ConfigObject, isOptional: Bool = false) {
        self.object = object
        self.isOptional = isOptional
    }
}

/// One state of a ConfigMap or a Secret, without its content.
public struct ConfigVersion: Sendable, Hashable {
    /// The object's identity; one that was deleted and made anew has another.
    public var uid: String
    /// Another one after every change, of labels and annotations too.
    public var resourceVersion: String
    /// Who wrote it last, such as "kubectl-edit (Update)"; nil when it does not say.
    public var writer: String?
    /// When that was; nil when it does not say.
    public var writtenAt: Timestamp?

    /// One state of a ConfigMap or a Secret.
    public init(uid: String, resourceVersion: String, writer: String? = nil, writtenAt: Timestamp? = nil) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.writer = writer
        self.writtenAt = writtenAt
    }

    /// Reads an object's metadata, as `PartialObjectMetadata` has them; nil when uid or resourceVersion are missing.
    public init?(json: JSONValue) {
        guard let uid = json.at("metadata", "uid")?.string,
            let version = json.at("metadata", "resourceVersion")?.string
        else { return nil }
        let entries = json.at("metadata", "managedFields")?.array ?? []
        let managers = entries.compactMap(DaemonSet.FieldManager.init(json:))
        let last = managers.max { ($0.time ?? Timestamp(0)) < ($1.time ?? Timestamp(0)) }
        self.init(
            uid: uid, resourceVersion: version, writer: last.map { "\($0.name) (\($0.operation))" },
            writtenAt: last?.time)
    }
}

extension PodTemplate {
    /// The ConfigMaps and Secrets that pods read, in order: in volumes, `envFrom` and `env`.
    public var configReferences: [ConfigReference] {
        var isOptional: [ConfigObject: Bool] = [:]
        func add(_ kind: ConfigObject.Kind, _ source: JSONValue?, _ key: String = "name") {
            guard let source, let name = source[key]?.string, !name.isEmpty else { return }
            let object = ConfigObject(kind, name)
            isOptional[object] = (isOptional[object] ?? true) && source["optional"]?.bool == true
        }
        for volume in json.at("spec", "volumes")?.array ?? [] {
            add(.configMap, volume["configMap"])
            add(.secret, volume["secret"], "secretName")
            for source in volume.at("projected", "sources")?.array ?? [] {
                add(.configMap, source["configMap"])
                add(.secret, source["secret"])
            }
        }
        let containers = ["initContainers", "containers"].flatMap { json.at("spec", $0)?.array ?? [] }
        for container in containers {
            for source in container["envFrom"]?.array ?? [] {
                add(.configMap, source["configMapRef"])
                add(.secret, source["secretRef"])
            }
            for variable in container["env"]?.array ?? [] {
                add(.configMap, variable.at("valueFrom", "configMapKeyRef"))
                add(.secret, variable.at("valueFrom", "secretKeyRef"))
            }
        }
        return isOptional.sorted { $0.key < $1.key }.map { ConfigReference($0.key, isOptional: $0.value) }
    }
}
