import SluiceCore

/// Sets of fields in the API's own notation (`FieldsV1`), as trees of JSON.
enum FieldSet {
    /// Members that belong to one writer as a whole.
    private static let atomic: Set<String> = [
        "selector", "nodeSelector", "tolerations", "args", "command", "add", "drop", "involvedObject", "regarding",
        "related", "nodeSelectorTerms", "requiredDuringSchedulingIgnoredDuringExecution", "fieldRef",
        "resourceFieldRef", "taints", "rules", "subjects", "roleRef", "items",
    ]
    /// Members that are there even when an object is empty, so that nobody comes to own them by writing into them.
    private static let given: Set<String> = [
        "metadata", "spec", "status", "template", "containers", "updateStrategy", "source",
    ]

    /// By which members the elements of a list are told apart; nil for lists that belong to one writer as a whole.
    static func keys(of list: String) -> [String]? {
        switch list {
        case "containers", "initContainers", "ephemeralContainers", "volumes", "env", "imagePullSecrets", "secrets":
            ["name"]
        case "volumeMounts": ["mountPath"]
        case "ports": ["containerPort", "protocol"]
        case "conditions", "addresses": ["type"]
        case "ownerReferences": ["uid"]
        default: nil
        }
    }

    /// The fields in which a new value differs from an old one; nil when it does not.
    static func changed(from old: JSONValue?, to new: JSONValue, field: String = "") -> JSONValue? {
        guard old != new else { return nil }
        switch new {
        case .object(let members) where !atomic.contains(field):
            var fields: [String: JSONValue] = [:]
            for (key, member) in members {
                if let part = changed(from: old?[key], to: member, field: key) { fields["f:\(key)"] = part }
            }
            if members.isEmpty { return old == nil && !given.contains(field) ? [:] : nil }
            if old == nil, !field.isEmpty, !given.contains(field) { fields["."] = [:] }
            return fields.isEmpty ? nil : .object(fields)
        case .array(let elements):
            return changedList(from: old?.array, to: elements, field)
        default: return [:]
        }
    }

    private static func changedList(from old: [JSONValue]?, to new: [JSONValue], _ field: String) -> JSONValue? {
        if field == "finalizers" || field == "podCIDRs" {
            var fields = Dictionary(new.map { ("v:\($0.serialized)", JSONValue.object([:])) }, uniquingKeysWith: { $1 })
            if old == nil { fields["."] = [:] }
            return .object(fields)
        }
        guard let keys = keys(of: field), !new.isEmpty else { return [:] }
        var fields: [String: JSONValue] = [:]
        for element in new {
            let key = Self.key(of: element, keys)
            let twin = old?.first { Self.key(of: $0, keys) == key }
            if field == "ownerReferences" {
                if twin != element { fields[key] = [:] }
            } else if let part = changed(from: twin, to: element, field: "") {
                fields[key] = twin == nil ? PatchStyle.merged([".": [:]], into: part) : part
            }
        }
        if old == nil, !given.contains(field) { fields["."] = [:] }
        return fields.isEmpty ? nil : .object(fields)
    }

    static func key(of element: JSONValue, _ keys: [String]) -> String {
        var key: JSONValue = [:]
        for name in keys {
            key[name] = element[name] ?? (name == "protocol" ? "TCP" : nil)
        }
        return "k:\(key.serialized)"
    }

    /// What of a set of fields is left when others took theirs; nil when nothing is.
    static func without(_ taken: JSONValue, _ fields: JSONValue) -> JSONValue? {
        guard let members = fields.object, !members.isEmpty, let others = taken.object, !others.isEmpty else {
            return nil
        }
        var left: [String: JSONValue] = [:]
        for (key, field) in members {
            left[key] = others[key].map { without($0, field) } ?? field
        }
        return left.isEmpty ? nil : .object(left)
    }

    /// The fields that two sets have in common; nil when there are none.
    static func common(_ left: JSONValue, _ right: JSONValue) -> JSONValue? {
        guard let mine = left.object, let others = right.object else { return nil }
        if mine.isEmpty || others.isEmpty { return mine.isEmpty && others.isEmpty ? [:] : nil }
        var shared: [String: JSONValue] = [:]
        for (key, field) in mine {
            if let other = others[key], let part = common(field, other) { shared[key] = part }
        }
        return shared.isEmpty ? nil : .object(shared)
    }

    /// What of a set of fields is there in a value; nil when nothing is.
    static func present(_ fields: JSONValue, in value: JSONValue, field: String = "") -> JSONValue? {
        guard let members = fields.object, !members.isEmpty else { return fields }
        var left: [String: JSONValue] = [:]
        for (key, part) in members {
            if key == "." {
                left[key] = part
            } else if let member = member(key, of: value, field) {
                left[key] = present(part, in: member, field: String(key.dropFirst(2)))
            }
        }
        return left.isEmpty ? nil : .object(left)
    }

    /// The part of a value that a step of a set names.
    static func member(_ step: String, of value: JSONValue, _ field: String) -> JSONValue? {
        if step.hasPrefix("f:") { return value[String(step.dropFirst(2))] }
        guard let elements = value.array else { return nil }
        if step.hasPrefix("v:") { return elements.first { "v:\($0.serialized)" == step } }
        guard let keys = keys(of: field) else { return nil }
        return elements.first { key(of: $0, keys) == step }
    }

    /// The paths of a set, as messages write them: `.spec.template.spec.containers[name="agent"].image`.
    static func paths(_ fields: JSONValue, _ prefix: String = "") -> [String] {
        guard let members = fields.object, !members.isEmpty else { return [prefix] }
        return members.keys.sorted().flatMap { step -> [String] in
            let part = members[step] ?? [:]
            switch step.prefix(2) {
            case "f:": return paths(part, "\(prefix).\(step.dropFirst(2))")
            case "k:": return paths(part, prefix + "[\(shown(key: String(step.dropFirst(2))))]")
            case "v:": return paths(part, prefix + "[=\(step.dropFirst(2))]")
            default: return [prefix]
            }
        }
    }

    /// `{"name":"agent"}` as `name="agent"`.
    private static func shown(key: String) -> String {
        key.dropFirst().dropLast().split(separator: ",").map { pair in
            let parts = pair.split(separator: ":", maxSplits: 1)
            return "\(parts[0].dropFirst().dropLast())=\(parts.count > 1 ? parts[1] : "")"
        }.joined(separator: ",")
    }
}
