import Foundation
import SluiceCluster
import SluiceClusterServer
import SluiceCore
import Testing

/// An unmodified kubectl that speaks to a cluster served in this process.
final class KubectlSession {
    /// What a kubectl that has ended left. White space is collapsed, so that columns can be compared.
    struct Result {
        var code: Int32
        /// The lines of both outputs.
        var lines: [String]

        func contains(_ text: String) -> Bool { lines.contains { $0.contains(text) } }
    }

    /// The kubectls to try: those of `SLUICE_KUBECTL` (paths with colons between them), otherwise the one in PATH.
    static var binaries: [String] {
        let environment = ProcessInfo.processInfo.environment
        let named = (environment["SLUICE_KUBECTL"] ?? "").split(separator: ":").map(String.init)
        if !named.isEmpty { return named }
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        let found = folders.map { "\($0)/kubectl" }.first(where: FileManager.default.isExecutableFile)
        return found.map { [$0] } ?? []
    }

    private let binary: String
    let folder: URL
    private let server: ClusterServer

    init(_ binary: String, _ options: ClusterOptions) throws {
        self.binary = binary
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-kubectl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let kubeconfig = folder.appending(path: "kubeconfig").path(percentEncoded: false)
        server = try ClusterServer.start(options: ClusterServerOptions(cluster: options, kubeconfig: kubeconfig))
    }

    deinit {
        do {
            try server.stop()
            try FileManager.default.removeItem(at: folder)
        } catch {
            Issue.record("a session did not end: \(error)")
        }
    }

    /// Whether this kubectl takes a dry run for granted. Those before 1.25 look into OpenAPI 2 first, which the cluster
    /// serves empty.
    var asksForDryRunsAtOnce: Bool {
        get throws {
            let told = try run(["version", "--client", "-o", "json"]).lines.joined()
            return (told.firstMatch(of: /"minor": "(\d+)/).flatMap { Int($0.1) } ?? 0) >= 25
        }
    }

    /// Runs kubectl to its end.
    func run(_ arguments: [String]) throws -> Result {
        let output = folder.appending(path: "output-\(UUID().uuidString)")
        try Data().write(to: output)
        let file = try FileHandle(forWritingTo: output)
        let process = Process()
        process.executableURL = URL(filePath: binary)
        process.arguments = arguments
        process.environment = [
            "HOME": folder.path(percentEncoded: false), "PATH": "/usr/bin:/bin",
            "KUBECONFIG": folder.appending(path: "kubeconfig").path(percentEncoded: false),
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        try process.run()
        process.waitUntilExit()
        try file.close()
        let text = try String(contentsOf: output, encoding: .utf8)
        return Result(
            code: process.terminationStatus,
            lines: text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") })
    }

    /// Runs kubectl and compares what it says: every text must stand in some line.
    @discardableResult
    func expect(
        _ command: String, code: Int32 = 0, _ texts: String..., location: SourceLocation = #_sourceLocation
    ) throws -> Result {
        let result = try run(command.split(separator: " ").map(String.init))
        let said = result.lines.joined(separator: "\n")
        #expect(result.code == code, "kubectl \(command):\n\(said)", sourceLocation: location)
        for text in texts {
            #expect(
                result.contains(text), "\"\(text)\" in what kubectl \(command) says:\n\(said)",
                sourceLocation: location)
        }
        return result
    }
}
