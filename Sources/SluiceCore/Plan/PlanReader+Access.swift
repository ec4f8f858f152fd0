/// Reads who we are to a server that a plan names, and how it is checked.
extension PlanReader {
    /// What the keys of ``PlanFields/accessFields`` say.
    func access(_ value: Document?) -> ServerAccess {
        var access = ServerAccess(bearerToken: value?["bearerToken"].flatMap(Self.secret))
        if let auth = value?["basicAuth"], let password = auth["password"].flatMap(Self.secret) {
            access.basicAuth = ServerAccess.BasicAuth(username: auth["username"]?.text ?? "", password: password)
        }
        access.headers = (value?["headers"]?.elements ?? []).compactMap { item in
            let value = item["value"]?.text.map(ServerAccess.Header.Value.text)
            return (value ?? Self.secret(item).map(ServerAccess.Header.Value.secret)).map {
                ServerAccess.Header(name: item["name"]?.text ?? "", value: $0)
            }
        }
        if let tls = value?["tls"] {
            access.tls = ServerAccess.TLS(
                caFile: tls["caFile"]?.text, certFile: tls["certFile"]?.text, keyFile: tls["keyFile"]?.text,
                serverName: tls["serverName"]?.text, insecureSkipVerify: tls["insecureSkipVerify"] != nil)
        }
        return access
    }

    /// Where a secret is found; nil when the plan does not say.
    static func secret(_ value: Document) -> SecretSource? {
        value["file"]?.text.map(SecretSource.file) ?? value["env"]?.text.map(SecretSource.environment)
    }

    /// What the keys of a server say together.
    ///
    /// - Parameter address: the server's; empty when it is not in the plan.
    mutating func checkAccess(_ value: Document?, _ address: String, at path: String) {
        if let auth = value?["basicAuth"], value?["bearerToken"] != nil {
            checker.report(
                auth.position, "\(path).basicAuth",
                "expected only one of `bearerToken`, `basicAuth`: a request has one Authorization header")
        }
        if let tls = value?["tls"] { checkTLS(tls, address, at: "\(path).tls") }
        var places: [String: Document.Position] = [:]
        for (index, item) in (value?["headers"]?.elements ?? []).enumerated() {
            guard let key = item["name"], let name = key.text else { continue }
            let itemPath = "\(path).headers[\(index)]"
            unique(key, name.lowercased(), in: &places, at: "\(itemPath).name", "a header named")
            if let text = item["value"], Self.holdsSecrets(name) {
                checker.report(text.position, "\(itemPath).value", PlanHints.inlineSecret)
            }
        }
    }

    private mutating func checkTLS(_ tls: Document, _ address: String, at path: String) {
        if address.hasPrefix("http://") {
            checker.report(tls.position, path, "expected no `tls` for an http address, which has none; is it https?")
        }
        if let key = tls["keyFile"], tls["certFile"] == nil {
            checker.report(key.position, "\(path).keyFile", "expected a `certFile` beside it: a key alone says nothing")
        }
        guard let skip = tls["insecureSkipVerify"] else { return }
        for name in ["caFile", "serverName"] where tls[name] != nil {
            checker.report(
                skip.position, "\(path).insecureSkipVerify", "expected no `\(name)` beside it: nothing would be checked"
            )
        }
    }

    /// Whether a header of that name is there to prove something.
    private static func holdsSecrets(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "credential"]
            .contains { name.contains($0) }
    }
}
