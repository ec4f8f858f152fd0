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
        let reviews = [
            "authorization.k8s.io": ["SelfSubjectAccessReview", "SelfSubjectRulesReview"],
            "authentication.k8s.io": ["SelfSubjectReview"],
        ]
        for kind in version == "v1" ? reviews[group] ?? [] : [] {
            let name = kind.lowercased()
            resources.append([
                "name": .string(name + "s"), "singularName": .string(name), "namespaced": false, "kind": .string(kind),
                "verbs": ["create"],
            ])
        }
        guard !resources.isEmpty else { return nil }
        return [
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"), "resources": .array(resources),
        ]
    }

    /// All kinds of `/api` or `/apis` in one answer; nil when that was not asked for.
    static func aggregated(_ path: [String], accept: String?) -> ClusterAnswer? {
        guard path == ["api"] || path == ["apis"] else { return nil }
        let types = (accept ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
        let wanted = types.first { $0.contains("as=APIGroupDiscoveryList") && $0.contains("g=apidiscovery.k8s.io") }
        guard let wanted, let version = ["v2", "v2beta1"].first(where: { wanted.contains("v=\($0);") }) else {
            return nil
        }
        let groups = path == ["api"] ? [""] : ResourceKind.groups
        let list: JSONValue = [
            "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"), "metadata": [:],
            "items": .array(groups.map(aggregatedGroup)),
        ]
        let body = list.serialized + "\n"
        let digest = Drawing.digest(body, digits: 128).uppercased()
        return ClusterAnswer(
            status: 200, contentType: "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList",
            headers: [("Etag", "\"\(digest)\""), ("Vary", "Accept")], body: body)
    }

    private static func aggregatedGroup(_ group: String) -> JSONValue {
        let version = version(of: group)
        let listed = resources(group: group, version: version)?["resources"]?.array ?? []
        func responseKind(_ entry: JSONValue) -> JSONValue {
            ["group": entry["group"] ?? "", "version": entry["version"] ?? "", "kind": entry["kind"] ?? ""]
        }
        let resources = listed.filter { $0["name"]?.string?.contains("/") == false }.map { entry -> JSONValue in
            var resource: JSONValue = [
                "resource": entry["name"] ?? "", "singularResource": entry["singularName"] ?? "",
                "responseKind": responseKind(entry), "verbs": entry["verbs"] ?? [],
                "scope": entry["namespaced"] == true ? "Namespaced" : "Cluster",
            ]
            for key in ["shortNames", "categories"] { resource[key] = entry[key] }
            let prefix = "\(entry["name"]?.string ?? "")/"
            let parts = listed.compactMap { part -> JSONValue? in
                guard let name = part["name"]?.string, name.hasPrefix(prefix) else { return nil }
                return [
                    "subresource": .string(String(name.dropFirst(prefix.count))), "responseKind": responseKind(part),
                    "verbs": part["verbs"] ?? [],
                ]
            }
            if !parts.isEmpty { resource["subresources"] = .array(parts) }
            return resource
        }
        return [
            "metadata": group.isEmpty ? [:] : ["name": .string(group)],
            "versions": [
                ["version": .string(version), "resources": .array(resources), "freshness": "Current"]
            ],
        ]
    }

    private static func entries(for kind: ResourceKind) -> [JSONValue] {
        let singular = kind.kind.lowercased()
        var entry: JSONValue = [
            "name": .string(kind.plural), "singularName": .string(singular),
            "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.kind),
            "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        ]
        if kind == .namespaces { entry["verbs"] = ["create", "delete", "get", "list", "patch", "update", "watch"] }
        if !kind.shortNames.isEmpty { entry["shortNames"] = .array(kind.shortNames.map(JSONValue.string)) }
        if ["pods", "daemonsets", "services"].contains(kind.plural) { entry["categories"] = ["all"] }
        guard kind == .pods else { return [entry] }
        let eviction: JSONValue = [
            "name": "pods/eviction", "singularName": "", "namespaced": true, "group": "policy", "version": "v1",
            "kind": "Eviction", "verbs": ["create"],
        ]
        return [entry, eviction]
    }
}

extension Cluster {
    /// The answer to a path of discovery; nil for every other path.
    func discovery(_ path: [String], _ request: ClusterRequest) -> ClusterAnswer? {
        if let answer = Discovery.aggregated(path, accept: request.headers["accept"]) { return answer }
        if path == ["openapi", "v2"] { return OpenAPI.older(accept: request.headers["accept"]) }
        let host = request.headers["host"] ?? "127.0.0.1"
        let value: JSONValue?
        switch (path.first, path.count) {
        case ("api", 1):
            value = [
                "kind": "APIVersions", "versions": ["v1"],
                "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(host)]],
            ]
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
