import SluiceCore

/// The pod security standard that a namespace enforces, with the words of the API server's own admission.
enum PodSecurity: String, Sendable {
    case privileged
    case baseline
    case restricted

    /// The label of a namespace that names the standard.
    static let label = "pod-security.kubernetes.io/enforce"

    /// Capabilities that `baseline` allows to add.
    private static let defaultCapabilities: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]
    /// Volumes that `restricted` allows.
    private static let allowedVolumes: Set<String> = [
        "name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
        "projected", "secret",
    ]

    /// What of a pod's spec the standard forbids, in the admission's order.
    func violations(of spec: JSONValue) -> [String] {
        guard self != .privileged else { return [] }
        let containers = (spec["initContainers"]?.array ?? []) + (spec["containers"]?.array ?? [])
        let baseline = [
            Self.addedCapabilities(containers), Self.hostNamespaces(spec), Self.hostPaths(spec),
            Self.hostPorts(containers), Self.privileged(containers),
        ]
        guard self == .restricted else { return baseline.compactMap { $0 } }
        // Capabilities and volumes have stricter rules of their own here.
        let strict = [
            baseline[1], baseline[3], baseline[4], Self.escalation(containers), Self.droppedCapabilities(containers),
            Self.volumeTypes(spec),
            Self.root(spec, containers), Self.seccomp(spec, containers),
        ]
        return strict.compactMap { $0 }
    }

    private static func hostNamespaces(_ spec: JSONValue) -> String? {
        let used = ["hostNetwork", "hostPID", "hostIPC"].filter { spec[$0] == true }
        return used.isEmpty ? nil : "host namespaces (\(used.map { "\($0)=true" }.joined(separator: ", ")))"
    }

    private static func hostPaths(_ spec: JSONValue) -> String? {
        let names = (spec["volumes"]?.array ?? []).filter { $0["hostPath"] != nil }.map(quotedName)
        return names.isEmpty ? nil : "hostPath volumes (\(counted("volume", names)))"
    }

    private static func hostPorts(_ containers: [JSONValue]) -> String? {
        var names: [String] = []
        var ports: Set<Int64> = []
        for container in containers {
            let used = (container["ports"]?.array ?? []).compactMap { $0["hostPort"]?.integer }.filter { $0 != 0 }
            if !used.isEmpty { names.append(quotedName(container)) }
            ports.formUnion(used)
        }
        guard !names.isEmpty else { return nil }
        let verb = names.count == 1 ? "uses" : "use"
        return "hostPort (\(counted("container", names)) \(verb) hostPort\(ports.count == 1 ? "" : "s") "
            + "\(ports.sorted().map(String.init).joined(separator: ", ")))"
    }

    private static func privileged(_ containers: [JSONValue]) -> String? {
        let names = containers.filter { $0.at("securityContext", "privileged") == true }.map(quotedName)
        return names.isEmpty
            ? nil : "privileged (\(counted("container", names)) must not set securityContext.privileged=true)"
    }

    private static func addedCapabilities(_ containers: [JSONValue]) -> String? {
        added(containers, allowed: defaultCapabilities).map { "non-default capabilities (\($0))" }
    }

    private static func added(_ containers: [JSONValue], allowed: Set<String>) -> String? {
        var names: [String] = []
        var found: Set<String> = []
        for container in containers {
            let added = (container.at("securityContext", "capabilities", "add")?.array ?? []).compactMap(\.string)
            let forbidden = added.filter { !allowed.contains($0) }
            if !forbidden.isEmpty { names.append(quotedName(container)) }
            found.formUnion(forbidden)
        }
        guard !names.isEmpty else { return nil }
        let listed = found.sorted().map { JSONValue.string($0).serialized }.joined(separator: ", ")
        return "\(counted("container", names)) must not include \(listed) in securityContext.capabilities.add"
    }

    private static func droppedCapabilities(_ containers: [JSONValue]) -> String? {
        let keeping = containers.filter {
            $0.at("securityContext", "capabilities", "drop")?.array?.contains("ALL") != true
        }
        let missing =
            keeping.isEmpty
            ? nil
            : "\(counted("container", keeping.map(quotedName))) must set securityContext.capabilities.drop=[\"ALL\"]"
        let parts = [missing, added(containers, allowed: ["NET_BIND_SERVICE"])].compactMap { $0 }
        return parts.isEmpty ? nil : "unrestricted capabilities (\(parts.joined(separator: "; ")))"
    }

    private static func escalation(_ containers: [JSONValue]) -> String? {
        let names = containers.filter { $0.at("securityContext", "allowPrivilegeEscalation") != false }.map(quotedName)
        return names.isEmpty
            ? nil
            : "allowPrivilegeEscalation != false (\(counted("container", names)) must set "
                + "securityContext.allowPrivilegeEscalation=false)"
    }

    private static func volumeTypes(_ spec: JSONValue) -> String? {
        var names: [String] = []
        var types: Set<String> = []
        for volume in spec["volumes"]?.array ?? [] {
            let forbidden = (volume.object ?? [:]).keys.filter { !allowedVolumes.contains($0) }
            if !forbidden.isEmpty { names.append(quotedName(volume)) }
            types.formUnion(forbidden)
        }
        guard !names.isEmpty else { return nil }
        let listed = types.sorted().map { JSONValue.string($0).serialized }.joined(separator: ", ")
        let verb = names.count == 1 ? "uses" : "use"
        return "restricted volume types (\(counted("volume", names)) \(verb) restricted volume "
            + "type\(types.count == 1 ? "" : "s") \(listed))"
    }

    private static func root(_ spec: JSONValue, _ containers: [JSONValue]) -> String? {
        let whole = spec.at("securityContext", "runAsNonRoot")
        let explicit = containers.filter { $0.at("securityContext", "runAsNonRoot") == false }.map(quotedName)
        let silent = containers.filter { $0.at("securityContext", "runAsNonRoot") == nil }.map(quotedName)
        if whole == false || !explicit.isEmpty {
            let parts = [
                whole == false ? "pod" : nil, explicit.isEmpty ? nil : counted("container", explicit),
            ].compactMap { $0 }
            return "runAsNonRoot != true (\(parts.joined(separator: " and ")) must not set "
                + "securityContext.runAsNonRoot=false)"
        }
        guard whole != true, !silent.isEmpty else { return nil }
        return "runAsNonRoot != true (pod or \(counted("container", silent)) must set "
            + "securityContext.runAsNonRoot=true)"
    }

    private static func seccomp(_ spec: JSONValue, _ containers: [JSONValue]) -> String? {
        func allows(_ value: JSONValue) -> Bool {
            let type = value.at("securityContext", "seccompProfile", "type")
            return type == "RuntimeDefault" || type == "Localhost"
        }
        guard !allows(spec) else { return nil }
        let names = containers.filter { !allows($0) }.map(quotedName)
        return names.isEmpty
            ? nil
            : "seccompProfile (pod or \(counted("container", names)) must set securityContext.seccompProfile.type to "
                + "\"RuntimeDefault\" or \"Localhost\")"
    }

    private static func quotedName(_ value: JSONValue) -> String {
        JSONValue.string(value["name"]?.string ?? "").serialized
    }

    private static func counted(_ noun: String, _ names: [String]) -> String {
        "\(noun)\(names.count == 1 ? "" : "s") \(names.joined(separator: ", "))"
    }
}
