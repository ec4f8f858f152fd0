import SluiceCore
import SluiceDocuments

extension Cluster {
    mutating func patch(
        _ place: Place, _ name: String, _ target: Target, _ request: ClusterRequest
    ) throws(Failure) -> ClusterAnswer {
        let type = request.headers["content-type"] ?? ""
        if type.hasPrefix("application/apply-patch+yaml"), place.kind != .pods {
            return try applyPatch(place, name, target, request)
        }
        guard let object = store.object(place.kind, place.namespace ?? "", name) else {
            throw .notFound(place.kind, name)
        }
        guard let style = PatchStyle(contentType: type) else { throw .unsupportedPatch }
        let change = try Self.json(request.body, kind: place.kind.kind)
        if place.kind == .pods { return try patchPod(object, change, place.subresource) }
        guard let before = object.value else { throw .methodNotAllowed }
        let patched = try style.apply(change, to: before)
        var (after, warnings) = try FieldValidation(target).checkedPatch(patched, place.kind)
        // What the patch does not touch says nothing.
        for key in ["resourceVersion", "managedFields"] where after.at("metadata", key) == before.at("metadata", key) {
            after["metadata"]?[key] = nil
        }
        return try update(place.kind, object, after, target, Self.writer(target, request)).warning(of: warnings)
    }
}

/// The patch formats of the API.
enum PatchStyle: Sendable {
    case merge
    case strategic
    case json

    init?(contentType: String) {
        switch contentType.prefix(while: { $0 != ";" }) {
        case "application/merge-patch+json": self = .merge
        case "application/strategic-merge-patch+json": self = .strategic
        case "application/json-patch+json": self = .json
        default: return nil
        }
    }

    func apply(_ patch: JSONValue, to value: JSONValue) throws(Failure) -> JSONValue {
        switch self {
        case .merge: Self.merged(patch, into: value)
        case .strategic: Self.strategicallyMerged(patch, into: value, field: "")
        case .json: try Self.operated(patch, on: value)
        }
    }

    /// RFC 7396.
    static func merged(_ patch: JSONValue, into value: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = value.object ?? [:]
        for (key, change) in changes {
            members[key] = change == .null ? nil : merged(change, into: members[key] ?? .null)
        }
        return .object(members)
    }

    /// By which member the elements of a list are told apart; lists of other names are replaced whole.
    private static func mergeKey(of field: String) -> String? {
        switch field {
        case "containers", "initContainers", "ephemeralContainers", "volumes", "env", "imagePullSecrets": "name"
        case "volumeMounts": "mountPath"
        case "ports": "containerPort"
        case "conditions", "addresses": "type"
        case "ownerReferences": "uid"
        case "topologySpreadConstraints": "topologyKey"
        default: nil
        }
    }

    private static func strategicallyMerged(_ patch: JSONValue, into value: JSONValue, field: String) -> JSONValue {
        if case .array(let changes) = patch, let key = mergeKey(of: field) {
            return .array(mergedList(changes, into: value.array ?? [], key: key))
        }
        guard case .object(var changes) = patch else { return patch }
        let directive = changes.removeValue(forKey: "$patch")
        if directive == "replace" { return .object(changes) }
        var members = value.object ?? [:]
        if let kept = changes.removeValue(forKey: "$retainKeys")?.array {
            members = members.filter { kept.contains(.string($0.key)) }
        }
        for (key, change) in changes where !key.hasPrefix("$setElementOrder/") {
            if key.hasPrefix("$deleteFromPrimitiveList/") {
                let list = String(key.dropFirst("$deleteFromPrimitiveList/".count))
                let gone = change.array ?? []
                members[list] = .array((members[list]?.array ?? []).filter { !gone.contains($0) })
            } else {
                members[key] =
                    change == .null
                    ? nil : strategicallyMerged(change, into: members[key] ?? .null, field: key)
            }
        }
        return .object(members)
    }

    private static func mergedList(_ changes: [JSONValue], into list: [JSONValue], key: String) -> [JSONValue] {
        if changes.contains(where: { $0["$patch"] == "replace" }) {
            return changes.filter { $0["$patch"] == nil }
        }
        var result = list
        for change in changes {
            let index = result.firstIndex { $0[key] == change[key] }
            if change["$patch"] == "delete" {
                if let index { result.remove(at: index) }
            } else if let index {
                result[index] = strategicallyMerged(change, into: result[index], field: "")
            } else {
                result.append(strategicallyMerged(change, into: [:], field: ""))
            }
        }
        return result
    }

    /// RFC 6902, without `move` and `copy`.
    private static func operated(_ patch: JSONValue, on value: JSONValue) throws(Failure) -> JSONValue {
        guard let operations = patch.array else { throw .unprocessablePatch }
        var result = value
        for operation in operations {
            let path = (operation["path"]?.string ?? "").split(separator: "/").map { Self.unescaped($0) }
            guard let name = operation["op"]?.string, let kind = JSONOperation(rawValue: name),
                let changed = kind.apply(operation["value"], to: result, at: path[...])
            else { throw .unprocessablePatch }
            result = changed
        }
        return result
    }

    private static func unescaped(_ step: Substring) -> String {
        var text = ""
        var rest = step
        while let character = rest.popFirst() {
            guard character == "~", let code = rest.popFirst() else {
                text.append(character)
                continue
            }
            text.append(code == "1" ? "/" : "~")
        }
        return text
    }
}

/// One operation of a JSON patch.
private enum JSONOperation: String {
    case add, remove, replace, test

    /// The changed value; nil when the path leads nowhere or the test fails.
    func apply(_ value: JSONValue?, to target: JSONValue, at path: ArraySlice<String>) -> JSONValue? {
        guard let step = path.first else {
            switch self {
            case .test: return target == value ? target : nil
            case .add, .replace: return value
            case .remove: return nil
            }
        }
        let rest = path.dropFirst()
        switch target {
        case .object(var members):
            if rest.isEmpty, self == .add {
                members[step] = value
            } else {
                guard let member = members[step] else { return nil }
                if rest.isEmpty, self == .remove {
                    members[step] = nil
                } else {
                    guard let changed = apply(value, to: member, at: rest) else { return nil }
                    members[step] = changed
                }
            }
            return .object(members)
        case .array(var elements):
            guard let index = step == "-" ? elements.count : Int(step), index >= 0 else { return nil }
            if rest.isEmpty, self == .add {
                guard index <= elements.count, let value else { return nil }
                elements.insert(value, at: index)
            } else {
                guard index < elements.count else { return nil }
                if rest.isEmpty, self == .remove {
                    elements.remove(at: index)
                } else {
                    guard let changed = apply(value, to: elements[index], at: rest) else { return nil }
                    elements[index] = changed
                }
            }
            return .array(elements)
        default: return nil
        }
    }
}
