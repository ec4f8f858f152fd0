import SluiceCore

/// What flags say about the cluster; kubectl's flags, with kubectl's meaning.
public struct AccessOptions: Sendable, Equatable {
    /// `--kubeconfig`: the only file to read.
    public var kubeconfig: String?
    /// `--context`.
    public var context: String?
    /// `-n`, `--namespace`.
    public var namespace: String?
    /// `-s`, `--server`: instead of the cluster's URL.
    public var server: String?
    /// `--as`.
    public var impersonatedUser: String?
    /// `--as-uid`.
    public var impersonatedUID: String?
    /// `--as-group`, in order.
    public var impersonatedGroups: [String]
    /// `--request-timeout`: `30s`, `1m30s`, a number of seconds, or 0 for no limit.
    public var requestTimeout: String?

    /// What flags say about the cluster.
    public init(
        kubeconfig: String? = nil, context: String? = nil, namespace: String? = nil, server: String? = nil,
        impersonatedUser: String? = nil, impersonatedUID: String? = nil, impersonatedGroups: [String] = [],
        requestTimeout: String? = nil
    ) {
        self.kubeconfig = kubeconfig
        self.context = context
        self.namespace = namespace
        self.server = server
        self.impersonatedUser = impersonatedUser
        self.impersonatedUID = impersonatedUID
        self.impersonatedGroups = impersonatedGroups
        self.requestTimeout = requestTimeout
    }
}

extension AccessOptions {
    func impersonation() throws(AccessError) -> ClusterAccess.Impersonation? {
        if let user = impersonatedUser, !user.isEmpty {
            return ClusterAccess.Impersonation(user: user, uid: impersonatedUID, groups: impersonatedGroups)
        }
        guard impersonatedGroups.isEmpty, impersonatedUID == nil else {
            throw .badFlag(name: "--as", value: "", expected: "a user beside --as-group and --as-uid")
        }
        return nil
    }

    /// The timeout in milliseconds; nil for no limit.
    func timeout() throws(AccessError) -> Milliseconds? {
        guard let text = requestTimeout else { return KubernetesLimits.requestTimeout }
        guard let milliseconds = GoDuration.milliseconds(text) else {
            throw .badFlag(
                name: "--request-timeout", value: text,
                expected: "a duration such as 30s or 1m30s, a number of seconds, or 0 for no limit")
        }
        return milliseconds == 0 ? nil : milliseconds
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
