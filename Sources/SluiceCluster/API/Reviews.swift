import SluiceCore

extension Cluster {
    /// The answer to a question about who asks and what he may do; nil for every other path.
    mutating func review(_ request: ClusterRequest, _ target: Target) throws(Failure) -> ClusterAnswer? {
        let path = target.segments
        guard path.count == 4, path[0] == "apis", let review = Review(group: path[1], plural: path[3]),
            path[2] == "v1"
        else { return nil }
        guard request.method == "POST" else { throw .methodNotAllowed }
        var value = try Self.object(request, kind: review.kind)
        value["kind"] = .string(review.kind)
        value["apiVersion"] = .string("\(path[1])/v1")
        value["metadata"] = [:]
        switch review {
        case .access:
            value["status"] = ["allowed": true]
            let spec: JSONValue = ["spec": value["spec"] ?? [:], "metadata": [:]]
            let writer = Self.writer(target, request)
            value["metadata"] =
                ManagedFields.noted(
                    PatchStyle.merged(spec, into: ["apiVersion": value["apiVersion"] ?? ""]), before: nil, writer,
                    at: now)["metadata"]
        case .rules:
            value["spec"] = [:]
            value["status"] = Review.everything
        case .user:
            value["metadata"] = ["creationTimestamp": .string(now.rfc3339)]
            value["status"] = [
                "userInfo": ["username": "sluice-cluster", "groups": ["system:masters", "system:authenticated"]]
            ]
        }
        return ClusterAnswer(status: 201, body: value.serialized + "\n")
    }
}

/// A question about who asks and what he may do. Everybody may do everything.
private enum Review {
    case access
    case rules
    case user

    init?(group: String, plural: String) {
        switch (group, plural) {
        case ("authorization.k8s.io", "selfsubjectaccessreviews"): self = .access
        case ("authorization.k8s.io", "selfsubjectrulesreviews"): self = .rules
        case ("authentication.k8s.io", "selfsubjectreviews"): self = .user
        default: return nil
        }
    }

    var kind: String {
        switch self {
        case .access: "SelfSubjectAccessReview"
        case .rules: "SelfSubjectRulesReview"
        case .user: "SelfSubjectReview"
        }
    }

    /// The rules of an administrator.
    static let everything: JSONValue = [
        "resourceRules": [
            ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]],
            [
                "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
                "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            ],
            ["verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]],
        ],
        "nonResourceRules": [
            ["verbs": ["*"], "nonResourceURLs": ["*"]],
            [
                "verbs": ["get"],
                "nonResourceURLs": [
                    "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
                    "/version", "/version/",
                ],
            ],
            ["verbs": ["get"], "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"]],
            ["verbs": ["get"], "nonResourceURLs": ["/.well-known", "/.well-known/*"]],
        ],
        "incomplete": false,
    ]
}
