import ArgumentParser
import Foundation
import SluiceClients
import SluiceCore

/// kubectl's flags that say which cluster and who we are, with kubectl's meaning.
struct ClusterFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The kubeconfig file to use instead of KUBECONFIG.", valueName: "path"))
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context of the kubeconfig to use.", valueName: "name"))
    var context: String?

    @Option(help: ArgumentHelp("The kubeconfig's cluster to use instead of the context's.", valueName: "name"))
    var cluster: String?

    @Option(help: ArgumentHelp("The kubeconfig's user to be instead of the context's.", valueName: "name"))
    var user: String?

    @Option(name: [.short, .long], help: ArgumentHelp("The namespace.", valueName: "name"))
    var namespace: String?

    @Option(name: [.short, .long], help: ArgumentHelp("The API server's address.", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("The name that the API server's certificate must carry.", valueName: "name"))
    var tlsServerName: String?

    @Option(help: ArgumentHelp("A file with the API server's certificate authority.", valueName: "path"))
    var certificateAuthority: String?

    @Option(
        help: ArgumentHelp(
            "The bearer token to use. The list of processes shows it to everybody on this machine: rather name a "
                + "tokenFile in a kubeconfig.",
            valueName: "token"))
    var token: String?

    @Option(name: .customLong("as"), help: ArgumentHelp("The user to impersonate.", valueName: "user"))
    var impersonatedUser: String?

    @Option(
        name: .customLong("as-group"), parsing: .singleValue,
        help: ArgumentHelp("A group to impersonate; may be repeated.", valueName: "group"))
    var impersonatedGroups: [String] = []

    @Option(name: .customLong("as-uid"), help: ArgumentHelp("The uid to impersonate.", valueName: "uid"))
    var impersonatedUID: String?

    @Option(
        help: ArgumentHelp("How long one request may take, such as 30s; 0 for no limit.", valueName: "duration"))
    var requestTimeout: String?

    @Option(help: ArgumentHelp("How long a credential plugin may run; 60s as a rule.", valueName: "duration"))
    var pluginTimeout: String?

    var options: AccessOptions {
        AccessOptions(
            kubeconfig: kubeconfig, context: context, cluster: cluster, user: user, namespace: namespace,
            server: server, serverName: tlsServerName, certificateAuthority: certificateAuthority,
            token: token.map { Secret($0) }, impersonatedUser: impersonatedUser, impersonatedUID: impersonatedUID,
            impersonatedGroups: impersonatedGroups, requestTimeout: requestTimeout, pluginTimeout: pluginTimeout)
    }

    /// A client of the cluster that the flags, the environment and the kubeconfig name.
    func connect() throws -> KubernetesClient {
        if let missing = SystemOutside.requirement() { throw CommandFailure(.failed, missing) }
        let outside = try SystemOutside()
        try outside.catchSignals([SIGINT, SIGTERM, SIGHUP])
        if isatty(STDERR_FILENO) == 1 { outside.diagnosticsCopy = STDERR_FILENO }
        let access = try ClusterAccess.load(options, environment: environment, outside: outside)
        return KubernetesClient(access: access, outside: outside, userAgent: "sluice/\(Sluice.version)")
    }
}

/// The value of an environment variable; nil when it is not set.
func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
