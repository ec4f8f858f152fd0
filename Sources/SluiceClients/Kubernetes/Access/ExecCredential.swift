import SluiceCore
import SluiceDocuments

/// The protocol of credential plugins: what they are told, and what they print.
enum ExecCredential {
    /// What a plugin gave.
    struct Given {
        var token: Secret?
        var certificate: (certificate: [UInt8], key: [UInt8])?
        var expiry: Timestamp?
    }

    /// Why a plugin gave nothing usable. Never what it printed to stdout, which may hold a token.
    struct Failure: Error {
        var text: String
    }

    /// The command that runs a plugin. It is never interactive: nobody may be there, and it has no terminal.
    static func command(_ plugin: CredentialPlugin) -> Command {
        var spec: JSONValue = ["interactive": false]
        if let cluster = plugin.clusterInfo { spec["cluster"] = cluster }
        let info: JSONValue = [
            "apiVersion": .string(plugin.version.rawValue), "kind": "ExecCredential", "spec": spec,
        ]
        let variables = plugin.environment.map { (name: $0.name, value: $0.value.value) }
        return Command(
            program: plugin.command, arguments: plugin.arguments,
            environment: variables + [(name: "KUBERNETES_EXEC_INFO", value: info.serialized)],
            timeout: plugin.timeout)
    }

    /// Reads what a plugin left behind.
    static func read(
        _ result: Result<CommandOutput, TransportError>, of plugin: CredentialPlugin
    ) -> Result<Given, Failure> {
        let name = "the credential plugin \"\(plugin.command)\""
        switch result {
        case .failure(let error): return .failure(Failure(text: failed(name, error, plugin)))
        case .success(let output):
            let said = diagnostics(output)
            guard output.status == 0 else {
                return .failure(Failure(text: "\(name) ended with status \(output.status)\(said)"))
            }
            do {
                return .success(try given(JSONReader.read(output.output), plugin))
            } catch let failure as Failure {
                return .failure(Failure(text: "\(name) \(failure.text)\(said)"))
            } catch {
                return .failure(
                    Failure(text: "\(name) printed something that is no ExecCredential in JSON\(said)"))
            }
        }
    }

    private static func failed(_ name: String, _ error: TransportError, _ plugin: CredentialPlugin) -> String {
        let hint = plugin.installHint.isEmpty ? "" : "; \(TerminalText.plain(plugin.installHint))"
        return switch error.kind {
        case .commandNotFound: "\(name) is not installed: \(error.message)\(hint)"
        case .timeout:
            "\(name) did not end in time: \(error.message); run it by hand to see what it waits for, "
                + "or let it run longer with --plugin-timeout"
        case .resolve, .connect, .idle, .tls, .certificate, .proxy, .bodyTooLarge, .broken, .command:
            "\(name) could not be run: \(error.message)"
        }
    }

    private static func diagnostics(_ output: CommandOutput) -> String {
        let text = TerminalText.plain(output.diagnostics)
        return text.isEmpty ? "" : "; it says: \(text)"
    }

    private static func given(_ json: JSONValue, _ plugin: CredentialPlugin) throws(Failure) -> Given {
        guard json["kind"]?.string == "ExecCredential" else {
            throw Failure(text: "printed JSON that is no ExecCredential")
        }
        guard json["apiVersion"]?.string == plugin.version.rawValue else {
            let found = json["apiVersion"]?.string ?? "none"
            throw Failure(
                text: "printed apiVersion \(found), but the kubeconfig says \(plugin.version.rawValue)")
        }
        guard let status = json["status"], status != .null else {
            throw Failure(text: "printed no status, so no credential")
        }
        var given = Given()
        given.token = status["token"]?.string.flatMap { $0.isEmpty ? nil : Secret($0) }
        guard HeaderText.isSendable(given.token?.value ?? "") else {
            throw Failure(text: "printed a token with a line break or another control character in it")
        }
        given.certificate = try certificate(status)
        guard given.token != nil || given.certificate != nil else {
            throw Failure(text: "printed neither a token nor a client certificate")
        }
        if let text = status["expirationTimestamp"]?.string {
            guard let expiry = Timestamp(rfc3339: text) else {
                throw Failure(text: "printed an expirationTimestamp that is no time of RFC 3339")
            }
            given.expiry = expiry
        }
        return given
    }

    private static func certificate(_ status: JSONValue) throws(Failure) -> (certificate: [UInt8], key: [UInt8])? {
        let certificate = status["clientCertificateData"]?.string ?? ""
        let key = status["clientKeyData"]?.string ?? ""
        guard certificate.isEmpty == key.isEmpty else {
            throw Failure(text: "printed only one of clientCertificateData and clientKeyData")
        }
        guard !certificate.isEmpty else { return nil }
        let pair = (Array(certificate.utf8), Array(key.utf8))
        for (name, text, kind) in [
            ("clientCertificateData", pair.0, PEM.Kind.certificate), ("clientKeyData", pair.1, .key),
        ] {
            if let problem = PEM.problem(text, kind) {
                throw Failure(text: "printed a \(name) that is none: \(problem)")
            }
        }
        return pair
    }
}

/// Base64 with padding (RFC 4648, section 4).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                let digit = Int(bits >> UInt32(18 - 6 * index)) & 63
                result.append(index <= group.count ? alphabet[digit] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Reads base64; white space is allowed, as in YAML blocks. Nil for anything else.
    static func decode(_ text: String) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text.utf8 {
            if byte == 0x20 || (0x09...0x0D).contains(byte) { continue }
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let digit = value(of: byte) else { return nil }
            bits = bits << 6 | digit
            digits += 1
            if digits % 4 == 0 {
                result += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
                bits = 0
            }
        }
        guard (digits + padding) % 4 == 0, padding <= 2 else { return nil }
        if padding == 1 { result += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)] }
        if padding == 2 { result.append(UInt8(bits >> 4 & 255)) }
        return result
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
