import SluiceCore

/// Reads a user's `exec` section.
struct PluginReader {
    let exec: KubeconfigField
    let cluster: KubeconfigField?
    let server: String
    let security: TransportSecurity
    let timeout: Milliseconds

    func plugin() throws(AccessError) -> CredentialPlugin {
        let version = try version()
        try checkInteraction(version)
        var command = try exec.required("command")
        // A bare name is looked for in PATH; a path is relative to the kubeconfig.
        if command.contains("/") { command = exec.resolved(command) }
        var variables: [CredentialPlugin.Variable] = []
        for entry in try exec.list("env") {
            try entry.requireMapping()
            variables.append(
                CredentialPlugin.Variable(
                    name: try entry.required("name"), value: Secret(try entry.string("value") ?? "")))
        }
        return CredentialPlugin(
            command: command, arguments: try exec.strings("args"), environment: variables, version: version,
            installHint: try exec.string("installHint") ?? "",
            clusterInfo: try exec.bool("provideClusterInfo") ? try clusterInfo() : nil, timeout: timeout)
    }

    private func version() throws(AccessError) -> CredentialPlugin.Version {
        let text = try exec.required("apiVersion")
        guard let version = CredentialPlugin.Version(rawValue: text) else {
            let known = CredentialPlugin.Version.allCases.map(\.rawValue).joined(separator: " or ")
            throw .badPlugin(
                exec.place("apiVersion"), reason: "expected \(known), found \"\(text)\"; update the plugin")
        }
        return version
    }

    private func checkInteraction(_ version: CredentialPlugin.Version) throws(AccessError) {
        let mode = try exec.string("interactiveMode")
        let place = exec.place("interactiveMode")
        switch mode {
        case "Never", "IfAvailable": return
        case "Always":
            throw .badPlugin(
                place,
                reason: "the plugin always asks a person, but a rollout must go on without one; use IfAvailable "
                    + "or Never, or log in beforehand")
        case nil:
            // The older version has no such field; its plugins are asked not to interact all the same.
            guard version == .v1beta1 else { throw .missing(place) }
        case let other?:
            throw .badPlugin(place, reason: "expected Never, IfAvailable or Always, found \"\(other)\"")
        }
    }

    /// `spec.cluster` of what the plugin is told.
    private func clusterInfo() throws(AccessError) -> JSONValue {
        var info: JSONValue = ["server": .string(server)]
        if let authorities = security.authorities {
            info["certificate-authority-data"] = .string(Base64.encode(authorities))
        }
        if let name = security.serverName { info["tls-server-name"] = .string(name) }
        if let proxy = security.proxy { info["proxy-url"] = .string(proxy) }
        if security.isInsecure { info["insecure-skip-tls-verify"] = true }
        guard let cluster else { return info }
        if try cluster.bool("disable-compression") { info["disable-compression"] = true }
        for entry in try cluster.list("extensions")
        where try entry.string("name") == "client.authentication.k8s.io/exec" {
            info["config"] = entry.document["extension"]?.json
        }
        return info
    }
}
