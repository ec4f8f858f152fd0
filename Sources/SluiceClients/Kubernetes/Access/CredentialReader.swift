import SluiceCore

/// Reads the chosen user of a kubeconfig: certificate, token, password, plugin.
struct CredentialReader {
    let reader: AccessReader
    let server: String
    /// The chosen user; nil when the context has none.
    let user: KubeconfigField?

    /// What was read, with the places of it.
    struct Result {
        var credential = Credential.none
        var place: AccessPlace?
        var certificatePlace: AccessPlace?
        var certificateFiles: ClusterAccess.CertificateFiles?
    }

    /// Reads the user's credential; a certificate goes into `security`.
    ///
    /// As for kubectl a token file goes before a token, and a plugin is not run when there is anything else.
    func read(_ security: inout TransportSecurity) throws(AccessError) -> Result {
        var result = Result()
        let token = try flagToken()
        let timeout = try reader.options.pluginLimit()
        if let user {
            if let provider = try user.section("auth-provider") {
                throw .authProvider(user.place("auth-provider"), name: try provider.string("name") ?? "")
            }
            try certificate(user, &security, &result)
        }
        if let token {
            result.credential = .token(token)
            result.place = AccessPlace(file: nil, field: "--token")
        } else if let user, let (key, credential) = try credential(user, security, result, timeout) {
            result.credential = credential
            result.place = user.place(key)
        }
        if let place = result.place, result.credential != .none, !ServerURL.isEncrypted(server),
            !ServerURL.isLoopback(server)
        {
            throw .plainHTTP(place, server: server)
        }
        return result
    }

    private func flagToken() throws(AccessError) -> Secret? {
        guard let token = reader.options.token else { return nil }
        guard !token.value.isEmpty else { throw .badFlag(name: "--token", value: "", expected: "a token") }
        guard HeaderText.isSendable(token.value) else { throw .unsendable(AccessPlace(file: nil, field: "--token")) }
        return token
    }

    private func credential(
        _ user: KubeconfigField, _ security: TransportSecurity, _ result: Result, _ timeout: Milliseconds
    ) throws(AccessError) -> (key: String, Credential)? {
        let token = try token(user)
        let password = try password(user)
        if let token, password != nil { throw .severalCredentials(user.place, [token.key, "username"]) }
        if let token { return token }
        if let password { return ("username", password) }
        guard result.certificatePlace == nil, let exec = try user.section("exec") else { return nil }
        let plugin = PluginReader(
            exec: exec, cluster: reader.cluster, server: server, security: security, timeout: timeout)
        return ("exec", .plugin(try plugin.plugin()))
    }

    private func token(_ user: KubeconfigField) throws(AccessError) -> (key: String, Credential)? {
        let token = try user.string("token")
        guard HeaderText.isSendable(token ?? "") else { throw .unsendable(user.place("token")) }
        let secret = token.map { Secret($0) }
        guard let path = try user.filePath("tokenFile") else { return secret.map { ("token", .token($0)) } }
        if secret == nil {
            let text = String(decoding: try reader.file(path, user.place("tokenFile")), as: UTF8.self).trimmed
            guard !text.isEmpty else { throw .emptyFile(user.place("tokenFile"), path: path) }
            guard HeaderText.isSendable(text) else { throw .unsendable(user.place("tokenFile")) }
        }
        return ("tokenFile", .tokenFile(path: path, fallback: secret))
    }

    private func certificate(
        _ user: KubeconfigField, _ security: inout TransportSecurity, _ result: inout Result
    ) throws(AccessError) {
        let certificate = try reader.bytes(user, "client-certificate", .certificate)
        let key = try reader.bytes(user, "client-key", .key)
        switch (certificate, key) {
        case (nil, nil): return
        case (nil, _): throw .incompletePair(user.place("client-key"), missing: "client-certificate")
        case (_, nil): throw .incompletePair(user.place("client-certificate"), missing: "client-key")
        case (let certificate, let key):
            guard ServerURL.isEncrypted(server) else {
                // Without TLS nobody asks for it: `kubectl proxy` beside an administrator's kubeconfig.
                if ServerURL.isLoopback(server) { return }
                throw .plainHTTP(user.place("client-certificate"), server: server)
            }
            security.certificate = certificate
            security.key = key
            let isData = user.has("client-certificate-data")
            result.certificatePlace = user.place(isData ? "client-certificate-data" : "client-certificate")
            if !isData, !user.has("client-key-data"), let path = try user.filePath("client-certificate"),
                let keyPath = try user.filePath("client-key")
            {
                result.certificateFiles = ClusterAccess.CertificateFiles(certificate: path, key: keyPath)
            }
        }
    }

    private func password(_ user: KubeconfigField) throws(AccessError) -> Credential? {
        let password = try user.string("password")
        guard let name = try user.string("username") else {
            if password != nil { throw .incompletePair(user.place("password"), missing: "username") }
            return nil
        }
        guard let password else { throw .incompletePair(user.place("username"), missing: "password") }
        return .password(user: name, Secret(password))
    }
}
