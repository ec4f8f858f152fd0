import SluiceCore

/// What flags say about the cluster; kubectl's flags, with kubectl's meaning.
public struct AccessOptions: Sendable, Equatable {
    /// `--kubeconfig`: the only file to read.
    public var kubeconfig: String?
    /// `--context`.
    public var context: String?
    /// `--cluster`: instead of the context's cluster.
    public var cluster: String?
    /// `--user`: instead of the context's user.
    public var user: String?
    /// `-n`, `--namespace`.
    public var namespace: String?
    /// `-s`, `--server`: instead of the cluster's URL.
    public var server: String?
    /// `--tls-server-name`: the name that the server's certificate must carry.
    public var serverName: String?
    /// `--certificate-authority`: a file, instead of the cluster's authorities.
    public var certificateAuthority: String?
    /// `--token`: instead of the user's credential.
    public var token: Secret?
    /// `--as`.
    public var impersonatedUser: String?
    /// `--as-uid`.
    public var impersonatedUID: String?
    /// `--as-group`, in order.
    public var impersonatedGroups: [String]
    /// `--request-timeout`: `30s`, `1m30s`, a number of seconds, or 0 for no limit.
    public var requestTimeout: String?
    /// `--plugin-timeout`: how long a credential plugin may run, written as `--request-timeout` is.
    public var pluginTimeout: String?

    /// What flags say about the cluster.
    public init(
        kubeconfig: String? = nil, context: String? = nil, cluster: String? = nil, user: String? = nil,
        namespace: String? = nil, server: String? = nil, serverName: String? = nil,
        certificateAuthority: String? = nil, token: Secret? = nil, impersonatedUser: String? = nil,
        impersonatedUID: String? = nil, impersonatedGroups: [String] = [], requestTimeout: String? = nil,
        pluginTimeout: String? = nil
    ) {
        self.kubeconfig = kubeconfig
        self.context = context
        self.cluster = cluster
        self.user = user
        self.namespace = namespace
        self.server = server
        self.serverName = serverName
        self.certificateAuthority = certificateAuthority
        self.token = token
        self.impersonatedUser = impersonatedUser
        self.impersonatedUID = impersonatedUID
        self.impersonatedGroups = impersonatedGroups
        self.requestTimeout = requestTimeout
        self.pluginTimeout = pluginTimeout
    }
}

extension AccessOptions {
    /// Whom requests are made for: each flag goes before what the kubeconfig's user says, as for kubectl.
    func impersonation(
        _ user: KubeconfigField? = nil
    ) throws(AccessError) -> ClusterAccess.Impersonation? {
        let named = try user?.string("as")
        let groups = try user?.strings("as-groups") ?? []
        let extra = try user.map { (user) throws(AccessError) in try Self.extra(user) } ?? []
        let uid = try user?.string("as-uid")
        guard let name = impersonatedUser.flatMap({ $0.isEmpty ? nil : $0 }) ?? named else {
            guard impersonatedGroups.isEmpty, impersonatedUID == nil else {
                throw .badFlag(name: "--as", value: "", expected: "a user beside --as-group and --as-uid")
            }
            let given = [("as-uid", uid != nil), ("as-groups", !groups.isEmpty), ("as-user-extra", !extra.isEmpty)]
            if let user, let (key, _) = given.first(where: \.1) { throw .incompleteImpersonation(user.place(key)) }
            return nil
        }
        let whole = ClusterAccess.Impersonation(
            user: name, uid: impersonatedUID ?? uid, groups: impersonatedGroups.isEmpty ? groups : impersonatedGroups,
            extra: extra)
        let texts = [whole.user, whole.uid ?? ""] + whole.groups + whole.extra.flatMap(\.values)
        guard texts.allSatisfy(HeaderText.isSendable) else {
            throw .unsendable(user?.place("as") ?? AccessPlace(file: nil, field: "--as"))
        }
        return whole
    }

    private static func extra(_ user: KubeconfigField) throws(AccessError) -> [ClusterAccess.Impersonation.Extra] {
        guard let section = try user.section("as-user-extra") else { return [] }
        var extra: [ClusterAccess.Impersonation.Extra] = []
        for key in section.keys.sorted() {
            extra.append(ClusterAccess.Impersonation.Extra(key: key, values: try section.strings(key)))
        }
        return extra
    }

    /// The timeout of a request in milliseconds; nil for no limit.
    func timeout() throws(AccessError) -> Milliseconds? {
        let milliseconds = try Self.duration("--request-timeout", requestTimeout, "; 0 for no limit")
        return milliseconds == 0 ? nil : milliseconds ?? KubernetesLimits.requestTimeout
    }

    /// How long a plugin may run, in milliseconds.
    func pluginLimit() throws(AccessError) -> Milliseconds {
        let milliseconds = try Self.duration("--plugin-timeout", pluginTimeout, "")
        return milliseconds.map { max($0, 1) } ?? KubernetesLimits.pluginTimeout
    }

    private static func duration(
        _ flag: String, _ text: String?, _ more: String
    ) throws(AccessError) -> Milliseconds? {
        guard let text else { return nil }
        guard let milliseconds = GoDuration.milliseconds(text) else {
            throw .badFlag(
                name: flag, value: text, expected: "a duration such as 30s or 1m30s, or a number of seconds\(more)")
        }
        return milliseconds
    }
}

/// Durations as kubectl's flags have them.
enum GoDuration {
    private static let units: [(name: String, milliseconds: Double)] = [
        ("ns", 1e-6), ("us", 1e-3), ("µs", 1e-3), ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]
    /// The longest duration, in milliseconds: a year.
    private static let longest: Double = 365 * 86_400_000

    /// Whole milliseconds of `1m30s`, `1.5h` or a plain number of seconds, rounded up; nil for anything else.
    static func milliseconds(_ text: String) -> Milliseconds? {
        if let seconds = UInt32(text) { return Milliseconds(seconds) * 1_000 }
        var rest = Substring(text)
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard let count = Double(number), let size = units.first(where: { $0.name == unit })?.milliseconds else {
                return nil
            }
            total += count * size
        }
        return total <= longest ? Milliseconds(total.rounded(.up)) : nil
    }
}
