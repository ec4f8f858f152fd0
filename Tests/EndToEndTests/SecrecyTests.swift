import Foundation
import SluiceCore
import SluiceDocuments
import Testing

/// A whole rollout with secrets wherever a kubeconfig may have them, and a look into everything that it leaves.
@Suite("A rollout leaves no secret behind", .enabled(if: isEmbedded))
struct SecrecyTests {
    private static let planted = "hunter2"

    @Test("Not in its output, its database, its journal or the cluster")
    func wholeRollout() throws {
        let fixture = try ClusterFixture()
        let server = try #require(
            try String(contentsOfFile: fixture.kubeconfig, encoding: .utf8).split(separator: "\n")
                .first { $0.contains("server: ") })
        try write(fixture, "login", Self.plugin)
        try #require(chmod(fixture.folder + "/login", 0o700) == 0)
        try write(fixture, "kubeconfig", Self.kubeconfig(server: String(server)))
        var environment = fixture.environment
        environment["HTTPS_PROXY"] = "http://ann:\(Self.planted)-proxy@127.0.0.1:1"
        let plan = try fixture.plan("v2")
        for arguments in [
            ["run", "-f", plan, "--yes"], ["status", "-o", "json"], ["history", "-o", "json"],
            ["report", "versions", "-n", fixture.namespace, "-o", "json"],
            ["run", "-f", plan, "--yes", "--user", "broken"], ["plan", "-f", plan, "--token", "\(Self.planted)-flag"],
        ] {
            let process = try SluiceProcess(
                fixture.binary, arguments, environment: environment, folder: fixture.folder)
            let result = try process.wait()
            let isRefused = arguments.contains("broken") || arguments.contains("--token")
            #expect(result.code == (isRefused ? 1 : 0), "\(arguments): \(result.errors)")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder)
        #expect(files.contains("state.db") && files.contains { $0.hasSuffix(".out") })
        for file in files where file != "kubeconfig" && file != "login" {
            let bytes = try Data(contentsOf: URL(filePath: "\(fixture.folder)/\(file)"))
            #expect(bytes.range(of: Data(Self.planted.utf8)) == nil, "\(file) holds a secret")
        }
        let leases = "/apis/coordination.k8s.io/v1/namespaces/\(fixture.namespace)/leases"
        for object in [try fixture.daemonSet(), try fixture.get(leases)] {
            #expect(!object.serialized.contains(Self.planted))
        }
    }

    @Test("What the template's variables hold is in the database alone, for its owner, and no command prints it")
    func variables() throws {
        let fixture = try ClusterFixture()
        let variable: JSONValue = ["name": "API_KEY", "value": .string("\(Self.planted)-variable")]
        let container: JSONValue = ["name": "node-exporter", "env": [variable]]
        try fixture.patchDaemonSet(
            ["spec": ["template": ["spec": ["containers": [container]]], "updateStrategy": ["type": "OnDelete"]]],
            strategic: true)
        let plan = try fixture.plan("v9-crash-loop", more: "readiness: {timeout: 20s}")
        var said = ""
        func sluice(_ arguments: [String], _ code: Int32) throws {
            let result = try fixture.sluice(arguments)
            #expect(result.code == code, "\(arguments): \(result.errors)")
            said += result.output + result.errors
        }
        try sluice(["plan", "-f", plan, "-o", "json"], 0)
        try sluice(["run", "-f", plan, "--yes", "-o", "json"], 2)
        let id = try fixture.status()["id"]?.string ?? "?"
        for command in [
            ["status", "-o", "json"], ["history", id, "-o", "json"],
            ["report", "versions", "-n", fixture.namespace, "-o", "json"],
        ] { try sluice(command, 0) }
        try sluice(["rollback", id, "--yes", "-o", "json"], 0)
        #expect(!said.contains(Self.planted))
        let files = FileManager.default.enumerator(atPath: fixture.folder)?.compactMap { $0 as? String } ?? []
        var holders: [String] = []
        for file in files {
            let path = "\(fixture.folder)/\(file)"
            guard let bytes = FileManager.default.contents(atPath: path),
                bytes.range(of: Data(Self.planted.utf8)) != nil
            else { continue }
            holders.append(file)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(file)")
        }
        #expect(holders.contains("state.db") && holders.allSatisfy { $0.hasPrefix("state.db") }, "\(holders)")
    }

    private func write(_ fixture: ClusterFixture, _ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(fixture.folder)/\(name)"))
    }

    /// Prints the cluster's token, and for the broken user a secret where none belongs.
    private static let plugin = """
        #!/bin/sh
        test "$PLANTED" = broken && echo "\(planted)-output" && exit 0
        echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",'
        echo '"status":{"token":"sluice-cluster"}}'

        """

    private static func kubeconfig(server: String) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts:
        - {name: c, context: {cluster: k, user: good}}
        clusters:
        - name: k
          cluster:
        \(server)
            proxy-url: ""
        users:
        - name: good
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: ./login
              interactiveMode: Never
              provideClusterInfo: true
              args: ["\(planted)-argument"]
              env: [{name: PLANTED, value: \(planted)-environment}]
        - name: broken
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: ./login
              interactiveMode: Never
              args: ["\(planted)-argument"]
              env: [{name: PLANTED, value: broken}]
        - {name: unused, user: {username: ann, password: \(planted)-password}}

        """
    }
}
