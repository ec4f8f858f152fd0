import SluiceCore

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

    /// OpenAPI 2 without any definition, which is enough for older kubectls to leave the checks to the server.
    static func older(accept: String?) -> ClusterAnswer {
        guard accept?.contains("protobuf") == true else {
            let document: JSONValue = [
                "swagger": "2.0", "info": ["title": "Kubernetes", "version": "v1.36.2"], "paths": [:],
                "definitions": [:],
            ]
            return ClusterAnswer(status: 200, body: document.serialized + "\n")
        }
        func field(_ number: UInt8, _ text: String) -> String {
            String(UnicodeScalar(number << 3 | 2)) + String(UnicodeScalar(UInt8(text.utf8.count))) + text
        }
        let info = field(1, "Kubernetes") + field(2, "v1.36.2")
        return ClusterAnswer(
            status: 200, contentType: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
            body: field(1, "2.0") + field(2, info) + field(8, "") + field(9, ""))
    }
}
