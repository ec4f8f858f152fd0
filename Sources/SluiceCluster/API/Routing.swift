import SluiceCore

/// What a path of the API names.
struct Place: Sendable {
    var kind: ResourceKind
    var namespace: String?
    var name: String?
    var subresource: String?
    /// The path behind `proxy`, from its slash on.
    var proxiedPath = ""
}

extension Cluster {
    mutating func route(_ request: ClusterRequest) throws(Failure) -> ClusterResponse {
        let target = Target(request.target)
        let path = target.segments
        if let answer = openAnswer(path) { return .answer(answer) }
        if path.first == "prometheus" { return .answer(prometheus(request, target)) }
        try authenticate(request)
        if request.method == "GET", let answer = discovery(path, request) { return .answer(answer) }
        if let answer = try review(request, target) { return .answer(answer) }
        let place = try place(path)
        if place.subresource == "proxy", place.kind == .pods, request.method == "GET", let name = place.name {
            return .answer(try proxy(place, name))
        }
        if !Shape.isServed(request.headers["accept"]) { throw .notAcceptable }
        switch (request.method, place.name) {
        case ("GET", let name?) where place.kind == .pods && place.subresource == "log":
            return .answer(try podLog(place, name, target))
        case ("GET", let name?): return .answer(try get(place, name, request))
        case ("GET", nil): return try listOrWatch(place, target, request)
        case ("POST", let name?) where place.kind == .pods && place.subresource == "eviction":
            return .answer(try evict(place, name, target, request))
        case ("POST", nil): return .answer(try create(place, target, request))
        case ("PUT", let name?): return .answer(try replace(place, name, target, request))
        case ("PATCH", let name?): return .answer(try patch(place, name, target, request))
        case ("DELETE", let name?) where place.subresource == nil:
            return .answer(try delete(place, name, target, request))
        case ("DELETE", nil) where place.kind != .namespaces:
            return .answer(try deleteAll(place, target, request))
        default: throw .methodNotAllowed
        }
    }

    /// Paths that need no credentials.
    private func openAnswer(_ path: [String]) -> ClusterAnswer? {
        switch path.first {
        case "readyz", "livez", "healthz":
            ClusterAnswer(status: 200, contentType: "text/plain; charset=utf-8", body: "ok")
        case "version": Discovery.version
        default: nil
        }
    }

    /// Refuses a wrong token. Requests without credentials pass: kubectl sends no token over plain HTTP.
    private func authenticate(_ request: ClusterRequest) throws(Failure) {
        guard let token = options.token, let credentials = request.headers["authorization"] else { return }
        guard credentials == "Bearer \(token)" else { throw Failure(401, "Unauthorized", "Unauthorized") }
    }

    private func place(_ path: [String]) throws(Failure) -> Place {
        var rest = path[...]
        let group: String
        switch rest.popFirst() {
        case "api": group = ""
        case "apis": group = rest.popFirst() ?? ""
        default: throw .pageNotFound
        }
        let version = rest.popFirst() ?? ""
        var namespace: String?
        if rest.first == "namespaces", rest.count > 2 {
            namespace = rest[rest.startIndex + 1]
            rest = rest.dropFirst(2)
        }
        let kinds = ResourceKind.all.filter { $0.group == group && $0.version == version }
        guard !kinds.isEmpty else { throw .pageNotFound }
        guard let plural = rest.popFirst(), let kind = kinds.first(where: { $0.plural == plural }),
            kind.isNamespaced || namespace == nil
        else { throw .unknownPath }
        var place = Place(kind: kind, namespace: namespace, name: rest.popFirst(), subresource: rest.popFirst())
        if place.subresource == "proxy" {
            place.proxiedPath = "/" + rest.joined(separator: "/")
            rest = []
        }
        let hasSubresource = ["status", "eviction", "log", "proxy"].contains(place.subresource ?? "status")
        guard rest.isEmpty, hasSubresource, place.name == nil || !kind.isNamespaced || namespace != nil else {
            throw .unknownPath
        }
        return place
    }
}
