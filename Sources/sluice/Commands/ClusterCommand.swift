import ArgumentParser
import Foundation
import SluiceCluster
import SluiceClusterServer
import SluiceCore
import SluiceDocuments

/// `sluice cluster`: an embedded cluster to try things on.
struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Serve an embedded cluster on loopback, for trying plans out.",
        discussion: """
            Nodes, a DaemonSet controller and kubelets are simulated; the API is Kubernetes' own as far as sluice and \
            kubectl use it. Prints the address when it serves, and runs until it is interrupted. How pods behave is \
            said by the image's tag (…:v1.9.0-crash-loop), by the template annotation cluster.sluice/behaviour, or by \
            --behaviour.
            """)

    @Option(help: "How many nodes.")
    var nodes = 60

    @Option(help: ArgumentHelp("Objects to create instead of the node_exporter example.", valueName: "path"))
    var manifest: String?

    @Option(help: ArgumentHelp("From the binding of a pod to Ready.", valueName: "duration"))
    var startDelay = DurationArgument(milliseconds: 2_000)

    @Option(help: ArgumentHelp("Of that, how long a container runs before it is Ready.", valueName: "duration"))
    var readyLag = DurationArgument(milliseconds: 500)

    @Option(help: ArgumentHelp("From a delete to the end of the containers.", valueName: "duration"))
    var termination = DurationArgument(milliseconds: 1_000)

    @Option(help: "How far delays vary: 0.2 is 20 % to both sides.")
    var jitter = 0.2

    @Option(help: "The seed of everything drawn by chance.")
    var seed: UInt64 = 1

    @Option(help: "The port on 127.0.0.1; 0 takes a free one.")
    var port = 0

    @Option(
        name: .customLong("kubeconfig"),
        help: ArgumentHelp("Where to write a kubeconfig for the cluster.", valueName: "path"))
    var kubeconfigPath: String?

    @Option(
        help: ArgumentHelp("Where to write one line of JSON for each request to delete a pod.", valueName: "path"))
    var audit: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Pods whose image contains TEXT behave so; may be repeated.", valueName: "text=behaviour"),
        transform: { try BehaviourRule(parsing: $0) })
    var behaviour: [BehaviourRule] = []

    func validate() throws {
        guard (1...100_000).contains(nodes) else { throw ValidationError("--nodes takes a number from 1 to 100000") }
        guard (0...1).contains(jitter) else { throw ValidationError("--jitter takes a number from 0 to 1") }
        guard (0...65_535).contains(port) else { throw ValidationError("--port takes a number from 0 to 65535") }
    }

    func run() throws {
        try reportingFailures {
            let cluster = ClusterOptions(
                nodes: nodes, startDelay: startDelay.milliseconds, readyLag: readyLag.milliseconds,
                termination: termination.milliseconds, jitter: jitter, seed: seed, behaviours: behaviour)
            let options = ClusterServerOptions(
                cluster: cluster, manifest: try manifest.map(objects) ?? DefaultManifest.objects, port: port,
                kubeconfig: kubeconfigPath, audit: audit)
            try ClusterServer.run(options: options) { address in
                Terminal.write("serving \(nodes) nodes at \(address.kubernetes)\n")
                Terminal.write("prometheus at \(address.prometheus)\n")
                if let kubeconfigPath { Terminal.write("export KUBECONFIG=\(kubeconfigPath)\n") }
            }
        }
    }

    private func objects(_ path: String) throws -> [JSONValue] {
        let bytes = try InputFile.read(path)
        let documents: [Document]
        do throws(DocumentError) {
            documents = try YAMLReader.readAll(bytes)
        } catch {
            throw CommandFailure(.usage, "\(path):\(error)")
        }
        func line(_ remark: ClusterManifest.Remark) -> String {
            "\(path):\(remark.position.line):\(remark.position.column): \(remark.message)"
        }
        let manifest = ClusterManifest(documents)
        guard manifest.problems.isEmpty else {
            throw CommandFailure(.usage, lines: manifest.problems.map(line))
        }
        guard !manifest.objects.isEmpty else {
            let hint = "\(path): no object that the embedded cluster serves; expected a DaemonSet"
            throw CommandFailure(.usage, lines: manifest.leftOut.map(line) + [hint])
        }
        for remark in manifest.leftOut { Terminal.say("note: \(line(remark))") }
        return manifest.objects
    }
}

extension DurationArgument {
    init(milliseconds: Milliseconds) { self.milliseconds = milliseconds }

    /// As help shows it.
    var defaultValueDescription: String {
        milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
    }
}
