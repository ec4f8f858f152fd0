import Foundation
import Testing

/// What may stand at the path of a kubeconfig, or of a file that one names, and flags that say nonsense: through the real
/// binary, which must not hang, grow or write anything.
@Suite("A path that leads to no kubeconfig is explained")
struct BrokenFilesTests {
    private static let secret = "hunter2-planted"

    /// What stands at the path of a kubeconfig, and what is said of it.
    private struct Unreadable {
        var path: String
        var says: String
        var arguments: [String] = []
        var code: Int32 = 1
    }

    private func text(cluster: String = "server: https://127.0.0.1:1", user: String = "token: \(secret)") -> String {
        """
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: k, user: u}}]
        clusters: [{name: k, cluster: {\(cluster)}}]
        users: [{name: u, user: {\(user)}}]

        """
    }

    private func judge(_ table: [Unreadable], _ fixture: AccessFixture) throws {
        let plan = try fixture.write("plan.yaml", BrokenAccessTests.plan("agent"))
        let state = "\(fixture.folder)/state.db"
        let started = try table.map { broken in
            try fixture.start(
                ["plan", "-f", plan, "--kubeconfig", broken.path] + broken.arguments,
                environment: ["SLUICE_STATE": state])
        }
        for (broken, process) in zip(table, started) {
            let result = try process.wait()
            #expect(result.code == broken.code, "\(broken.path): \(result.errors)")
            #expect(result.errors.contains(broken.says), "\(broken.path): \(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1, "\(broken.path): \(result.errors)")
            #expect(result.output.isEmpty && !result.errors.contains(Self.secret), "\(broken.path)")
        }
        #expect(!FileManager.default.fileExists(atPath: state))
    }

    /// Links that lead nowhere, a pipe without a writer, a huge file, files that are no text.
    private func prepare(_ fixture: AccessFixture) throws -> (String) -> String {
        let folder = fixture.folder
        for (name, target) in [("loop", "loop"), ("a", "b"), ("b", "a"), ("dangling", "nowhere")] {
            symlink("\(folder)/\(target)", "\(folder)/\(name)")
        }
        try #require(mkfifo("\(folder)/pipe", 0o600) == 0)
        try #require(text().data(using: .utf16)).write(to: URL(filePath: "\(folder)/utf16"))
        let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        try Data(bytes).write(to: URL(filePath: "\(folder)/binary"))
        try #require(truncate(try fixture.write("huge", "x"), 17 << 20) == 0)
        return { "\(folder)/\($0)" }
    }

    @Test("Folders, loops, pipes, devices, rubbish")
    func paths() throws {
        let fixture = try AccessFixture()
        let at = try prepare(fixture)
        try judge(
            [
                Unreadable(path: fixture.folder, says: "\(fixture.folder): Is a directory"),
                Unreadable(path: at("loop"), says: "loop: Too many levels of symbolic links"),
                Unreadable(path: at("a"), says: "a: Too many levels of symbolic links"),
                Unreadable(path: at("dangling"), says: "dangling: No such file or directory"),
                Unreadable(path: at("huge/x"), says: "huge/x: Not a directory"),
                Unreadable(path: at("pipe"), says: "pipe: nothing came out of it within 5 s; is it a pipe?"),
                Unreadable(path: "/dev/zero", says: "/dev/zero: larger than 16 MiB"),
                Unreadable(path: at("huge"), says: "huge: larger than 16 MiB"),
                Unreadable(path: "/dev/null", says: "/dev/null: current-context is not set"),
                Unreadable(
                    path: at("utf16"), says: "utf16:1:1: this is no kubeconfig: the file is UTF-16; save it as UTF-8"),
                Unreadable(path: at("binary"), says: "binary:1:1: this is no kubeconfig: a NUL byte"),
            ], fixture)
    }

    @Test("Texts that are no kubeconfig, or one that chooses nothing")
    func texts() throws {
        let fixture = try AccessFixture()
        let sound = text()
        func file(_ name: String, _ text: String) throws -> String { try fixture.write(name, text) }
        try judge(
            [
                Unreadable(path: try file("tab", "\tkind: Config"), says: "tab:1:1: this is no kubeconfig"),
                Unreadable(
                    path: try file("json", #"{"kind": "Config""#), says: "this is no kubeconfig: this is no YAML"),
                Unreadable(path: try file("pod", "kind: Pod"), says: "pod:1:7: kind: this file is a \"Pod\""),
                Unreadable(path: try file("two", sound + "---\n" + sound), says: "a second document begins here"),
                Unreadable(
                    path: try file("nested", "a: " + String(repeating: "[", count: 5_000)),
                    says: "this is no kubeconfig"),
                Unreadable(
                    path: try file("bomb", "a: &a [x, x]\n" + Self.bomb), says: "this is no kubeconfig"),
                Unreadable(
                    path: try file("no-context", sound.replacing("current-context: c", with: "")),
                    says: "current-context is not set; choose one with --context (there is c)"),
                Unreadable(
                    path: try file("other-context", sound.replacing("current-context: c", with: "current-context: d")),
                    says: "there is no context \"d\" (there is c)"),
                Unreadable(
                    path: try file("crlf", sound.replacing("\n", with: "\r\n").replacing("user: u}", with: "user: v}")),
                    says: "there is no user \"v\" (there is u)"),
            ], fixture)
    }

    @Test("Files that a kubeconfig names; flags")
    func named() throws {
        let fixture = try AccessFixture()
        let at = try prepare(fixture)
        let sound = try fixture.write("sound", text())
        func with(_ name: String, cluster: String = "server: https://127.0.0.1:1", user: String) throws -> String {
            try fixture.write(name, text(cluster: cluster, user: user))
        }
        try judge(
            [
                Unreadable(
                    path: try with("base64", cluster: "server: https://x, certificate-authority-data: '%'", user: ""),
                    says: "certificate-authority-data: this is no base64"),
                Unreadable(
                    path: try with("pipe-token", user: "tokenFile: pipe"),
                    says: "users[\"u\"].user.tokenFile: cannot read \(at("pipe"))"
                ),
                Unreadable(
                    path: try with("folder-token", user: "tokenFile: www"), says: "www: Is a directory"),
                Unreadable(
                    path: try with("loop-key", user: "client-certificate: client.pem, client-key: loop"),
                    says: "users[\"u\"].user.client-key: cannot read \(at("loop")): Too many levels"),
                Unreadable(
                    path: try with(
                        "zero-authority", cluster: "server: https://x, certificate-authority: /dev/zero", user: ""),
                    says: "certificate-authority: cannot read /dev/zero: larger than 16 MiB"),
                Unreadable(
                    path: sound, says: "--user: there is no user \"v\"", arguments: ["--user", "v"],
                    code: 64),
                Unreadable(
                    path: sound, says: "--server: expected a URL", arguments: ["--server", "127.0.0.1"], code: 64),
                Unreadable(
                    path: sound, says: "--certificate-authority: cannot read \(at("loop"))",
                    arguments: ["--certificate-authority", at("loop")], code: 64),
                Unreadable(
                    path: sound, says: "--token: holds a line break",
                    arguments: ["--token", "\(Self.secret)\n"], code: 64),
                Unreadable(
                    path: sound, says: "--plugin-timeout: expected a duration", arguments: ["--plugin-timeout", "x"],
                    code: 64),
            ], fixture)
    }

    /// Twenty lists, each of which names the one before ten times.
    private static let bomb = (0..<20).map { level in
        let name = Unicode.Scalar(UInt8(ascii: "a") + UInt8(level)),
            next = Unicode.Scalar(UInt8(ascii: "b") + UInt8(level))
        let items = Array(repeating: "*\(name)", count: 10).joined(separator: ", ")
        return "\(next): &\(next) [\(items)]\n"
    }.joined()
}
