import SluiceCore

/// The fields that the API knows of a DaemonSet and of a pod, with their types.
///
/// Letters stand for plain types: `s` text, `i` and `l` whole numbers of 32 and 64 bits, `b` truth, `o` a number or a
/// text, `m` a map of texts, `x` anything. Other names are structures, in brackets lists.
enum Schema {
    /// What is wrong with one field.
    struct Problem: Sendable {
        /// The path, such as `spec.template.spec.containers[0].imag`.
        var path: String
        /// What was met where something else belongs; nil for a field that is not known.
        var mismatch: String?

        /// The problem in the API server's words.
        var message: String { mismatch.map { "json: \($0)" } ?? "unknown field \"\(path)\"" }
    }

    /// The structures by their names.
    private static let structures: [String: [String: String]] = [
        "DaemonSet": read("kind:s apiVersion:s metadata:ObjectMeta spec:DaemonSetSpec status:x"),
        "Pod": read("kind:s apiVersion:s metadata:ObjectMeta spec:PodSpec status:x"),
        "ObjectMeta": read(
            """
            name:s generateName:s namespace:s selfLink:s uid:s resourceVersion:s generation:l creationTimestamp:x \
            deletionTimestamp:x deletionGracePeriodSeconds:l labels:m annotations:m ownerReferences:[x] \
            finalizers:[s] managedFields:[x]
            """),
        "DaemonSetSpec": read(
            """
            selector:LabelSelector template:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy minReadySeconds:i \
            revisionHistoryLimit:i
            """),
        "DaemonSetUpdateStrategy": read("type:s rollingUpdate:RollingUpdateDaemonSet"),
        "RollingUpdateDaemonSet": read("maxUnavailable:o maxSurge:o"),
        "LabelSelector": read("matchLabels:m matchExpressions:[SelectorRequirement]"),
        "SelectorRequirement": read("key:s operator:s values:[s]"),
        "PodTemplateSpec": read("metadata:ObjectMeta spec:PodSpec"),
        "PodSpec": read(
            """
            volumes:[Volume] initContainers:[Container] containers:[Container] ephemeralContainers:[x] \
            restartPolicy:s terminationGracePeriodSeconds:l activeDeadlineSeconds:l dnsPolicy:s nodeSelector:m \
            serviceAccountName:s serviceAccount:s automountServiceAccountToken:b nodeName:s hostNetwork:b hostPID:b \
            hostIPC:b shareProcessNamespace:b securityContext:PodSecurityContext imagePullSecrets:[Reference] \
            hostname:s subdomain:s affinity:Affinity schedulerName:s tolerations:[Toleration] hostAliases:[x] \
            priorityClassName:s priority:i dnsConfig:x readinessGates:[x] runtimeClassName:s enableServiceLinks:b \
            preemptionPolicy:s overhead:x topologySpreadConstraints:[x] setHostnameAsFQDN:b os:x hostUsers:b \
            schedulingGates:[x] resourceClaims:[x] resources:ResourceRequirements hostnameOverride:s
            """),
        "Container": read(
            """
            name:s image:s command:[s] args:[s] workingDir:s ports:[ContainerPort] envFrom:[x] env:[EnvVar] \
            resources:ResourceRequirements resizePolicy:[x] restartPolicy:s restartPolicyRules:[x] \
            volumeMounts:[VolumeMount] volumeDevices:[x] livenessProbe:Probe readinessProbe:Probe startupProbe:Probe \
            lifecycle:Lifecycle terminationMessagePath:s terminationMessagePolicy:s imagePullPolicy:s \
            securityContext:SecurityContext stdin:b stdinOnce:b tty:b
            """),
        "ContainerPort": read("name:s hostPort:i containerPort:i protocol:s hostIP:s"),
        "EnvVar": read("name:s value:s valueFrom:EnvVarSource"),
        "EnvVarSource": read("fieldRef:x resourceFieldRef:x configMapKeyRef:x secretKeyRef:x fileKeyRef:x"),
        "ResourceRequirements": read("limits:x requests:x claims:[x]"),
        "VolumeMount": read(
            "name:s readOnly:b recursiveReadOnly:s mountPath:s subPath:s mountPropagation:s subPathExpr:s"),
        "Probe": read(
            """
            exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction grpc:x initialDelaySeconds:i \
            timeoutSeconds:i periodSeconds:i successThreshold:i failureThreshold:i terminationGracePeriodSeconds:l
            """),
        "Lifecycle": read("postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s"),
        "LifecycleHandler": read("exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction sleep:x"),
        "ExecAction": read("command:[s]"),
        "HTTPGetAction": read("path:s port:o host:s scheme:s httpHeaders:[x]"),
        "TCPSocketAction": read("port:o host:s"),
        "SecurityContext": read(
            """
            capabilities:Capabilities privileged:b seLinuxOptions:x windowsOptions:x runAsUser:l runAsGroup:l \
            runAsNonRoot:b readOnlyRootFilesystem:b allowPrivilegeEscalation:b procMount:s seccompProfile:Profile \
            appArmorProfile:Profile
            """),
        "PodSecurityContext": read(
            """
            seLinuxOptions:x windowsOptions:x runAsUser:l runAsGroup:l runAsNonRoot:b supplementalGroups:[l] \
            supplementalGroupsPolicy:s fsGroup:l sysctls:[x] fsGroupChangePolicy:s seccompProfile:Profile \
            appArmorProfile:Profile seLinuxChangePolicy:s
            """),
        "Capabilities": read("add:[s] drop:[s]"),
        "Profile": read("type:s localhostProfile:s"),
        "Reference": read("name:s"),
        "Toleration": read("key:s operator:s value:s effect:s tolerationSeconds:l"),
        "Affinity": read("nodeAffinity:NodeAffinity podAffinity:x podAntiAffinity:x"),
        "NodeAffinity": read(
            """
            requiredDuringSchedulingIgnoredDuringExecution:NodeSelector \
            preferredDuringSchedulingIgnoredDuringExecution:[x]
            """),
        "NodeSelector": read("nodeSelectorTerms:[NodeSelectorTerm]"),
        "NodeSelectorTerm": read("matchExpressions:[SelectorRequirement] matchFields:[SelectorRequirement]"),
        "Volume": read(
            """
            name:s hostPath:HostPath emptyDir:x gcePersistentDisk:x awsElasticBlockStore:x gitRepo:x secret:x nfs:x \
            iscsi:x glusterfs:x persistentVolumeClaim:x rbd:x flexVolume:x cinder:x cephfs:x flocker:x downwardAPI:x \
            fc:x azureFile:x configMap:x vsphereVolume:x quobyte:x azureDisk:x photonPersistentDisk:x projected:x \
            portworxVolume:x scaleIO:x storageos:x csi:x ephemeral:x image:x
            """),
        "HostPath": read("path:s type:s"),
    ]

    private static func read(_ text: String) -> [String: String] {
        let pairs = text.split(separator: " ").map { $0.split(separator: ":").map(String.init) }
        return Dictionary(pairs.map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 })
    }

    /// The value without the fields that are not known, and everything that is wrong with it, in the order of the paths.
    static func checked(_ value: JSONValue, as kind: String) -> (value: JSONValue, problems: [Problem]) {
        guard structures[kind] != nil else { return (value, []) }
        var problems: [Problem] = []
        let known = known(value, kind, path: "", owner: "", &problems)
        return (known, problems)
    }

    private static func known(
        _ value: JSONValue, _ type: String, path: String, owner: String, _ problems: inout [Problem]
    ) -> JSONValue {
        if value == .null || type == "x" { return value }
        if type.hasPrefix("[") {
            guard let elements = value.array else { return mismatch(value, type, path, owner, &problems) }
            let inner = String(type.dropFirst().dropLast())
            return .array(
                elements.enumerated().map { known($1, inner, path: "\(path)[\($0)]", owner: owner, &problems) })
        }
        guard let fields = structures[type] else {
            return isPlain(value, type) ? value : mismatch(value, type, path, owner, &problems)
        }
        guard let members = value.object else { return mismatch(value, type, path, owner, &problems) }
        var result: [String: JSONValue] = [:]
        for key in members.keys.sorted() {
            let place = path.isEmpty ? key : "\(path).\(key)"
            if let field = fields[key] {
                result[key] = known(members[key] ?? .null, field, path: place, owner: type, &problems)
            } else {
                problems.append(Problem(path: place, mismatch: nil))
            }
        }
        return .object(result)
    }

    private static func isPlain(_ value: JSONValue, _ type: String) -> Bool {
        switch type {
        case "s": return value.string != nil
        case "i": return value.integer.map { Int32(exactly: $0) != nil } ?? false
        case "l": return value.integer != nil
        case "b": return value.bool != nil
        case "o": return value.integer != nil || value.string != nil
        case "m": return value.object?.values.allSatisfy { $0.string != nil } ?? false
        default: return true
        }
    }

    private static func mismatch(
        _ value: JSONValue, _ type: String, _ path: String, _ owner: String, _ problems: inout [Problem]
    ) -> JSONValue {
        let steps = path.split(separator: ".").map { String($0.prefix { $0 != "[" }) }.joined(separator: ".")
        problems.append(
            Problem(
                path: path,
                mismatch: "cannot unmarshal \(name(of: value)) into Go struct field \(owner).\(steps) of type "
                    + name(of: type)))
        return value
    }

    private static func name(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "bool"
        case .integer, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    private static func name(of type: String) -> String {
        switch type {
        case "s": "string"
        case "i": "int32"
        case "l": "int64"
        case "b": "bool"
        case "o": "intstr.IntOrString"
        case "m": "map[string]string"
        default: type.hasPrefix("[") ? "[]\(name(of: String(type.dropFirst().dropLast())))" : "v1.\(type)"
        }
    }
}
