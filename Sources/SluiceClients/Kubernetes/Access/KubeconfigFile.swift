import SluiceCore
import SluiceDocuments

/// A kubeconfig as it is written: nothing merged, nothing resolved.
struct KubeconfigFile {
    /// An entry of `clusters`, `contexts` or `users`.
    struct Entry {
        var name: String
        /// The section beneath (`cluster`, `context`, `user`).
        var body: KubeconfigField
    }

    var path: String
    var currentContext: String?
    var clusters: [Entry]
    var contexts: [Entry]
    var users: [Entry]

    /// Reads a file's bytes. An empty file is a kubeconfig that says nothing.
    init(path: String, bytes: [UInt8]) throws(AccessError) {
        let documents: [Document]
        do {
            documents = try YAMLReader.readAll(bytes, maxBytes: KubernetesLimits.kubeconfigBytes)
        } catch {
            throw .notYAML(file: path, error.position, error.message)
        }
        guard documents.count <= 1 else {
            throw .notYAML(file: path, documents[1].position, "a second document begins here")
        }
        let empty = Document(.mapping([]), at: Document.Position(line: 1, column: 1))
        let root = KubeconfigField(file: path, name: "", document: documents.first ?? empty)
        try root.requireMapping()
        if let kind = try root.string("kind"), kind != "Config" {
            throw .notKubeconfig(root.place("kind"), found: kind)
        }
        self.path = path
        currentContext = try root.string("current-context")
        clusters = try Self.entries(root, "clusters", "cluster")
        contexts = try Self.entries(root, "contexts", "context")
        users = try Self.entries(root, "users", "user")
    }

    private static func entries(
        _ root: KubeconfigField, _ list: String, _ section: String
    ) throws(AccessError) -> [Entry] {
        var entries: [Entry] = []
        for item in try root.list(list) {
            try item.requireMapping()
            let name = try item.required("name")
            guard !entries.contains(where: { $0.name == name }) else {
                throw .duplicate(item.place("name"), name: name)
            }
            let empty = Document(.mapping([]), at: item.document.position)
            let document = item.document[section].flatMap { $0.content == .null ? nil : $0 } ?? empty
            let body = KubeconfigField(file: root.file, name: "\(list)[\"\(name)\"].\(section)", document: document)
            try body.requireMapping()
            entries.append(Entry(name: name, body: body))
        }
        return entries
    }
}

/// A section of a kubeconfig that knows where it stands.
struct KubeconfigField {
    var file: String
    /// The path of fields to this one; empty for the whole file.
    var name: String
    var document: Document

    /// The folder of the file, for relative paths; empty when the file's path has none.
    private var folder: String {
        file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    }

    private func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

    /// The place of this section.
    var place: AccessPlace { AccessPlace(file: file, position: document.position, field: name) }

    /// The place of a key's value, or, when it is absent, of this section.
    func place(_ key: String) -> AccessPlace {
        AccessPlace(file: file, position: (document[key] ?? document).position, field: path(key))
    }

    func requireMapping() throws(AccessError) {
        guard case .mapping = document.content else {
            let place = AccessPlace(file: file, position: document.position, field: name.isEmpty ? "the file" : name)
            throw .wrongType(place, expected: "a mapping", found: document.kindName)
        }
    }

    /// A key's value; nil when absent or null.
    private func value(_ key: String) -> Document? {
        document[key].flatMap { $0.content == .null ? nil : $0 }
    }

    private func wrongType(_ key: String, _ expected: String) -> AccessError {
        .wrongType(place(key), expected: expected, found: (document[key] ?? document).kindName)
    }

    /// The keys of this section, in the file's order.
    var keys: [String] {
        guard case .mapping(let entries) = document.content else { return [] }
        return entries.map(\.key)
    }

    /// Whether a key has a value that is not empty.
    func has(_ key: String) -> Bool { value(key).map { $0.content != .string("") } ?? false }

    /// A text; nil when absent, null or empty.
    func string(_ key: String) throws(AccessError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value.content else { throw wrongType(key, "a string (in quotes)") }
        return text.isEmpty ? nil : text
    }

    func required(_ key: String) throws(AccessError) -> String {
        guard let text = try string(key) else { throw .missing(place(key)) }
        return text
    }

    func bool(_ key: String) throws(AccessError) -> Bool {
        guard let value = value(key) else { return false }
        guard case .bool(let isTrue) = value.content else { throw wrongType(key, "true or false") }
        return isTrue
    }

    func section(_ key: String) throws(AccessError) -> KubeconfigField? {
        guard let value = value(key) else { return nil }
        let field = KubeconfigField(file: file, name: path(key), document: value)
        try field.requireMapping()
        return field
    }

    func list(_ key: String) throws(AccessError) -> [KubeconfigField] {
        guard let value = value(key) else { return [] }
        guard case .sequence(let items) = value.content else { throw wrongType(key, "a list") }
        return items.enumerated().map { index, item in
            KubeconfigField(file: file, name: "\(path(key))[\(index)]", document: item)
        }
    }

    func strings(_ key: String) throws(AccessError) -> [String] {
        var result: [String] = []
        for item in try list(key) {
            guard case .string(let text) = item.document.content else {
                let place = AccessPlace(file: file, position: item.document.position, field: item.name)
                throw .wrongType(place, expected: "a string (in quotes)", found: item.document.kindName)
            }
            result.append(text)
        }
        return result
    }

    /// A path; a relative one is relative to the file it stands in.
    func filePath(_ key: String) throws(AccessError) -> String? {
        try string(key).map(resolved)
    }

    func resolved(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }
}
