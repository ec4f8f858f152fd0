import Foundation
import SluiceCore
import SluiceDocuments
import Testing

@testable import SluiceClients

/// Secrets are planted wherever one may stand; then everything that can be printed is looked through.
@Suite("A planted secret is found nowhere")
struct SecrecyTests {
    /// Makes the same secrets again for the same seed.
    private struct Planter {
        var state: UInt64
        var planted: [String] = []

        private mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }

        /// A secret of 12 to 30 characters, some of which want quoting or escaping.
        mutating func secret() -> String {
            let alphabet = Array("abcXYZ0189+/=._-~!$%&'\"\\#@:; äß日")
            let text = String((0..<(12 + next(19))).map { _ in alphabet[next(alphabet.count)] })
            planted.append("s\(text)e")
            return "s\(text)e"
        }

        /// A secret that may stand in a URL.
        mutating func word() -> String {
            let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
            let text = String((0..<16).map { _ in alphabet[next(alphabet.count)] })
            planted.append(text)
            return text
        }

        mutating func key() -> String {
            let body = String(word().uppercased().prefix(16))
            planted.append(body)
            return "-----BEGIN EC PRIVATE KEY-----\n\(body)\n-----END EC PRIVATE KEY-----\n"
        }

        /// The secrets as they are, and as they travel.
        var forms: [String] {
            planted.flatMap { text in
                let bytes = Array(text.utf8)
                let numbers = bytes.map(String.init).joined(separator: ", ")
                return [
                    text, Base64.encode(bytes), URLText.formEncoded(text), numbers, JSONValue.string(text).serialized,
                ]
            }
        }
    }

    /// What has been printed so far.
    private struct Printed {
        var texts: Set<String> = []

        mutating func take(_ value: Any) {
            var dumped = ""
            dump(value, to: &dumped)
            texts.formUnion(["\(value)", String(reflecting: value), dumped])
        }
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).serialized }

    private static func kubeconfig(_ planter: inout Planter) -> [String] {
        let proxy = "proxy-url: 'http://ann:\(planter.word())@proxy:3128'"
        let cluster =
            "server: https://kube, \(proxy), extensions: [{name: client.authentication.k8s.io/exec, "
            + "extension: {secret: \(quoted(planter.secret()))}}]"
        let exec =
            "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login, provideClusterInfo: true, "
            + "args: [\(quoted(planter.secret()))], env: [{name: A, value: \(quoted(planter.secret()))}]}"
        let pair =
            "client-certificate-data: \(KubeconfigTests.certificateData), "
            + "client-key-data: \(Base64.encode(Array(planter.key().utf8)))"
        let users = [
            "token: \(quoted(planter.secret()))", "tokenFile: /token, token: \(quoted(planter.secret()))", pair,
            "username: ann, password: \(quoted(planter.secret()))", exec,
            "client-certificate: /c.pem, client-key: /k.pem",
        ]
        return users.map { KubeconfigTests.config(cluster: cluster, user: $0) }
    }

    @Test("Nothing that can be printed holds it", arguments: 0..<3)
    func property(seed: UInt64) throws {
        var planter = Planter(state: seed)
        var printed = Printed()
        for text in Self.kubeconfig(&planter) {
            let outside = ScriptedOutside()
            outside.files["/k"] = Array(text.utf8)
            outside.files["/token"] = Array(planter.secret().utf8)
            outside.files["/c.pem"] = Array(KubeconfigTests.certificate.utf8)
            outside.files["/k.pem"] = Array(planter.key().utf8)
            var options = AccessOptions(kubeconfig: "/k", impersonatedUser: "bob")
            printed.take(try KubeconfigFile(path: "/k", bytes: Array(text.utf8)))
            for token in [nil, Secret(planter.secret())] {
                options.token = token
                printed.take(options)
                let access = try ClusterAccess.load(options, environment: { _ in nil }, outside: outside)
                printed.take(access)
                printed.take(access.security)
                printed.take(access.credential)
                try Self.use(access, outside.files, &planter, &printed)
            }
        }
        let all = printed.texts.joined(separator: "\n")
        #expect(printed.texts.count > 100)
        #expect(all.contains("login"), "what is no secret is shown")
        for form in planter.forms { #expect(strstr(all, form) == nil, "\(form) is shown") }
    }

    /// Sends requests that go wrong in every way, and prints what there is to print of each.
    private static func use(
        _ access: ClusterAccess, _ files: [String: [UInt8]], _ planter: inout Planter, _ printed: inout Printed
    ) throws {
        let kinds: [TransportError.Kind] = [.resolve, .connect, .timeout, .tls, .certificate, .proxy, .broken]
        let stage = Stage(access: access)
        stage.outside.files = files
        var results: [Result<APIResponse, APIError>] = []
        for number in 0..<(kinds.count + 3) {
            stage.client.send(.deleteLease(namespace: "n", name: "l", uid: "u")) { results.append($0) }
            for _ in 0..<4 where !stage.outside.commands.isEmpty {
                printed.take(stage.outside.started)
                let arrival = Arrival.exited(stage.outside.take(), pluginEnd(number, &planter))
                printed.take(arrival)
                _ = stage.client.receive(arrival)
                stage.client.advance()
            }
            printed.take(stage.outside.started)
            printed.take(stage.client)
            guard !stage.outside.requests.isEmpty else { continue }
            let peer = try TransferPeer(stage.outside.requests[0])
            printed.take(peer)
            if number < kinds.count {
                stage.breakOff(kinds[number])
            } else {
                stage.answer([401, 403, 400][number - kinds.count], #"{"kind":"Status","message":"no"}"#)
            }
            stage.client.advance()
        }
        #expect(!results.isEmpty)
        for result in results {
            printed.take(result)
            if case .failure(let error) = result {
                printed.take(error)
                printed.take(error.deleteRefusal)
                printed.take(error.patchRefusal)
            }
        }
    }

    /// How a plugin ends: with a credential, or with a secret where none belongs.
    private static func pluginEnd(
        _ number: Int, _ planter: inout Planter
    ) -> Result<CommandOutput, TransportError> {
        let status: JSONValue =
            switch number % 4 {
            case 0: ["token": .string(planter.secret())]
            case 1:
                [
                    "clientCertificateData": .string(KubeconfigTests.certificate),
                    "clientKeyData": .string(planter.key()),
                ]
            case 2: ["clientKeyData": .string(planter.key())]
            default: ["token": .string(planter.secret()), "expirationTimestamp": .string(planter.secret())]
            }
        let whole: JSONValue = [
            "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1", "status": status,
        ]
        let text = number % 5 == 4 ? planter.secret() : whole.serialized
        return .success(CommandOutput(status: number % 7 == 6 ? 1 : 0, output: Array(text.utf8), diagnostics: []))
    }
}
