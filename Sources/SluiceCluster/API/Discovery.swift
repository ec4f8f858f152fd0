import SluiceCore

/// What a client asks to learn which kinds there are.
enum Discovery {
    static var version: ClusterAnswer {
        let version: JSONValue = [
            "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
            "minCompatibilityMinor": "35", "gitVersion": "v1.36.2+sluice",
            "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
            "buildDate": "2026-01-01T00:00:00Z", "goVersion": "go1.26.6", "compiler": "gc", "platform": "linux/amd64",
        ]
        return ClusterAnswer(status: 200, body: version.serialized + "\n")
    }

    private static func version(of group: String) -> String {
        ResourceKind.all.first { $0.group == group }?.version ?? "v1"
    }

    static func group(_ name: String) -> JSONValue {
        let version = version(of: name)
        let entry: JSONValue = ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
        return ["name": .string(name), "versions": [entry], "preferredVersion": entry]
    }

    static func resources(group: String, version: String) -> JSONValue? {
        let kinds = ResourceKind.all.filter { $0.group == group && $0.version == version }
        var resources = kinds.flatMap { kind in entries(for: kind) }
        if group == "authorization.k8s.io", version == "v1" {
            resources.append([
                "name": "selfsubjectaccessreviews", "singularName": "selfsubjectaccessreview", "namespaced": false,
                "kind": "SelfSubjectAccessReview", "verbs": ["create"],
            ])
        }
        guard !resources.isEmpty else { return nil }
        return [
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"), "resources": .array(resources),
        ]
    }

    private static func entries(for kind: ResourceKind) -> [JSONValue] {
        let singular = kind.plural.hasSuffix("classes") ? kind.plural.dropLast(2) : kind.plural.dropLast()
        var entry: JSONValue = [
            "name": .string(kind.plural), "singularName": .string(String(singular)),
            "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.kind),
            "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
        ]
        if kind == .pods { entry["verbs"] = ["delete", "get", "list", "watch"] }
        if !kind.shortNames.isEmpty { entry["shortNames"] = .array(kind.shortNames.map(JSONValue.string)) }
        if kind == .pods || kind == .daemonSets { entry["categories"] = ["all"] }
        guard kind == .pods else { return [entry] }
        let eviction: JSONValue = [
            "name": "pods/eviction", "singularName": "", "namespaced": true, "group": "policy", "version": "v1",
            "kind": "Eviction", "verbs": ["create"],
        ]
        return [entry, eviction]
    }
}

/// The little of OpenAPI 3 that kubectl asks for before it applies a manifest: that the server checks fields itself.
enum OpenAPI {
    /// The documents that there are, one for each group and version.
    static var index: JSONValue {
        var paths: [String: JSONValue] = [:]
        for kind in ResourceKind.all { paths[root(kind)] = ["serverRelativeURL": .string("/openapi/v3/\(root(kind))")] }
        return ["paths": .object(paths)]
    }

    /// The document of a group and version; nil when there is none.
    static func document(_ path: String) -> JSONValue? {
        var paths: [String: JSONValue] = [:]
        for kind in ResourceKind.all where root(kind) == path {
            let scope = kind.isNamespaced ? "namespaces/{namespace}/" : ""
            paths["/\(path)/\(scope)\(kind.plural)/{name}"] = [
                "patch": [
                    "x-kubernetes-group-version-kind": [
                        "group": .string(kind.group), "version": .string(kind.version), "kind": .string(kind.kind),
                    ],
                    "parameters": [["name": "fieldValidation", "in": "query", "schema": ["type": "string"]]],
                    "responses": [:],
                ]
            ]
        }
        guard !paths.isEmpty else { return nil }
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.2"], "paths": .object(paths),
            "components": ["schemas": [:]],
        ]
    }

    private static func root(_ kind: ResourceKind) -> String {
        (kind.group.isEmpty ? "api/" : "apis/") + kind.apiVersion
    }
}

extension Cluster {
    /// The answer to a path of discovery; nil for every other path.
    func discovery(_ path: [String]) -> ClusterAnswer? {
        let value: JSONValue?
        switch (path.first, path.count) {
        case ("api", 1): value = ["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []]
        case ("apis", 1):
            value = [
                "kind": "APIGroupList", "apiVersion": "v1",
                "groups": .array(ResourceKind.groups.map(Discovery.group)),
            ]
        case ("api", 2): value = Discovery.resources(group: "", version: path[1])
        case ("apis", 2) where ResourceKind.groups.contains(path[1]):
            var group = Discovery.group(path[1])
            group["kind"] = "APIGroup"
            group["apiVersion"] = "v1"
            value = group
        case ("apis", 3): value = Discovery.resources(group: path[1], version: path[2])
        case ("openapi", 2) where path[1] == "v3": value = OpenAPI.index
        case ("openapi", 4...) where path[1] == "v3":
            value = OpenAPI.document(path.dropFirst(2).joined(separator: "/"))
        default: value = nil
        }
        return value.map { ClusterAnswer(status: 200, body: $0.serialized + "\n") }
    }
}
