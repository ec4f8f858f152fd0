/// Who is told of the way back: those who were told of the way there.
extension RollbackPlan {
    /// A destination as a plan file writes it.
    static func notification(_ destination: NotificationDestination) -> JSONValue {
        var result = access(destination.access)
        result["name"] = .string(destination.name)
        result["format"] = .string(destination.format.rawValue)
        switch destination.address {
        case .text(let url): result["url"] = .string(url)
        case .secret(let source): result["urlFrom"] = secret(source)
        }
        if destination.format != .alertmanager {
            result["on"] = .array(destination.events.map { .string($0.rawValue) })
        }
        if let source = destination.signingSecret { result["signingSecret"] = secret(source) }
        return result
    }

    private static func access(_ access: ServerAccess) -> JSONValue {
        var result: JSONValue = [:]
        if let source = access.bearerToken { result["bearerToken"] = secret(source) }
        if let auth = access.basicAuth {
            result["basicAuth"] = ["username": .string(auth.username), "password": secret(auth.password)]
        }
        if !access.headers.isEmpty { result["headers"] = .array(access.headers.map(header)) }
        if access.tls != ServerAccess.TLS() { result["tls"] = tls(access.tls) }
        return result
    }

    private static func header(_ header: ServerAccess.Header) -> JSONValue {
        var result: JSONValue
        switch header.value {
        case .text(let text): result = ["value": .string(text)]
        case .secret(let source): result = secret(source)
        }
        result["name"] = .string(header.name)
        return result
    }

    private static func tls(_ tls: ServerAccess.TLS) -> JSONValue {
        var result: JSONValue = [:]
        let texts = [
            ("caFile", tls.caFile), ("certFile", tls.certFile), ("keyFile", tls.keyFile),
            ("serverName", tls.serverName),
        ]
        for case (let key, let text?) in texts { result[key] = .string(text) }
        if tls.insecureSkipVerify { result["insecureSkipVerify"] = true }
        return result
    }

    private static func secret(_ source: SecretSource) -> JSONValue {
        switch source {
        case .file(let path): ["file": .string(path)]
        case .environment(let name): ["env": .string(name)]
        }
    }
}
